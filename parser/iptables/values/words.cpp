#include "parser/iptables/values/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "model/spelling.hpp"
#include "parser/iptables/values/numbers.hpp"

namespace untrack::iptables {
namespace {

struct NamedNumber {
  std::string_view name;
  std::uint32_t number;
};

// The first row that begins with the word: strncasecmp over the length of the word, as libxt_*.c.
const NamedNumber* find_beginning(std::span<const NamedNumber> rows, std::string_view word) {
  if (word.empty()) return nullptr;
  for (const NamedNumber& row : rows) {
    if (begins_as(row.name, word)) return &row;
  }
  return nullptr;
}

const NamedNumber* find_whole(std::span<const NamedNumber> rows, std::string_view word) {
  for (const NamedNumber& row : rows) {
    if (same_word(row.name, word)) return &row;
  }
  return nullptr;
}

void refuse_word(ValueContext& context, const Word& word, std::string_view what,
                 std::span<const NamedNumber> rows) {
  Nearest nearest(word.text);
  std::string all;
  for (const NamedNumber& row : rows) {
    nearest.offer(row.name);
    if (!all.empty()) all += &row == &rows.back() ? " or " : ", ";
    all += row.name;
  }
  refuse(context, word, what,
         nearest.best().empty() ? "expected " + all
                                : fmt::format("did you mean \"{}\"?", nearest.best()));
}

// libxt_conntrack.c, conntrack_ps_state; libxt_state section of the same file (iptables 1.8.9).
constexpr std::array states = {
    NamedNumber{"INVALID", static_cast<std::uint32_t>(CtState::invalid)},
    NamedNumber{"NEW", static_cast<std::uint32_t>(CtState::new_)},
    NamedNumber{"ESTABLISHED", static_cast<std::uint32_t>(CtState::established)},
    NamedNumber{"RELATED", static_cast<std::uint32_t>(CtState::related)},
    NamedNumber{"UNTRACKED", static_cast<std::uint32_t>(CtState::untracked)},
    NamedNumber{"SNAT", static_cast<std::uint32_t>(CtState::snat)},
    NamedNumber{"DNAT", static_cast<std::uint32_t>(CtState::dnat)},
};
constexpr std::size_t old_state_count = 5;

// libxt_conntrack.c, conntrack_ps_status
constexpr std::array statuses = {
    NamedNumber{"NONE", 0},    NamedNumber{"EXPECTED", 1},  NamedNumber{"SEEN_REPLY", 2},
    NamedNumber{"ASSURED", 4}, NamedNumber{"CONFIRMED", 8},
};

// libxt_addrtype.c, rtn_names; numbers of linux/rtnetlink.h
constexpr std::array address_types = {
    NamedNumber{"UNSPEC", 0},    NamedNumber{"UNICAST", 1},     NamedNumber{"LOCAL", 2},
    NamedNumber{"BROADCAST", 3}, NamedNumber{"ANYCAST", 4},     NamedNumber{"MULTICAST", 5},
    NamedNumber{"BLACKHOLE", 6}, NamedNumber{"UNREACHABLE", 7}, NamedNumber{"PROHIBIT", 8},
    NamedNumber{"THROW", 9},     NamedNumber{"NAT", 10},        NamedNumber{"XRESOLVE", 11},
};

// The types of addresses that are asked for, as bits. In IPv6 the words of -m addrtype are no
// alternatives: UNSPEC, UNICAST and MULTICAST are bits of the address, all of which have to be
// there, and an address of this host is UNICAST, too; LOCAL, ANYCAST and UNREACHABLE are what the
// route says, and one of them will do (match_type6 in xt_addrtype.c, 6.1; measured on 6.18).
constexpr std::uint32_t types_asked6(std::uint32_t words) {
  constexpr std::uint32_t unspec = 1U << 0U;
  constexpr std::uint32_t unicast = 1U << 1U;
  constexpr std::uint32_t multicast = 1U << 5U;
  constexpr std::uint32_t by_route = 1U << 2U | 1U << 4U | 1U << 7U;
  constexpr std::uint32_t broadcast = 1U << 3U;  // there is none in IPv6
  constexpr std::uint32_t all = ((1U << address_types.size()) - 1) & ~broadcast;
  std::uint32_t asked = all;
  if ((words & unspec) != 0) asked &= unspec;
  if ((words & unicast) != 0) asked &= ~(unspec | multicast);
  if ((words & multicast) != 0) asked &= multicast;
  if ((words & by_route) != 0) asked &= words & by_route;
  return asked;
}

// libxt_pkttype.c; numbers of linux/if_packet.h
constexpr std::array packet_types = {
    NamedNumber{"unicast", 0},   NamedNumber{"broadcast", 1}, NamedNumber{"multicast", 2},
    NamedNumber{"otherhost", 3}, NamedNumber{"host", 0},      NamedNumber{"bcast", 1},
    NamedNumber{"mcast", 2},
};

// dscp_helper.c; RFC 2474, 2597, 3246
constexpr std::array dscp_classes = {
    NamedNumber{"CS0", 0x00},  NamedNumber{"CS1", 0x08},  NamedNumber{"CS2", 0x10},
    NamedNumber{"CS3", 0x18},  NamedNumber{"CS4", 0x20},  NamedNumber{"CS5", 0x28},
    NamedNumber{"CS6", 0x30},  NamedNumber{"CS7", 0x38},  NamedNumber{"BE", 0x00},
    NamedNumber{"AF11", 0x0a}, NamedNumber{"AF12", 0x0c}, NamedNumber{"AF13", 0x0e},
    NamedNumber{"AF21", 0x12}, NamedNumber{"AF22", 0x14}, NamedNumber{"AF23", 0x16},
    NamedNumber{"AF31", 0x1a}, NamedNumber{"AF32", 0x1c}, NamedNumber{"AF33", 0x1e},
    NamedNumber{"AF41", 0x22}, NamedNumber{"AF42", 0x24}, NamedNumber{"AF43", 0x26},
    NamedNumber{"EF", 0x2e},
};

// tos_values.c
constexpr std::array tos_names = {
    NamedNumber{"Minimize-Delay", 0x10},       NamedNumber{"Maximize-Throughput", 0x08},
    NamedNumber{"Maximize-Reliability", 0x04}, NamedNumber{"Minimize-Cost", 0x02},
    NamedNumber{"Normal-Service", 0x00},
};

// xtables.c, XTTYPE_SYSLOGLEVEL; sys/syslog.h
constexpr std::array log_levels = {
    NamedNumber{"emerg", 0}, NamedNumber{"panic", 0},  NamedNumber{"alert", 1},
    NamedNumber{"crit", 2},  NamedNumber{"error", 3},  NamedNumber{"warning", 4},
    NamedNumber{"warn", 4},  NamedNumber{"notice", 5}, NamedNumber{"info", 6},
    NamedNumber{"debug", 7},
};

// libipt_REJECT.c and libip6t_REJECT.c, reject_table; equal numbers are one answer, and its first
// name is the one that iptables-save prints.
constexpr std::array reject_types4 = {
    NamedNumber{"icmp-net-unreachable", 0},
    NamedNumber{"net-unreach", 0},
    NamedNumber{"icmp-host-unreachable", 1},
    NamedNumber{"host-unreach", 1},
    NamedNumber{"icmp-proto-unreachable", 2},
    NamedNumber{"proto-unreach", 2},
    NamedNumber{"icmp-port-unreachable", 3},
    NamedNumber{"port-unreach", 3},
    NamedNumber{"icmp-net-prohibited", 4},
    NamedNumber{"net-prohib", 4},
    NamedNumber{"icmp-host-prohibited", 5},
    NamedNumber{"host-prohib", 5},
    NamedNumber{"tcp-reset", 6},
    NamedNumber{"tcp-rst", 6},
    NamedNumber{"icmp-admin-prohibited", 7},
    NamedNumber{"admin-prohib", 7},
};
constexpr std::array reject_types6 = {
    NamedNumber{"icmp6-no-route", 0},
    NamedNumber{"no-route", 0},
    NamedNumber{"icmp6-adm-prohibited", 1},
    NamedNumber{"adm-prohibited", 1},
    NamedNumber{"icmp6-addr-unreachable", 2},
    NamedNumber{"addr-unreach", 2},
    NamedNumber{"icmp6-port-unreachable", 3},
    NamedNumber{"port-unreach", 3},
    NamedNumber{"tcp-reset", 4},
    NamedNumber{"tcp-reset", 4},
    NamedNumber{"icmp6-policy-fail", 5},
    NamedNumber{"policy-fail", 5},
    NamedNumber{"icmp6-reject-route", 6},
    NamedNumber{"reject-route", 6},
};

}  // namespace

bool read_ct_states(ValueContext& context, const Word& word, bool is_old_state, Value& value) {
  const auto rows =
      std::span<const NamedNumber>(states).first(is_old_state ? old_state_count : states.size());
  return for_each_part(word, ',', [&](const Word& part) {
    const NamedNumber* const row = find_beginning(rows, part.text);
    if (row == nullptr) {
      refuse_word(context, part, "not a connection state", rows);
      return false;
    }
    value.states = value.states | static_cast<CtState>(row->number);
    return true;
  });
}

bool read_ct_statuses(ValueContext& context, const Word& word, Value& value) {
  std::uint32_t bits = 0;
  if (!for_each_part(word, ',', [&](const Word& part) {
        const NamedNumber* const row = find_beginning(statuses, part.text);
        if (row == nullptr) {
          refuse_word(context, part, "not a connection status", statuses);
          return false;
        }
        bits |= row->number;
        return true;
      })) {
    return false;
  }
  for (const NamedNumber& row : statuses) {
    if ((bits & row.number) == 0) continue;
    if (!value.normal.empty()) value.normal += ',';
    value.normal += row.name;
  }
  if (value.normal.empty()) value.normal = statuses[0].name;
  return true;
}

bool read_address_types(ValueContext& context, const Word& word, Value& value) {
  std::uint32_t types = 0;
  const bool is_good = for_each_part(word, ',', [&](const Word& part) {
    const NamedNumber* const row = find_beginning(address_types, part.text);
    if (row == nullptr) {
      refuse_word(context, part, "not an address type", address_types);
      return false;
    }
    types |= 1U << row->number;
    return true;
  });
  if (!is_good) return false;
  if (context.ip_version == IpVersion::ipv6) types = types_asked6(types);
  for (std::uint32_t type = 0; type < address_types.size(); ++type) {
    if ((types >> type & 1U) != 0) add_interval(context, value, type, type);
  }
  value.is_empty_range = types == 0;
  return true;
}

bool read_packet_type(ValueContext& context, const Word& word, Value& value) {
  const NamedNumber* const row = find_whole(packet_types, word.text);
  if (row == nullptr) {
    refuse_word(context, word, "not a packet type",
                std::span<const NamedNumber>(packet_types).first(3));
    return false;
  }
  add_interval(context, value, row->number, row->number);
  return true;
}

bool read_dscp_class(ValueContext& context, const Word& word, Value& value) {
  const NamedNumber* const row = find_whole(dscp_classes, word.text);
  if (row == nullptr) {
    refuse_word(context, word, "not a DSCP class", dscp_classes);
    return false;
  }
  add_interval(context, value, row->number, row->number);
  return true;
}

bool read_reject_type(ValueContext& context, const Word& word, Value& value) {
  const auto rows = context.ip_version == IpVersion::ipv4
                        ? std::span<const NamedNumber>(reject_types4)
                        : std::span<const NamedNumber>(reject_types6);
  const NamedNumber* const row = find_beginning(rows, word.text);
  if (row == nullptr) {
    Nearest nearest(word.text);
    for (const NamedNumber& known : rows) nearest.offer(known.name);
    refuse(context, word, "not an answer that REJECT can send",
           nearest.best().empty() ? (context.ip_version == IpVersion::ipv4
                                         ? "expected one like icmp-port-unreachable or tcp-reset"
                                         : "expected one like icmp6-port-unreachable or tcp-reset")
                                  : fmt::format("did you mean \"{}\"?", nearest.best()));
    return false;
  }
  for (const NamedNumber& known : rows) {
    if (known.number == row->number) {
      value.normal = known.name;
      break;
    }
  }
  return true;
}

bool read_tos(ValueContext& context, const Word& word, Value& value) {
  const std::size_t slash = word.text.find('/');
  const auto number = number_of(word.text.substr(0, slash), 255);
  if (number) {
    std::uint64_t mask = 255;
    if (slash != std::string_view::npos) {
      const auto read = number_of(word.text.substr(slash + 1), 255);
      if (!read) {
        refuse(context, part_of(word, slash + 1), "not a mask of 8 bits");
        return false;
      }
      mask = *read;
    }
    value.normal = fmt::format("{:#04x}/{:#04x}", *number, mask);
    return true;
  }
  const NamedNumber* const row = find_whole(tos_names, word.text);
  if (row == nullptr) {
    refuse_word(context, word, "not a type of service", tos_names);
    return false;
  }
  value.normal = fmt::format("{:#04x}/0x3f", row->number);
  return true;
}

bool read_log_level(ValueContext& context, const Word& word, Value& value) {
  if (const auto number = number_of(word.text, 7)) {
    value.normal = fmt::format("{}", *number);
    return true;
  }
  const NamedNumber* const row = find_beginning(log_levels, word.text);
  if (row == nullptr) {
    refuse_word(context, word, "not a log level", log_levels);
    return false;
  }
  value.normal = fmt::format("{}", row->number);
  return true;
}

bool read_enumeration(ValueContext& context, const Word& word,
                      std::span<const std::string_view> words, bool is_list, Value& value) {
  std::vector<std::string_view> found;
  const auto read = [&](const Word& part) {
    const auto at = std::ranges::find_if(
        words, [&](std::string_view known) { return same_word(known, part.text); });
    if (at == words.end()) {
      Nearest nearest(part.text);
      std::string all;
      for (const std::string_view known : words) {
        nearest.offer(known);
        if (!all.empty()) all += &known == &words.back() ? " or " : ", ";
        all += known;
      }
      refuse(context, part, "not a word that the option takes",
             nearest.best().empty() ? "expected " + all
                                    : fmt::format("did you mean \"{}\"?", nearest.best()));
      return false;
    }
    found.push_back(*at);
    return true;
  };
  if (!(is_list ? for_each_part(word, ',', read) : read(word))) return false;
  std::ranges::sort(found);
  for (const std::string_view one : found) {
    if (!value.normal.empty()) value.normal += ',';
    value.normal += one;
  }
  return true;
}

}  // namespace untrack::iptables
