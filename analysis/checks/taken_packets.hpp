// What UT201 and UT203 share: findings about rules of which earlier ones take every packet. The two
// differ in what becomes of the packets, and so in their words.
#pragma once

#include <string_view>
#include <vector>

#include "analysis/check.hpp"
#include "analysis/facts.hpp"

namespace untrack::checks {

struct TakenPacketsWords {
  std::string_view message;
  std::string_view label;
  std::string_view cure;
};

// One finding of `check` for each shadowed rule whose takers do the opposite of it (or do not, for
// false). Names the first few takers and counts the others.
void find_taken_packets(const Facts& facts, const CheckInfo& check, bool is_opposite,
                        const TakenPacketsWords& words, std::vector<Finding>& findings);

}  // namespace untrack::checks
