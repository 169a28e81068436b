#include "report/pressure/change_words.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/pressure/number_text.hpp"

namespace untrack {
namespace {

std::string spelled(const std::optional<double>& value, TableUnit unit) {
  if (!value) return unit == TableUnit::bytes ? "none" : "not set";
  const auto whole = static_cast<std::uint64_t>(*value);
  switch (unit) {
    case TableUnit::bytes:
      return bytes_text(*value);
    case TableUnit::entries:
    case TableUnit::buckets:
    case TableUnit::flag:
      return with_thousands(whole);
    case TableUnit::seconds:
      return duration_text(*value);
    case TableUnit::tuples:
      return fmt::format("{:.1f}", *value);
  }
  return {};
}

std::string change_text(const TableChange& change) {
  const std::string was = spelled(change.before, change.unit);
  const std::string is = spelled(change.after, change.unit);
  const std::string why = change.why.empty() ? std::string() : fmt::format(" ({})", change.why);
  // Equal spellings of what differs: who carries the block, not how large it is.
  if (was == is) return fmt::format("{} as before, of other entries{}", is, why);
  return fmt::format("{} before, {} now{}", was, is, why);
}

void add_table_change(const TableChange& change, std::vector<PressureWords>& words) {
  if (change.name == "entry") {
    words.push_back({"entry", {change_text(change)}});
  } else if (change.name == "full_table") {
    words.push_back({"full", {"a full table takes " + change_text(change)}});
  } else if (change.name == "full_depth") {
    words.push_back({"full", {"tuples in a bucket of it, on average: " + change_text(change)}});
  } else {
    words.push_back({"setting", {fmt::format("{} {}", change.name, change_text(change))}});
  }
}

void add_entries(const FamilyDifference& family, std::vector<PressureWords>& words) {
  const std::string_view name = display_name(family.version);
  const bool was_off = family.before == TrackingState::not_forced;
  const bool is_off = family.after == TrackingState::not_forced;
  if (was_off && is_off) return;
  if (was_off || is_off) {
    words.push_back(
        {"entries",
         {was_off ? fmt::format("{}: each flow that is accepted makes one now, none did", name)
                  : fmt::format("{}: none is made any more", name)}});
    return;
  }
  if (!family.difference) {
    words.push_back({"entries", {fmt::format("{}: not compared: which packets make one", name)}});
    return;
  }
  for (const EntryChange& change : family.difference->entries) {
    PressureWords added{"entries", change.region};
    added.lines.front() =
        fmt::format("{} {}, {}: {}", name, to_text(change.path),
                    change.is_made_now ? "made now" : "no longer made", added.lines.front());
    words.push_back(std::move(added));
  }
  // Only what is accepted for certain is compared.
  const auto is_unknown = [](const Change& change) { return change.kind == ChangeKind::unknown; };
  if (std::ranges::any_of(family.difference->changes, is_unknown)) {
    words.push_back(
        {"entries", {fmt::format("{}: not known of packets whose decision is not known", name)}});
  }
}

}  // namespace

std::vector<PressureWords> pressure_words(const DiffReport& report) {
  const PressureDifference& pressure = report.pressure;
  std::vector<PressureWords> words;
  if (!pressure.is_used_before && !pressure.is_used_after) return words;
  for (const FamilyDifference& family : report.families) add_entries(family, words);
  for (const TableChange& change : pressure.changes) add_table_change(change, words);
  if (words.empty()) {
    words.push_back({"entries", {"the same packets make one, of as many bytes"}});
  }
  for (const std::string& note : pressure.notes) words.push_back({"unknown", {note}});
  if (!pressure.has_settings) {
    words.push_back(
        {"unseen", {"limits and timeouts: the settings of both hosts are not among the inputs"}});
  }
  return words;
}

}  // namespace untrack
