// ShapedRules: reads rules by their shape (line_shapes.hpp). The first line of a shape is read word
// by word, as any; if it came to a rule without a problem, the others are copies of that rule with
// other addresses, ports, names, comments and places. Used by RestoreReader, for one table of one
// family at a time.
//
// Guarantee: the rule is the one that reading word by word makes. Where that is not certain (a
// value out of range, a chain that is not there, parts whose text holds a value) `read` says no and
// has done nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "model/ruleset.hpp"
#include "parser/iptables/execution.hpp"
#include "parser/iptables/line_shapes.hpp"

namespace untrack::iptables {

class ShapedRules {
 public:
  ShapedRules(const LineShapes& shapes, Ruleset& ruleset, Execution& execution)
      : shapes_(shapes), ruleset_(ruleset), execution_(execution) {}

  // What is known holds for one table and family.
  void enter(TableId table);

  // To be called when a line that is of no shape may have changed the chains.
  void forget_chain() { last_chain_ = {}; }

  // What stands in the slots of the next line that has a shape: to be called for each of them.
  [[nodiscard]] std::span<const SlotValue> next(std::uint16_t shape) {
    const std::size_t count = shapes_[shape].slots.size();
    const std::span<const SlotValue> slots(shapes_.values().data() + next_, count);
    next_ += count;
    return slots;
  }

  // A line of the shape `id`.
  struct ShapedLine {
    std::uint16_t id = 0;
    std::string_view text;
    Span span;
    std::span<const SlotValue> slots;
  };

  // Appended to its chain.
  [[nodiscard]] bool read(const ShapedLine& shaped);

  // Whether it is worth to learn the shape from a line that is read word by word now.
  [[nodiscard]] bool wants(std::uint16_t shape) const;
  // From the last rule of the ruleset, which is what this line alone came to, without a problem.
  // Without it (`is_good` false) the shape is given up after a few lines.
  void learn(const ShapedLine& line, bool is_good);

 private:
  // A place in a line of the shape: in the first line, and how many slots end in front of it.
  struct Place {
    std::uint32_t offset = 0;
    std::uint32_t slots = 0;
  };
  struct Places {
    Place begin;
    Place end;
  };
  // Where a text stands in the line; nothing: not in the line, the same for all.
  using Text = std::optional<Places>;
  enum class Change : std::uint8_t {
    none,
    narrow,  // addresses of IPv4, and ports
    address6,
    interface,
    jump,
    translation4,
    translation6
  };
  struct PartModel {
    RulePart part;
    Places places;
    Change change = Change::none;
    std::uint8_t slot = 0;
  };
  struct ConstructModel {
    Construct construct;
    Places places;
    Text name;
  };
  struct OptionModel {
    OptionUse option;
    Places places;
    Text name;
    Text value;
  };
  struct Model {
    std::uint8_t failures = 0;
    bool is_known = false;
    Rule rule;
    Places text;
    Text comment;
    std::vector<PartModel> parts;
    std::vector<ConstructModel> constructs;  // options by position in `options`
    std::vector<OptionModel> options;
  };
  struct Values;  // of the slots of one line

  [[nodiscard]] bool make(Model& model, const ShapedLine& shaped);
  [[nodiscard]] bool assign_slots(Model& model, const ShapedLine& shaped);
  [[nodiscard]] bool decides(const Model& model, PartModel& decided, SlotKind kind,
                             const SlotValue& slot, std::string_view value) const;
  // What stands in a slot, and the chain of that name, if it is one.
  struct Named {
    std::string_view text;
    ChainId chain;
  };
  void fill(RulePart& part, Change change, const SlotValue& slot, const Named& value);
  [[nodiscard]] bool read_values(const ShapedLine& line, Values& values);
  [[nodiscard]] PoolRange<Interval> add_interval(const Interval& interval);
  [[nodiscard]] PoolRange<Interval> add_narrow(std::uint32_t first, std::uint32_t last);
  [[nodiscard]] ChainId chain_named(std::string_view name) { return execution_.find(table_, name); }

  const LineShapes& shapes_;
  Ruleset& ruleset_;
  Execution& execution_;
  TableId table_;
  std::vector<Model> models_;  // by shape
  std::size_t next_ = 0;       // of the values of `shapes_`
  std::string_view last_name_;
  ChainId last_chain_;
};

}  // namespace untrack::iptables
