// References to ipsets: the name and which side of the packet each dimension is taken from.
#pragma once

#include "parser/iptables/values/value.hpp"

namespace untrack::iptables {

// `name src,dst,...`. The fields stay unknown until the type of the set is (SetTest).
bool read_set_reference(ValueContext& context, const Word& name, const Word& flags, SetTest& test);

}  // namespace untrack::iptables
