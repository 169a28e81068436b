// Interface names of -i and -o, with `+` at the end for all that begin so.
#pragma once

#include "parser/iptables/values/value.hpp"

namespace untrack::iptables {

// Reports names that no interface can have: empty, or of more than 15 bytes (IFNAMSIZ - 1). The `+`
// counts, as in xtables_parse_interface (iptables 1.8.9).
bool read_interface(ValueContext& context, const Word& word, NamePattern& pattern);

}  // namespace untrack::iptables
