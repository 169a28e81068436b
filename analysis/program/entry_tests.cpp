#include "analysis/program/entry_tests.hpp"

#include <algorithm>
#include <string_view>

#include "analysis/conntrack/tracking.hpp"

namespace untrack {
namespace {

bool has_other_option(const Ruleset& ruleset, const Construct& construct, std::string_view name) {
  return std::ranges::any_of(
      slice(ruleset.options, construct.options),
      [&](const OptionUse& option) { return option.row != nullptr && option.row->name != name; });
}

}  // namespace

bool asks_of_entry(const Ruleset& ruleset, const Construct& construct) {
  if (construct.kind != catalog::ExtensionKind::match || construct.extension == nullptr) {
    return false;
  }
  using enum catalog::Role;
  const catalog::Role role = construct.extension->role;
  if (role == entry_match || role == connmark || role == connection_count || role == helper) {
    return true;
  }
  if (construct.language != Language::iptables) return false;
  const std::string_view name = construct.extension->name;
  return (name == "conntrack" && has_other_option(ruleset, construct, "ctstate")) ||
         (name == "ipvs" && has_option(ruleset, construct, "vdir"));
}

std::optional<bool> without_entry(const Ruleset& ruleset, const RulePart& part) {
  const auto* match = std::get_if<Match>(&part.what);
  const bool is_opaque = match != nullptr && std::holds_alternative<OpaqueTest>(*match);
  if (!is_opaque || !part.construct.names_something()) return std::nullopt;
  const Construct& construct = ruleset[part.construct];
  if (!asks_of_entry(ruleset, construct)) return std::nullopt;
  const std::string_view name = construct.extension->name;
  // Breaks off the rule, negated or not (nft_ct_get_eval, nft_ct.c, 6.1).
  if (construct.language == Language::nft) {
    return construct.extension->role == catalog::Role::connection_count
               ? std::nullopt
               : std::optional<bool>(false);
  }
  // Where a state is asked, too, it decides alone (conntrack_mt, xt_conntrack.c, 6.1).
  if (name == "conntrack") return has_option(ruleset, construct, "ctstate");
  // xt_connbytes.c, xt_connmark.c, xt_cluster.c, 6.1: no match, negated or not. What helper and
  // connlabel say depends on the negation, what connlimit counts on what the packet carries.
  if (name == "connbytes" || name == "connmark" || name == "cluster") return false;
  return std::nullopt;
}

}  // namespace untrack
