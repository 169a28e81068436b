#include "analysis/attribution/attribution.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace untrack {
namespace {

constexpr std::size_t most_listed = 5;
constexpr std::size_t port_count = 65536;

template <class Row>
void keep_top(std::vector<Row>& rows) {
  std::ranges::stable_sort(rows, std::ranges::greater{}, &Row::entries);
  if (rows.size() > most_listed) rows.resize(most_listed);
}

bool has_more(const TopSource& a, const TopSource& b) {
  if (a.entries != b.entries) return a.entries > b.entries;
  return std::pair(a.version, a.address) < std::pair(b.version, b.address);
}

// Adds the addresses that occur most.
template <class Address>
void add_top(SourceCounts<Address>& sources, IpVersion version, std::vector<TopSource>& top) {
  for (const auto& row : sources.rows()) {
    const TopSource one{version, row.address, row.count};
    if (top.size() == most_listed && !has_more(one, top.back())) continue;
    top.insert(std::ranges::upper_bound(top, one, has_more), one);
    if (top.size() > most_listed) top.pop_back();
  }
}

}  // namespace

Attributor::Attributor(std::array<const Program*, 2> programs, const LocalAddresses& locals)
    : ports_(2 * port_count), half_open_(port_count) {
  for (std::size_t i = 0; i < programs.size(); ++i) {
    if (programs[i] == nullptr) continue;
    const Ruleset& ruleset = programs[i]->ruleset();
    Family& family = families_[i];
    family.admitter = std::make_unique<Admitter>(*programs[i], locals);
    family.rules = ruleset.rules.size();
    family.single.resize(all_paths.size() * (ruleset.rules.size() + ruleset.chains.size() + 1));
  }
}

Attributor::Row& Attributor::row_of(Family& family, const Admission& admission) {
  if (admission.by.size() > 1) return family.several[admission.by];
  const Admitting& by = admission.by.front();
  const std::size_t of_way = family.single.size() / all_paths.size();
  std::size_t at = static_cast<std::size_t>(by.path) * of_way;
  if (by.rule.names_something()) {
    at += by.rule.index();
  } else {
    at += by.chain.names_something() ? family.rules + by.chain.index() : of_way - 1;
  }
  return family.single[at];
}

Admitting Attributor::name_of(const Family& family, std::size_t single) {
  const std::size_t of_way = family.single.size() / all_paths.size();
  const std::size_t at = single % of_way;
  Admitting by{static_cast<Path>(single / of_way), {}, {}};
  if (at < family.rules) {
    by.rule = RuleId(at);
  } else if (at + 1 < of_way) {
    by.chain = ChainId(at - family.rules);
  }
  return by;
}

void Attributor::add(const ConntrackEntry& entry) {
  counted_.all.add(entry);
  ++counted_.by_version[static_cast<std::size_t>(entry.version)];
  if (entry.version == IpVersion::ipv4) {
    sources4_.add(static_cast<std::uint32_t>(entry.source));
  } else {
    sources6_.add(entry.source);
  }
  if (entry.protocol == ip_protocol::tcp || entry.protocol == ip_protocol::udp) {
    ++ports_[(entry.protocol == ip_protocol::udp ? port_count : 0) + entry.destination_port];
  } else {
    ++protocols_[entry.protocol];
  }
  if (entry.is_half_open) ++half_open_[entry.destination_port];
  Family& family = families_[static_cast<std::size_t>(entry.version)];
  if (!family.admitter) {
    counted_.unjudged.add(entry);
    return;
  }
  const Admission& admission = family.admitter->admission_of(entry);
  if (admission.is_unknown) {
    counted_.unknown.add(entry);
  } else if (admission.by.empty()) {
    counted_.refused.add(entry);
  } else {
    Row& row = row_of(family, admission);
    row.count.add(entry);
    if (admission.may_be_refused) ++row.unless_refused;
  }
}

Attribution Attributor::result() {
  Attribution all = counted_;
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    const Family& family = families_[static_cast<std::size_t>(version)];
    for (std::size_t i = 0; i < family.single.size(); ++i) {
      const Row& row = family.single[i];
      if (row.count.entries == 0) continue;
      all.shares.push_back({version, {name_of(family, i)}, row.count, row.unless_refused, {}});
    }
    for (const auto& [by, row] : family.several) {
      all.shares.push_back({version, by, row.count, row.unless_refused, {}});
    }
  }
  std::ranges::stable_sort(all.shares, std::ranges::greater{},
                           [](const Share& share) { return share.count.entries; });
  add_top(sources4_, IpVersion::ipv4, all.sources);
  add_top(sources6_, IpVersion::ipv6, all.sources);
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    if (ports_[i] == 0) continue;
    all.services.push_back({i < port_count ? ip_protocol::tcp : ip_protocol::udp,
                            static_cast<std::uint16_t>(i % port_count), ports_[i]});
  }
  for (std::size_t i = 0; i < protocols_.size(); ++i) {
    if (protocols_[i] == 0) continue;
    all.services.push_back({static_cast<std::uint8_t>(i), 0, protocols_[i]});
  }
  keep_top(all.services);
  const auto most = std::ranges::max_element(half_open_);
  if (*most > 0) {
    const auto port = static_cast<std::uint16_t>(most - half_open_.begin());
    all.half_open = TopService{ip_protocol::tcp, port, *most};
  }
  return all;
}

}  // namespace untrack
