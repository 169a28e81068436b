// The elements of sets and maps, many at once. Apart from encode.cpp, which says what a test means.
#include <algorithm>
#include <utility>
#include <vector>

#include "analysis/encode/atom_runs.hpp"
#include "analysis/encode/encode.hpp"

namespace untrack {
namespace {

// The atoms of one element of a set after the other. Listings of the kernel are in order, so that
// the next one mostly has the atoms behind those of the last: searching a domain of a million atoms
// for each was a third of the work on a large map.
class AtomsInTurn {
 public:
  explicit AtomsInTurn(const NumberDomain& domain) : domain_(domain) {}
  std::pair<Diagram::Atom, Diagram::Atom> of(const Interval& range) {
    const Diagram::Atom first = next(range.first);
    return {first, next(range.last)};
  }

 private:
  Diagram::Atom next(Number value) {
    constexpr Diagram::Atom near = 4;
    if (value >= domain_.values_of(at_).first) {
      for (Diagram::Atom i = 0; i < near && at_ + i < domain_.size(); ++i) {
        if (value <= domain_.values_of(at_ + i).last) return at_ += i;
      }
    }
    return at_ = domain_.atom_of(value);
  }

  const NumberDomain& domain_;
  Diagram::Atom at_ = 0;
};

}  // namespace

// One field, whose keys are runs of one level.
bool Encoder::is_plain(const SetTest& test, const NamedSet& set) {
  if (test.field_count != 1 || set.fields.size() != 1) return false;
  switch (test.fields[0]) {
    case Field::source_address:
    case Field::destination_address:
    case Field::protocol:
      return true;
    case Field::source_port:
    case Field::destination_port:
      return set.kind != SetKind::ipset;
    default:
      return false;
  }
}

std::vector<Ref> Encoder::encode_groups(const SetTest& test,
                                        std::span<const std::uint32_t> group_of, std::size_t groups,
                                        const View& view) {
  const NamedSet& set = program_.ruleset()[test.set];
  std::vector<Ref> made;
  made.reserve(groups);
  if (!is_plain(test, set)) {
    std::vector<std::vector<Ref>> regions(groups);
    for (std::size_t i = 0; i < group_of.size(); ++i) {
      regions[group_of[i]].push_back(encode_element(test, i, view));
    }
    for (std::vector<Ref>& group : regions) made.push_back(diagram_.any_of(std::move(group)));
    return made;
  }
  // One node a group, whatever the number of elements: each by itself, and the unions of some,
  // would be many times as much. In one pass over the elements, as they stand there: those of a
  // single group are far apart from each other.
  const Field field = test.fields[0];
  std::vector<AtomRuns> runs(groups);
  AtomsInTurn atoms(layout_.numbers(field));
  for (std::size_t i = 0; i < group_of.size(); ++i) {
    runs[group_of[i]].push_back(atoms.of(set.keys[i]));
  }
  const Ref present = has(field);
  for (AtomRuns& group : runs) {
    join(group);
    made.push_back(diagram_.conj(diagram_.ranges(layout_.level_of(field), group), present));
    AtomRuns().swap(group);
  }
  return made;
}

std::optional<std::vector<Diagram::Run>> Encoder::runs_of(
    const SetTest& test, std::span<const std::uint32_t> group_of) const {
  const NamedSet& set = program_.ruleset()[test.set];
  if (!is_plain(test, set)) return std::nullopt;
  const NumberDomain& domain = layout_.numbers(test.fields[0]);
  AtomsInTurn atoms(domain);
  struct Element {
    Diagram::Atom first = 0;
    Diagram::Atom last = 0;
    std::uint32_t function = 0;
  };
  std::vector<Element> elements;
  elements.reserve(set.keys.size());
  for (std::size_t i = 0; i < set.keys.size(); ++i) {
    const auto [first, last] = atoms.of(set.keys[i]);
    elements.push_back({first, last, group_of[i] + 1});
  }
  if (!std::ranges::is_sorted(elements, {}, &Element::first)) {
    std::ranges::sort(elements, {}, &Element::first);
  }
  std::vector<Diagram::Run> runs;
  runs.reserve(2 * elements.size() + 1);
  Diagram::Atom begin = 0;
  for (const Element& element : elements) {
    if (element.first < begin) return std::nullopt;
    if (element.first > begin) runs.push_back({element.first - 1, 0});
    runs.push_back({element.last, element.function});
    begin = element.last + 1;
  }
  if (begin < domain.size()) runs.push_back({domain.size() - 1, 0});
  return runs;
}

Ref Encoder::encode_elements(const SetTest& test, const View& view) {
  const std::vector<std::uint32_t> all(program_.ruleset()[test.set].element_count(), 0);
  return encode_groups(test, all, 1, view).front();
}

}  // namespace untrack
