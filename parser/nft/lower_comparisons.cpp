// Comparisons: KEY [op] VALUE as a match of the model. How nft compares flags and lists is as
// `nft --debug=netlink` of 1.0.6 shows (measured): `ct state a,b` asks for one of the bits, but
// `ct state != a,b` compares the whole value, which no packet has.
#include <fmt/format.h>

#include <algorithm>

#include "parser/nft/always_there.hpp"
#include "parser/nft/lowering.hpp"
#include "parser/nft/token_stream.hpp"
#include "parser/nft/values.hpp"

namespace untrack::nft {
namespace {

using catalog::NftExpression;
using catalog::NftType;

// The elements of { ... }, or the value alone.
std::vector<const Node*> values_of(const Node& right) {
  std::vector<const Node*> values;
  if (right.kind == NodeKind::set) {
    for (const Node& element : right.children) {
      if (element.kind == NodeKind::set) {
        for (const Node& inner : element.children) values.push_back(&inner);
      } else {
        values.push_back(&element);
      }
    }
  } else {
    values.push_back(&right);
  }
  return values;
}

bool is_equality(std::string_view op) { return op.empty() || op == "==" || op == "!="; }

}  // namespace

void RuleLowering::lower_comparison(const Node& node) {
  const Comparison comparison{node, node.text, node.children[1]};
  const Node& left = node.children[0];
  const Node& right = comparison.right;
  if (left.kind == NodeKind::concat || right.kind == NodeKind::set_name) {
    return lower_lookup(comparison, key_of(left));
  }
  const auto opaque = [&](ConstructId construct, bool has_history) {
    // One variable for a test and its opposite, where one of them holds of each packet.
    const bool negated = comparison.op == "!=" && is_always_there(first_selector(left));
    const std::string_view op =
        negated || comparison.op.empty() ? std::string_view("==") : comparison.op;
    add_opaque(node.span, fmt::format("{} {} {}", text_of(left), op, text_of(right)), negated,
               construct, has_history);
  };
  const Node& asked = left.kind == NodeKind::binary ? left.children[0] : left;
  const NftExpression* row = catalog::find_nft_expression(asked.text);
  check_comparison(asked, right);
  if (left.kind == NodeKind::binary) {
    if (lower_fragments(comparison)) return;
    if (auto match = masked_test(comparison)) {
      add(node.span, *match);
      note_protocols(*match);
      return;
    }
    const Node* inner = &left;
    while (inner->kind == NodeKind::binary) inner = &inner->children[0];
    if (const NftExpression* of = catalog::find_nft_expression(inner->text);
        of != nullptr && of->field != Field::family) {
      add_dependencies(*of, inner->span);
    }
    return opaque(
        inner->kind == NodeKind::selector ? construct_of(inner->text, inner->span) : ConstructId(),
        is_drawn_anew(inner->text));
  }
  if (left.text == "frag frag-off" && (comparison.op == "!=" || comparison.op == ">") &&
      number_of(NftType::integer, right) == Number{0}) {
    return add_later_fragment(node.span, IpVersion::ipv6, true);
  }
  const ConstructId construct = construct_of(left.text, node.span);
  if (row != nullptr) {
    if (row->field != Field::family && !add_dependencies(*row, left.span)) {
      return opaque(construct, false);
    }
    if (auto match = test_of(comparison, *row)) {
      add(node.span, *match, construct);
      note_protocols(*match);
      return;
    }
  }
  opaque(construct, is_drawn_anew(left.text));
}

std::optional<Match> RuleLowering::test_of(const Comparison& comparison, const NftExpression& row) {
  if (!row.field) return std::nullopt;
  switch (row.type) {
    case NftType::ct_state:
      return state_test(comparison);
    case NftType::ifname:
      return name_test(comparison, *row.field);
    case NftType::tcp_flag:
      return flags_test(comparison);
    case NftType::nf_proto:
    case NftType::ether_type:
      return family_test(comparison, row.type);
    case NftType::integer:
    case NftType::ipv4_addr:
    case NftType::ipv6_addr:
    case NftType::ether_addr:
    case NftType::inet_proto:
    case NftType::inet_service:
    case NftType::mark:
    case NftType::icmp_type:
    case NftType::icmpv6_type:
    case NftType::icmp_code:
    case NftType::icmpv6_code:
    case NftType::packet_type:
    case NftType::dscp:
    case NftType::ecn:
    case NftType::fib_addrtype:
    case NftType::boolean:
    case NftType::ct_status:
    case NftType::ct_dir:
    case NftType::arp_op:
    case NftType::dccp_type:
    case NftType::mh_type:
    case NftType::igmp_type:
    case NftType::other:
      return values_test(comparison, row);
  }
  return std::nullopt;
}

std::optional<Match> RuleLowering::state_test(const Comparison& comparison) {
  if (!is_equality(comparison.op)) return std::nullopt;
  const Node* right = &comparison.right;
  StateTest test;
  const auto add_state = [&](const Node& node) {
    const auto state = number_of(NftType::ct_state, node);
    if (state) test.states = test.states | static_cast<CtState>(static_cast<unsigned>(*state));
    return state.has_value();
  };
  if (right->kind == NodeKind::set) {
    test.negated = comparison.op == "!=";
    for (const Node& element : right->children) {
      // Flags together are a value that no packet has.
      if (element.kind == NodeKind::binary) continue;
      if (element.kind == NodeKind::any) {
        for (const CtState state : {CtState::invalid, CtState::new_, CtState::established,
                                    CtState::related, CtState::untracked}) {
          test.states = test.states | state;
        }
        continue;
      }
      if (!add_state(element)) return std::nullopt;
    }
    return test;
  }
  // As input `a | b` asks for one of the bits; nft 1.0.6 prints `== a,b`, which compares the whole
  // value, in the same words.
  if (right->kind == NodeKind::binary && comparison.op.empty()) return std::nullopt;
  const bool is_negation = right->kind == NodeKind::negation;
  if (is_negation) right = &right->children[0];
  std::vector<const Node*> states;
  const auto collect = [&](const auto& self, const Node& node) -> void {
    if (node.kind == NodeKind::list || node.kind == NodeKind::binary) {
      for (const Node& child : node.children) self(self, child);
    } else {
      states.push_back(&node);
    }
  };
  collect(collect, *right);
  for (const Node* state : states) {
    if (!add_state(*state)) return std::nullopt;
  }
  test.negated = comparison.op == "!=" || is_negation;
  const bool compares_whole = !comparison.op.empty() && states.size() > 1 && !is_negation;
  if (compares_whole) test.states = {};
  return test;
}

std::optional<Match> RuleLowering::name_test(const Comparison& comparison, Field field) {
  if (!is_equality(comparison.op)) return std::nullopt;
  NameTest test;
  test.field = field;
  test.negated = comparison.op == "!=";
  test.names.first = static_cast<std::uint32_t>(ruleset_.names.size());
  std::vector<NamePattern> names;
  for (const Node* value : values_of(comparison.right)) {
    if (value->kind == NodeKind::any) {
      names.push_back({"", true});
      continue;
    }
    if (value->kind != NodeKind::symbol && value->kind != NodeKind::quoted) return std::nullopt;
    names.push_back(name_of(*value));
  }
  test.names.count = static_cast<std::uint32_t>(names.size());
  ruleset_.names.insert(ruleset_.names.end(), names.begin(), names.end());
  return test;
}

std::optional<Match> RuleLowering::family_test(const Comparison& comparison, NftType type) {
  if (!is_equality(comparison.op)) return std::nullopt;
  IpVersions versions;
  for (const Node* value : values_of(comparison.right)) {
    const auto numbers =
        value->kind == NodeKind::any ? std::optional(every_value(type)) : interval_of(type, *value);
    if (!numbers) return std::nullopt;
    for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
      const Number number = nf_proto(version);
      if (numbers->first <= number && number <= numbers->last) versions = versions | version;
    }
  }
  if (comparison.op == "!=") {
    const bool has_v4 = versions.has(IpVersion::ipv4);
    const bool has_v6 = versions.has(IpVersion::ipv6);
    versions = has_v4 && has_v6 ? IpVersions::none()
               : has_v4         ? IpVersions(IpVersion::ipv6)
               : has_v6         ? IpVersions(IpVersion::ipv4)
                                : IpVersions::both();
  }
  implied_families_ = versions;
  // nft takes it for the header, too; `meta protocol` it does not (measured).
  const bool is_one = versions == IpVersion::ipv4 || versions == IpVersion::ipv6;
  const std::string_view asked = comparison.node.children[0].text;
  if (is_one && comparison.op != "!=" && comparison.right.kind == NodeKind::symbol &&
      (asked == "meta nfproto" || asked == "ether type")) {
    header_family_ = versions;
  }
  return FamilyTest{versions};
}

// flags F: one of the bits; flags == F: these alone; flags F / M: of M these alone.
std::optional<Match> RuleLowering::flags_test(const Comparison& comparison) {
  constexpr Number all = 255;
  const Node& right = comparison.right;
  FieldTest test;
  test.field = Field::tcp_flags;
  test.negated = comparison.op == "!=";
  if (!is_equality(comparison.op)) return std::nullopt;
  std::vector<Interval> values;
  if (right.kind == NodeKind::set) {
    for (const Node& element : right.children) {
      if (element.kind == NodeKind::any) {
        values.push_back({0, all});
        continue;
      }
      const auto flags = number_of(NftType::tcp_flag, element);
      if (!flags) return std::nullopt;
      values.push_back({*flags, *flags});
    }
    test.values = add_intervals(values);
    return test;
  }
  // `syn,ack / fin,syn` is read as a list with a prefix in it.
  const Node* list = right.kind == NodeKind::negation ? &right.children[0] : &right;
  std::vector<const Node*> parts;
  if (list->kind == NodeKind::list) {
    for (const Node& child : list->children) parts.push_back(&child);
  } else {
    parts.push_back(list);
  }
  std::optional<Number> mask;
  Number flags = 0;
  for (const Node* part : parts) {
    const bool is_prefix = part->kind == NodeKind::prefix;
    const auto value = number_of(NftType::tcp_flag, is_prefix ? part->children[0] : *part);
    if (!value) return std::nullopt;
    if (!mask) {
      flags |= *value;
    } else {
      *mask |= *value;
    }
    if (!is_prefix) continue;
    mask = number_of(NftType::tcp_flag, part->children[1]);
    if (!mask) return std::nullopt;
  }
  if (right.kind == NodeKind::negation) {
    test.mask = static_cast<std::uint32_t>(flags);
    test.values = add_intervals({{0, 0}});
    return test;
  }
  if (mask) {
    test.mask = static_cast<std::uint32_t>(*mask);
    test.values = add_intervals({{flags, flags}});
    return test;
  }
  if (comparison.op.empty()) {
    test.mask = static_cast<std::uint32_t>(flags);
    test.values = add_intervals({{1, all}});
    return test;
  }
  test.mask = static_cast<std::uint32_t>(all);
  test.values = add_intervals({{flags, flags}});
  return test;
}

std::optional<Match> RuleLowering::values_test(const Comparison& comparison,
                                               const NftExpression& row) {
  FieldTest test;
  test.field = *row.field;
  const bool is_code = row.type == NftType::icmp_code || row.type == NftType::icmpv6_code;
  if (is_code) test.mask = 0xff;
  const Number largest = row.type == NftType::ipv6_addr    ? ~Number{0}
                         : row.type == NftType::ether_addr ? (Number{1} << 48U) - 1
                                                           : Number{0xffffffffU};
  std::vector<Interval> values;
  if (is_equality(comparison.op)) {
    test.negated = comparison.op == "!=";
    for (const Node* value : values_of(comparison.right)) {
      if (value->kind == NodeKind::list || value->kind == NodeKind::negation) {
        throw SyntaxError{value->span, "a list where one value belongs",
                          "nft refuses it: these are no flags", "Write a set: { a, b }.", true};
      }
      const auto interval = value->kind == NodeKind::any ? std::optional(every_value(row.type))
                                                         : interval_of(row.type, *value, row.bits);
      if (!interval || value->has_condition) return std::nullopt;
      values.push_back(*interval);
    }
  } else {
    const auto interval = interval_of(row.type, comparison.right, row.bits);
    if (!interval) return std::nullopt;
    if (comparison.op == "<" && interval->first > 0) values.push_back({0, interval->first - 1});
    if (comparison.op == "<=") values.push_back({0, interval->last});
    if (comparison.op == ">" && interval->last < largest) {
      values.push_back({interval->last + 1, largest});
    }
    if (comparison.op == ">=") values.push_back({interval->first, largest});
  }
  test.values = add_intervals(values);
  return test;
}

// `ip frag-off & 0x1fff != 0`: a later fragment. In IPv6 the header is there in fragments alone
// (nft_exthdr.c, 6.1), and so `frag frag-off != 0` asks for the same.
bool RuleLowering::lower_fragments(const Comparison& comparison) {
  const Node& left = comparison.node.children[0];
  if (left.children[0].text != "ip frag-off" || left.text != "&") return false;
  const auto mask = number_of(NftType::integer, left.children[1]);
  const auto value = number_of(NftType::integer, comparison.right);
  if (mask != Number{0x1fff} || value != Number{0} || !is_equality(comparison.op)) return false;
  add_later_fragment(comparison.node.span, IpVersion::ipv4, comparison.op == "!=");
  return true;
}

void RuleLowering::add_later_fragment(const Span& span, IpVersion version, bool is_later) {
  if (ip_versions(family_) != IpVersions(version) && implied_families_ != version) {
    add(span, Match(FamilyTest{version}));
    implied_families_ = version;
  }
  FieldTest test;
  test.field = Field::later_fragment;
  const Number value = is_later ? 1 : 0;
  test.values = add_intervals({{value, value}});
  add(span, Match(test));
}

// FIELD & MASK op VALUE
std::optional<Match> RuleLowering::masked_test(const Comparison& comparison) {
  const Node& left = comparison.node.children[0];
  if (left.children[0].kind != NodeKind::selector) return std::nullopt;
  const NftExpression* row = catalog::find_nft_expression(left.children[0].text);
  if (row == nullptr || !row->field || left.text != "&" || !is_equality(comparison.op)) {
    return std::nullopt;
  }
  const bool is_mark = row->type == NftType::mark;
  const bool is_narrow = is_mark || row->type == NftType::tcp_flag || row->type == NftType::dscp;
  const bool is_address = row->type == NftType::ipv4_addr || row->type == NftType::ipv6_addr;
  const bool is_integer = row->type == NftType::integer && row->bits != 0;
  if (!is_narrow && !is_address && !is_integer) return std::nullopt;
  const auto mask = number_of(row->type, left.children[1]);
  if (!mask) return std::nullopt;
  std::vector<Interval> values;
  for (const Node* value : values_of(comparison.right)) {
    const auto number = number_of(row->type, *value);
    if (!number) return std::nullopt;
    values.push_back({*number, *number});
  }
  if (!add_dependencies(*row, left.span)) return std::nullopt;
  FieldTest test;
  test.field = *row->field;
  test.negated = comparison.op == "!=";
  if (is_address || is_integer) {
    // A mask of leading ones is a network; others have no interval.
    const Number all = is_integer ? (Number{1} << row->bits) - 1 : every_value(row->type).last;
    const Number rest = all & ~*mask;
    if ((rest & (rest + 1)) != 0) return std::nullopt;
    for (Interval& value : values) {
      if ((value.first & rest) != 0) return std::nullopt;
      value.last = value.first | rest;
    }
  } else {
    test.mask = static_cast<std::uint32_t>(*mask);
  }
  test.values = add_intervals(values);
  return test;
}

}  // namespace untrack::nft
