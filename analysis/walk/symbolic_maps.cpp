// What verdict maps do, as functions of the packet that comes to them: the elements of one verdict
// together.
#include <unordered_map>

#include "analysis/walk/symbolic.hpp"

namespace untrack {
namespace {

// Equal for equal verdicts of a map, which are verdicts and jumps alone.
std::uint64_t key_of(const Statement& verdict) {
  if (const auto* jump = std::get_if<JumpStatement>(&verdict)) {
    return (std::uint64_t{jump->chain.index()} << 2U) | (jump->is_goto ? 3U : 1U);
  }
  return static_cast<std::uint64_t>(std::get<VerdictStatement>(verdict).verdict) << 2U;
}

}  // namespace

Ref SymbolicWalk::map_otherwise(const MapLookup& map, const View& view) {
  return diagram_.minus(encoder_.has_key(map.key), encoder_.encode_elements(map.key, view));
}

SymbolicWalk::MapVerdicts& SymbolicWalk::verdicts_of(const MapLookup& map, std::uint32_t part,
                                                     const View& view) {
  const auto known = maps_.find({part, view});
  if (known != maps_.end()) return known->second;
  const NamedSet& set = program_.ruleset()[map.key.set];
  MapVerdicts made;
  std::unordered_map<std::uint64_t, std::uint32_t> rows;
  const auto row_of = [&](const Statement& verdict) {
    const auto [at, is_new] =
        rows.try_emplace(key_of(verdict), static_cast<std::uint32_t>(made.rows.size()));
    if (is_new) made.rows.push_back({Diagram::no, &verdict});
    return at->second;
  };
  made.of_element.reserve(set.verdicts.size());
  for (const Statement& verdict : set.verdicts) made.of_element.push_back(row_of(verdict));
  if (set.otherwise) made.of_rest = row_of(*set.otherwise);
  return maps_.emplace(MapPlace{part, view}, std::move(made)).first->second;
}

void SymbolicWalk::find_regions(MapVerdicts& found, const MapLookup& map, std::uint32_t part,
                                const View& view) {
  std::vector<Ref> regions;
  if (program_.kind(part) == PartKind::free_map) {
    regions.assign(found.rows.size(), Diagram::no);
    Ref before = Diagram::no;  // found by an element in front
    const auto choose = [&](std::size_t element, std::uint32_t row) {
      const auto level =
          layout_.level_of_free(program_.variable(part) + static_cast<FreeId>(element));
      const Ref chosen = diagram_.interval(level, 1, 1);
      regions[row] = diagram_.disj(diagram_.minus(chosen, before), regions[row]);
      before = diagram_.disj(before, chosen);
    };
    for (std::size_t i = 0; i < found.of_element.size(); ++i) choose(i, found.of_element[i]);
    if (found.of_rest) choose(found.of_element.size(), *found.of_rest);
    found.whole = diagram_.any_of(regions);
  } else {
    regions = encoder_.encode_groups(map.key, found.of_element, found.rows.size(), view);
    if (found.of_rest) {
      regions[*found.of_rest] = diagram_.disj(map_otherwise(map, view), regions[*found.of_rest]);
    }
    found.whole =
        found.of_rest ? encoder_.has_key(map.key) : encoder_.encode_elements(map.key, view);
  }
  // Only now: a limit reached on the way leaves nothing behind.
  for (std::size_t row = 0; row < regions.size(); ++row) found.rows[row].region = regions[row];
  found.has_regions = true;
}

const SymbolicWalk::MapVerdicts& SymbolicWalk::branches(const MapLookup& map, std::uint32_t part,
                                                        const View& view) {
  MapVerdicts& found = verdicts_of(map, part, view);
  if (!found.has_regions) find_regions(found, map, part, view);
  return found;
}

Ref SymbolicWalk::look_up(const MapLookup& map, std::uint32_t part, const View& view, Ref rest) {
  const Ref next = leaf(End::next);
  const NamedSet& set = program_.ruleset()[map.key.set];
  if (program_.kind(part) != PartKind::free_map) {
    // Function 0 is of what no element has. Regions are not asked for here: many are wide nodes.
    const MapVerdicts& found = verdicts_of(map, part, view);
    if (const auto runs = encoder_.runs_of(map.key, found.of_element)) {
      std::vector<Ref> functions = {set.otherwise ? act(*set.otherwise, part, view, rest) : next};
      for (const MapBranch& branch : found.rows) {
        functions.push_back(act(*branch.verdict, part, view, rest));
      }
      const Field field = map.key.fields[0];
      return diagram_.ite(encoder_.has(field),
                          diagram_.choose(layout_.level_of(field), *runs, functions), next);
    }
  }
  Ref function = next;
  for (const MapBranch& branch : branches(map, part, view).rows) {
    function = diagram_.ite(branch.region, act(*branch.verdict, part, view, rest), function);
  }
  return function;
}

}  // namespace untrack
