#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "parser/iptables/build_target.hpp"
#include "parser/iptables/check_extension.hpp"
#include "parser/iptables/problems.hpp"
#include "parser/iptables/rule_builder.hpp"
#include "parser/iptables/values/addresses.hpp"
#include "parser/iptables/values/interfaces.hpp"
#include "parser/iptables/values/protocols.hpp"

namespace untrack::iptables {

void RuleBuilder::add_part(const Span& span, ConstructId construct,
                           const std::variant<Match, Statement>& what) {
  ruleset_.parts.push_back({span, construct, what});
}

void RuleBuilder::add_opaque_test(const Span& span, ConstructId construct, std::string key,
                                  bool negated, bool has_history) {
  OpaqueTest test;
  test.key = ruleset_.keep(std::move(key));
  test.negated = negated;
  test.has_history = has_history;
  add_part(span, construct, test);
}

void RuleBuilder::add_address(const BuiltinUse& use, Field field, std::string_view option) {
  if (!use.is_given) return;
  Value value;
  const bool is_good = read_address_list(context_, use.value, value);
  const auto count = static_cast<std::uint32_t>(1 + std::ranges::count(use.value.text, ','));
  // A rule of 1,000 x 1,000 addresses is refused by no one but the kernel's memory.
  rule_.copies = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(std::uint64_t{rule_.copies} * count, UINT32_MAX));
  negated_addresses_ = negated_addresses_ || use.negated;
  if (!is_good || value.is_opaque) {
    add_opaque_test(
        use.span, {},
        fmt::format("--{} {}", option, is_good ? std::string_view(value.normal) : use.value.text),
        use.negated);
    return;
  }
  FieldTest test;
  test.field = field;
  test.negated = use.negated;
  test.values = value.intervals;
  add_part(use.span, {}, test);
}

void RuleBuilder::add_interface(const BuiltinUse& use, Field field, std::string_view option) {
  if (!use.is_given) return;
  NamePattern pattern;
  if (!read_interface(context_, use.value, pattern)) {
    add_opaque_test(use.span, {}, fmt::format("--{} {}", option, use.value.text), use.negated);
    return;
  }
  NameTest test;
  test.field = field;
  test.negated = use.negated;
  test.names = {static_cast<std::uint32_t>(ruleset_.names.size()), 1};
  ruleset_.names.push_back(pattern);
  add_part(use.span, {}, test);
}

void RuleBuilder::add_protocol() {
  const BuiltinUse& use = words_.protocol;
  if (!use.is_given) return;
  const auto number = read_protocol(context_, use.value);
  if (!number) {
    add_opaque_test(use.span, {}, fmt::format("--protocol {}", use.value.text), use.negated);
    return;
  }
  if (*number == 0) {
    if (!use.negated) return;  // all
    refuse(context_, use.value, "rule that never matches, for no protocol");
  } else if (!use.negated) {
    context_.protocol = *number;
  }
  Value value;
  add_interval(context_, value, *number, *number);
  FieldTest test;
  test.field = Field::protocol;
  test.negated = use.negated;
  test.values = value.intervals;
  // -p 0 is every protocol, and negated it is none.
  if (*number == 0) ruleset_.intervals.set(test.values.first, {0, 255});
  add_part(use.span, {}, test);
}

void RuleBuilder::add_fragment() {
  const BuiltinUse& use = words_.fragment;
  if (!use.is_given) return;
  Value value;
  add_interval(context_, value, 1, 1);
  FieldTest test;
  test.field = Field::later_fragment;
  test.negated = use.negated;
  test.values = value.intervals;
  add_part(use.span, {}, test);
}

void RuleBuilder::add_jump() {
  const BuiltinUse& use = words_.jump;
  if (!use.is_given) return;
  const std::string_view name = use.value.text;
  if (!words_.is_goto) {
    // The verdicts of libxtables' "standard" target.
    std::optional<Verdict> verdict;
    if (name == "ACCEPT") verdict = Verdict::accept;
    if (name == "DROP") verdict = Verdict::drop;
    if (name == "RETURN") verdict = Verdict::return_;
    if (name == "QUEUE") verdict = Verdict::queue;
    if (verdict) {
      if (verdict == Verdict::drop && place_.table == "nat") {
        refuse(context_, use.value, "target for filtering in the nat table", "iptables refuses it",
               "Drop in the filter table, or in raw.");
      }
      add_part(use.span, {}, VerdictStatement{*verdict});
      return;
    }
  }
  JumpStatement jump;
  jump.chain_name = name;
  jump.is_goto = words_.is_goto;
  add_part(use.span, {}, jump);
}

void RuleBuilder::build() {
  rule_.parts.first = static_cast<std::uint32_t>(ruleset_.parts.size());
  rule_.constructs.first = static_cast<std::uint32_t>(ruleset_.constructs.size());

  // ip_packet_match (net/ipv4/netfilter/ip_tables.c, 6.1).
  add_address(words_.source, Field::source_address, "source");
  add_address(words_.destination, Field::destination_address, "destination");
  add_interface(words_.in_interface, Field::in_interface, "in-interface");
  add_interface(words_.out_interface, Field::out_interface, "out-interface");
  add_protocol();
  add_fragment();
  if (negated_addresses_ && rule_.copies > 1) {
    const BuiltinUse& use = words_.source.negated ? words_.source : words_.destination;
    add_error(ruleset_, use.span, "! together with more than one source or destination address",
              "iptables would make a rule for each address, and all of them match",
              "Use an ipset, or a chain that returns for each address.");
  }
  for (const Word& stray : words_.strays) {
    add_opaque_test(stray.span, {}, fmt::format("argument {}", stray.text), false, true);
  }

  // The options of one use together, as they mostly stand.
  if (!std::ranges::is_sorted(words_.options, {}, &ExtensionOption::use)) {
    std::ranges::stable_sort(words_.options, {}, &ExtensionOption::use);
  }
  const ExtensionUse* target = nullptr;
  ConstructId target_construct;
  std::span<const ExtensionOption> target_options;
  std::span<const ExtensionOption> rest(words_.options);
  for (std::uint32_t i = 0; i < words_.uses.size(); ++i) {
    const ExtensionUse& use = words_.uses[i];
    std::size_t count = 0;
    while (count < rest.size() && rest[count].use == i) ++count;
    const std::span<const ExtensionOption> options = rest.first(count);
    rest = rest.subspan(count);
    const ConstructId construct = add_construct(use, options);
    if (use.kind == catalog::ExtensionKind::target) {
      target = &use;
      target_construct = construct;
      target_options = options;
      continue;
    }
    check_extension(use, options, context_, place_);
    read_options(options);
    add_match(use, construct);
  }
  if (target != nullptr) {
    check_extension(*target, target_options, context_, place_);
    read_options(target_options);
    std::vector<Statement> statements;
    build_target(*target, read_, context_, statements);
    for (const Statement& statement : statements) {
      add_part(target->span, target_construct, statement);
    }
  } else {
    add_jump();
  }
  rule_.parts.count = static_cast<std::uint32_t>(ruleset_.parts.size()) - rule_.parts.first;
  rule_.constructs.count =
      static_cast<std::uint32_t>(ruleset_.constructs.size()) - rule_.constructs.first;
}

void build_rule(RuleWords& words, const RulePlace& place, Ruleset& ruleset, Rule& rule) {
  RuleBuilder(words, place, ruleset, rule).build();
}

}  // namespace untrack::iptables
