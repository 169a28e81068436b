// RuleSurvey: which rules of a ruleset have to be judged one by one before a Program of it can be
// made, and what of all others is known at once: their parts mean what they say. Made by whoever
// goes through all rules anyway (analysis/difference/), so that the program of 100,000 rules need
// not go through them again. A program made with it is the same as one made without.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "analysis/program/program.hpp"
#include "model/ruleset.hpp"

namespace untrack {

// The upper 32 bits of addresses (of IPv4: all): every packet that matches the rule has its own
// between them when it meets the rule.
struct AddressKey {
  std::uint32_t first_source = 0;
  std::uint32_t last_source = ~0U;
  std::uint32_t first_destination = 0;
  std::uint32_t last_destination = ~0U;

  friend bool operator==(const AddressKey&, const AddressKey&) = default;
  // Without a branch, since no one could foretell it of many rules.
  [[nodiscard]] bool meets(const AddressKey& other) const {
    const unsigned source =
        unsigned{first_source <= other.last_source} & unsigned{other.first_source <= last_source};
    const unsigned destination = unsigned{first_destination <= other.last_destination} &
                                 unsigned{other.first_destination <= last_destination};
    return (source & destination) != 0;
  }
};
// That of one packet.
[[nodiscard]] AddressKey address_key(const Packet& packet);

struct RuleSurvey {
  std::vector<PartKind> kinds;  // by part; of rules that are not `special`, as in every program
  // By RuleId: something of it is no test or verdict that the packet alone decides.
  std::vector<bool> is_special;
  std::vector<RuleId> special;  // the same, in their order
  // These, those that do something and decide nothing, and those that answer, in their order: of
  // all others a verdict is the only thing that they do (side_work.hpp).
  std::vector<RuleId> with_work;
  std::vector<std::pair<RuleId, ChainId>> jumps;  // of rules that are not special
  // By RuleId. Empty: rules change addresses, or leave fields open, before others test them; then
  // all rules are special, too.
  std::vector<AddressKey> keys;
};

// Makes one, rule by rule.
class RuleSurveyor {
 public:
  RuleSurveyor(const Ruleset& ruleset, IpVersion version);

  // Once for each rule, in any order; what was found of it, for take_over().
  struct Found {
    bool is_special = false;
    bool changes_fields = false;
    bool has_work = false;  // a PassiveStatement, or an answer
    AddressKey key;
    ChainId jump;  // names nothing: none
  };
  Found look_at(RuleId id);
  // In place of it, for a rule whose parts say the same as those of `other` in another ruleset,
  // where this was found. `jump`: the chain of this ruleset that stands for that of `found`.
  void take_over(RuleId rule, const Found& found, const RuleSurvey& others, RuleId other,
                 const Ruleset& other_ruleset, ChainId jump);

  [[nodiscard]] const RuleSurvey& so_far() const { return survey_; }
  // When all rules were looked at.
  [[nodiscard]] RuleSurvey take();

 private:
  void add(RuleId rule, const Found& found);
  void look_at(std::span<const Construct> constructs);

  const Ruleset& ruleset_;
  IpVersion version_;
  bool changes_fields_ = false;
  std::vector<bool> has_work_;                         // by RuleId
  std::array<const catalog::Extension*, 2> silent_{};  // that have no say; most rules use a few
  std::size_t oldest_silent_ = 0;
  std::size_t constructs_seen_ = 0;
  RuleSurvey survey_;
};

}  // namespace untrack
