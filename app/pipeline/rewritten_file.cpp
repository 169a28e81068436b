#include "app/pipeline/rewritten_file.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "rewriter/rule_style.hpp"

namespace untrack {
namespace {

using Words = std::vector<std::string>;

// The commands of a script, as words; what stands in braces is left out.
std::vector<Words> commands_of(std::string_view text) {
  std::vector<Words> commands(1);
  bool is_in_word = false;
  int depth = 0;
  const auto end_command = [&] {
    if (!commands.back().empty()) commands.emplace_back();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool was_in_word = std::exchange(is_in_word, false);
    if (c == '#') {
      i = std::min(text.find('\n', i), text.size()) - 1;
    } else if (c == '"') {
      i = std::min(text.find('"', i + 1), text.size());
    } else if (c == '{' || c == '}') {
      depth = std::max(0, depth + (c == '{' ? 1 : -1));
    } else if (depth > 0 || c == ' ' || c == '\t' || c == '\r') {
      continue;
    } else if (c == '\\' && text.substr(i).starts_with("\\\n")) {
      ++i;
    } else if (c == '\n' || c == ';') {
      end_command();
    } else {
      if (!was_in_word) commands.back().emplace_back();
      commands.back().back() += c;
      is_in_word = true;
    }
  }
  return commands;
}

NftEmptied emptied_by(std::string_view text) {
  NftEmptied emptied;
  for (const Words& words : commands_of(text)) {
    if (words.size() < 2 ||
        (words[0] != "flush" && words[0] != "delete" && words[0] != "destroy")) {
      continue;
    }
    constexpr std::array<std::string_view, 6> families = {"ip",  "ip6",    "inet",
                                                          "arp", "bridge", "netdev"};
    const bool has_family =
        words.size() > 2 && std::ranges::find(families, words[2]) != families.end();
    const std::size_t at = has_family ? 3 : 2;
    if (words[1] == "ruleset" || words.size() <= at || words[at] == "handle" ||
        words[at].find('$') != std::string::npos) {
      emptied.is_all = true;
      continue;
    }
    std::string table = (has_family ? words[2] : "ip") + " " + words[at];
    if (std::ranges::find(emptied.tables, table) == emptied.tables.end()) {
      emptied.tables.push_back(std::move(table));
    }
  }
  return emptied;
}

// Whether a key of the document is this word: a text has a backslash in front of its quotes.
bool has_key(std::string_view json, std::string_view word) {
  const std::string quoted = "\"" + std::string(word) + "\"";
  for (std::size_t at = json.find(quoted); at != std::string_view::npos;
       at = json.find(quoted, at + 1)) {
    const std::size_t next = json.find_first_not_of(" \t\r\n", at + quoted.size());
    if (next != std::string_view::npos && json[next] == ':') return true;
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
    file.emptied = emptied_by(text);
    return file;
  }
  file.versions = at->ip_versions;
  file.starts_over = at->starts_over;
  if (at->format == "nft JSON") {
    file.use = FileUse::nft_json;
    file.emptied.is_all =
        has_key(text, "flush") || has_key(text, "delete") || has_key(text, "destroy");
  } else if (at->format == "nft") {
    file.use = FileUse::nft;
    file.emptied = emptied_by(text);
  } else if (!has_table_headers(original.ruleset, source)) {
    file.use = at->format == "iptables -S" ? FileUse::line_by_line : FileUse::run;
  }
  return file;
}

}  // namespace untrack
