// Values that are words of a closed list: connection states and statuses, address and packet types,
// DSCP classes, REJECT's answers, and the enumerations of the catalog's rows.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "parser/iptables/values/value.hpp"

namespace untrack::iptables {

// Comma list of states; any beginning of a state counts, as in libxt_conntrack.c. With
// `is_old_state` (the state match) SNAT and DNAT are no states.
bool read_ct_states(ValueContext& context, const Word& word, bool is_old_state, Value& value);
// NONE, EXPECTED, SEEN_REPLY, ASSURED, CONFIRMED
bool read_ct_statuses(ValueContext& context, const Word& word, Value& value);
// UNICAST, LOCAL ...: RTN_* numbers
bool read_address_types(ValueContext& context, const Word& word, Value& value);
bool read_packet_type(ValueContext& context, const Word& word, Value& value);
bool read_dscp_class(ValueContext& context, const Word& word, Value& value);
// The name that iptables-save prints, in value.normal.
bool read_reject_type(ValueContext& context, const Word& word, Value& value);
// VALUE, VALUE/MASK or a name such as Minimize-Delay (libxtables, tos_values.c)
bool read_tos(ValueContext& context, const Word& word, Value& value);
// syslog(3) level by name or number
bool read_log_level(ValueContext& context, const Word& word, Value& value);
bool read_enumeration(ValueContext& context, const Word& word,
                      std::span<const std::string_view> words, bool is_list, Value& value);

}  // namespace untrack::iptables
