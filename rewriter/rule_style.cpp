#include "rewriter/rule_style.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace untrack {
namespace {

// As written, quotes included; a backslash at the end of a line goes on in the next.
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t at = 0;
  const auto is_blank = [&](std::size_t i) {
    return text[i] == ' ' || text[i] == '\t' || text[i] == '\n' || text[i] == '\r' ||
           (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '\n');
  };
  while (at < text.size()) {
    if (is_blank(at)) {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    char quote = 0;
    for (; at < text.size() && (quote != 0 || !is_blank(at)); ++at) {
      if (quote != 0) {
        if (text[at] == quote) quote = 0;
      } else if (text[at] == '"' || text[at] == '\'') {
        quote = text[at];
      }
    }
    words.push_back(text.substr(begin, at - begin));
  }
  return words;
}

bool names_iptables(std::string_view word) {
  const std::string_view base = word.substr(word.rfind('/') + 1);
  return base.starts_with("iptables") || base.starts_with("ip6tables") ||
         base.starts_with("xtables");
}

// How many words are the program and what runs it.
std::size_t program_size(const std::vector<std::string_view>& words) {
  if (words.empty() || words.front().starts_with('-')) return 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (names_iptables(words[i])) return i + 1;
    if (words[i] == "-A" || words[i] == "-I" || words[i] == "-t") break;
  }
  for (std::size_t i = 0; i < words.size() && words[i] != "-A" && words[i] != "-I"; ++i) {
    if (words[i].find('$') != std::string_view::npos) return i + 1;
  }
  return 1;
}

void put(std::string& text, std::string_view word) {
  if (!text.empty()) text += ' ';
  text += word;
}

bool is_number(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string RuleStyle::lead(std::string_view table_name) const {
  std::string text = program;
  if (!table.empty()) {
    // The last word is the name: "-t filter", "-tfilter", "--table=filter".
    const std::size_t name = table.find_last_of(" =");
    const std::size_t size = name == std::string::npos ? 2 : name + 1;
    put(text, table.substr(0, size));
    text += table_name;
  } else if (is_command && table_name != "filter") {
    put(text, "-t ");
    text += table_name;
  }
  if (!text.empty()) text += ' ';
  return text;
}

RuleStyle style_of(const Ruleset& ruleset, const Sources& sources, RuleId rule) {
  const std::vector<std::string_view> words = words_of(sources.text(ruleset[rule].text));
  RuleStyle style;
  style.is_command = !has_table_headers(ruleset, ruleset[rule].text.source);
  std::size_t at = 0;
  for (const std::size_t end = program_size(words); at < end; ++at) put(style.program, words[at]);
  for (; at < words.size(); ++at) {
    const std::string_view word = words[at];
    const bool has_more = at + 1 < words.size();
    if (word == "-t" || word == "--table") {
      style.table = word;
      if (has_more) put(style.table, words[++at]);
    } else if (word.starts_with("-t") || word.starts_with("--table=")) {
      style.table = word;
    } else if (word == "-w" || word == "--wait") {
      put(style.program, word);
      if (has_more && is_number(words[at + 1])) put(style.program, words[++at]);
    } else if (word == "-W" || word == "--wait-interval") {
      put(style.program, word);
      if (has_more) put(style.program, words[++at]);
    } else if (word.starts_with("--wait=") || word.starts_with("--wait-interval=") ||
               (word.starts_with("-w") && is_number(word.substr(2))) || word == "-4" ||
               word == "-6" || word == "--ipv4" || word == "--ipv6") {
      put(style.program, word);
    } else if (word.starts_with("-I") || word.starts_with("--ins")) {
      style.is_inserted = true;
    }
  }
  if (serves_both(ruleset, ruleset[rule].text.source)) {
    style.program = ruleset.table_of(ruleset[rule]).family == Family::ip6 ? "-6" : "-4";
  }
  return style;
}

bool serves_both(const Ruleset& ruleset, SourceId source) {
  const auto at = std::ranges::find(ruleset.inputs, source, &InputSummary::source);
  return at != ruleset.inputs.end() && at->ip_versions == IpVersions::both() &&
         (at->format == "iptables-save" || at->format == "iptables -S");
}

bool has_table_headers(const Ruleset& ruleset, SourceId source) {
  const auto at = std::ranges::find(ruleset.inputs, source, &InputSummary::source);
  return at == ruleset.inputs.end() || at->format == "iptables-save";
}

std::string chain_word(std::string_view name, bool is_command) {
  constexpr std::string_view special = "$`&|;<>()*?[]#~!{}=";
  const bool is_plain = std::ranges::all_of(name, [&](char c) {
    return c > ' ' && c != '"' && c != '\'' && c != '\\' && c != '\x7f' &&
           (!is_command || special.find(c) == std::string_view::npos);
  });
  if (is_plain) return std::string(name);
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\' || (is_command && (c == '$' || c == '`'))) quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace untrack
