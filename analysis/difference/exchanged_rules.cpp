#include "analysis/difference/exchanged_rules.hpp"

#include <algorithm>
#include <optional>
#include <variant>

namespace untrack {
namespace {

// What the rule does with all that it matches, if that is to accept or to drop it, and if the
// packet alone says whether it matches: not what came before it (limits, lists of addresses), and
// what the analysis does not look into.
std::optional<Verdict> plain_verdict(const Ruleset& ruleset, RuleId id) {
  const auto parts = slice(ruleset.parts, ruleset[id].parts);
  if (parts.empty()) return std::nullopt;
  for (const RulePart& part : parts.first(parts.size() - 1)) {
    const auto* match = std::get_if<Match>(&part.what);
    if (match == nullptr || std::holds_alternative<OpaqueTest>(*match)) return std::nullopt;
  }
  const auto* statement = std::get_if<Statement>(&parts.back().what);
  const auto* verdict = statement == nullptr ? nullptr : std::get_if<VerdictStatement>(statement);
  if (verdict == nullptr) return std::nullopt;
  if (verdict->verdict != Verdict::accept && verdict->verdict != Verdict::drop) {
    return std::nullopt;
  }
  return verdict->verdict;
}

struct Row {
  TwinPlaces places;
  std::optional<Verdict> verdict;
  std::size_t left_run = 0;
  std::size_t right_run = 0;
};

// Numbers the runs of rules with one plain verdict, in the order in which the rows are; any other
// rule is a run of its own.
void number_runs(std::vector<Row>& rows, std::size_t Row::*run) {
  std::size_t number = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool goes_on = i > 0 && rows[i].verdict && rows[i].verdict == rows[i - 1].verdict;
    if (!goes_on) ++number;
    rows[i].*run = number;
  }
}

}  // namespace

std::vector<TwinPlaces> exchanged_rules(const Ruleset& before, std::span<const RuleId> left,
                                        std::span<const TwinPlaces> kept,
                                        std::span<const TwinPlaces> moved) {
  std::vector<TwinPlaces> found;
  std::vector<Row> rows;
  rows.reserve(kept.size() + moved.size());
  for (const TwinPlaces& twin : moved) {
    const auto verdict = plain_verdict(before, left[twin.left]);
    if (!verdict) continue;
    rows.push_back({twin, verdict});
    found.push_back(twin);
  }
  if (found.empty()) return found;
  for (const TwinPlaces& twin : kept)
    rows.push_back({twin, plain_verdict(before, left[twin.left])});
  std::ranges::sort(rows, {}, [](const Row& row) { return row.places.left; });
  number_runs(rows, &Row::left_run);
  std::ranges::sort(rows, {}, [](const Row& row) { return row.places.right; });
  number_runs(rows, &Row::right_run);
  const bool is_alike =
      std::ranges::all_of(rows, [](const Row& row) { return row.left_run == row.right_run; });
  return is_alike ? found : std::vector<TwinPlaces>();
}

}  // namespace untrack
