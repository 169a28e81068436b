// What a test of a field says, where its value is not known: the name of that condition, which
// people read. Used by Program alone.
#pragma once

#include <string>

#include "model/ruleset.hpp"

namespace untrack {

// "source address 10.9.0.77", "ttl & 0xff 64-255". Of all that the test says: tests of one key are
// one condition.
[[nodiscard]] std::string field_test_key(const Ruleset& ruleset, const FieldTest& test,
                                         IpVersion version);

}  // namespace untrack
