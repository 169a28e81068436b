// What a construct that needs connection tracking is there for, in words, and what could be done in
// its place. Read by the check that reports such constructs; the only place that knows these texts.
#pragma once

#include <optional>
#include <string>

#include "analysis/facts.hpp"
#include "analysis/finding.hpp"

namespace untrack {

struct Purpose {
  std::string what;     // "it lets in the answers to what this host starts"
  std::string instead;  // "to do without: ..."
  // Only where it is certain without looking at packets: what NAT, helpers, connection counts and
  // the like do is kept in the entry and nowhere else. None: not known.
  std::optional<Need> need;
};

[[nodiscard]] Purpose purpose_of(const Facts& facts, ConstructId id);

}  // namespace untrack
