#include "parser/conntrack/entries.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
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
    bool is_first = true;
    while (!(word = next()).empty()) {
      if (word.front() == '[') take_flag(word);
      if (!has_source_) take_state(word, is_first);
      is_first = false;
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

  // Ahead of the addresses: the time that is left, and the state.
  void take_state(std::string_view word, bool is_first) {
    if (is_first) entry_.seconds_left = number_of<std::uint32_t>(word);
    if (word.starts_with("SYN_")) entry_.is_half_open = true;
    if (const EntryState state = entry_state_of(word); state != EntryState::none) {
      entry_.state = state;
    }
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

constexpr std::size_t block_bytes = std::size_t{1} << 18U;
constexpr std::size_t shown_bytes = 200;  // of a line that is longer than a block
constexpr const char* cure =
    "Give what conntrack -L prints on the running host, or a copy of /proc/net/nf_conntrack.";

// Lines that are no entry, as a source of their own.
class BadLines {
 public:
  BadLines(std::string path, Sources& sources)
      : path_(std::move(path)), sources_(sources), id_(static_cast<SourceId>(sources.size())) {}

  // `number`: of the line, from 0, none before one that is told already.
  void tell(std::size_t number, std::string_view line, const Fault& fault) {
    text_.append(number - lines_, '\n');
    lines_ = number;
    const std::size_t at = text_.size() + static_cast<std::size_t>(fault.word.data() - line.data());
    text_ += line;
    std::string message =
        fault.word.empty() ? std::string(fault.message)
                           : fmt::format("{}: {}", fault.message, iptables::in_quotes(fault.word));
    problems_.push_back(
        {ProblemKind::error,
         {id_, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + fault.word.size())},
         std::move(message),
         std::string(fault.label),
         cure,
         false});
  }
  [[nodiscard]] bool is_enough() const { return problems_.size() >= most_problems; }
  [[nodiscard]] std::vector<Problem> take() {
    sources_.add(std::move(path_), std::move(text_));
    return std::move(problems_);
  }

 private:
  std::string path_;
  Sources& sources_;
  SourceId id_;
  std::string text_;
  std::size_t lines_ = 0;  // ends of lines in text_
  std::vector<Problem> problems_;
};

class Listing {
 public:
  Listing(const UseEntry& use, BadLines& bad) : use_(use), bad_(bad) {}

  // Whole lines, but for the last one of the text, which may lack its end.
  void take(std::string_view whole) {
    while (!whole.empty() && !bad_.is_enough()) {
      ConntrackEntry usual;
      if (const std::size_t size = usual_entry(whole, usual); size > 0) {
        use_(usual, whole.substr(0, size));
        ++lines_;
        whole.remove_prefix(std::min(whole.size(), size + 1));
        continue;
      }
      const std::string_view line = whole.substr(0, whole.find('\n'));
      whole.remove_prefix(std::min(whole.size(), line.size() + 1));
      take_line(line);
      ++lines_;
    }
  }
  void tell(std::string_view line, std::string_view message, std::string_view label) {
    bad_.tell(lines_, line, {line.substr(0, 0), message, label});
  }

 private:
  void take_line(std::string_view line) {
    if (line.find_first_not_of(" \t\r") == std::string_view::npos || is_summary(line)) return;
    LineReader reader(line);
    if (const auto entry = reader.read()) {
      use_(*entry, line);
    } else {
      bad_.tell(lines_, line, reader.fault());
    }
  }

  const UseEntry& use_;
  BadLines& bad_;
  std::size_t lines_ = 0;
};

}  // namespace

std::vector<Problem> each_conntrack_entry(TextBlocks& text, const std::string& path,
                                          Sources& sources, const UseEntry& use) {
  BadLines bad(path, sources);
  Listing listing(use, bad);
  std::vector<char> block(block_bytes);
  std::size_t held = 0;  // the beginning of a line
  while (!bad.is_enough()) {
    const std::size_t count = text.read(std::span(block).subspan(held));
    const std::string_view there(block.data(), held + count);
    if (count == 0) {
      listing.take(there);
      if (const std::string why = text.why_cut(); !why.empty()) {
        listing.tell({}, fmt::format("the listing could not be read to its end: {}", why),
                     "what is counted is a part of it");
      }
      break;
    }
    const std::size_t end = there.rfind('\n');
    if (end == std::string_view::npos && there.size() == block.size()) {
      listing.tell(there.substr(0, shown_bytes), "a line that is too long for an entry",
                   "nothing behind it was read");
      break;
    }
    const std::size_t whole = end == std::string_view::npos ? 0 : end + 1;
    listing.take(there.substr(0, whole));
    held = there.size() - whole;
    std::copy_n(block.begin() + static_cast<std::ptrdiff_t>(whole), held, block.begin());
  }
  return bad.take();
}

ParsedEntries parse_conntrack_entries(const std::string& path, std::string text) {
  ParsedEntries parsed;
  HeldText held(std::move(text));
  parsed.problems = each_conntrack_entry(
      held, path, parsed.sources,
      [&](const ConntrackEntry& entry, std::string_view) { parsed.entries.push_back(entry); });
  return parsed;
}

}  // namespace untrack
