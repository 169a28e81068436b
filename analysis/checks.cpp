#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>
#include <utility>

#include "analysis/checks/list.hpp"

namespace untrack {
namespace {

// In the order of the codes; a code is never used again for another check.
constexpr std::array all = {
    &checks::not_loadable,
    &checks::assumed_input,
    &checks::old_name,
    &checks::unused_ignore,
    &checks::faulty_ignore,
    &checks::shadowed_rule,
    &checks::redundant_rule,
    &checks::conflicting_rule,
    &checks::forces_tracking,
    &checks::tracking_unreached,
    &checks::lone_invalid,
    &checks::lone_untracked,
    &checks::notrack_one_direction,
    &checks::notrack_without_output,
    &checks::notrack_misplaced,
    &checks::blanket_untracked_accept,
    &checks::invalid_drop_with_notrack,
    &checks::state_decides_nothing,
    &checks::notrack_without_tracking,
    &checks::untracked_refused,
    &checks::replies_cannot_return,
    &checks::unused_established_accept,
    &checks::untracked_bypass,
    &checks::lost_reassembly,
    &checks::state_ahead_of_tracking,
    &checks::helper_unassigned,
    &checks::notrack_overlaps_bound,
    &checks::dead_tuning,
    &checks::table_out_of_step,
    &checks::short_timeout,
    &checks::old_setting_name,
    &checks::not_understood,
    &checks::analysis_limit,
};

auto order_of(const Finding& finding) {
  return std::make_tuple(finding.span, finding.check->code, std::string_view(finding.message));
}

// Stable, by places of four bytes: std::stable_sort would take half as much memory again as the
// findings do, and move each several times.
template <class Before>
void sort_in_place(std::vector<Finding>& found, Before is_before) {
  std::vector<std::uint32_t> order(found.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return is_before(found[a], found[b]); });
  // Round each ring of places, from where a finding goes to where that one comes from.
  for (std::uint32_t first = 0; first < order.size(); ++first) {
    if (order[first] == first) continue;
    Finding taken_out = std::move(found[first]);
    std::uint32_t at = first;
    while (order[at] != first) {
      found[at] = std::move(found[order[at]]);
      at = std::exchange(order[at], at);
    }
    found[at] = std::move(taken_out);
    order[at] = at;
  }
}

}  // namespace

std::span<const CheckInfo* const> all_checks() { return all; }

const CheckInfo* find_check(std::string_view code_or_name) {
  for (const CheckInfo* const check : all) {
    if (check->code == code_or_name || check->name == code_or_name) return check;
  }
  return nullptr;
}

std::vector<Finding> run_checks(const Facts& facts) {
  std::vector<Finding> found;
  for (const bool is_last : {false, true}) {
    for (const CheckInfo* const check : all) {
      if (check->is_last == is_last) check->run(facts, found);
    }
  }
  const auto is_before = [](const Finding& a, const Finding& b) {
    return order_of(a) < order_of(b);
  };
  // Most come from one check, which finds them in order.
  if (!std::ranges::is_sorted(found, is_before)) sort_in_place(found, is_before);
  // A line that serves both families is one finding.
  std::size_t kept = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (kept > 0 && order_of(found[kept - 1]) == order_of(found[i])) {
      found[kept - 1].ip_versions = found[kept - 1].ip_versions | found[i].ip_versions;
      found[kept - 1].severity = std::max(found[kept - 1].severity, found[i].severity);
    } else {
      if (kept != i) found[kept] = std::move(found[i]);
      ++kept;
    }
  }
  found.resize(kept);
  return found;
}

}  // namespace untrack
