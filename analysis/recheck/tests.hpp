// What a match of a rule asks of a packet, written down as plain conditions on its fields: "one of
// these lists of conditions holds". For the recheck of certificates, which cuts fields by them and
// follows boxes through them; says anew what analysis/encode says, from the kernel's sources named
// in analysis/walk/evaluate.hpp.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "analysis/program/program.hpp"
#include "model/ruleset.hpp"

namespace untrack::boxwise {

// Thrown for what is not followed here; the words name the construct.
class NotFollowed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// One field lies within the values, or (`outside`) in none of them.
struct Condition {
  enum class On : std::uint8_t { field, name, free };
  On on = On::field;
  Field field{};
  FreeId free = 0;  // of `free`, which is to be true
  bool outside = false;
  std::uint32_t bits = 0xffffffffU;  // of the field that are looked at, in fields of up to 32 bits
  std::vector<Interval> values;
  std::vector<NamePattern> names;
};

// One of the lists holds whole, if not `opposite`; an empty list always does.
struct Question {
  std::vector<std::vector<Condition>> any_of;
  bool opposite = false;
};

[[nodiscard]] Question always(bool answer);
[[nodiscard]] Condition in_range(Field field, Interval values);
[[nodiscard]] Condition equals(Field field, Number value);
[[nodiscard]] Question that(Condition condition);
// That the packet has the field at all.
[[nodiscard]] std::vector<Condition> has(Field field, IpVersion version);

// Where a rule stands, as far as tests depend on it.
struct Place {
  bool sees_out_interface = true;
  CtState state = CtState::invalid;  // as a test of the state reads it here
  bool has_met_conntrack = true;
};

// The match that a part is. Throws NotFollowed.
[[nodiscard]] Question question_of(const Program& program, std::uint32_t part, const Place& place);
// That an element of a map is what the packet has, all fields of the key given.
[[nodiscard]] Question element_of(const Program& program, const SetTest& key, std::size_t element,
                                  const Place& place);
// That the packet has all fields of the key.
[[nodiscard]] Question has_key(const Program& program, const SetTest& key);

}  // namespace untrack::boxwise
