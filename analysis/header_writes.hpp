// Header writes: statements that set an address or a port on the way of a packet, NAT aside. The
// obligations speak of packets as they come in, and of what answers them as the mirror of that;
// they say nothing of a packet that leaves with other addresses. So such statements have to stand
// in both rulesets alike. Used by app/pipeline/certify.cpp.
#pragma once

#include <optional>
#include <string>

#include "model/ruleset.hpp"
#include "model/source_text.hpp"

namespace untrack {

// Half a sentence about the first difference, or about the first such chain of which this cannot
// be told: one that others call, that calls others, that looks at the state or has names of sets or
// variables in its rules. Nothing where the
// chains with such statements are base chains with the same rules in the same order.
[[nodiscard]] std::optional<std::string> changed_headers(const Ruleset& before,
                                                         const Sources& before_sources,
                                                         const Ruleset& after,
                                                         const Sources& after_sources,
                                                         IpVersion version);

}  // namespace untrack
