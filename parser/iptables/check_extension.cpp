#include "parser/iptables/check_extension.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <string>
#include <utility>

#include "model/ip_protocol.hpp"
#include "parser/iptables/option_groups.hpp"
#include "parser/iptables/problems.hpp"
#include "parser/iptables/read_options.hpp"
#include "parser/iptables/values/protocols.hpp"

namespace untrack::iptables {
namespace {

using Options = std::span<const ExtensionOption>;

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
    add_error(context.ruleset, use.span,
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
      add_error(context.ruleset, option.span, fmt::format("--{} given twice", name),
                "may stand once in a rule",
                use.kind == catalog::ExtensionKind::match
                    ? fmt::format("Load the match again (-m {}) for a second test.", use.row->name)
                    : "");
    }
    seen.set(index);
  }
}

bool is_in_group(const OptionGroup& group, std::string_view name) {
  if (group.options.empty()) return true;
  std::string_view rest = group.options;
  while (true) {
    const std::size_t blank = rest.find(' ');
    if (rest.substr(0, blank) == name) return true;
    if (blank == std::string_view::npos) return false;
    rest.remove_prefix(blank + 1);
  }
}

void check_groups(const ExtensionUse& use, Options options, ValueContext& context) {
  for (const OptionGroup& group : option_groups(*use.row)) {
    const ExtensionOption* first = nullptr;
    for (const ExtensionOption& option : options) {
      if (option.row == nullptr || !is_in_group(group, canonical_name(option))) continue;
      if (first == nullptr) {
        first = &option;
      } else if (group.is_exclusive && canonical_name(*first) != canonical_name(option)) {
        add_error(
            context.ruleset, option.span,
            fmt::format("--{} together with --{}", canonical_name(option), canonical_name(*first)),
            "one excludes the other");
      }
    }
    if (first != nullptr || !group.is_needed) continue;
    std::string wanted = "one of its options";
    if (!group.options.empty()) {
      wanted = fmt::format("--{}", group.options);
      for (std::size_t at = wanted.find(' '); at != std::string::npos;
           at = wanted.find(' ', at + 1)) {
        wanted.replace(at, 1, wanted.find(' ', at + 1) == std::string::npos ? " or --" : ", --");
        at += 4;
      }
    }
    add_error(context.ruleset, use.span,
              fmt::format("{} \"{}\" without what it needs", kind_text(use), use.name.text),
              "needs " + wanted);
  }
}

// Targets and options that the kernel takes only in rules for TCP: xt_TCPMSS.c, xt_ECN.c,
// ipt_SYNPROXY.c, xt_ecn.c, xt_tcpmss.c, xt_osf.c, xt_TPROXY.c (checked on Linux 6.18).
bool needs_tcp(const ExtensionUse& use, Options options) {
  const std::string_view name = use.row->name;
  if (use.kind == catalog::ExtensionKind::match) {
    if (name == "tcpmss" || name == "osf") return true;
    if (name != "ecn") return false;
    return std::ranges::any_of(options, [](const ExtensionOption& option) {
      return canonical_name(option).starts_with("ecn-tcp");
    });
  }
  return name == "TCPMSS" || name == "TCPOPTSTRIP" || name == "SYNPROXY" || name == "ECN";
}

void check_protocol(const ExtensionUse& use, Options options, ValueContext& context) {
  if (use.row->kind == catalog::ExtensionKind::match && use.row->name == "multiport") {
    // libxt_multiport.c, check_proto (iptables 1.8.9).
    if (has_ports(context.protocol)) return;
    add_error(context.ruleset, use.span,
              "match \"multiport\" in a rule that has no protocol with ports",
              "needs -p tcp, udp, udplite, sctp or dccp",
              "Write one rule per protocol, each with its -p.");
    return;
  }
  if (use.row->protocol.empty()) {
    const bool is_tproxy = use.row->name == "TPROXY";
    if (context.protocol == ip_protocol::tcp) return;
    if (is_tproxy && context.protocol == ip_protocol::udp) return;
    if (!is_tproxy && !needs_tcp(use, options)) return;
    add_error(
        context.ruleset, use.span,
        fmt::format("{} \"{}\" in a rule for another protocol", kind_text(use), use.name.text),
        is_tproxy ? "needs -p tcp or -p udp" : "needs -p tcp");
    return;
  }
  const auto wanted = protocol_of(use.row->protocol);
  if (!wanted || *wanted == context.protocol) return;
  // The headers that these look at stand before the protocol that -p means in IPv6.
  if (context.ip_version == IpVersion::ipv6 && use.row->name == "ah") return;
  add_error(context.ruleset, use.span,
            fmt::format("{} \"{}\" in a rule for another protocol", kind_text(use), use.name.text),
            fmt::format("needs -p {}", use.row->protocol));
}

// xt_addrtype.c and xt_physdev.c refuse an option where the packet has no such interface.
void check_direction(const ExtensionUse& use, Options options, ValueContext& context,
                     const RulePlace& place) {
  if (use.row->name != "addrtype" && use.row->name != "physdev") return;
  const bool comes_in = place.chain == "PREROUTING" || place.chain == "INPUT";
  const bool goes_out = place.chain == "POSTROUTING" || place.chain == "OUTPUT";
  for (const ExtensionOption& option : options) {
    const std::string_view name = canonical_name(option);
    const bool is_wrong =
        (goes_out && name == "limit-iface-in") || (comes_in && name == "limit-iface-out") ||
        (place.chain == "OUTPUT" && (name == "physdev-out" || name == "physdev-is-out"));
    if (!is_wrong) continue;
    add_error(context.ruleset, option.span, fmt::format("--{} in the chain {}", name, place.chain),
              "the packet has no such interface here");
  }
}

void check_place(const ExtensionUse& use, ValueContext& context, const RulePlace& place) {
  if (!use.row->tables.empty() && !place.table.empty() &&
      !is_in_list(use.row->tables, place.table)) {
    add_error(context.ruleset, use.span,
              fmt::format("{} \"{}\" in the {} table", kind_text(use), use.name.text, place.table),
              fmt::format("works only in {}", use.row->tables));
  }
  // The chains of these hang on their direction, --src-group or --dir in.
  if (use.row->name == "devgroup" || use.row->name == "policy") return;
  if (!use.row->chains.empty() && is_builtin_chain(place.chain) &&
      !is_in_list(use.row->chains, place.chain)) {
    add_error(context.ruleset, use.span,
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
  check_groups(use, options, context);
  check_protocol(use, options, context);
  check_direction(use, options, context, place);
  check_place(use, context, place);
}

}  // namespace untrack::iptables
