// The frame: statements one after the other, and dependencies. Comparisons are in
// lower_comparisons.cpp, look-ups in lower_sets.cpp, what changes packets in lower_statements.cpp.
#include "parser/nft/lowering.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/ip_protocol.hpp"
#include "parser/nft/token_stream.hpp"
#include "parser/nft/values.hpp"

namespace untrack::nft {
namespace {

using catalog::NftExpression;
using catalog::NftType;

bool names_icmp_type(const Node& node) {
  const bool is_type = node.text == "icmp type" || node.text == "icmpv6 type";
  return (node.kind == NodeKind::selector && is_type) ||
         std::ranges::any_of(node.children, names_icmp_type);
}

// Whether nft knows the family behind the statement: it asks for it in front of a header, and takes
// it from nfproto and ether type (measured); of `meta protocol` and addresses of ct it does not.
bool names_network(const Node& node) {
  if (node.kind == NodeKind::selector) {
    const std::string_view head = node.text.substr(0, node.text.find(' '));
    return catalog::has_word("ip ip6 icmp icmpv6 igmp arp hbh dst frag rt srh mh exthdr", head) &&
           !node.text.ends_with("nexthop") && !node.text.ends_with("classid") &&
           !node.text.ends_with(" mtu");
  }
  if (node.kind == NodeKind::match && node.text != "!=" &&
      node.children[0].kind == NodeKind::selector) {
    const std::string_view asked = node.children[0].text;
    if (asked == "meta nfproto" || asked == "ether type") return true;
  }
  return std::ranges::any_of(node.children, names_network);
}

// Fields that stand in some messages of ICMP alone: nft asks for their types in front, unless the
// rule has named one (`nft --debug=netlink`, 1.0.6, measured).
struct FieldOfMessages {
  std::string_view name;
  std::array<Number, 2> types;  // one of them, or twice the same
};
constexpr std::array<FieldOfMessages, 8> fields_of_messages = {{
    {"icmp gateway", {5, 5}},
    {"icmp id", {0, 8}},
    {"icmp mtu", {3, 3}},
    {"icmp sequence", {0, 8}},
    {"icmpv6 id", {128, 129}},
    {"icmpv6 max-delay", {130, 130}},
    {"icmpv6 mtu", {2, 2}},
    {"icmpv6 sequence", {128, 129}},
}};

}  // namespace

Statement verdict_of(const Node& verdict) {
  if (verdict.text == "jump" || verdict.text == "goto") {
    return JumpStatement{verdict.children.empty() ? std::string_view() : verdict.children[0].text,
                         {},
                         verdict.text == "goto"};
  }
  if (verdict.text == "accept") return VerdictStatement{Verdict::accept};
  if (verdict.text == "return") return VerdictStatement{Verdict::return_};
  if (verdict.text == "continue") return VerdictStatement{Verdict::continue_};
  if (verdict.text == "queue") return VerdictStatement{Verdict::queue};
  return VerdictStatement{Verdict::drop};
}

TextPlace RuleLowering::place_of(const Span& span) const {
  return span.source == rule_->line.source ? span : rule_->text;
}

void RuleLowering::add(const Span& span, const Match& match, ConstructId construct) {
  ruleset_.parts.push_back({place_of(span), construct, match});
}

void RuleLowering::add(const Span& span, const Statement& statement, ConstructId construct) {
  ruleset_.parts.push_back({place_of(span), construct, statement});
}

void RuleLowering::add_opaque(const Span& span, std::string key, bool negated,
                              ConstructId construct, bool has_history) {
  add(span, Match(OpaqueTest{ruleset_.keep(std::move(key)), negated, has_history}), construct);
}

PoolRange<Interval> RuleLowering::add_intervals(const std::vector<Interval>& intervals) {
  const PoolRange<Interval> range{static_cast<std::uint32_t>(ruleset_.intervals.size()),
                                  static_cast<std::uint32_t>(intervals.size())};
  for (const Interval& interval : intervals) ruleset_.intervals.push_back(interval);
  return range;
}

ConstructId RuleLowering::add_construct(std::string_view row, std::string_view name,
                                        const Span& span, RuleId rule, IpVersions versions) {
  Construct construct;
  construct.extension = catalog::find_nft_extension(row);
  construct.name = name;
  construct.language = Language::nft;
  construct.kind =
      construct.extension == nullptr ? catalog::ExtensionKind::target : construct.extension->kind;
  construct.span = span;
  construct.rule = rule;
  construct.ip_versions = versions;
  ruleset_.constructs.push_back(construct);
  return ConstructId(ruleset_.constructs.size() - 1);
}

ConstructId RuleLowering::add_deed(std::string_view row, const Node& statement,
                                   IpVersions versions) {
  const ConstructId id = add_construct(row, statement.span, versions);
  // A flowtable stands behind `flow add` as it is, and is no argument.
  const bool is_bare = row == "flow add" && statement.children.empty();
  std::string text = ordered_text_of(statement);
  if (const std::size_t at = source_.find('@', statement.span.begin);
      is_bare && at < statement.span.end) {
    const std::size_t end = source_.find_first_of(" \t\n;}\"", at);
    text = fmt::format("{} {}", row,
                       source_.substr(at, std::min<std::size_t>(end, statement.span.end) - at));
  }
  constexpr std::string_view argument = " address ";  // what stands behind `to`
  const std::size_t to = text.find(argument);
  if (to != std::string::npos) text.replace(to, argument.size(), " to ");
  give_words(id, std::move(text), statement.span);
  return id;
}

void RuleLowering::give_words(ConstructId construct, std::string words, const Span& span) {
  OptionUse deed;
  deed.value = ruleset_.keep(std::move(words));
  deed.span = span;
  ruleset_.constructs[construct.index()].options = {
      static_cast<std::uint32_t>(ruleset_.options.size()), 1};
  ruleset_.options.push_back(deed);
}

ConstructId RuleLowering::construct_of(std::string_view selector, const Span& span) {
  const std::string_view head = selector.substr(0, selector.find(' '));
  std::string_view row;
  if (head == "ct") {
    const std::string_view key = selector.substr(selector.rfind(' ') + 1);
    row = key == "state"    ? "ct state"
          : key == "mark"   ? "ct mark"
          : key == "label"  ? "ct label"
          : key == "helper" ? "ct helper read"
          : key == "zone"   ? "ct zone"
                            : "ct entry";
  } else if (head == "ipsec") {
    row = "xfrm";
  } else {
    const bool is_header = head == "rt" && selector.find("nexthdr") != std::string_view::npos;
    // fib, socket, osf, numgen, jhash, symhash, rt, tunnel
    if (is_header || catalog::find_nft_extension(head) == nullptr) return {};
    row = head;
  }
  return add_construct(row, head == "ct" ? selector : row, span, id_);
}

void RuleLowering::lower(const std::vector<Node>& statements, Rule& rule) {
  rule_ = &rule;
  id_ = RuleId(ruleset_.rules.size());
  implied_families_ = IpVersions::both();
  header_family_.reset();
  knows_network_ = false;
  knows_icmp_type_ = false;
  known_protocols_.clear();
  rule.parts.first = static_cast<std::uint32_t>(ruleset_.parts.size());
  rule.constructs.first = static_cast<std::uint32_t>(ruleset_.constructs.size());
  for (const Node& statement : statements) {
    const std::size_t before = ruleset_.constructs.size();
    lower(statement);
    knows_network_ = knows_network_ || names_network(statement);
    knows_icmp_type_ = knows_icmp_type_ || names_icmp_type(statement);
    note_connection(statement, before);
    refuse_tracking(statement, before);
  }
  rule.parts.count = static_cast<std::uint32_t>(ruleset_.parts.size()) - rule.parts.first;
  rule.constructs.count =
      static_cast<std::uint32_t>(ruleset_.constructs.size()) - rule.constructs.first;
}

void RuleLowering::lower(const Node& statement) {
  const bool is_lookup = statement.kind == NodeKind::match || statement.kind == NodeKind::vmap;
  if (is_lookup && statement.children[1].kind == NodeKind::set &&
      statement.children[1].children.empty()) {
    throw SyntaxError{statement.children[1].span, "a set without elements", "nft refuses it", "",
                      true};
  }
  if (statement.kind == NodeKind::match && statement.children[1].kind == NodeKind::set) {
    for (const Node& element : statement.children[1].children) {
      if (element.kind != NodeKind::mapping) continue;
      throw SyntaxError{element.span, "a value in a set", "nft refuses it",
                        "Write vmap in front of { key : verdict, ... }.", true};
    }
  }
  switch (statement.kind) {
    case NodeKind::match:
      return lower_comparison(statement);
    case NodeKind::vmap:
      return lower_vmap(statement);
    case NodeKind::assign:
      return lower_assign(statement);
    case NodeKind::verdict:
      return add(statement.span, verdict_of(statement));
    case NodeKind::statement:
      return lower_statement(statement);
    case NodeKind::symbol:
    case NodeKind::quoted:
    case NodeKind::set_name:
    case NodeKind::any:
    case NodeKind::prefix:
    case NodeKind::range:
    case NodeKind::set:
    case NodeKind::mapping:
    case NodeKind::concat:
    case NodeKind::list:
    case NodeKind::binary:
    case NodeKind::negation:
    case NodeKind::selector:
    case NodeKind::map:
    case NodeKind::argument:
      return;
  }
}

bool RuleLowering::add_dependencies(const NftExpression& row, const Span& span) {
  const IpVersions table = ip_versions(family_);
  const bool is_of_arp = row.name.starts_with("arp ");
  const bool is_wrong_kind = family_ == Family::arp
                                 ? row.protocol != 0 || row.ip_versions != IpVersions::both()
                                 : is_of_arp && !table.empty();
  if (is_wrong_kind) {
    throw SyntaxError{span, fmt::format("{} in a table of family {}", row.name, to_text(family_)),
                      "no packet here has it; nft refuses it", "", true};
  }
  if (row.ip_versions != IpVersions::both() && !table.empty()) {
    const bool is_extension_header = row.protocol == 0 && row.ip_versions == IpVersion::ipv6;
    const bool names_family = row.name.starts_with("ip ") || is_extension_header;
    if ((table & row.ip_versions).empty() && names_family) {
      throw SyntaxError{span, fmt::format("{} in a table of family {}", row.name, to_text(family_)),
                        fmt::format("no packet here has it; nft refuses it"),
                        "Use a table of family inet, or the expression of the other family.", true};
    }
    if (names_family && header_family_ && *header_family_ != row.ip_versions) {
      throw SyntaxError{span, fmt::format("{} in a packet of the other family", row.name),
                        "the rule has named one before; nft refuses it", "Write two rules.", true};
    }
    if (names_family) header_family_ = row.ip_versions;
    if (row.name.starts_with("icmp") && !header_family_) header_family_ = row.ip_versions;
    if (table != row.ip_versions && implied_families_ != row.ip_versions) {
      add(span, Match(FamilyTest{row.ip_versions}));
      implied_families_ = row.ip_versions;
    }
  }
  const bool is_port = row.type == NftType::inet_service;
  if (row.protocol == 0) {
    return !is_port ||
           (!known_protocols_.empty() &&
            std::ranges::all_of(known_protocols_, [](Number p) { return has_ports(p); }));
  }
  if (known_protocols_.size() == 1 && known_protocols_[0] != row.protocol) {
    throw SyntaxError{span, fmt::format("{} in a packet of another protocol", row.name),
                      "the rule has named one before; nft refuses it", "Write two rules.", true};
  }
  if (known_protocols_ != std::vector<Number>{row.protocol}) {
    FieldTest test;
    test.field = Field::protocol;
    test.values = add_intervals({{row.protocol, row.protocol}});
    add(span, Match(test));
    known_protocols_ = {row.protocol};
  }
  add_message_types(row, span);
  return true;
}

void RuleLowering::add_message_types(const NftExpression& row, const Span& span) {
  const auto* found = std::ranges::find(fields_of_messages, row.name, &FieldOfMessages::name);
  if (found == fields_of_messages.end() || knows_icmp_type_) return;
  knows_icmp_type_ = true;
  FieldTest test;
  test.field = Field::icmp_type_code;
  std::vector<Interval> types;
  for (const Number type : found->types) {
    const Interval all_codes{type * 256, type * 256 + 255};
    if (types.empty() || types.back() != all_codes) types.push_back(all_codes);
  }
  test.values = add_intervals(types);
  add(span, Match(test));
}

void RuleLowering::note_protocols(const Match& match) {
  const auto* test = std::get_if<FieldTest>(&match);
  if (test == nullptr || test->field != Field::protocol || test->negated) return;
  known_protocols_.clear();
  for (const Interval& values : slice(ruleset_.intervals, test->values)) {
    for (Number value = values.first; value <= values.last; ++value) {
      known_protocols_.push_back(value);
    }
  }
}

std::string RuleLowering::words_of(const Span& span) const {
  std::string words;
  bool is_blank = false;
  for (const char c : source_.substr(span.begin, span.size())) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      is_blank = true;
      continue;
    }
    if (is_blank && !words.empty()) words += ' ';
    is_blank = false;
    words += c;
  }
  return words;
}

}  // namespace untrack::nft
