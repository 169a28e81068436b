#include "report/rewrite/nft_trial.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "report/shell_word.hpp"
#include "report/terminal.hpp"
#include "rewriter/unload/shell_quote.hpp"

namespace untrack {
namespace {

struct TrialTable {
  std::string family, name;
  bool is_new = false;      // the old rules do not have it
  bool is_emptied = false;  // by the files themselves

  [[nodiscard]] std::string words() const { return fmt::format("{} {}", family, name); }
};

// Those of the files, and those that the files take away.
class TrialTables {
 public:
  explicit TrialTables(const RewriteReport& report) : report_(report) {
    add_side(report.original, false);
    add_side(report.rewritten, true);
    for (const RewrittenFile& file : report.files) {
      for (const std::string& words : file.emptied.tables) {
        const std::size_t space = words.find(' ');
        add({words.substr(0, space), words.substr(space + 1)}).is_emptied = true;
      }
    }
  }

  [[nodiscard]] const std::vector<TrialTable>& all() const { return tables_; }

 private:
  TrialTable& add(TrialTable table) {
    const auto known = std::ranges::find_if(tables_, [&](const TrialTable& each) {
      return each.family == table.family && each.name == table.name;
    });
    if (known != tables_.end()) return *known;
    return tables_.emplace_back(std::move(table));
  }

  void add_side(const ComparedSide& side, bool is_new) {
    for (const Table& table : side.ruleset.tables) {
      if (table.language != Language::nft) continue;
      const std::string& path = (*side.sources)[table.span.source].path();
      const bool is_here =
          std::ranges::find(report_.files, path, &RewrittenFile::path) != report_.files.end();
      if (is_here) {
        add({std::string(to_text(table.family)), std::string(table.name), is_new});
      }
    }
  }

  const RewriteReport& report_;
  std::vector<TrialTable> tables_;
};

// Lines that leave the tables empty and ready to be made anew, whether they were there or not.
std::string without_tables(const std::vector<TrialTable>& tables) {
  std::string words = "printf '%s\\n'";
  for (const TrialTable& table : tables) {
    words += fmt::format(" {} {}", shell_quote("table " + table.words()),
                         shell_quote("delete table " + table.words()));
  }
  return words;
}

// Inside of a document, and in the right half of sed's s command.
std::string in_sed(std::string_view text) {
  std::string words;
  for (const char c : text) {
    if (c == '"') words += R"(\\)";
    if (c == '\\') words += R"(\\\)";
    if (c == '/' || c == '&') words += '\\';
    words += c;
  }
  return words;
}

std::string json_without_tables(const std::vector<TrialTable>& tables, std::string_view file) {
  std::string objects;
  for (const TrialTable& table : tables) {
    const std::string named = fmt::format(R"({{"table": {{"family": "{}", "name": "{}"}}}})",
                                          table.family, in_sed(table.name));
    objects += fmt::format(R"({{"add": {0}}}, {{"delete": {0}}}, )", named);
  }
  return fmt::format("sed {} {}", shell_quote(fmt::format(R"(0,/\[/s//[{}/)", objects)), file);
}

std::string keep_words(const std::vector<TrialTable>& tables, const InNamespace& where) {
  std::vector<std::string> commands = {without_tables(tables)};
  for (const TrialTable& table : tables) {
    if (!table.is_new) {
      commands.push_back(
          fmt::format("{}nft list table {} {}", where.lead, table.family, shell_word(table.name)));
    }
  }
  return fmt::format("({}) > {}", fmt::join(commands, "; "), nft_kept(where));
}

}  // namespace

std::string nft_kept(const InNamespace& where) {
  return fmt::format("/etc/nftables{}.old", where.suffix);
}

NftTrial nft_trial(const RewriteReport& report, const std::vector<const RewrittenFile*>& files,
                   const std::vector<std::string>& words, const InNamespace& where) {
  NftTrial trial;
  trial.empties_all = std::ranges::any_of(
      report.files, [](const RewrittenFile& file) { return file.emptied.is_all; });
  const std::vector<TrialTable> tables = TrialTables(report).all();
  trial.keep = trial.empties_all ? fmt::format("(echo flush ruleset; {}nft list ruleset) > {}",
                                               where.lead, nft_kept(where))
                                 : keep_words(tables, where);
  // Without this the new rules would stand behind the old ones; but what a file itself takes away
  // has to be there.
  std::vector<TrialTable> replaced;
  std::ranges::copy_if(tables, std::back_inserter(replaced), [&](const TrialTable& table) {
    return !trial.empties_all && !table.is_emptied;
  });
  const bool is_json = std::ranges::any_of(
      files, [](const RewrittenFile* file) { return file->use == FileUse::nft_json; });
  const auto add = [&](std::string_view before, std::string_view nft, std::string_view behind) {
    trial.load.push_back(fmt::format("{}{}{}{}", before, where.lead, nft, behind));
    trial.check.push_back(fmt::format("{}{}{} -c{}", before, where.lead, nft, behind));
  };
  if (is_json || (words.size() == 1 && replaced.empty())) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      const bool is_one_of_json = files[i]->use == FileUse::nft_json;
      const std::string_view nft = is_one_of_json ? "nft -j" : "nft";
      if (i == 0 && !replaced.empty() && is_one_of_json) {
        add(json_without_tables(replaced, words[i]) + " | ", nft, " -f -");
      } else if (i == 0 && !replaced.empty()) {
        add(fmt::format("({}; cat {}) | ", without_tables(replaced), words[i]), nft, " -f -");
      } else {
        add("", nft, fmt::format(" -f {}", words[i]));
      }
    }
  } else if (replaced.empty()) {
    add(fmt::format("cat {} | ", fmt::join(words, " ")), "nft", " -f -");
  } else {
    add(fmt::format("({}; cat {}) | ", without_tables(replaced), fmt::join(words, " ")), "nft",
        " -f -");
  }
  return trial;
}

}  // namespace untrack
