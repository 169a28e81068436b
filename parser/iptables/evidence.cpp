#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

#include "model/catalog/hooks.hpp"
#include "model/catalog/xtables_extensions.hpp"
#include "parser/recognise.hpp"

namespace untrack::iptables {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Calls `function` with each blank-separated word that is not inside double quotes.
template <class Function>
void for_words(std::string_view line, Function&& function) {
  const auto to_blank = [&](std::size_t at) {
    while (at < line.size() && !is_blank(line[at])) ++at;
    return at;
  };
  for (std::size_t at = 0; at < line.size();) {
    if (is_blank(line[at])) {
      ++at;
    } else if (line[at] == '"') {
      const std::size_t end = line.find('"', at + 1);
      at = end == std::string_view::npos ? line.size() : end + 1;
    } else {
      const std::size_t end = to_blank(at);
      function(line.substr(at, end - at));
      at = end;
    }
  }
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// "a.b.c.d", perhaps with something behind it.
bool begins_like_ipv4(std::string_view word) {
  int dots = 0;
  std::size_t digits = 0;
  for (const char c : word) {
    if (is_digit(c) && digits < 3) {
      ++digits;
    } else if (c == '.' && digits > 0 && dots < 3) {
      ++dots;
      digits = 0;
    } else {
      break;
    }
  }
  return dots == 3 && digits > 0;
}

// Two colons or more between hexadecimal digits, and no MAC address (which has five, each behind
// two digits, and no "::").
bool is_like_ipv6(std::string_view word) {
  if (word.find(':') == std::string_view::npos) return false;
  word = word.substr(0, word.find_first_of("/,"));
  if (word.starts_with('[')) word = word.substr(1, word.find(']') - 1);
  int colons = 0;
  for (const char c : word) {
    if (c == ':') {
      ++colons;
    } else if (!is_hex(c) && c != '.' && c != '-') {
      return false;
    }
  }
  if (colons < 2) return false;
  return word.find("::") != std::string_view::npos || colons == 7;
}

// What the words of rules say of their family; the names of extensions are looked up once each.
class FamilyWords {
 public:
  std::optional<IpVersion> family_of(std::string_view word, std::string_view before) {
    if (word.empty()) return std::nullopt;
    if (is_digit(word[0]) && begins_like_ipv4(word)) return IpVersion::ipv4;
    if (is_like_ipv6(word)) return IpVersion::ipv6;
    if (word == "--icmp-type" || before == "--icmp-type") return IpVersion::ipv4;
    if (word == "--icmpv6-type") return IpVersion::ipv6;
    if (!before.starts_with('-')) return std::nullopt;
    if (before == "-p" || before == "--protocol" || before == "--proto") {
      if (word == "icmp") return IpVersion::ipv4;
      if (word == "icmpv6" || word == "ipv6-icmp") return IpVersion::ipv6;
    }
    if (before == "--reject-with") {
      if (word.starts_with("icmp6") || word.starts_with("adm-") || word.starts_with("no-route")) {
        return IpVersion::ipv6;
      }
      if (word.starts_with("icmp-")) return IpVersion::ipv4;
    }
    if (before == "-m" || before == "--match") return family_of_extension(word, true);
    if (before == "-j" || before == "--jump") return family_of_extension(word, false);
    return std::nullopt;
  }

 private:
  std::optional<IpVersion> family_of_extension(std::string_view name, bool is_match) {
    const auto [at, is_new] = known_[is_match ? 0 : 1].try_emplace(name);
    if (!is_new) return at->second;
    const auto find = is_match ? catalog::find_match : catalog::find_target;
    const bool in_ipv4 = find(name, IpVersion::ipv4) != nullptr;
    const bool in_ipv6 = find(name, IpVersion::ipv6) != nullptr;
    if (in_ipv4 != in_ipv6) at->second = in_ipv4 ? IpVersion::ipv4 : IpVersion::ipv6;
    return at->second;
  }

  std::array<std::unordered_map<std::string_view, std::optional<IpVersion>>, 2> known_;
};

bool is_family_flag(std::string_view word) {
  return word == "-4" || word == "-6" || word == "--ipv4" || word == "--ipv6";
}

std::optional<IpVersion> family_of_path(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  if (name.find("ip6tables") != std::string_view::npos || name.ends_with(".v6") ||
      name.find(".v6.") != std::string_view::npos || name.ends_with("6.rules") ||
      name.find("ipv6") != std::string_view::npos) {
    return IpVersion::ipv6;
  }
  if (name.find("iptables") != std::string_view::npos || name.ends_with(".v4") ||
      name.find(".v4.") != std::string_view::npos || name.find("ipv4") != std::string_view::npos) {
    return IpVersion::ipv4;
  }
  return std::nullopt;
}

}  // namespace

FamilyGuess guess_family(const Document& document, std::string_view path) {
  std::optional<IpVersion> from_header;
  std::array<std::size_t, 2> lines{};
  FamilyWords words;
  // What a rule says of its family. Lines of one shape say the same: their slots are an address of
  // the same family, or nothing that tells (shape_slots.hpp).
  struct Said {
    bool is_known = false;
    bool has_flag = false;
    std::array<bool, 2> is_seen{};
  };
  std::vector<Said> by_shape;
  const auto read = [&](std::string_view text, Said& said) {
    said.is_known = true;
    std::string_view before;
    for_words(text, [&](std::string_view word) {
      said.has_flag = said.has_flag || (word.starts_with('-') && is_family_flag(word));
      if (from_header) return;
      if (const auto version = words.family_of(word, before)) {
        said.is_seen[static_cast<std::size_t>(*version)] = true;
      }
      before = word;
    });
  };
  for (const Line& line : document.lines) {
    const std::string_view text = document.text_of(line);
    if (line.kind == LineKind::comment) {
      if (!from_header && text.find("enerated by") != std::string_view::npos) {
        if (text.find("ip6tables") != std::string_view::npos) {
          from_header = IpVersion::ipv6;
        } else if (text.find("iptables") != std::string_view::npos) {
          from_header = IpVersion::ipv4;
        }
      }
      continue;
    }
    if (line.kind == LineKind::chain_declaration && !from_header) {
      if (text.starts_with(":ufw6-")) from_header = IpVersion::ipv6;
      if (text.starts_with(":ufw-")) from_header = IpVersion::ipv4;
    }
    if (line.kind != LineKind::rule) continue;
    Said once;
    if (line.shape >= by_shape.size()) by_shape.resize(line.shape + 1U);
    Said& said = line.shape == 0 ? once : by_shape[line.shape];
    if (!said.is_known) read(text, said);
    if (said.has_flag) return {IpVersions::both(), FamilyEvidence::flags};
    for (std::size_t i = 0; i < 2; ++i) lines[i] += said.is_seen[i] ? 1U : 0U;
  }
  if (from_header) return {*from_header, FamilyEvidence::header};
  if (lines[0] + lines[1] > 0) {
    return {lines[1] > lines[0] ? IpVersion::ipv6 : IpVersion::ipv4, FamilyEvidence::content};
  }
  if (const auto version = family_of_path(path)) return {*version, FamilyEvidence::file_name};
  return {IpVersion::ipv4, FamilyEvidence::none};
}

std::string_view guess_table(const Document& document) {
  const auto names = catalog::table_names();
  std::vector<bool> is_possible(names.size(), true);
  const auto keep_only = [&](auto&& has) {
    std::vector<bool> left = is_possible;
    bool any = false;
    for (std::size_t i = 0; i < names.size(); ++i) {
      left[i] = left[i] && has(names[i]);
      any = any || left[i];
    }
    if (any) is_possible = left;
  };
  for (const Line& line : document.lines) {
    if (line.kind != LineKind::rule) continue;
    std::string_view before;
    bool names_table = false;
    std::string_view chain;
    std::string_view target;
    for_words(document.text_of(line), [&](std::string_view word) {
      if (before == "-A" || before == "-P" || before == "-I" || before == "--append") chain = word;
      if (before == "-j" || before == "--jump") target = word;
      names_table = names_table || word == "-t" || word == "--table";
      before = word;
    });
    if (names_table) continue;
    const auto rows = catalog::builtin_chains();
    if (std::ranges::find(rows, chain, &catalog::BuiltinChain::chain) != rows.end()) {
      keep_only([&](std::string_view table) {
        return std::ranges::any_of(rows, [&](const catalog::BuiltinChain& row) {
          return row.table == table && row.chain == chain;
        });
      });
    }
    const catalog::Extension* row = catalog::find_target(target, IpVersion::ipv4);
    if (row != nullptr && !row->tables.empty()) {
      keep_only([&](std::string_view table) {
        return row->tables.find(table) != std::string_view::npos;
      });
    }
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (is_possible[i]) return names[i];
  }
  return "filter";
}

bool is_of_ufw(const Document& document) {
  for (const Line& line : document.lines) {
    const std::string_view text = document.text_of(line);
    if (line.kind == LineKind::chain_declaration &&
        (text.starts_with(":ufw-") || text.starts_with(":ufw6-"))) {
      return true;
    }
    // A dump of a host with ufw has built-in chains with counters, too, and is complete.
    if (line.kind == LineKind::comment && text.starts_with("# Generated by")) return false;
  }
  return false;
}

}  // namespace untrack::iptables
