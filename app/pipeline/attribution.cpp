#include "app/pipeline/attribution.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "app/pipeline/loaded.hpp"
#include "parser/conntrack/entries.hpp"

namespace untrack {
namespace {

// What untracking the flows takes that a rule or policy admits; of several classes the most.
std::optional<Need> need_of(const Admitting& by, const FlowTable& table) {
  std::optional<Need> most;
  for (const FlowRow& row : table.rows) {
    const bool is_its = row.path == by.path && row.rule == by.rule &&
                        (by.rule.names_something() || row.chain == by.chain);
    if (is_its && (!most || row.need > *most)) most = row.need;
  }
  return most;
}

void add_needs(std::vector<Share>& shares, std::span<const FlowTable> flows) {
  for (Share& share : shares) {
    const auto table = std::ranges::find(flows, share.version, &FlowTable::version);
    if (table == flows.end() || !table->is_whole()) continue;
    std::optional<Need> all;
    bool is_known = true;
    for (const Admitting& by : share.by) {
      const std::optional<Need> one = need_of(by, *table);
      is_known = is_known && one && (!all || *all == *one);
      all = one;
    }
    if (is_known) share.need = all;
  }
}

}  // namespace

Attribution attribute(const Ruleset& ruleset, IpVersions given,
                      const std::optional<KernelVersion>& kernel, const EntriesText& entries,
                      const LocalAddresses& locals, std::span<const FlowTable> flows,
                      Sources& sources, std::vector<Problem>& problems, EntryTimeouts* timeouts) {
  const bool is_partial = std::ranges::any_of(ruleset.tables, &Table::is_partial);
  FreeVariables variables;
  std::array<std::optional<Program>, 2> programs;
  std::array<const Program*, 2> judged{};
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    if (is_partial || !given.has(version)) continue;
    const auto at = static_cast<std::size_t>(version);
    programs[at].emplace(ruleset, version, may_track(ruleset, version, kernel), variables,
                         NotrackUse::ignored);
    judged[at] = &*programs[at];
  }
  Attributor attributor(judged, locals);
  std::vector<Problem> found =
      each_conntrack_entry(*entries.text, entries.path, sources,
                           [&](const ConntrackEntry& entry, std::string_view line) {
                             attributor.add(entry);
                             if (timeouts != nullptr) timeouts->add(entry);
                             if (entries.also) entries.also(line);
                           });
  problems.insert(problems.end(), std::make_move_iterator(found.begin()),
                  std::make_move_iterator(found.end()));
  Attribution attribution = attributor.result();
  add_needs(attribution.shares, flows);
  return attribution;
}

}  // namespace untrack
