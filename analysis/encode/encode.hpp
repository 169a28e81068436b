// Encoder: the tests of rules as sets of packets. Together with the concrete walk the place that
// says what a test means; the property tests hold the two against each other. Used by the symbolic
// walk.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "analysis/diagram/diagram.hpp"
#include "analysis/packet/layout.hpp"
#include "analysis/program/program.hpp"

namespace untrack {

// What a rule can see where it stands.
struct View {
  Path path{};
  bool has_out_interface = true;  // Run::sees_out_interface
  bool is_before_conntrack = false;
  // Conntrack has seen the packet already, on its way out over loopback: NOTRACK comes too late,
  // and the packet has its state from the start (measured).
  bool is_seen = false;
  friend auto operator<=>(const View&, const View&) = default;
};

class Encoder {
 public:
  Encoder(const Program& program, const Layout& layout, Diagram& diagram)
      : program_(program),
        layout_(layout),
        diagram_(diagram),
        tests_(program.ruleset().parts.size()) {}

  // The packets for which part `part` of the ruleset, a Match, is true.
  [[nodiscard]] Ref encode(std::uint32_t part, const View& view);

  // Appends sets that have the packets of encode() in common, and ask of a level or two each: put
  // together with those of other parts they make less on the way.
  void encode_apart(std::uint32_t part, const View& view, std::vector<Ref>& sets);

  // The packets whose key is in element `element` of the set, which must be computed from the
  // packet (PartKind::test, or PartKind::statement of a verdict map).
  [[nodiscard]] Ref encode_element(const SetTest& test, std::size_t element, const View& view);
  // The packets that are in any of the elements.
  [[nodiscard]] Ref encode_elements(const SetTest& test, const View& view);
  // Those that are in one of the elements of each group: element i is of group group_of[i], which
  // is less than `groups`.
  [[nodiscard]] std::vector<Ref> encode_groups(const SetTest& test,
                                               std::span<const std::uint32_t> group_of,
                                               std::size_t groups, const View& view);
  // Those that have all parts of the key.
  [[nodiscard]] Ref has_key(const SetTest& test) const;

  // The elements of the set by the atoms of the one level that it asks: the runs in their order,
  // each with the number of its element's group and one, and 0 between them. nullopt: it asks more
  // than one level, or elements overlap.
  [[nodiscard]] std::optional<std::vector<Diagram::Run>> runs_of(
      const SetTest& test, std::span<const std::uint32_t> group_of) const;
  // The packets whose field lies in the range, whatever else they have.
  [[nodiscard]] Ref range(Field field, const Interval& values) const;
  // Those that have the field: ports, flags, ICMP types need their protocol and a first fragment.
  [[nodiscard]] Ref has(Field field) const;

 private:
  [[nodiscard]] Ref made_has(Field field) const;
  [[nodiscard]] static bool is_plain(const SetTest& test, const NamedSet& set);
  // Without has() of its field.
  [[nodiscard]] Ref value_of(const FieldTest& test, std::uint32_t part);
  [[nodiscard]] Ref made_value(const FieldTest& test);
  [[nodiscard]] Ref encode(const NameTest& test, const View& view);
  [[nodiscard]] Ref encode(const StateTest& test, std::uint32_t part, const View& view);
  [[nodiscard]] Ref encode(const SetTest& test, const View& view);
  [[nodiscard]] Ref states(const std::vector<bool>& members, const View& view);
  [[nodiscard]] Ref encode_mark(const FieldTest& test);
  // The bits of the mask are those of `wanted`.
  [[nodiscard]] Ref is_mark(std::uint32_t wanted, std::uint32_t mask) const;
  [[nodiscard]] Ref key_in(Field field, const Interval& key, const NamedSet& set, const View& view);
  [[nodiscard]] Ref free(FreeId id) const {
    return diagram_.interval(layout_.level_of_free(id), 1, 1);
  }

  const Program& program_;
  const Layout& layout_;
  Diagram& diagram_;
  struct SetKey {
    SetId set;
    std::array<Field, 4> fields{};
    View view;  // as far as the set asks for what differs from place to place
    friend auto operator<=>(const SetKey&, const SetKey&) = default;
  };
  std::map<SetKey, Ref> sets_;
  std::vector<std::optional<Ref>> tests_;  // of fields, by part: value_of()
  // What has() said, by field: every rule asks it.
  mutable std::array<std::optional<Ref>, field_count> has_;
};

}  // namespace untrack
