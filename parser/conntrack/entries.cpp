#include "parser/conntrack/entries.hpp"

#include <fmt/format.h>

#include <optional>
#include <string_view>

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
    std::string_view word = next_word(left_);
    if (word == "ipv4" || word == "ipv6") {
      (void)next_word(left_);
      word = next_word(left_);
    }
    const std::string_view protocol = next_word(left_);
    const auto its_number = number_of<std::uint8_t>(protocol);
    if (!its_number) {
      return wrong({protocol.empty() ? word : protocol, "not the number of a protocol",
                    "expected a line of conntrack -L or /proc/net/nf_conntrack"});
    }
    entry_.protocol = *its_number;
    while (!(word = next_word(left_)).empty()) {
      const std::size_t equals = word.find('=');
      // The answering direction begins with its source.
      if (equals == std::string_view::npos) continue;
      const std::string_view key = word.substr(0, equals);
      if (key == "src" && has_source_) break;
      if (!take(key, word, word.substr(equals + 1))) return std::nullopt;
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

  bool take(std::string_view key, std::string_view word, std::string_view value) {
    bool is_good = true;
    const auto take_number = [&](auto& into) {
      const auto read = number_of<std::decay_t<decltype(into)>>(value);
      is_good = read.has_value();
      if (read) into = *read;
    };
    if (key == "src" || key == "dst") {
      const IpVersion version =
          value.find(':') == std::string_view::npos ? IpVersion::ipv4 : IpVersion::ipv6;
      const auto address = iptables::address_of(value, version);
      is_good = address.has_value();
      if (address) {
        entry_.version = version;
        (key == "src" ? entry_.source : entry_.destination) = *address;
        (key == "src" ? has_source_ : has_destination_) = true;
      }
    } else if (key == "sport") {
      take_number(entry_.source_port);
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

ParsedEntries parse_conntrack_entries(std::string path, std::string text) {
  ParsedEntries parsed;
  const SourceId source = parsed.sources.add(std::move(path), std::move(text));
  const std::string_view whole = parsed.sources[source].text();
  std::size_t begin = 0;
  while (begin < whole.size() && parsed.problems.size() < most_problems) {
    const std::string_view line = whole.substr(begin, whole.find('\n', begin) - begin);
    begin += line.size() + 1;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos || is_summary(line)) continue;
    LineReader reader(line);
    if (const auto entry = reader.read()) {
      parsed.entries.push_back(*entry);
      continue;
    }
    const Fault& fault = reader.fault();
    const auto at = static_cast<std::uint32_t>(fault.word.data() - whole.data());
    const auto size = static_cast<std::uint32_t>(fault.word.size());
    parsed.problems.push_back(
        {ProblemKind::error,
         {source, at, at + size},
         fmt::format("{}: {}", fault.message, iptables::in_quotes(fault.word)),
         std::string(fault.label),
         "Give what conntrack -L prints on the running host, or a copy of /proc/net/nf_conntrack.",
         false});
  }
  return parsed;
}

}  // namespace untrack
