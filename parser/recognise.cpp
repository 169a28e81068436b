#include <algorithm>
#include <array>
#include <string_view>

#include "model/trimmed.hpp"
#include "parser/parse.hpp"

namespace untrack {
namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view first_word(std::string_view line) {
  return line.substr(0, line.find_first_of(" \t"));
}

bool is_program(std::string_view word, std::string_view name) {
  const std::string_view base = word.substr(word.rfind('/') + 1);
  return base == name || (base.starts_with(name) && base.substr(name.size()).starts_with('-'));
}

bool is_iptables(std::string_view word) {
  return is_program(word, "iptables") || is_program(word, "ip6tables");
}

bool is_ipset_line(std::string_view word) {
  constexpr std::array words = {"create", "add", "-N", "-A"};
  return std::ranges::find(words, word) != words.end();
}

// `table inet filter {`, `add rule ...`, `flush ruleset`, `define x = ...`, `include "..."`.
bool is_nft_line(std::string_view line) {
  const std::string_view word = first_word(line);
  std::string_view rest = line.substr(word.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  const std::string_view next = first_word(rest);
  constexpr std::array objects = {"table", "chain", "rule", "set", "map", "element", "ruleset"};
  constexpr std::array verbs = {"add", "create", "insert", "replace", "delete", "destroy", "flush"};
  if (word == "table") {
    const bool has_block = rest.find('{') != std::string_view::npos;
    return !rest.empty() && (has_block || rest.find('=') == std::string_view::npos);
  }
  if (std::ranges::find(verbs, word) != verbs.end()) {
    return std::ranges::find(objects, next) != objects.end();
  }
  if (word == "define" || word == "redefine") return rest.find('=') != std::string_view::npos;
  return word == "include" && rest.starts_with('"');
}

// What the lines of a file say about its language.
struct Count {
  std::size_t save = 0;      // lines that only a save file has
  std::size_t options = 0;   // lines of options without a program
  std::size_t commands = 0;  // calls of iptables
  std::size_t script = 0;    // other lines that name iptables
  std::size_t ipset = 0;
  std::size_t table = 0;      // lines of iptables -L
  std::size_t nft = 0;        // commands of nft
  std::size_t nft_calls = 0;  // the same behind the name of the program
  std::size_t other = 0;
  std::size_t here_documents = 0;  // for iptables-restore
};

// An object with the member "nftables", which nft makes and takes as the only one.
bool is_nft_json(std::string_view text) {
  constexpr std::size_t far_enough = 4096;
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || text[first] != '{') return false;
  return text.substr(first, far_enough).find("\"nftables\"") != std::string_view::npos;
}

bool is_of_table(std::string_view line) {
  return (line.starts_with("Chain ") && (line.find("(policy ") != std::string_view::npos ||
                                         line.find(" references)") != std::string_view::npos)) ||
         (line.starts_with("target ") && line.find(" prot ") != std::string_view::npos);
}

void count_words(std::string_view line, Count& count) {
  const std::string_view word = first_word(line);
  if (is_iptables(word) || is_program(word, "ipset") || is_program(word, "ebtables") ||
      is_program(word, "arptables")) {
    ++count.commands;
  } else if (is_nft_line(line)) {
    ++count.nft;
  } else if (is_program(word, "nft") && word.ends_with("nft")) {
    ++count.nft_calls;
  } else if (is_ipset_line(word)) {
    ++count.ipset;
  } else if (!line.empty()) {
    ++count.other;
    if (line.find("iptables") != std::string_view::npos ||
        line.find("ip6tables") != std::string_view::npos) {
      ++count.script;
    }
  }
}

// What most lines of most files are is told by their first two bytes: count_line() says the same.
bool count_usual_line(std::string_view rest, Count& count) {
  const char first = rest[0];
  const char second = rest.size() > 1 ? rest[1] : '\n';
  if (first == '-' || first == '[') {
    ++count.options;
    return true;
  }
  if (first == ':' && second >= 'A' && second <= 'Z') {
    ++count.save;
    return true;
  }
  return false;
}

void count_line(std::string_view line, bool may_have_documents, Count& count) {
  if (may_have_documents && line.find("<<") != std::string_view::npos &&
      line.find("tables-restore") != std::string_view::npos) {
    ++count.here_documents;
  }
  // In an element of nft, `* : drop`, blanks or a colon stand behind the sign.
  const bool names_something =
      line.size() > 1 && std::string_view(" \t:").find(line[1]) == std::string_view::npos;
  if (((line.starts_with('*') || line.starts_with(':')) && names_something) || line == "COMMIT") {
    ++count.save;
  } else if (is_of_table(line)) {
    ++count.table;
  } else if (line.starts_with('-') || line.starts_with('[')) {
    ++count.options;
  } else {
    count_words(line, count);
  }
}

}  // namespace

std::string_view to_text(Format format) {
  switch (format) {
    case Format::iptables_save:
      return "iptables-save";
    case Format::iptables_list:
      return "iptables-list";
    case Format::iptables_commands:
      return "iptables-commands";
    case Format::shell_script:
      return "shell";
    case Format::ipset_save:
      return "ipset-save";
    case Format::iptables_table:
      return "iptables-table";
    case Format::nft_script:
      return "nft";
    case Format::nft_commands:
      return "nft-commands";
    case Format::nft_json:
      return "nft-json";
    case Format::unknown:
      return "unknown";
  }
  return {};
}

std::span<const Format> nameable_formats() {
  static constexpr Format all[] = {
      Format::iptables_save, Format::iptables_list, Format::iptables_commands,
      Format::shell_script,  Format::ipset_save,    Format::iptables_table,
      Format::nft_script,    Format::nft_commands,  Format::nft_json};
  return all;
}

std::optional<Format> format_of(std::string_view word) {
  for (const Format format : nameable_formats()) {
    if (to_text(format) == word) return format;
  }
  return std::nullopt;
}

Format recognise(std::string_view text) {
  if (is_nft_json(text)) return Format::nft_json;
  Count count;
  const bool may_have_documents = text.find("<<") != std::string_view::npos;
  const bool has_shebang = text.starts_with("#!");
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (may_have_documents || !count_usual_line(text.substr(at), count)) {
      const std::string_view line = trimmed(text.substr(at, end - at));
      if (!line.starts_with('#')) count_line(line, may_have_documents, count);
    }
    // Whatever else stands in it, below.
    if (count.save > 0 && !has_shebang && !may_have_documents) return Format::iptables_save;
    at = end + 1;
  }
  const std::string_view first = text.substr(0, text.find('\n'));
  const bool is_of_nft = first.find("nft ") != std::string_view::npos && has_shebang;
  if (is_of_nft || (count.nft > 0 && !has_shebang && count.commands + count.save == 0)) {
    return Format::nft_script;
  }
  if (count.nft_calls > count.other && !has_shebang &&
      count.commands + count.save + count.options == 0) {
    return Format::nft_commands;
  }
  if (has_shebang && first.find("tables-restore") != std::string_view::npos) {
    return Format::iptables_save;
  }
  // A here-document in a script has lines of a save file, too.
  if (count.save > 0 && !has_shebang && count.here_documents == 0) return Format::iptables_save;
  if (count.table > 0 && count.commands == 0) return Format::iptables_table;
  if (has_shebang && count.commands + count.script + count.options > 0) {
    return Format::shell_script;
  }
  if (count.commands > 0) {
    return count.other > 0 ? Format::shell_script : Format::iptables_commands;
  }
  if (count.script > 0) return Format::shell_script;
  if (count.options > 0 && count.options >= count.other) return Format::iptables_list;
  if (count.ipset > 0) return Format::ipset_save;
  return Format::unknown;
}

}  // namespace untrack
