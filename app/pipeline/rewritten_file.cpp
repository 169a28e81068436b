#include "app/pipeline/rewritten_file.hpp"

#include <algorithm>
#include <string_view>

#include "rewriter/rule_style.hpp"

namespace untrack {

namespace {

// A script of nft that can be loaded again and again.
bool clears_tables(std::string_view text) {
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    for (const std::string_view command :
         {"flush ruleset", "flush table ", "delete table ", "destroy table "}) {
      if (line.starts_with(command)) return true;
    }
  }
  return false;
}

}  // namespace

RewrittenFile rewritten_file(const Loaded& original, SourceId source, const std::string& text) {
  const SourceText& old = (*original.sources)[source];
  RewrittenFile file{old.path(), text, unified_diff(old.path(), old.text(), old.path(), text)};
  const auto& inputs = original.ruleset.inputs;
  const auto at = std::ranges::find(inputs, source, &InputSummary::source);
  if (at == inputs.end()) {
    file.use = FileUse::nft;
    file.is_included = true;
    return file;
  }
  file.versions = at->ip_versions;
  file.starts_over = at->starts_over;
  if (at->format == "nft JSON") {
    file.use = FileUse::nft_json;
  } else if (at->format == "nft") {
    file.use = FileUse::nft;
    if (clears_tables(text)) file.starts_over = IpVersions::both();
  } else if (!has_table_headers(original.ruleset, source)) {
    file.use = at->format == "iptables -S" ? FileUse::line_by_line : FileUse::run;
  }
  return file;
}

}  // namespace untrack
