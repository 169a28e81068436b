#include "parser/iptables/shape_slots.hpp"

#include <algorithm>
#include <cstring>
#include <unordered_set>

#include "model/catalog/hooks.hpp"
#include "model/catalog/xtables_extensions.hpp"
#include "parser/iptables/command_checks.hpp"
#include "parser/iptables/digits.hpp"
#include "parser/iptables/values/addresses.hpp"

namespace untrack::iptables {
namespace {

constexpr bool is_decimal(char c) { return c >= '0' && c <= '9'; }
// As many as are looked at in a slot that is read at once, and a few more.
constexpr std::ptrdiff_t bytes_at_once = 32;

constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// The word up to the next blank.
std::string_view word_of(std::string_view rest) {
  const void* const blank = rest.empty() ? nullptr : std::memchr(rest.data(), ' ', rest.size());
  return blank == nullptr
             ? rest
             : rest.substr(0,
                           static_cast<std::size_t>(static_cast<const char*>(blank) - rest.data()));
}

// The word up to the next blank, if it is of letters, digits, - and _, beginning with a letter or
// _: no option, no address, no comment. Empty otherwise.
std::string_view usual_name_of(std::string_view rest, std::size_t most, bool may_have_dots) {
  // 0: in names; 1: in those that may have dots.
  static constexpr std::array<unsigned char, 256> wrong = [] {
    std::array<unsigned char, 256> table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
      const char c = static_cast<char>(i);
      const bool is_good = is_letter(c) || is_decimal(c) || c == '-' || c == '_';
      table[i] = is_good ? 0 : c == '.' ? 1 : 2;
    }
    return table;
  }();
  if (rest.empty() || (!is_letter(rest[0]) && rest[0] != '_')) return {};
  const unsigned char allowed = may_have_dots ? 1 : 0;
  std::size_t size = 1;
  while (size < rest.size() && wrong[static_cast<unsigned char>(rest[size])] <= allowed) ++size;
  const bool is_whole = size == rest.size() || rest[size] == ' ';
  return is_whole && size <= most ? rest.substr(0, size) : std::string_view();
}

// Names that mean more than a chain: verdicts and the targets of either family.
bool is_known_target(std::string_view word) {
  static const std::unordered_set<std::string_view> names = [] {
    std::unordered_set<std::string_view> found;
    for (const catalog::Extension& row : catalog::extensions()) {
      if (row.kind == catalog::ExtensionKind::target) found.insert(row.name);
    }
    return found;
  }();
  static const std::size_t longest =
      std::ranges::max(names, {}, [](std::string_view name) { return name.size(); }).size();
  return word.size() <= longest && (is_verdict_name(word) || names.contains(word));
}

bool is_builtin_chain_name(std::string_view word) {
  constexpr std::size_t longest = 11;  // POSTROUTING
  return word.size() <= longest &&
         std::ranges::find(catalog::builtin_chains(), word, &catalog::BuiltinChain::chain) !=
             catalog::builtin_chains().end();
}

bool are_counters(std::string_view word) {
  if (word.size() < 5 || word.front() != '[' || word.back() != ']') return false;
  const std::string_view inner = word.substr(1, word.size() - 2);
  const std::size_t colon = inner.find(':');
  const auto is_number = [](std::string_view text) {
    return !text.empty() && text.size() <= 18 && std::ranges::all_of(text, is_decimal);
  };
  return colon != std::string_view::npos && is_number(inner.substr(0, colon)) &&
         is_number(inner.substr(colon + 1));
}

std::size_t comment_size(std::string_view rest) {
  if (rest.empty() || rest.front() != '"') return 0;
  const std::size_t end = rest.find('"', 1);
  if (end == std::string_view::npos || end == 1 || end > 256) return 0;
  if (end + 1 != rest.size() && rest[end + 1] != ' ') return 0;
  bool is_wrong = false;
  for (const char c : rest.substr(1, end - 1)) {
    is_wrong |= static_cast<unsigned char>(c) < ' ' || c == '\\';
  }
  return is_wrong ? 0 : end - 1;
}

// One decimal number as it is printed, from `at`, which is moved behind it.
bool take_number(const char*& at, const char* end, std::uint32_t most, std::uint32_t& value) {
  const char* const begin = at;
  std::uint32_t read = 0;
  while (at != end && is_decimal(*at) && at - begin < 6) {
    read = read * 10 + static_cast<std::uint32_t>(*at++ - '0');
  }
  value = read;
  const auto digits = at - begin;
  return digits > 0 && (digits == 1 || *begin != '0') && read <= most;
}

// One to three digits, up to 255, without a zero in front.
bool take_byte(const char*& at, const char* end, std::uint32_t& byte) {
  const auto digit = [&] {
    return at == end ? 10U : static_cast<std::uint32_t>(static_cast<unsigned char>(*at - '0'));
  };
  byte = digit();
  if (byte > 9) return false;
  ++at;
  for (int i = 0; i < 2; ++i) {
    const std::uint32_t next = digit();
    if (next > 9) return true;
    if (byte == 0) return false;
    byte = byte * 10 + next;
    ++at;
  }
  return byte <= 255;
}

bool take_address4(const char*& at, const char* end, std::uint32_t& address) {
  address = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0 && (at == end || *at++ != '.')) return false;
    std::uint32_t byte = 0;
    if (!take_byte(at, end, byte)) return false;
    address = address << 8U | byte;
  }
  return true;
}

// 0 to 15; more: none.
constexpr std::uint32_t hexadecimal(char c) {
  if (is_decimal(c)) return static_cast<std::uint32_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint32_t>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<std::uint32_t>(c - 'A') + 10;
  return 16;
}

// Groups of one to four digits: eight, or fewer around one `::`. No bytes with dots between them.
bool take_address6(const char*& at, const char* end, Number& address) {
  constexpr std::size_t all = 8;
  constexpr std::size_t nowhere = all + 1;
  std::array<std::uint32_t, all> groups{};
  std::size_t count = 0;
  std::size_t gap = nowhere;  // how many groups stand in front of it
  const auto has_gap_here = [&] { return end - at > 1 && at[0] == ':' && at[1] == ':'; };
  if (has_gap_here()) {
    gap = 0;
    at += 2;
  }
  while (at != end && hexadecimal(*at) < 16) {
    if (count == all) return false;
    std::uint32_t group = 0;
    const char* const begin = at;
    for (; at != end && hexadecimal(*at) < 16; ++at) {
      if (at - begin == 4) return false;
      group = group << 4U | hexadecimal(*at);
    }
    groups[count++] = group;
    if (at == end || *at != ':') break;
    if (has_gap_here()) {
      if (gap != nowhere) return false;
      gap = count;
      at += 2;
    } else if (++at == end || hexadecimal(*at) > 15) {
      return false;
    }
  }
  if (gap == nowhere ? count != all : count == all) return false;
  address = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (i == gap) address <<= 16 * (all - count);
    address = address << 16U | groups[i];
  }
  if (gap == count && count > 0) address <<= 16 * (all - count);
  return true;
}

#ifdef __SSE2__

// The same as take_address4, but for what is not certain: false, and `at` is where it was.
bool take_address4_at_once(const char*& at, std::uint32_t& address) {
  Digits digits(at);
  std::uint32_t wrong = 0;
  address = 0;
  for (int part = 0; part < 4; ++part) {
    if (!digits.next()) return false;
    const std::uint32_t byte = digits.number(3, wrong);
    wrong |= static_cast<std::uint32_t>(byte > 255) |
             static_cast<std::uint32_t>(part < 3 && *digits.end() != '.');
    address = address << 8U | (byte & 0xffU);
  }
  if (wrong != 0) return false;
  at = digits.end();
  return true;
}

// The same as take_ports, in that way.
bool take_ports_at_once(const char*& at, SlotValue& value) {
  Digits digits(at);
  std::uint32_t wrong = 0;
  if (!digits.next()) return false;
  value.first = value.second = digits.number(5, wrong);
  if (*digits.end() == ':') {
    if (!digits.next()) return false;
    value.second = digits.number(5, wrong);
  }
  if (wrong != 0 || value.first > value.second || value.second > 0xffff) return false;
  at = digits.end();
  return true;
}

#else

bool take_address4_at_once(const char*&, std::uint32_t&) { return false; }
bool take_ports_at_once(const char*&, SlotValue&) { return false; }

#endif

bool take_network4(const char*& at, const char* end, const char* readable, SlotValue& value) {
  std::uint32_t address = 0;
  const bool is_taken = readable - at >= bytes_at_once && take_address4_at_once(at, address);
  if (!is_taken && !take_address4(at, end, address)) return false;
  std::uint32_t length = 32;
  if (at != end && *at == '/' && !take_number(++at, end, 32, length)) return false;
  const std::uint32_t host = length == 0 ? ~0U : length == 32 ? 0U : ~0U >> length;
  value.first = address & ~host;
  value.second = address | host;
  return true;
}

bool take_ports(const char*& at, const char* end, const char* readable, SlotValue& value) {
  if (readable - at >= bytes_at_once && take_ports_at_once(at, value)) return true;
  if (!take_number(at, end, 0xffff, value.first)) return false;
  value.second = value.first;
  if (at != end && *at == ':' && !take_number(++at, end, 0xffff, value.second)) return false;
  return value.first <= value.second;
}

// Of a slot that is a name.
std::size_t name_size(SlotKind kind, std::string_view rest) {
  constexpr std::size_t longest_chain = 28;
  constexpr std::size_t longest_interface = 15;
  constexpr std::size_t longest_comment = 255;
  const bool is_interface = kind == SlotKind::interface;
  const std::size_t most = is_interface                     ? longest_interface
                           : kind == SlotKind::comment_word ? longest_comment
                                                            : longest_chain;
  const std::string_view word = usual_name_of(rest, most, is_interface);
  if (kind == SlotKind::chain && is_builtin_chain_name(word)) return 0;
  if (kind == SlotKind::target && is_known_target(word)) return 0;
  return word.size();
}

// Of a slot that is another word, without a value that is kept.
std::size_t word_size(SlotKind kind, std::string_view word) {
  bool is_good = false;
  Interval value;
  Interval port;
  if (kind == SlotKind::counters) {
    is_good = are_counters(word);
  } else if (kind == SlotKind::address6) {
    is_good = value_of_address6(word, value);
  } else if (kind == SlotKind::translation6) {
    is_good = value_of_translation6(word, value, port);
  }
  return is_good ? word.size() : 0;
}

}  // namespace

SlotKinds slot_kinds_behind(std::string_view word) {
  using enum SlotKind;
  if (word == "-A") return {chain, none};
  if (word == "-s" || word == "-d") return {address4, address6};
  if (word == "-i" || word == "-o") return {interface, none};
  if (word == "-j") return {target, none};
  if (word == "--dport" || word == "--sport") return {ports, none};
  if (word == "--comment") return {comment, comment_word};
  if (word == "--to-destination") return {translation4, translation6};
  return {none, none};
}

std::size_t slot_size(SlotKind kind, std::string_view rest, const char* readable,
                      SlotValue& value) {
  const char* at = rest.data();
  const char* const end = at + rest.size();
  bool is_good = false;
  switch (kind) {
    case SlotKind::none:
      return 0;
    case SlotKind::comment:
      return comment_size(rest);
    // Numbers are read up to where they end, and that has to be the end of the word.
    case SlotKind::address4:
      is_good = take_network4(at, end, readable, value);
      break;
    case SlotKind::ports:
      is_good = take_ports(at, end, readable, value);
      break;
    case SlotKind::translation4:
      is_good = take_address4(at, end, value.first) && at != end && *at++ == ':' &&
                take_number(at, end, 0xffff, value.second);
      break;
    case SlotKind::comment_word:
    case SlotKind::chain:
    case SlotKind::target:
    case SlotKind::interface:
      return name_size(kind, rest);
    default:
      return word_size(kind, word_of(rest));
  }
  is_good = is_good && (at == end || *at == ' ');
  return is_good ? static_cast<std::size_t>(at - rest.data()) : 0;
}

bool value_of_address6(std::string_view text, Interval& interval) {
  const char* at = text.data();
  const char* const end = at + text.size();
  Number address = 0;
  if (!take_address6(at, end, address)) return false;
  std::uint32_t length = 128;
  if (at != end && (*at++ != '/' || !take_number(at, end, 128, length))) return false;
  const Number all = full_mask(IpVersion::ipv6);
  const Number host = length == 0 ? all : length == 128 ? Number{0} : all >> length;
  interval = {address & ~host, address | host};
  return at == end;
}

bool value_of_translation6(std::string_view text, Interval& address, Interval& port) {
  const char* at = text.data();
  const char* const end = at + text.size();
  Number found = 0;
  if (at == end || *at++ != '[' || !take_address6(at, end, found)) return false;
  address = {found, found};
  if (at == end || *at++ != ']' || at == end || *at++ != ':') return false;
  std::uint32_t number = 0;
  if (!take_number(at, end, 0xffff, number)) return false;
  port = {number, number};
  return at == end;
}

}  // namespace untrack::iptables
