// The space of packets of one family, cut into cells: for each field the values that no test of
// either ruleset, and nothing that an obligation asks, can tell apart. A packet of each cell stands
// for all of it. For the recheck of certificates.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "analysis/packet/packet.hpp"
#include "analysis/program/program.hpp"
#include "analysis/recheck/boxes.hpp"
#include "analysis/recheck/tests.hpp"

namespace untrack::boxwise {

// What has been done to the packet mark on the way: (mark & kept) ^ turned.
struct MarkChange {
  std::uint32_t kept = 0xffffffffU;
  std::uint32_t turned = 0;
  friend auto operator<=>(const MarkChange&, const MarkChange&) = default;
};

// A Question in cells.
struct Asked {
  std::vector<std::vector<std::pair<std::size_t, Words>>> any_of;  // by dimension
  bool opposite = false;
};

class Space {
 public:
  // Of both rulesets, which share their FreeVariables; `also`: what the obligations ask. Throws
  // NotFollowed for what cannot be cut into cells, TooLarge if a field has too many.
  Space(std::span<const Program* const> programs, const std::vector<Question>& also);

  [[nodiscard]] IpVersion version() const { return version_; }
  [[nodiscard]] const Shape& shape() const { return shape_; }
  [[nodiscard]] const FreeVariables& variables() const { return variables_; }
  [[nodiscard]] std::size_t dimension(Field field) const { return static_cast<std::size_t>(field); }
  [[nodiscard]] std::size_t dimension_of_free(FreeId id) const { return field_count + id; }
  [[nodiscard]] std::size_t free_count() const { return variables_.size(); }

  [[nodiscard]] Asked asked(const Question& question, const MarkChange& mark = {}) const;
  // The packets of which it is true, whatever the others of their fields.
  [[nodiscard]] BoxList where(const Question& question) const;
  [[nodiscard]] Words cells(const Condition& condition, const MarkChange& mark = {}) const;
  [[nodiscard]] std::size_t cell_of(Field field, Number value) const;
  // What stands for a cell; of fields that are no names.
  [[nodiscard]] Number value_of(Field field, std::size_t cell) const;
  // The marks as they are after the change.
  [[nodiscard]] Words changed_marks(std::span<const std::uint64_t> cells,
                                    const MarkChange& change) const;

  [[nodiscard]] std::size_t lo_cell() const { return 1; }
  // ICMP requests as replies, and back: cell by cell.
  [[nodiscard]] const std::vector<std::size_t>& icmp_mirror() const { return icmp_mirror_; }

  // The cell of each dimension, as a box of one packet.
  [[nodiscard]] Box point_of(const Packet& packet, const std::vector<bool>& free) const;
  struct Example {
    Packet packet;
    std::vector<bool> free;
  };
  // The packet that stands for a choice of one cell in each dimension.
  [[nodiscard]] Example example(std::span<const std::size_t> chosen, Path path) const;

 private:
  void collect(const Program& program);
  void collect(const Question& question);
  void collect(const Condition& condition);
  void collect(const NatStatement& nat, const Ruleset& ruleset);
  void cut_names();
  void cut_numbers();
  void cut_small(std::size_t domain, unsigned width);
  void cut_marks();
  void mirror_icmp();
  [[nodiscard]] std::size_t name_cell(std::string_view name) const;

  IpVersion version_;
  const FreeVariables& variables_;
  Shape shape_;
  // By domain: source and destination share one, so that they can change places.
  std::array<std::vector<Condition>, field_count> conditions_;
  std::array<std::vector<Interval>, field_count> cells_;      // of wide fields, in order
  std::array<std::vector<std::size_t>, field_count> small_;   // of fields up to 8 bits: by value
  std::array<std::vector<Number>, field_count> first_value_;  // of a cell: what stands for it
  std::vector<std::string> names_;  // one of each cell; the first is no interface
  std::vector<NamePattern> patterns_;
  // Groups of bits of the mark that are always looked at and set together; of each the values that
  // are named, and one that is not.
  struct MarkGroup {
    std::uint32_t bits = 0;
    std::vector<std::uint32_t> values;
    bool has_other = false;  // the last one
  };
  std::vector<std::uint32_t> mark_masks_;
  std::vector<MarkStatement> mark_changes_;
  void name_changed_marks(MarkGroup& group) const;
  std::vector<MarkGroup> mark_groups_;
  std::vector<std::size_t> icmp_mirror_;
};

}  // namespace untrack::boxwise
