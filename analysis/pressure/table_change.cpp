#include "analysis/pressure/table_change.hpp"

#include <fmt/format.h>

#include "analysis/pressure/defaults.hpp"
#include "analysis/pressure/depth.hpp"
#include "analysis/pressure/memory.hpp"

namespace untrack {
namespace {

constexpr int pointer_bits = 64;

struct Derived {
  ExtensionUse use;
  // `entry` is reckoned with its block if any is.
  std::optional<double> entry, full_bytes, full_depth;
};

std::optional<double> value_of(const std::optional<Quantity>& quantity) {
  if (!quantity) return std::nullopt;
  return static_cast<double>(quantity->value);
}

Derived derive(const TableSide& side) {
  const Platform platform{side.kernel, pointer_bits};
  Derived found;
  if (!side.is_used) return found;
  found.use = extension_use(side.kernel, side.host.extension, &side.rules);
  const Quantity bytes =
      found.use.is_used() ? entry_bytes(platform, found.use.extensions) : entry_bytes(platform);
  found.entry = static_cast<double>(bytes.value);
  const auto max = value_of(side.host.max);
  const auto buckets = value_of(side.host.buckets ? side.host.buckets : side.host.hashsize);
  if (max && buckets && *max > 0 && *buckets > 0) {
    found.full_bytes = *max * *found.entry + *buckets * bucket_bytes(platform);
    found.full_depth = mean_depth(*max, *buckets);
  }
  return found;
}

}  // namespace

std::string_view to_text(TableUnit unit) {
  switch (unit) {
    case TableUnit::bytes:
      return "bytes";
    case TableUnit::entries:
      return "entries";
    case TableUnit::buckets:
      return "buckets";
    case TableUnit::seconds:
      return "seconds";
    case TableUnit::tuples:
      return "tuples";
    case TableUnit::flag:
      return "flag";
  }
  return {};
}

bool has_settings(const HostSettings& host) { return host.taken > 0; }

std::vector<TableChange> table_changes(const TableSide& before, const TableSide& after) {
  std::vector<TableChange> changes;
  const auto add = [&](std::string name, TableUnit unit, std::optional<double> was,
                       std::optional<double> is, std::string why = {}) {
    if (was != is) changes.push_back({std::move(name), unit, was, is, std::move(why)});
  };
  const auto setting = [&](std::string name, TableUnit unit, const std::optional<Quantity>& was,
                           const std::optional<Quantity>& is) {
    add(std::move(name), unit, value_of(was), value_of(is), is ? is->source.text : std::string());
  };
  const Derived old_table = derive(before);
  const Derived new_table = derive(after);
  if (old_table.entry != new_table.entry || old_table.use.of != new_table.use.of) {
    changes.push_back(
        {"entry", TableUnit::bytes, old_table.entry, new_table.entry, new_table.use.source.text});
  }
  if (!has_settings(before.host) || !has_settings(after.host)) return changes;
  setting("nf_conntrack_max", TableUnit::entries, before.host.max, after.host.max);
  setting("nf_conntrack_buckets", TableUnit::buckets, before.host.buckets, after.host.buckets);
  setting("hashsize", TableUnit::buckets, before.host.hashsize, after.host.hashsize);
  add("full_table", TableUnit::bytes, old_table.full_bytes, new_table.full_bytes);
  add("full_depth", TableUnit::tuples, old_table.full_depth, new_table.full_depth);
  setting("nf_conntrack_acct", TableUnit::flag, before.host.extension.acct,
          after.host.extension.acct);
  setting("nf_conntrack_timestamp", TableUnit::flag, before.host.extension.timestamp,
          after.host.extension.timestamp);
  setting("nf_conntrack_events", TableUnit::flag, before.host.extension.events,
          after.host.extension.events);
  for (const TimeoutRow& row : timeout_rows()) {
    const auto at = static_cast<std::size_t>(row.timeout);
    setting(fmt::format("nf_conntrack_{}", row.name), TableUnit::seconds, before.host.timeouts[at],
            after.host.timeouts[at]);
  }
  return changes;
}

}  // namespace untrack
