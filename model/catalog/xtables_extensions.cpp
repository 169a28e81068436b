#include "model/catalog/xtables_extensions.hpp"

#include <unordered_map>
#include <vector>

#include "model/catalog/xtables_extension_rows.hpp"

namespace untrack::catalog {
namespace {

using ByName = std::unordered_map<std::string_view, const Extension*>;

std::span<const Extension> rows_of(ExtensionKind kind) {
  const std::size_t matches = match_rows().size();
  return kind == ExtensionKind::match ? extensions().first(matches) : extensions().subspan(matches);
}

ByName by_name(ExtensionKind kind) {
  ByName rows;
  for (const Extension& row : rows_of(kind)) rows.emplace(row.name, &row);
  return rows;
}

// Asked for several words of each rule that is read.
const Extension* find(const ByName& rows, std::string_view name, IpVersion version) {
  const auto at = rows.find(name);
  return at == rows.end() || !at->second->ip_versions.has(version) ? nullptr : at->second;
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
  static const ByName rows = by_name(ExtensionKind::match);
  return find(rows, name, version);
}

const Extension* find_target(std::string_view name, IpVersion version) {
  static const ByName rows = by_name(ExtensionKind::target);
  return find(rows, name, version);
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
