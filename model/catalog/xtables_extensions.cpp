#include "model/catalog/xtables_extensions.hpp"

#include <algorithm>
#include <vector>

#include "model/catalog/xtables_extension_rows.hpp"

namespace untrack::catalog {
namespace {

const Extension* find(std::span<const Extension> rows, std::string_view name, IpVersion version) {
  const auto at = std::ranges::lower_bound(rows, name, {}, &Extension::name);
  if (at == rows.end() || at->name != name || !at->ip_versions.has(version)) return nullptr;
  return &*at;
}

std::span<const Extension> rows_of(ExtensionKind kind) {
  const std::size_t matches = match_rows().size();
  return kind == ExtensionKind::match ? extensions().first(matches) : extensions().subspan(matches);
}

}  // namespace

std::span<const Extension> extensions() {
  static const std::vector<Extension> rows = [] {
    std::vector<Extension> all(match_rows().begin(), match_rows().end());
    all.insert(all.end(), target_rows().begin(), target_rows().end());
    return all;
  }();
  return rows;
}

const Extension* find_match(std::string_view name, IpVersion version) {
  // libxtables 1.8.9, libxtables/xtables.c, xtables_find_match.
  if (name == "icmpv6" || name == "ipv6-icmp") name = "icmp6";
  return find(rows_of(ExtensionKind::match), name, version);
}

const Extension* find_target(std::string_view name, IpVersion version) {
  return find(rows_of(ExtensionKind::target), name, version);
}

std::string_view module_of(const Extension& row, const KernelVersion& kernel, IpVersion version) {
  for (const ModuleName& module : row.modules) {
    if (module.ip_versions.has(version) && module.since <= kernel && kernel < module.before) {
      return module.name;
    }
  }
  return {};
}

}  // namespace untrack::catalog
