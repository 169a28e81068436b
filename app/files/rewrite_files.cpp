#include "app/files/rewrite_files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ostream>
#include <string_view>

namespace untrack {
namespace {

// What loads a table of a kernel.
std::string loader_of(const RewrittenFile& file) {
  if (file.use == FileUse::nft || file.use == FileUse::nft_json) return "nft";
  return fmt::format("{}{}{}", file.versions.has(IpVersion::ipv4) ? "iptables" : "ip6tables",
                     file.backend.empty() ? "" : "-", file.backend);
}

bool are_of_kernel(const RewriteReport& report) {
  return !report.files.empty() && std::ranges::all_of(report.files, &RewrittenFile::is_of_kernel);
}

// False, with the reason told, if more than one program has to load them.
bool fit_into_one(const RewriteReport& report, std::ostream& err) {
  std::vector<std::string> loaders;
  for (const RewrittenFile& file : report.files) {
    std::string loader = loader_of(file);
    if (std::ranges::find(loaders, loader) == loaders.end()) loaders.push_back(std::move(loader));
  }
  if (loaders.size() < 2) return true;
  err << fmt::format(
      "untrack rewrite: tables of {} change, and no file can be for more than one of them; keep "
      "them apart ({}) and rewrite the files, with --in-place\n",
      fmt::join(loaders, ", "), [&] {
        std::vector<std::string> commands;
        commands.reserve(loaders.size());
        for (const std::string& loader : loaders) {
          commands.push_back(loader == "nft" ? "nft list ruleset" : loader + "-save");
        }
        return fmt::format("{}", fmt::join(commands, ", "));
      }());
  return false;
}

}  // namespace

void leave_out_unchanged_tables(RewriteReport& report, const std::vector<NamedSnapshot>& snapshots,
                                bool is_live) {
  std::vector<std::string> names;
  names.reserve(snapshots.size() + 1);
  for (const NamedSnapshot& each : snapshots) names.push_back(each.path);
  if (is_live && std::ranges::find(names, "live") == names.end()) names.emplace_back("live");
  const auto is_below = [](std::string_view path, std::string_view name) {
    return path.size() > name.size() && path.starts_with(name) && path[name.size()] == ':';
  };
  for (RewrittenFile& file : report.files) {
    for (const std::string& name : names) {
      if (!is_below(file.path, name)) continue;
      const std::string_view table = std::string_view(file.path).substr(name.size() + 1);
      file.is_of_kernel = true;
      if (file.use == FileUse::restored && !table.starts_with("no-")) {
        file.backend = table.starts_with("nf_tables") ? "nft" : "legacy";
      }
    }
  }
  if (names.empty()) return;
  std::erase_if(report.files, [](const RewrittenFile& file) { return file.diff.empty(); });
}

std::string rules_of(const RewriteReport& report) {
  std::string text;
  for (const RewrittenFile& file : report.files) {
    if (!file.is_included) text += file.text;
  }
  return text;
}

std::optional<std::vector<OutputFile>> files_of_rewrite(const RewriteTargets& targets,
                                                        const RewriteReport& report,
                                                        std::ostream& err) {
  std::vector<OutputFile> files;
  const bool is_to = !targets.to.empty();
  if ((is_to || targets.as_rules) && are_of_kernel(report)) {
    if (!fit_into_one(report, err)) return std::nullopt;
    if (is_to) files.push_back({targets.to, rules_of(report)});
    return files;
  }
  const auto given = std::ranges::count(report.files, false, &RewrittenFile::is_included);
  if (is_to && given > 1) {
    err << "untrack rewrite: --to takes one file, and " << given
        << " rulesets were given; use --in-place, or one run a file\n";
    return std::nullopt;
  }
  const bool changes_included = std::ranges::any_of(report.files, [](const RewrittenFile& file) {
    return file.is_included && !file.diff.empty();
  });
  if (changes_included && (is_to || targets.as_rules)) {
    err << "untrack rewrite: files that are included change, too; use --in-place, or --output "
           "diff\n";
    return std::nullopt;
  }
  for (const RewrittenFile& file : report.files) {
    if (is_to && file.is_included) continue;
    if (is_to) {
      files.push_back({targets.to, file.text});
    } else if (targets.in_place && !file.diff.empty()) {
      if (file.path == "-") {
        err << "untrack rewrite: standard input cannot be rewritten in place; use --to FILE\n";
        return std::nullopt;
      }
      files.push_back({file.path, file.text});
    }
  }
  return files;
}

}  // namespace untrack
