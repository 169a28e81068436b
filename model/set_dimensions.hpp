// set_dimensions: what iptables' `--match-set NAME src,dst` compares, once the type of the set is
// known. Used by resolve().
#pragma once

#include "model/ruleset.hpp"

namespace untrack {

// Fills test.fields from the sides that the rule gives and the parts of the set's type ("hash:net,
// port": an address and a port; ipset(8), "SET TYPES"). Leaves field_count 0, which is "not known",
// where a part has no Field (mark, the members of a list:set) or the rule gives fewer sides than
// the type has parts. More sides than parts are ignored, as in the kernel.
void name_fields(SetTest& test, const NamedSet& set);

}  // namespace untrack
