#include "parser/conntrack/entries.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "parser/conntrack/usual_line.hpp"
#include "parser/iptables/problems.hpp"
#include "parser/iptables/values/addresses.hpp"
#include "parser/line_words.hpp"

namespace untrack {
namespace {

constexpr std::size_t most_problems = 100;

// What is wrong with a line, and where.
struct Fault {
  std::string_view word;
  std::string_view message;
  std::string_view label;
};

// Words of nf_conntrack_standalone.c (ct_seq_show, 6.1) and conntrack(8): the family and its number
// (extended), the protocol and its number, the time that is left, the state, both directions as
// KEY=VALUE, the original one first, and flags in brackets.
class LineReader {
 public:
  explicit LineReader(std::string_view line) : line_(line), left_(line) {}

  std::optional<ConntrackEntry> read() {
    std::string_view word = next();
    if (word == "ipv4" || word == "ipv6") {
      (void)next();
      word = next();
    }
    const std::string_view protocol = next();
    const auto its_number = number_of<std::uint8_t>(protocol);
    if (!its_number) {
      return wrong({protocol.empty() ? word : protocol, "not the number of a protocol",
                    "expected a line of conntrack -L or /proc/net/nf_conntrack"});
    }
    entry_.protocol = *its_number;
    bool is_answer = false;
    while (!(word = next()).empty()) {
      if (word.front() == '[') take_flag(word);
      if (is_answer && word[0] != 's') continue;
      const std::size_t equals = equals_;
      if (equals == std::string_view::npos) continue;
      const std::string_view key = word.substr(0, equals);
      // The answering direction begins with its source.
      is_answer = is_answer || (key == "src" && has_source_);
      if (!take(key, word, word.substr(equals + 1), is_answer)) return std::nullopt;
    }
    if (!is_answer) {
      entry_.answerer = entry_.destination;
      entry_.answerer_port = entry_.destination_port;
    }
    if (!has_source_ || !has_destination_) {
      return wrong({line_, "no source and destination in this line", "expected src= and dst="});
    }
    return entry_;
  }

  [[nodiscard]] const Fault& fault() const { return fault_; }

 private:
  std::nullopt_t wrong(const Fault& fault) {
    fault_ = fault;
    return std::nullopt;
  }

  // As next_word, at the price of one look at each byte.
  std::string_view next() {
    const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
    std::size_t begin = 0;
    while (begin < left_.size() && is_blank(left_[begin])) ++begin;
    std::size_t end = begin;
    equals_ = std::string_view::npos;
    for (; end < left_.size() && !is_blank(left_[end]); ++end) {
      if (left_[end] == '=' && equals_ == std::string_view::npos) equals_ = end - begin;
    }
    const std::string_view word = left_.substr(begin, end - begin);
    left_.remove_prefix(end);
    return word;
  }

  void take_flag(std::string_view word) {
    if (word == "[UNREPLIED]") entry_.is_unreplied = true;
    if (word == "[ASSURED]") entry_.is_assured = true;
  }

  // Most addresses are these; what is not exactly one is left to the reader of rules.
  static std::optional<Number> dotted_quad(std::string_view text) {
    std::uint32_t address = 0;
    std::uint32_t part = 0;
    unsigned digits = 0;
    unsigned dots = 0;
    for (const char c : text) {
      if (c == '.') {
        if (digits == 0 || part > 255 || ++dots > 3) return std::nullopt;
        address = address << 8U | part;
        part = digits = 0;
      } else if (c < '0' || c > '9' || ++digits > 3 || (digits == 2 && part == 0)) {
        return std::nullopt;
      } else {
        part = part * 10 + static_cast<std::uint32_t>(c - '0');
      }
    }
    if (dots != 3 || digits == 0 || part > 255) return std::nullopt;
    return Number{address << 8U | part};
  }

  bool take(std::string_view key, std::string_view word, std::string_view value, bool is_answer) {
    bool is_good = true;
    if (is_answer && key != "src" && key != "sport") return true;
    const auto take_number = [&](auto& into) {
      const auto read = number_of<std::decay_t<decltype(into)>>(value);
      is_good = read.has_value();
      if (read) into = *read;
    };
    if (key == "src" || key == "dst") {
      const auto quad = dotted_quad(value);
      const IpVersion version =
          quad || value.find(':') == std::string_view::npos ? IpVersion::ipv4 : IpVersion::ipv6;
      const auto address = quad ? quad : iptables::address_of(value, version);
      is_good = address.has_value();
      if (address && is_answer) {
        entry_.answerer = *address;
      } else if (address) {
        entry_.version = version;
        (key == "src" ? entry_.source : entry_.destination) = *address;
        (key == "src" ? has_source_ : has_destination_) = true;
      }
    } else if (key == "sport") {
      take_number(is_answer ? entry_.answerer_port : entry_.source_port);
    } else if (key == "dport") {
      take_number(entry_.destination_port);
    } else if (key == "type") {
      take_number(entry_.icmp_type);
    } else if (key == "code") {
      take_number(entry_.icmp_code);
    }
    if (!is_good) {
      const bool is_address = key == "src" || key == "dst";
      const bool is_port = key == "sport" || key == "dport";
      (void)wrong({word,
                   is_address ? "not an address"
                   : is_port  ? "not a port"
                              : "not an ICMP type or code",
                   is_address ? "expected something like src=192.0.2.10"
                   : is_port  ? "expected a number up to 65535"
                              : "expected a number up to 255"});
    }
    return is_good;
  }

  std::string_view line_;
  std::string_view left_;
  std::size_t equals_ = std::string_view::npos;  // in the last word
  ConntrackEntry entry_;
  bool has_source_ = false;
  bool has_destination_ = false;
  Fault fault_{};
};

// What conntrack says of itself at the end, on standard error.
bool is_summary(std::string_view line) {
  return line.starts_with("conntrack v") && line.find("flow entries") != std::string_view::npos;
}

}  // namespace

std::vector<Problem> each_conntrack_entry(const Sources& sources, SourceId source,
                                          const std::function<void(const ConntrackEntry&)>& use) {
  std::vector<Problem> problems;
  const std::string_view whole = sources[source].text();
  std::size_t begin = 0;
  while (begin < whole.size() && problems.size() < most_problems) {
    ConntrackEntry usual;
    if (const std::size_t size = usual_entry(whole.substr(begin), usual); size > 0) {
      use(usual);
      begin += size + 1;
      continue;
    }
    const std::string_view line =
        whole.substr(begin, std::min(whole.find('\n', begin), whole.size()) - begin);
    begin += line.size() + 1;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos || is_summary(line)) continue;
    LineReader reader(line);
    if (const auto entry = reader.read()) {
      use(*entry);
      continue;
    }
    const Fault& fault = reader.fault();
    const auto at = static_cast<std::uint32_t>(fault.word.data() - whole.data());
    const auto size = static_cast<std::uint32_t>(fault.word.size());
    problems.push_back(
        {ProblemKind::error,
         {source, at, at + size},
         fmt::format("{}: {}", fault.message, iptables::in_quotes(fault.word)),
         std::string(fault.label),
         "Give what conntrack -L prints on the running host, or a copy of /proc/net/nf_conntrack.",
         false});
  }
  return problems;
}

ParsedEntries parse_conntrack_entries(std::string path, std::string text) {
  ParsedEntries parsed;
  const SourceId source = parsed.sources.add(std::move(path), std::move(text));
  parsed.problems = each_conntrack_entry(parsed.sources, source, [&](const ConntrackEntry& entry) {
    parsed.entries.push_back(entry);
  });
  return parsed;
}

}  // namespace untrack
