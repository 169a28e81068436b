#include "parser/iptables/option_lookup.hpp"

#include "model/spelling.hpp"

namespace untrack::iptables {
namespace {

// Calls `each(row, use)` for every option of a loaded extension, the latest extension first, until
// it returns false.
template <class Each>
void for_each_option(const RuleWords& words, IpVersion version, Each each) {
  for (auto i = static_cast<std::uint32_t>(words.uses.size()); i-- > 0;) {
    const ExtensionUse& use = words.uses[i];
    if (use.row == nullptr || use.is_completed) continue;
    for (const catalog::Option& row : use.row->options) {
      if (row.ip_versions.has(version) && !each(row, i)) return;
    }
  }
}

bool is_same_option(const FoundOption& found, const catalog::Option& row, std::uint32_t use) {
  if (found.option == nullptr || found.use != use) return false;
  const auto canonical = [](const catalog::Option& option) {
    return option.alias_of.empty() ? option.name : option.alias_of;
  };
  return canonical(*found.option) == canonical(row);
}

}  // namespace

FoundOption find_long_option(std::string_view name, const RuleWords& words, IpVersion version) {
  FoundOption found;
  // Extension options are the common case, and none of them has the whole name of a global one.
  for_each_option(words, version, [&](const catalog::Option& row, std::uint32_t use) {
    if (row.name != name) return true;
    found.kind = FoundOption::found;
    found.option = &row;
    found.use = use;
    return false;
  });
  if (found.kind == FoundOption::found) return found;

  for (const GlobalOptionRow& row : global_options()) {
    if (!row.name.starts_with(name)) continue;
    if (row.name.size() == name.size()) {
      FoundOption exact;
      exact.kind = FoundOption::found;
      exact.global = &row;
      return exact;
    }
    if (found.global == nullptr) {
      found.kind = FoundOption::found;
      found.global = &row;
      found.first = row.name;
    } else if (found.global->letter != row.letter) {
      found.kind = FoundOption::ambiguous;
      found.second = row.name;
    }
  }
  if (name.empty()) return {};
  for_each_option(words, version, [&](const catalog::Option& row, std::uint32_t use) {
    if (!row.name.starts_with(name)) return true;
    if (found.kind == FoundOption::none) {
      found.kind = FoundOption::found;
      found.option = &row;
      found.use = use;
      found.first = row.name;
    } else if (!is_same_option(found, row, use)) {
      found.kind = FoundOption::ambiguous;
      found.second = row.name;
      return false;
    }
    return true;
  });
  return found;
}

std::string_view nearest_option(std::string_view name, const RuleWords& words, IpVersion version) {
  Nearest nearest(name);
  for_each_option(words, version, [&](const catalog::Option& row, std::uint32_t) {
    nearest.offer(row.name);
    return true;
  });
  for (const GlobalOptionRow& row : global_options()) nearest.offer(row.name);
  return nearest.best();
}

}  // namespace untrack::iptables
