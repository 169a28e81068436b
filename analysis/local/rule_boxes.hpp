// RuleBoxes: which packets a rule asks for, as boxes, from its tests alone. Used by the search for
// live and dead rules of long chains (rule_lives.hpp). What boxes cannot say exactly widens them,
// and they say so: a rule takes no packets from another one for certain unless its boxes are exact.
#pragma once

#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "analysis/local/box.hpp"
#include "analysis/packet/name_domain.hpp"
#include "analysis/program/program.hpp"

namespace untrack {

// What a rule sees where it stands.
struct BoxView {
  bool has_out_interface = true;
  bool is_before_conntrack = false;
  friend bool operator==(const BoxView&, const BoxView&) = default;
};

struct RuleRegion {
  // Every packet that matches is in one of them; no box: none matches. They may overlap.
  std::vector<RangeBox> boxes;
  bool is_exact = true;  // and every packet in them matches, in every case
  // The outcomes of what no packet tells that the rule asks for.
  std::vector<std::pair<FreeId, bool>> needs;
  // Values that pass tests which boxes do not say: of a masked mark, of a set of many elements.
  std::vector<std::pair<Field, Number>> hints;
};

class RuleBoxes {
 public:
  // `program` is to outlive it. Linear in the ruleset. `also`: another one, if there is one, with
  // whose boxes these are to be compared, so that interfaces have the same numbers. With a `survey`
  // of the program's ruleset most of it need not be looked at.
  explicit RuleBoxes(const Program& program, const Ruleset* also = nullptr,
                     const RuleSurvey* survey = nullptr);

  // Into `region`, whose memory is used again.
  void region_of(RuleId rule, const BoxView& view, RuleRegion& region) const;
  [[nodiscard]] const BoxDomains& domains() const { return domains_; }
  [[nodiscard]] const NameDomain& names() const { return names_; }

 private:
  class Maker;

  [[nodiscard]] const Ranges& named(const NamePattern& pattern) const;

  const Program* program_;
  NameDomain names_;
  BoxDomains domains_;
  bool writes_marks_ = false;
  // All of the rulesets, by the text of a pattern, apart for whole names and beginnings.
  std::unordered_map<std::string_view, Ranges> named_[2];
};

}  // namespace untrack
