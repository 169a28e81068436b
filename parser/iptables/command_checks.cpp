#include "parser/iptables/command_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "model/spelling.hpp"
#include "parser/iptables/problems.hpp"
#include "parser/iptables/values/protocols.hpp"

namespace untrack::iptables {
namespace {

using catalog::ExtensionKind;

constexpr std::size_t longest_chain_name =
    28;  // XT_EXTENSION_MAXNAMELEN - 1, linux/netfilter/x_tables.h

constexpr std::array<std::string_view, 4> verdicts = {"ACCEPT", "DROP", "QUEUE", "RETURN"};

bool has_blank(std::string_view text) {
  return std::ranges::any_of(
      text, [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; });
}

bool is_rule_command(CommandKind kind) {
  return kind == CommandKind::append || kind == CommandKind::insert ||
         kind == CommandKind::replace || kind == CommandKind::delete_rule ||
         kind == CommandKind::check;
}

constexpr std::array rule_options = {
    GlobalOption::source,       GlobalOption::destination,   GlobalOption::protocol,
    GlobalOption::in_interface, GlobalOption::out_interface, GlobalOption::jump,
    GlobalOption::goto_,        GlobalOption::fragments,
};

constexpr std::uint64_t bit(GlobalOption option) {
  return std::uint64_t{1} << static_cast<unsigned>(option);
}
constexpr std::uint64_t listing_options = bit(GlobalOption::numeric) | bit(GlobalOption::exact) |
                                          bit(GlobalOption::line_numbers) |
                                          bit(GlobalOption::set_counters);

// commands_v_options, with -v allowed everywhere.
bool is_legal(CommandKind kind, GlobalOption option, const UsedOptions& used) {
  const bool is_list = kind == CommandKind::list && !used.has(GlobalOption::list_rules);
  switch (option) {
    case GlobalOption::numeric:
    case GlobalOption::exact:
    case GlobalOption::line_numbers:
      return is_list;
    case GlobalOption::set_counters:
      return kind == CommandKind::append || kind == CommandKind::insert ||
             kind == CommandKind::replace || kind == CommandKind::policy;
    default:
      return is_rule_command(kind);
  }
}

void check_legal(const Command& command, const UsedOptions& used, Ruleset& ruleset) {
  const auto check = [&](GlobalOption option) {
    if (!used.has(option) || is_legal(command.kind, option, used)) return;
    const auto rows = global_options();
    const auto row = std::ranges::find(rows, option, &GlobalOptionRow::option);
    add_error(ruleset, command.span, fmt::format("--{} together with this command", row->name),
              "iptables refuses the two", fmt::format("Leave --{} out.", row->name));
  };
  // The common case first: a rule with nothing but what rules have.
  if (is_rule_command(command.kind) && !used.has_any_of(listing_options)) return;
  for (const GlobalOption option : rule_options) check(option);
  check(GlobalOption::numeric);
  check(GlobalOption::exact);
  check(GlobalOption::line_numbers);
  check(GlobalOption::set_counters);
}

// ip_tables and ip6_tables have these and no others.
void check_table(const Command& command, Ruleset& ruleset) {
  if (!command.table) return;
  constexpr std::array<std::string_view, 5> tables = {"filter", "mangle", "nat", "raw", "security"};
  if (std::ranges::find(tables, *command.table) != tables.end()) return;
  Nearest nearest(*command.table);
  for (const std::string_view table : tables) nearest.offer(table);
  add_error(ruleset, command.table_span, fmt::format("not a table: \"{}\"", *command.table),
            nearest.best().empty() ? "expected filter, mangle, nat, raw or security"
                                   : fmt::format("did you mean \"{}\"?", nearest.best()));
}

void check_interfaces(const Command& command, const RuleWords& words, Ruleset& ruleset) {
  const std::string_view chain = command.chain;
  if (words.out_interface.is_given && (chain == "PREROUTING" || chain == "INPUT")) {
    add_error(ruleset, words.out_interface.span, fmt::format("-o in the chain {}", chain),
              "packets that come in have no outgoing interface yet", "Use -i, or another chain.");
  }
  if (words.in_interface.is_given && (chain == "POSTROUTING" || chain == "OUTPUT")) {
    add_error(ruleset, words.in_interface.span, fmt::format("-i in the chain {}", chain),
              "packets that go out have no incoming interface here", "Use -o, or another chain.");
  }
}

std::string_view command_name(ExtensionKind kind) {
  return kind == ExtensionKind::match ? "match" : "target";
}

}  // namespace

bool is_verdict_name(std::string_view name) {
  return std::ranges::find(verdicts, name) != verdicts.end();
}

bool check_chain_name(Ruleset& ruleset, const Word& name, IpVersion version) {
  std::string label;
  if (name.text.empty()) {
    label = "expected a name";
  } else if (name.text.front() == '-' || name.text.front() == '!') {
    label = fmt::format("may not begin with {}", name.text.front());
  } else if (name.text.size() > longest_chain_name) {
    label = fmt::format("{} bytes; at most {}", name.text.size(), longest_chain_name);
  } else if (has_blank(name.text)) {
    label = "may not have blanks";
  } else if (is_verdict_name(name.text) || catalog::find_target(name.text, version) != nullptr) {
    label = "is the name of a target";
  } else {
    return true;
  }
  add_error(ruleset, name.span, fmt::format("not a name for a chain: \"{}\"", name.text),
            std::move(label));
  return false;
}

void check_target_name(Ruleset& ruleset, const Word& name) {
  std::string label;
  if (name.text.empty()) {
    label = "expected a target or a chain";
  } else if (name.text.size() > longest_chain_name) {
    label = fmt::format("{} bytes; at most {}", name.text.size(), longest_chain_name);
  } else if (has_blank(name.text)) {
    label = "may not have blanks";
  } else {
    return;
  }
  add_error(ruleset, name.span, fmt::format("not a target or chain: \"{}\"", name.text),
            std::move(label));
}

void report_unknown_extension(Ruleset& ruleset, const Word& name, ExtensionKind kind,
                              IpVersion version) {
  const IpVersion other = version == IpVersion::ipv4 ? IpVersion::ipv6 : IpVersion::ipv4;
  const catalog::Extension* const elsewhere = kind == ExtensionKind::match
                                                  ? catalog::find_match(name.text, other)
                                                  : catalog::find_target(name.text, other);
  if (elsewhere != nullptr) {
    add_error(ruleset, name.span,
              fmt::format("{} \"{}\" in an {} rule", command_name(kind), name.text,
                          display_name(version)),
              fmt::format("exists only for {}", display_name(other)),
              fmt::format("Put the rule into the rules for {}.",
                          other == IpVersion::ipv4 ? "iptables" : "ip6tables"),
              elsewhere->tracking != catalog::Tracking::never);
    return;
  }
  Nearest nearest(name.text);
  for (const catalog::Extension& row : catalog::extensions()) {
    if (row.kind == kind && row.ip_versions.has(version)) nearest.offer(row.name);
  }
  add_not_understood(
      ruleset, name.span, fmt::format("unknown {} \"{}\"", command_name(kind), name.text),
      nearest.best().empty() ? "iptables 1.8.9 has no such extension"
                             : fmt::format("did you mean \"{}\"?", nearest.best()),
      "Kept as it stands, with its options; what it does to connection tracking is not known.",
      true);
}

std::string option_owner_hint(std::string_view option, IpVersion version) {
  for (const catalog::Extension& row : catalog::extensions()) {
    if (!row.ip_versions.has(version)) continue;
    if (std::ranges::find(row.options, option, &catalog::Option::name) == row.options.end()) {
      continue;
    }
    if (!row.protocol.empty()) {
      return fmt::format("Write -p {} in front of it, or that of the protocol you mean.",
                         row.protocol);
    }
    return fmt::format("Write {} {} in front of it.",
                       row.kind == ExtensionKind::match ? "-m" : "-j", row.name);
  }
  return {};
}

void check_command(const Command& command, const UsedOptions& used, const RuleWords& words,
                   Ruleset& ruleset) {
  check_table(command, ruleset);
  check_legal(command, used, ruleset);
  if (!is_rule_command(command.kind)) {
    if (!words.uses.empty() && command.kind != CommandKind::list) {
      add_error(ruleset, words.uses.front().span, "extension in a command that takes no rule");
    }
    return;
  }
  check_interfaces(command, words, ruleset);
  if (command.chain.size() > longest_chain_name || command.chain.empty()) {
    add_error(ruleset, command.chain_span,
              fmt::format("not a name for a chain: \"{}\"", command.chain),
              command.chain.empty()
                  ? "expected a name"
                  : fmt::format("{} bytes; at most {}", command.chain.size(), longest_chain_name));
  }
  if (command.kind == CommandKind::replace) {
    for (const BuiltinUse* const use : {&words.source, &words.destination}) {
      if (use->is_given && use->value.text.find(',') != std::string_view::npos) {
        add_error(ruleset, use->span, "replacement of one rule by several, one for each address",
                  "expected one address");
      }
    }
  }
}

}  // namespace untrack::iptables
