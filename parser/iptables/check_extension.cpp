#include "parser/iptables/check_extension.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <string>
#include <utility>

#include "parser/iptables/read_options.hpp"
#include "parser/iptables/values/protocols.hpp"

namespace untrack::iptables {
namespace {

using Options = std::span<const ExtensionOption>;

void report(ValueContext& context, const Span& span, std::string message, std::string label,
            std::string cure = {}) {
  Problem problem;
  problem.span = span;
  problem.message = std::move(message);
  problem.label = std::move(label);
  problem.cure = std::move(cure);
  context.ruleset.problems.push_back(std::move(problem));
}

bool is_in_list(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    if (list.substr(0, comma) == word) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
  return false;
}

bool is_builtin_chain(std::string_view name) {
  return name == "PREROUTING" || name == "INPUT" || name == "FORWARD" || name == "OUTPUT" ||
         name == "POSTROUTING";
}

std::string_view kind_text(const ExtensionUse& use) {
  return use.kind == catalog::ExtensionKind::match ? "match" : "target";
}

void check_needed(const ExtensionUse& use, Options options, ValueContext& context) {
  for (const catalog::Option& row : use.row->options) {
    if (!row.mandatory || !row.ip_versions.has(context.ip_version)) continue;
    const bool is_given = std::ranges::any_of(options, [&](const ExtensionOption& option) {
      return option.row != nullptr && canonical_name(option) == row.name;
    });
    if (is_given) continue;
    report(context, use.span,
           fmt::format("{} \"{}\" without its --{}", kind_text(use), use.name.text, row.name),
           fmt::format("needs --{}", row.name));
  }
}

void check_repeated(const ExtensionUse& use, Options options, ValueContext& context) {
  if (options.size() < 2) return;
  // More options than any extension has; later rows are not checked.
  std::bitset<128> seen;
  for (const ExtensionOption& option : options) {
    if (option.row == nullptr || option.row->repeatable) continue;
    const std::string_view name = canonical_name(option);
    const auto at = std::ranges::find(use.row->options, name, &catalog::Option::name);
    const auto index = static_cast<std::size_t>(at - use.row->options.begin());
    if (index >= seen.size()) continue;
    if (seen[index]) {
      report(context, option.span, fmt::format("--{} given twice", name),
             "may stand once in a rule",
             use.kind == catalog::ExtensionKind::match
                 ? fmt::format("Load the match again (-m {}) for a second test.", use.row->name)
                 : "");
    }
    seen.set(index);
  }
}

void check_protocol(const ExtensionUse& use, ValueContext& context) {
  if (use.row->kind == catalog::ExtensionKind::match && use.row->name == "multiport") {
    // libxt_multiport.c, check_proto (iptables 1.8.9).
    constexpr std::array with_ports = {6, 17, 33, 132, 136};
    if (std::ranges::find(with_ports, context.protocol) != with_ports.end()) return;
    report(context, use.span, "match \"multiport\" in a rule that has no protocol with ports",
           "needs -p tcp, udp, udplite, sctp or dccp",
           "Write one rule per protocol, each with its -p.");
    return;
  }
  if (use.row->protocol.empty()) return;
  const auto wanted = protocol_of(use.row->protocol);
  if (!wanted || *wanted == context.protocol) return;
  // The headers that these look at stand before the protocol that -p means in IPv6.
  if (context.ip_version == IpVersion::ipv6 && use.row->name == "ah") return;
  report(context, use.span,
         fmt::format("{} \"{}\" in a rule for another protocol", kind_text(use), use.name.text),
         fmt::format("needs -p {}", use.row->protocol));
}

void check_place(const ExtensionUse& use, ValueContext& context, const RulePlace& place) {
  if (!use.row->tables.empty() && !place.table.empty() &&
      !is_in_list(use.row->tables, place.table)) {
    report(context, use.span,
           fmt::format("{} \"{}\" in the {} table", kind_text(use), use.name.text, place.table),
           fmt::format("works only in {}", use.row->tables));
  }
  if (!use.row->chains.empty() && is_builtin_chain(place.chain) &&
      !is_in_list(use.row->chains, place.chain)) {
    report(context, use.span,
           fmt::format("{} \"{}\" in the chain {}", kind_text(use), use.name.text, place.chain),
           fmt::format("works only in {} and in chains called from there", use.row->chains));
  }
}

}  // namespace

void check_extension(const ExtensionUse& use, Options options, ValueContext& context,
                     const RulePlace& place) {
  if (use.row == nullptr) return;
  check_needed(use, options, context);
  check_repeated(use, options, context);
  check_protocol(use, context);
  check_place(use, context, place);
}

}  // namespace untrack::iptables
