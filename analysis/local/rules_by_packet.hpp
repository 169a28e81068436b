// RulesByPacket: which rules of a long chain a packet can match at all, found without a look at
// each of them, so that the concrete walk can follow many packets through long chains. Used by the
// search for live and dead rules (rule_lives.hpp).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "analysis/walk/concrete.hpp"
#include "model/ruleset.hpp"

namespace untrack {

// By which rules are told apart before their tests are looked at.
inline constexpr std::array key_fields = {Field::source_address,   Field::destination_address,
                                          Field::destination_port, Field::source_port,
                                          Field::in_interface,     Field::out_interface};
// The least range of each that holds all that the rule can match.
using RuleKey = std::array<Interval, key_fields.size()>;

inline constexpr Interval any_number{0, ~Number{0}};

class RulesByPacket final : public RulesToMeet {
 public:
  RulesByPacket(const Ruleset& ruleset, std::size_t most_work);
  // With the same chains, and a count and limit of its own: for another thread.
  RulesByPacket(const RulesByPacket& beside);
  ~RulesByPacket() override;

  // What was found of a chain is kept; the first question about one takes O(n log n).
  bool rules_of(ChainId chain, const Packet& packet, std::vector<RuleId>& rules) override;

  // What else the first question about the chain would do.
  void prepare(ChainId chain);

  // The places in the chain of all rules that the packet can match, and perhaps of others, sorted.
  // Of the packet, key_fields alone are looked at.
  void places_of(ChainId chain, const Packet& packet, std::vector<std::uint32_t>& places);

  // Rules, and elements of sets, that packets were held against by now are the work. Beyond the
  // limit no chain has rules any more, so that every walk ends soon; what it then says is worth
  // nothing.
  [[nodiscard]] bool is_exhausted() const { return work_ > stop_at_; }
  [[nodiscard]] bool is_tired() const { return work_ > most_work_; }  // for good
  [[nodiscard]] std::size_t work() const { return work_; }
  // Begins anew.
  void allow(std::size_t most_work) {
    most_work_ = stop_at_ = most_work;
    work_ = 0;
  }
  // One walk may take so much; traces are kept in memory.
  void begin_walk() {
    constexpr std::size_t most_of_one = 300'000;
    stop_at_ = work_ + most_of_one < most_work_ ? work_ + most_of_one : most_work_;
  }

 private:
  class Chains;

  std::shared_ptr<Chains> chains_;
  std::vector<std::uint32_t> places_;  // memory that is used again
  std::size_t most_work_;
  std::size_t stop_at_ = most_work_;
  std::size_t work_ = 0;
};

}  // namespace untrack
