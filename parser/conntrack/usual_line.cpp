#include "parser/conntrack/usual_line.hpp"

#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <system_error>

#include "parser/iptables/values/addresses.hpp"

namespace untrack {
namespace {

class UsualLine {
 public:
  explicit UsualLine(std::string_view text)
      : begin_(text.data()), at_(begin_), end_(begin_ + text.size()) {}

  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(at_ - begin_); }

  bool read(ConntrackEntry& entry) {
    if (!read_front(entry)) return false;
    if (!read_address(entry.source, entry.version)) return false;
    IpVersion version = entry.version;
    if (!skip(" dst=") || !read_address(entry.destination, version) || version != entry.version)
      return false;
    if (!read_original(entry)) return false;
    if (!read_address(entry.answerer, version) || version != entry.version) return false;
    return read_answer(entry);
  }

 private:
  [[nodiscard]] bool starts_with(std::string_view word) const {
    return static_cast<std::size_t>(end_ - at_) >= word.size() &&
           std::memcmp(at_, word.data(), word.size()) == 0;
  }

  bool skip(std::string_view word) {
    if (!starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  // To the next word, over at least one space. False: there is none, or something else than spaces.
  bool next_word() {
    if (at_ == end_ || *at_ != ' ') return false;
    while (at_ != end_ && *at_ == ' ') ++at_;
    return at_ != end_ && *at_ > ' ';
  }

  // What the word ends with is seen by next_word; a byte that separates for others is none here.
  void skip_word() {
    if constexpr (std::endian::native == std::endian::little) {
      // Eight bytes at once: the high bit of each that is a space or less is set.
      constexpr std::uint64_t ones = 0x0101010101010101U;
      for (; end_ - at_ >= 8; at_ += 8) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, at_, sizeof eight);
        const std::uint64_t found = (eight - ones * (' ' + 1)) & ~eight & (ones << 7U);
        if (found == 0) continue;
        at_ += std::countr_zero(found) / 8;
        return;
      }
    }
    while (at_ != end_ && static_cast<unsigned char>(*at_) > ' ') ++at_;
  }

  template <class Value>
  bool read_number(Value& value, std::uint32_t most) {
    std::uint32_t number = 0;
    const char* const begin = at_;
    while (at_ != end_ && *at_ >= '0' && *at_ <= '9' && at_ - begin < 6) {
      number = number * 10 + static_cast<std::uint32_t>(*at_++ - '0');
    }
    if (at_ == begin || number > most || !(is_at_end() || *at_ == ' ')) return false;
    value = static_cast<Value>(number);
    return true;
  }

  // With no zero ahead, which another reader could take for octal.
  bool read_quad(Number& address) {
    std::uint32_t all = 0;
    for (unsigned part = 0; part < 4; ++part) {
      if (part > 0 && (at_ == end_ || *at_++ != '.')) return false;
      const char* const begin = at_;
      std::uint32_t number = 0;
      while (at_ != end_ && *at_ >= '0' && *at_ <= '9' && at_ - begin < 4) {
        number = number * 10 + static_cast<std::uint32_t>(*at_++ - '0');
      }
      if (at_ == begin || number > 255 || (*begin == '0' && at_ - begin > 1)) return false;
      all = all << 8U | number;
    }
    address = all;
    return is_at_end() || *at_ == ' ';
  }

  bool read_address(Number& address, IpVersion& version) {
    const char* const begin = at_;
    version = IpVersion::ipv4;
    if (read_quad(address)) return true;
    at_ = begin;
    skip_word();
    const std::string_view text(begin, static_cast<std::size_t>(at_ - begin));
    if (text.find(':') == std::string_view::npos) return false;
    version = IpVersion::ipv6;
    const auto found = iptables::address_of(text, version);
    if (found) address = *found;
    return found.has_value();
  }

  void take_flag(ConntrackEntry& entry) {
    const auto is_flag = [&](std::string_view flag) {
      const char* const behind = at_ + flag.size();
      return starts_with(flag) && (behind == end_ || *behind == ' ' || *behind == '\n');
    };
    if (is_flag("[UNREPLIED]")) entry.is_unreplied = true;
    if (is_flag("[ASSURED]")) entry.is_assured = true;
  }

  // The seconds that are left, if the word here is a number; does not go on.
  void read_time(ConntrackEntry& entry) const {
    std::uint32_t seconds = 0;
    const auto [end, error] = std::from_chars(at_, end_, seconds);
    if (error == std::errc{} && end != end_ && *end == ' ') entry.seconds_left = seconds;
  }

  // Up to the first address: family, protocol, time, state.
  bool read_front(ConntrackEntry& entry) {
    if (starts_with("ipv")) {
      if (!skip("ipv4     2") && !skip("ipv6     10")) return false;
      if (!next_word()) return false;
    }
    const char* const name = at_;
    skip_word();  // of the protocol
    if (at_ == name) return false;
    if (!next_word() || !read_number(entry.protocol, 255)) return false;
    if (!next_word()) return false;
    read_time(entry);
    do {
      if (skip("src=")) return true;
      if (*at_ == '[') take_flag(entry);
      if (starts_with("SYN_")) entry.is_half_open = true;
      const char* const word = at_;
      skip_word();
      const std::string_view whole(word, static_cast<std::size_t>(at_ - word));
      if (*word >= 'C' && *word <= 'T') {
        const EntryState state = entry_state_of(whole);
        if (state != EntryState::none) entry.state = state;
      }
      if (std::memchr(word, '=', static_cast<std::size_t>(at_ - word)) != nullptr) return false;
    } while (next_word());
    return false;
  }

  // Up to the address that answers.
  bool read_original(ConntrackEntry& entry) {
    while (next_word()) {
      if (skip("src=")) return true;
      if (skip("sport=")) {
        if (!read_number(entry.source_port, 65535)) return false;
      } else if (skip("dport=")) {
        if (!read_number(entry.destination_port, 65535)) return false;
      } else if (skip("type=")) {
        if (!read_number(entry.icmp_type, 255)) return false;
      } else if (skip("code=")) {
        if (!read_number(entry.icmp_code, 255)) return false;
      } else if (*at_ == '[') {
        take_flag(entry);
        skip_word();
      } else if (starts_with("id=") || starts_with("packets=") || starts_with("bytes=")) {
        skip_word();
      } else {
        return false;
      }
    }
    return false;
  }

  bool read_answer(ConntrackEntry& entry) {
    while (!is_at_end()) {
      // Spaces at the end belong to the form.
      if (*at_ != ' ') return false;
      while (at_ != end_ && *at_ == ' ') ++at_;
      if (is_at_end()) return true;
      if (static_cast<unsigned char>(*at_) < ' ') return false;
      if (*at_ == '[') take_flag(entry);
      if (*at_ == 's') {
        if (!skip("sport=")) return false;
        if (!read_number(entry.answerer_port, 65535)) return false;
        continue;
      }
      skip_word();
    }
    return true;
  }

  [[nodiscard]] bool is_at_end() const { return at_ == end_ || *at_ == '\n'; }

  const char* begin_;
  const char* at_;
  const char* end_;
};

}  // namespace

std::size_t usual_entry(std::string_view text, ConntrackEntry& entry) {
  UsualLine line(text);
  return line.read(entry) ? line.size() : 0;
}

}  // namespace untrack
