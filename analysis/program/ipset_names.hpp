// IpsetNames: which set a name of ipset stands for, which sets change where a rule puts something
// into one (a list:set hands it to its members), and what a match asks of a set beside whether the
// packet is in it. Used by Program, SetFactsOf, memory_uses and the comparison of rules.
#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/ruleset.hpp"

namespace untrack {

class IpsetNames {
 public:
  explicit IpsetNames(const Ruleset& ruleset);

  // Names nothing: the inputs do not have it.
  [[nodiscard]] SetId find(std::string_view name) const;

  struct Filled {
    std::vector<std::string_view> names;
    bool is_any = false;  // the members of a list:set are not known, or many
  };
  // What `-j SET --add-set NAME` may change. A set that the inputs do not have is taken for no
  // list:set.
  [[nodiscard]] Filled filled_by(std::string_view name) const;

 private:
  const Ruleset& ruleset_;
  std::unordered_map<std::string_view, SetId> sets_;
};

// `-m set --match-set NAME src --return-nomatch`: a test of a set that is not a SetTest.
struct IpsetQuestion {
  std::string_view name;       // empty: the part is no such test
  bool asks_counters = false;  // which each packet that matches adds to
};
[[nodiscard]] IpsetQuestion ipset_question(const Ruleset& ruleset, const RulePart& part);

}  // namespace untrack
