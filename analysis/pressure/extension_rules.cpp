#include "analysis/pressure/extension_rules.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "analysis/conntrack/tracking.hpp"

namespace untrack {
namespace {

constexpr KernelVersion nat_without_extension{4, 12, 0};
constexpr std::string_view masquerade_source =
    "nf_nat_masquerade_ipv4 calls nf_ct_nat_ext_add; measured on 6.18";
constexpr std::string_view helper_source =
    "__nf_ct_try_assign_helper calls nf_ct_helper_ext_add; measured on 6.18";
constexpr std::string_view template_source = "init_conntrack copies it from the template of CT";
constexpr std::string_view acct_source =
    "loading the rule sets nf_conntrack_acct of the namespace (nf_ct_set_acct)";
constexpr std::string_view labels_source =
    "nf_ct_labels_ext_add gives labels to each new entry once a rule asks for them";
constexpr std::string_view labels_read_source =
    "nft_ct_get_init asks for them since 514f1dc8f2ca (6.18, and later updates of older kernels); "
    "measured: 6.18.44 does, 6.1 of Debian 12 does not";
constexpr std::string_view synproxy_source = "nf_ct_add_synproxy: the server's side of the flow";
constexpr std::string_view old_nat_source =
    "nf_nat_ipv4_fn of 3.x and 4.4 adds it to each entry that passes; not after 6e699867f84c "
    "(4.12)";

constexpr auto all = EntriesReached::all;
constexpr auto matched = EntriesReached::matched;

constexpr std::array<ExtensionRuleRow, 29> extension_rule_table{{
    {"CT", "ctevents", EntryExtension::events, matched, {}, template_source},
    {"CT", "expevents", EntryExtension::events, matched, {}, template_source},
    {"CT", "helper", EntryExtension::helper, matched, {}, helper_source},
    {"CT", "timeout", EntryExtension::timeout, matched, {}, template_source},
    {"DNAT", "", EntryExtension::nat, all, nat_without_extension, old_nat_source},
    {"MASQUERADE", "", EntryExtension::nat, matched, {}, masquerade_source},
    {"MASQUERADE", "", EntryExtension::nat, all, nat_without_extension, old_nat_source},
    {"NETMAP", "", EntryExtension::nat, all, nat_without_extension, old_nat_source},
    {"REDIRECT", "", EntryExtension::nat, all, nat_without_extension, old_nat_source},
    {"SNAT", "", EntryExtension::nat, all, nat_without_extension, old_nat_source},
    {"SYNPROXY", "", EntryExtension::synproxy, matched, {}, synproxy_source},
    {"SYNPROXY", "", EntryExtension::seqadj, matched, {}, synproxy_source},
    {"connbytes", "", EntryExtension::acct, all, {}, acct_source},
    {"connlabel", "", EntryExtension::labels, all, {}, labels_source},
    {"ct entry", "avgpkt", EntryExtension::acct, all, {}, acct_source},
    {"ct entry", "bytes", EntryExtension::acct, all, {}, acct_source},
    {"ct entry", "packets", EntryExtension::acct, all, {}, acct_source},
    {"ct expectation set", "", EntryExtension::helper, matched, {}, helper_source},
    {"ct helper set", "", EntryExtension::helper, matched, {}, helper_source},
    {"ct label", "", EntryExtension::labels, all, {}, labels_read_source},
    {"ct mark set", "label", EntryExtension::labels, all, {}, labels_source},
    {"ct set", "event", EntryExtension::events, matched, {}, "nft_ct_set_eval, NFT_CT_EVENTMASK"},
    {"ct timeout set", "", EntryExtension::timeout, matched, {}, "nft_ct_timeout_obj_eval"},
    {"dnat", "", EntryExtension::nat, all, nat_without_extension, old_nat_source},
    {"masquerade", "", EntryExtension::nat, matched, {}, masquerade_source},
    {"redirect", "", EntryExtension::nat, all, nat_without_extension, old_nat_source},
    {"snat", "", EntryExtension::nat, all, nat_without_extension, old_nat_source},
    {"synproxy", "", EntryExtension::synproxy, matched, {}, synproxy_source},
    {"synproxy", "", EntryExtension::seqadj, matched, {}, synproxy_source},
}};

std::string_view last_word(std::string_view words) {
  return words.substr(words.rfind(' ') + 1);  // npos + 1 is 0
}

// An nft key stands in the construct's name ("ct original bytes") or in what its statement sets.
bool has_detail(const Ruleset& ruleset, const Rule& rule, ConstructId id, std::string_view detail) {
  const Construct& construct = ruleset[id];
  if (detail.empty() || has_option(ruleset, construct, detail)) return true;
  if (construct.language != Language::nft) return false;
  if (last_word(construct.name) == detail) return true;
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    if (part.construct != id) continue;
    const auto* statement = std::get_if<Statement>(&part.what);
    const auto* sets = statement == nullptr ? nullptr : std::get_if<ConntrackStatement>(statement);
    if (sets != nullptr && last_word(sets->what) == detail) return true;
  }
  return false;
}

// "-j CT --helper", "ct label set": what of the rule it is.
std::string name_of(const Construct& construct, std::string_view detail) {
  if (detail.empty()) return display_name(construct);
  if (construct.language != Language::nft) {
    return fmt::format("{} --{}", display_name(construct), detail);
  }
  if (last_word(construct.name) == detail) return display_name(construct);
  return fmt::format("ct {} set", detail);
}

std::string why(const std::set<std::string>& names, std::size_t rule_count) {
  if (names.empty()) return {};
  return fmt::format("{} in {}", fmt::join(names, ", "),
                     rule_count == 1 ? "a rule" : fmt::format("{} rules", rule_count));
}

}  // namespace

std::span<const ExtensionRuleRow> extension_rule_rows() { return extension_rule_table; }

ExtensionRules find_extension_rules(const Ruleset& ruleset,
                                    const std::optional<KernelVersion>& kernel) {
  ExtensionRules found;
  std::set<std::string> all_names;
  std::set<std::string> matched_names;
  std::size_t all_rules = 0;
  std::size_t matched_rules = 0;
  const KernelVersion at = kernel.value_or(newest_kernel_read);
  const auto look_at = [&](const Rule& rule) {
    bool is_of_all = false;
    bool is_of_matched = false;
    for (std::uint32_t i = 0; i < rule.constructs.count; ++i) {
      const ConstructId id(rule.constructs.first + i);
      const Construct& construct = ruleset[id];
      if (construct.extension == nullptr) continue;
      found.translates = found.translates || construct.extension->role == catalog::Role::nat;
      for (const ExtensionRuleRow& row : extension_rule_table) {
        const bool is_over = row.before != KernelVersion{} && row.before <= at;
        if (row.construct != construct.extension->name || is_over) continue;
        if (!has_detail(ruleset, rule, id, row.detail)) continue;
        const bool reaches_all = row.reached == EntriesReached::all;
        (reaches_all ? found.of_all : found.of_matched).add(row.extension);
        (reaches_all ? all_names : matched_names).insert(name_of(construct, row.detail));
        (reaches_all ? is_of_all : is_of_matched) = true;
      }
    }
    if (is_of_all) ++all_rules;
    if (is_of_matched) ++matched_rules;
  };
  for (const Table& table : ruleset.tables) {
    for (const ChainId chain : table.chains) {
      for (const RuleId rule : ruleset[chain].rules) look_at(ruleset[rule]);
    }
  }
  found.all_why = why(all_names, all_rules);
  found.matched_why = why(matched_names, matched_rules);
  return found;
}

}  // namespace untrack
