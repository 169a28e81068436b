#include "parser/iptables/values/protocols.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "model/catalog/icmp_types.hpp"
#include "model/catalog/protocols.hpp"
#include "model/spelling.hpp"
#include "parser/iptables/values/numbers.hpp"

namespace untrack::iptables {
namespace {

struct TcpFlag {
  std::string_view name;
  std::uint8_t bits;
};
// libxt_tcp.c, tcp_flag_names (iptables 1.8.9): the kernel looks at these six bits.
constexpr std::array tcp_flags = {
    TcpFlag{"FIN", 0x01}, TcpFlag{"SYN", 0x02}, TcpFlag{"RST", 0x04}, TcpFlag{"PSH", 0x08},
    TcpFlag{"ACK", 0x10}, TcpFlag{"URG", 0x20}, TcpFlag{"ALL", 0x3f}, TcpFlag{"NONE", 0x00},
};

std::optional<std::uint8_t> read_flags(ValueContext& context, const Word& word) {
  std::uint8_t bits = 0;
  const bool good = for_each_part(word, ',', [&](const Word& part) {
    if (part.text.empty()) return true;  // strtok(3) steps over it
    const auto* const flag = std::ranges::find_if(
        tcp_flags, [&](const TcpFlag& row) { return same_word(row.name, part.text); });
    if (flag == tcp_flags.end()) {
      Nearest nearest(part.text);
      for (const TcpFlag& row : tcp_flags) nearest.offer(row.name);
      refuse(context, part, "not a TCP flag",
             nearest.best().empty() ? "expected FIN, SYN, RST, PSH, ACK, URG, ALL or NONE"
                                    : fmt::format("did you mean \"{}\"?", nearest.best()));
      return false;
    }
    bits |= flag->bits;
    return true;
  });
  if (!good) return std::nullopt;
  return bits;
}

}  // namespace

std::optional<std::uint8_t> protocol_of(std::string_view text) {
  if (const auto number = number_of(text, 255)) return static_cast<std::uint8_t>(*number);
  std::array<char, 32> lower{};
  if (text.size() > lower.size()) return std::nullopt;
  std::ranges::transform(text, lower.begin(), [](char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  });
  return catalog::protocol_of_name(std::string_view(lower.data(), text.size()));
}

std::optional<std::uint8_t> read_protocol(ValueContext& context, const Word& word) {
  if (const auto number = protocol_of(word.text)) return number;
  Nearest nearest(word.text);
  for (const catalog::ProtocolName& row : catalog::protocols()) nearest.offer(row.name);
  std::string label = "expected a number from 0 to 255 or a name of protocols(5)";
  if (!nearest.best().empty()) {
    label = fmt::format("did you mean \"{}\" ({})?", nearest.best(),
                        catalog::protocol_of_name(nearest.best()).value_or(0));
  }
  refuse(context, word, "not a protocol", std::move(label),
         word.text.find(',') == std::string_view::npos ? "" : "Write one rule per protocol.");
  return std::nullopt;
}

bool read_icmp_type(ValueContext& context, const Word& word, Value& value) {
  const bool v4 = context.ip_version == IpVersion::ipv4;
  if (!word.text.empty() && word.text[0] >= '0' && word.text[0] <= '9') {
    const std::size_t slash = word.text.find('/');
    const auto type = number_of(word.text.substr(0, slash), 255);
    std::optional<std::uint64_t> code;
    if (slash != std::string_view::npos) code = number_of(word.text.substr(slash + 1), 255);
    if (!type || (slash != std::string_view::npos && !code)) {
      refuse(context, word, v4 ? "not an ICMP type" : "not an ICMPv6 type",
             "expected TYPE or TYPE/CODE, each from 0 to 255");
      return false;
    }
    // 255 is "any" in IPv4 (ip_tables' icmp_type_code_match, net/ipv4/netfilter/ip_tables.c).
    if (v4 && *type == 255) {
      add_interval(context, value, 0, 0xffff);
    } else {
      add_interval(context, value, *type * 256 + code.value_or(0),
                   *type * 256 + code.value_or(255));
    }
    return true;
  }
  const catalog::IcmpTypeSearch search = catalog::find_icmp_type(word.text, context.ip_version);
  if (search.found == nullptr) {
    std::string label;
    if (search.second != nullptr) {
      label = fmt::format("may be \"{}\" or \"{}\"", search.first->name, search.second->name);
    } else {
      Nearest nearest(word.text);
      for (const catalog::IcmpType& row : catalog::icmp_types(context.ip_version)) {
        nearest.offer(row.name);
      }
      label = nearest.best().empty() ? "expected a name, TYPE or TYPE/CODE"
                                     : fmt::format("did you mean \"{}\"?", nearest.best());
    }
    refuse(context, word, v4 ? "not an ICMP type" : "not an ICMPv6 type", std::move(label),
           v4 ? "`iptables -p icmp -h` lists the names."
              : "`ip6tables -p icmpv6 -h` lists the names.");
    return false;
  }
  const catalog::IcmpType& row = *search.found;
  if (row.first_type != row.last_type) {
    add_interval(context, value, Number{row.first_type} * 256U,
                 Number{row.last_type} * 256U + 255U);
  } else {
    add_interval(context, value, Number{row.first_type} * 256U + row.first_code,
                 Number{row.first_type} * 256U + row.last_code);
  }
  return true;
}

bool read_tcp_flags(ValueContext& context, const Word& mask, const Word& set, Value& value) {
  const auto looked_at = read_flags(context, mask);
  const auto wanted = read_flags(context, set);
  if (!looked_at || !wanted) return false;
  value.mask = *looked_at;
  add_interval(context, value, *wanted, *wanted);
  return true;
}

void syn_flags(ValueContext& context, Value& value) {
  value.mask = 0x17;
  add_interval(context, value, 0x02, 0x02);
}

}  // namespace untrack::iptables
