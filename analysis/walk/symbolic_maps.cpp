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

const SymbolicWalk::MapBranches& SymbolicWalk::branches(const MapLookup& map, std::uint32_t part,
                                                        const View& view) {
  const auto known = branches_.find({part, view});
  if (known != branches_.end()) return known->second;
  const NamedSet& set = program_.ruleset()[map.key.set];
  const bool is_free = program_.kind(part) == PartKind::free_map;
  std::vector<MapBranch> all;
  std::vector<std::vector<std::size_t>> elements;  // of each branch
  std::unordered_map<std::uint64_t, std::size_t> places;
  const auto branch_of = [&](const Statement& verdict) {
    const auto [at, is_new] = places.try_emplace(key_of(verdict), all.size());
    if (is_new) {
      all.push_back({Diagram::no, &verdict});
      elements.emplace_back();
    }
    return at->second;
  };
  const auto add = [&](std::size_t branch, Ref region) {
    all[branch].region = diagram_.disj(region, all[branch].region);
  };
  MapBranches made;
  made.of_element.reserve(set.verdicts.size());
  for (std::size_t i = 0; i < set.verdicts.size(); ++i) {
    const std::size_t branch = branch_of(set.verdicts[i]);
    elements[branch].push_back(i);
    made.of_element.push_back(static_cast<std::uint32_t>(branch));
  }
  if (is_free) {
    Ref before = Diagram::no;  // found by an element in front
    const auto choose = [&](std::size_t element, const Statement& verdict) {
      const auto level =
          layout_.level_of_free(program_.variable(part) + static_cast<FreeId>(element));
      const Ref chosen = diagram_.interval(level, 1, 1);
      add(branch_of(verdict), diagram_.minus(chosen, before));
      before = diagram_.disj(before, chosen);
    };
    for (std::size_t i = 0; i < set.verdicts.size(); ++i) choose(i, set.verdicts[i]);
    if (set.otherwise) choose(set.verdicts.size(), *set.otherwise);
  } else {
    for (std::size_t branch = 0; branch < elements.size(); ++branch) {
      add(branch, encoder_.encode_elements(map.key, elements[branch], view));
    }
    if (set.otherwise) add(branch_of(*set.otherwise), map_otherwise(map, view));
  }
  if (is_free) {
    std::vector<Ref> regions;
    regions.reserve(all.size());
    for (const MapBranch& branch : all) regions.push_back(branch.region);
    made.found = diagram_.any_of(std::move(regions));
  } else {
    made.found =
        set.otherwise ? encoder_.has_key(map.key) : encoder_.encode_elements(map.key, view);
  }
  made.rows = std::move(all);
  return branches_.emplace(MapPlace{part, view}, std::move(made)).first->second;
}

Ref SymbolicWalk::look_up(const MapLookup& map, std::uint32_t part, const View& view, Ref rest) {
  const Ref next = leaf(End::next);
  const MapBranches& branched = branches(map, part, view);
  const NamedSet& set = program_.ruleset()[map.key.set];
  if (program_.kind(part) != PartKind::free_map) {
    // Number 0 is what no element has.
    std::vector<std::uint32_t> numbers = branched.of_element;
    for (std::uint32_t& number : numbers) ++number;
    if (const auto runs = encoder_.runs_of(map.key, numbers)) {
      std::vector<Ref> functions = {set.otherwise ? act(*set.otherwise, part, view, rest) : next};
      for (const MapBranch& branch : branched.rows) {
        functions.push_back(act(*branch.verdict, part, view, rest));
      }
      const Field field = map.key.fields[0];
      return diagram_.ite(encoder_.has(field),
                          diagram_.choose(layout_.level_of(field), *runs, functions), next);
    }
  }
  Ref function = next;
  for (const MapBranch& branch : branched.rows) {
    function = diagram_.ite(branch.region, act(*branch.verdict, part, view, rest), function);
  }
  return function;
}

}  // namespace untrack
