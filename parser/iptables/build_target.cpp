#include "parser/iptables/build_target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/ip_protocol.hpp"
#include "parser/iptables/problems.hpp"
#include "parser/iptables/values/addresses.hpp"
#include "parser/iptables/values/read_value.hpp"

namespace untrack::iptables {
namespace {

using Options = std::span<const ReadOption>;

const ReadOption* find_option(Options options, std::string_view name) {
  const auto at = std::ranges::find_if(options, [&](const ReadOption& option) {
    return option.is_good && canonical_name(*option.words) == name;
  });
  return at == options.end() ? nullptr : &*at;
}

std::uint32_t number_value(const ReadOption& option, const ValueContext& context) {
  if (option.value.intervals.count == 0) return 0;
  return static_cast<std::uint32_t>(context.ruleset.intervals[option.value.intervals.first].first);
}

bool all_good(Options options) { return std::ranges::all_of(options, &ReadOption::is_good); }

Statement opaque(const ExtensionUse& use, Options options, ValueContext& context) {
  OpaqueStatement statement;
  Ruleset& ruleset = context.ruleset;
  statement.key = ruleset.short_form(ruleset.keep(normal_form(use, options, context)));
  statement.may_end = use.row == nullptr || use.row->end != catalog::TargetEnd::continues;
  return statement;
}

std::optional<NatKind> nat_kind(std::string_view name) {
  if (name == "SNAT") return NatKind::snat;
  if (name == "DNAT") return NatKind::dnat;
  if (name == "MASQUERADE") return NatKind::masquerade;
  if (name == "REDIRECT") return NatKind::redirect;
  if (name == "NETMAP") return NatKind::netmap;
  return std::nullopt;
}

NatStatement nat(NatKind kind, Options options, ValueContext& context) {
  NatStatement statement;
  statement.kind = kind;
  for (const ReadOption& option : options) {
    if (!option.is_good) continue;
    const catalog::ValueType type = option.words->row->type;
    PoolRange<Interval> all = option.value.intervals;
    if (all.count == 0) continue;
    if (type == catalog::ValueType::nat_ports) {
      statement.ports = all;
    } else {
      const bool has_ports = option.value.has_ports;
      if (has_ports) statement.ports = {all.first + all.count - 1, 1};
      if (all.count > 1 || !has_ports) statement.addresses = {all.first, 1};
    }
    // libxt_NAT.c, NAT_parse: icmp passes, too, for its query identifiers.
    const bool may_have_ports =
        context.protocol == ip_protocol::icmp ||
        (has_ports(context.protocol) && context.protocol != ip_protocol::udplite);
    if (statement.ports.count > 0 && !may_have_ports) {
      add_error(context.ruleset, option.words->span,
                fmt::format("ports in --{} of a rule that has no protocol with ports",
                            option.words->name.text),
                "needs -p tcp, udp, sctp or dccp",
                "Write one rule per protocol, each with its -p.");
    }
  }
  return statement;
}

// libxt_MARK.c, mark_tg_parse: each spelling as (mark & ~mask) ^ value.
std::optional<MarkStatement> mark(Options options, const ValueContext& context) {
  if (options.size() != 1 || !options[0].is_good) return std::nullopt;
  const std::string_view name = canonical_name(*options[0].words);
  const std::uint32_t value = number_value(options[0], context);
  const std::uint32_t mask = options[0].value.mask;
  if (name == "set-xmark") return MarkStatement{value, mask};
  if (name == "set-mark") return MarkStatement{value, value | mask};
  if (name == "and-mark") return MarkStatement{0, ~value};
  if (name == "or-mark") return MarkStatement{value, value};
  if (name == "xor-mark") return MarkStatement{value, 0};
  return std::nullopt;
}

std::string_view value_text(const ReadOption& option, ValueContext& context) {
  const std::span<const Word> words = words_of(*option.words);
  if (words.empty()) return {};
  if (words.size() == 1) return words[0].text;
  return context.ruleset.keep(fmt::format("{} {}", words[0].text, words[1].text));
}

bool modifies_another(std::string_view name) {
  return name == "mask" || name == "nfmask" || name == "ctmask" || name == "left-shift-mark" ||
         name == "right-shift-mark";
}

// CT, CONNMARK, CONNSECMARK: one statement per action, with the masks and shifts that go with it.
void conntrack(const ExtensionUse& use, Options options, ValueContext& context,
               std::vector<Statement>& statements) {
  const std::size_t before = statements.size();
  for (const ReadOption& option : options) {
    if (!option.is_good || modifies_another(canonical_name(*option.words))) continue;
    std::string_view value = value_text(option, context);
    std::string text;
    for (const ReadOption& other : options) {
      if (!other.is_good || !modifies_another(canonical_name(*other.words))) continue;
      if (text.empty()) text = value;
      if (!text.empty()) text += ' ';
      text += fmt::format("--{} {}", canonical_name(*other.words), value_text(other, context));
    }
    if (!text.empty()) value = context.ruleset.keep(std::move(text));
    statements.emplace_back(
        ConntrackStatement{canonical_name(*option.words), context.ruleset.short_form(value)});
  }
  if (statements.size() == before) {
    statements.emplace_back(ConntrackStatement{use.row->name, {}});
  }
}

void check_tcp_reset(const ReadOption& option, ValueContext& context) {
  if (option.value.normal != "tcp-reset" || context.protocol == ip_protocol::tcp) return;
  add_error(context.ruleset, option.words->span,
            "REJECT with tcp-reset in a rule that is not for TCP alone", "needs -p tcp",
            "Add -p tcp, or answer with an ICMP error.");
}

}  // namespace

void build_target(const ExtensionUse& use, std::span<const ReadOption> options,
                  ValueContext& context, std::vector<Statement>& statements) {
  if (use.row == nullptr) {
    statements.push_back(opaque(use, options, context));
    return;
  }
  const std::string_view name = use.row->name;
  if (name == "SET" && find_option(options, "map-mark") != nullptr) {
    // The mark that the set has for the packet (set_target_v3, xt_set.c, 6.1).
    Statement statement = opaque(use, options, context);
    std::get<OpaqueStatement>(statement).writes = Field::mark;
    statements.push_back(statement);
  } else if (use.row->role == catalog::Role::observe) {
    statements.emplace_back(PassiveStatement{name});
  } else if (name == "REJECT") {
    RejectStatement statement;
    if (const ReadOption* with = find_option(options, "reject-with")) {
      check_tcp_reset(*with, context);
      // The name as iptables-save prints it, without a copy where it is written so.
      const std::string_view written = with->words->values[0].text;
      statement.with =
          with->value.normal == written ? written : context.ruleset.keep(with->value.normal);
    }
    statements.emplace_back(statement);
  } else if (const auto kind = nat_kind(name)) {
    statements.emplace_back(nat(*kind, options, context));
  } else if (name == "NOTRACK" || (name == "CT" && find_option(options, "notrack") != nullptr)) {
    // Beside --notrack the kernel looks at no other option (xt_CT.c, xt_ct_tg_check, 6.1).
    statements.emplace_back(NotrackStatement{});
  } else if (name == "CT" || name == "CONNMARK" || name == "CONNSECMARK") {
    conntrack(use, options, context, statements);
    if (!all_good(options)) statements.push_back(opaque(use, options, context));
  } else if (const auto set = name == "MARK" ? mark(options, context) : std::nullopt) {
    statements.emplace_back(*set);
  } else if (name == "NFQUEUE" && all_good(options) &&
             find_option(options, "queue-bypass") == nullptr) {
    statements.emplace_back(VerdictStatement{Verdict::queue});
  } else {
    statements.push_back(opaque(use, options, context));
  }
}

}  // namespace untrack::iptables
