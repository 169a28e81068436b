// The frame: statements one after the other, dependencies, lookups. Comparisons are in
// lower_comparisons.cpp, what changes packets in lower_statements.cpp.
#include "parser/nft/lowering.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "parser/nft/token_stream.hpp"
#include "parser/nft/values.hpp"

namespace untrack::nft {
namespace {

using catalog::NftExpression;
using catalog::NftType;

constexpr std::size_t most_fields = std::tuple_size_v<decltype(SetTest::fields)>;

bool has_ports(Number protocol) {
  return protocol == 6 || protocol == 17 || protocol == 33 || protocol == 132 || protocol == 136;
}

void check_verdicts(const Node& map) {
  if (map.kind != NodeKind::set) return;
  for (const Node& element : map.children) {
    // Behind a variable, a verdict is a word like others.
    const bool is_pair = element.kind == NodeKind::mapping;
    const Node& value = is_pair ? element.children[1] : element;
    if (is_pair && value.kind == NodeKind::verdict) continue;
    throw SyntaxError{value.span, is_pair ? "no verdict" : "an element without a verdict",
                      "expected { key : verdict, ... }", "", true};
  }
}

// Whether the port of an element of `meta l4proto . th dport` is one: of other protocols, what
// stands there is not known.
bool has_ports_where_it_asks(const std::vector<NftType>& types, std::span<const Interval> key) {
  if (std::ranges::find(types, NftType::inet_service) == types.end()) return true;
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (types[i] != NftType::inet_proto) continue;
    if (key[i].first != key[i].last || !has_ports(key[i].first)) return false;
  }
  return true;
}

// Fields whose value in a set is not that of the field alone.
bool fits_in_key(const NftExpression& row) {
  return row.field && row.type != NftType::icmp_code && row.type != NftType::icmpv6_code;
}

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

std::string text_of(const Node& node) {
  const auto joined = [&](std::string_view between) {
    std::string text;
    for (const Node& child : node.children) {
      if (!text.empty()) text += between;
      text += text_of(child);
    }
    return text;
  };
  switch (node.kind) {
    case NodeKind::symbol:
    case NodeKind::selector:
    case NodeKind::any:
      return std::string(node.text);
    case NodeKind::quoted:
      return fmt::format("\"{}\"", node.text);
    case NodeKind::set_name:
      return fmt::format("@{}", node.text);
    case NodeKind::prefix:
      return joined("/");
    case NodeKind::range:
      return joined("-");
    case NodeKind::set:
      return fmt::format("{{ {} }}", joined(", "));
    case NodeKind::mapping:
      return joined(" : ");
    case NodeKind::concat:
      return joined(" . ");
    case NodeKind::list:
      return joined(",");
    case NodeKind::binary:
      return joined(fmt::format(" {} ", node.text));
    case NodeKind::negation:
      return "! " + joined("");
    case NodeKind::map:
      return joined(" map ");
    case NodeKind::vmap:
      return joined(" vmap ");
    case NodeKind::match:
      return joined(node.text.empty() ? " " : fmt::format(" {} ", node.text));
    case NodeKind::verdict:
    case NodeKind::statement:
    case NodeKind::argument: {
      const std::string rest = joined(" ");
      return rest.empty() ? std::string(node.text) : fmt::format("{} {}", node.text, rest);
    }
    case NodeKind::assign:
      return fmt::format("{} set {}", node.text, joined(""));
  }
  return {};
}

bool add_elements(NamedSet& set, const Node& elements, const std::vector<NftType>& types) {
  bool is_understood = true;
  for (const Node& element : elements.children) {
    if (element.kind == NodeKind::set) {  // a variable that stands for several
      is_understood = add_elements(set, element, types) && is_understood;
      continue;
    }
    const bool is_mapping = element.kind == NodeKind::mapping;
    const Node& key = is_mapping ? element.children[0] : element;
    const bool is_verdict = is_mapping && element.children[1].kind == NodeKind::verdict;
    if (key.kind == NodeKind::any) {
      if (is_verdict) {
        set.otherwise = verdict_of(element.children[1]);
      } else {
        is_understood = false;  // everything is in the set: rare, and not modelled
      }
      continue;
    }
    const bool is_concat = key.kind == NodeKind::concat;
    const std::size_t parts = is_concat ? key.children.size() : 1;
    if (!types.empty() && parts != types.size()) {
      throw SyntaxError{
          key.span,
          fmt::format("an element of {} where the key has {}",
                      parts == 1 ? std::string("1 part") : fmt::format("{} parts", parts),
                      types.size()),
          "nft refuses it", "", true};
    }
    if (key.has_condition || types.empty()) {
      is_understood = false;
      continue;
    }
    const std::size_t before = set.keys.size();
    bool is_known = true;
    for (std::size_t i = 0; i < parts && is_known; ++i) {
      const Node& part = is_concat ? key.children[i] : key;
      if (types[i] == NftType::ifname) {
        (void)name_of(part);  // refuses what is too long
        const auto word = static_cast<Number>(set.words.size());
        set.words.push_back(part.text);
        set.keys.push_back({word, word});
      } else if (const auto interval = interval_of(types[i], part)) {
        set.keys.push_back(*interval);
      } else {
        is_known = false;
      }
    }
    is_known = is_known && has_ports_where_it_asks(types, std::span(set.keys).subspan(before));
    if (!is_known) {
      set.keys.resize(before);
      is_understood = false;
      continue;
    }
    set.is_exception.push_back(false);
    if (is_verdict) set.verdicts.push_back(verdict_of(element.children[1]));
  }
  return is_understood;
}

void RuleLowering::add(const Span& span, const Match& match, ConstructId construct) {
  ruleset_.parts.push_back({span, construct, match});
}

void RuleLowering::add(const Span& span, const Statement& statement, ConstructId construct) {
  ruleset_.parts.push_back({span, construct, statement});
}

void RuleLowering::add_opaque(const Span& span, std::string key, bool negated,
                              ConstructId construct, bool has_history) {
  add(span, Match(OpaqueTest{ruleset_.keep(std::move(key)), negated, has_history}), construct);
}

PoolRange<Interval> RuleLowering::add_intervals(const std::vector<Interval>& intervals) {
  const PoolRange<Interval> range{static_cast<std::uint32_t>(ruleset_.intervals.size()),
                                  static_cast<std::uint32_t>(intervals.size())};
  ruleset_.intervals.insert(ruleset_.intervals.end(), intervals.begin(), intervals.end());
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
  } else if (head == "rt" && selector.find("nexthdr") != std::string_view::npos) {
    return {};
  } else if (catalog::find_nft_extension(head) != nullptr) {
    row = head;  // fib, socket, osf, numgen, jhash, symhash, rt, tunnel
  } else {
    return {};
  }
  return add_construct(row, head == "ct" ? selector : row, span, id_);
}

void RuleLowering::lower(const std::vector<Node>& statements, Rule& rule) {
  rule_ = &rule;
  id_ = RuleId(ruleset_.rules.size());
  implied_families_ = IpVersions::both();
  header_family_.reset();
  known_protocols_.clear();
  rule.parts.first = static_cast<std::uint32_t>(ruleset_.parts.size());
  rule.constructs.first = static_cast<std::uint32_t>(ruleset_.constructs.size());
  for (const Node& statement : statements) {
    const std::size_t before = ruleset_.constructs.size();
    lower(statement);
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
  if (row.ip_versions != IpVersions::both() && !table.empty()) {
    const bool names_family = row.name.starts_with("ip ") || row.name.starts_with("ip6 ");
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
  return true;
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

RuleLowering::Key RuleLowering::key_of(const Node& left) {
  Key key;
  const bool is_concat = left.kind == NodeKind::concat;
  bool is_known = !is_concat || left.children.size() <= most_fields;
  const std::size_t parts = is_concat ? left.children.size() : 1;
  const bool has_protocol = is_concat && std::ranges::any_of(left.children, [](const Node& part) {
                              return part.kind == NodeKind::selector &&
                                     (part.text == "meta l4proto" || part.text == "ip protocol");
                            });
  for (std::size_t i = 0; i < parts; ++i) {
    const Node& part = is_concat ? left.children[i] : left;
    const NftExpression* row =
        part.kind == NodeKind::selector ? catalog::find_nft_expression(part.text) : nullptr;
    const Node* inner = &part;
    while (inner->kind == NodeKind::binary) inner = &inner->children[0];
    if (inner->kind == NodeKind::selector) {
      if (const ConstructId made = construct_of(inner->text, part.span);
          made.names_something() && !key.construct.names_something()) {
        key.construct = made;
      }
      key.has_history = key.has_history || inner->text.starts_with("numgen");
    }
    if (row == nullptr || !fits_in_key(*row)) {
      is_known = false;
      continue;
    }
    // Where the key has the protocol, its elements say whether there are ports.
    if (!add_dependencies(*row, part.span) && !has_protocol) is_known = false;
    key.rows.push_back(row);
  }
  if (!is_known) key.rows.clear();
  return key;
}

SetTest RuleLowering::set_test(const Key& key, std::string_view name, bool negated) const {
  SetTest test;
  test.set_name = name;
  test.negated = negated;
  for (std::size_t i = 0; i < key.rows.size(); ++i) test.fields[i] = *key.rows[i]->field;
  test.field_count = static_cast<std::uint8_t>(key.rows.size());
  return test;
}

SetId RuleLowering::add_anonymous_set(const Key& key, const Node& elements, SetKind kind) {
  NamedSet set;
  set.kind = kind;
  set.family = family_;
  set.table = table_;
  set.span = elements.span;
  std::vector<NftType> types;
  for (const NftExpression* row : key.rows) {
    types.push_back(row->type);
    set.fields.push_back(row->type == NftType::ifname ? "iface" : "value");
  }
  set.contents_known = add_elements(set, elements, types);
  ruleset_.sets.push_back(std::move(set));
  return SetId(ruleset_.sets.size() - 1);
}

void RuleLowering::lower_lookup(const Comparison& comparison, const Key& key) {
  const Node& right = comparison.right;
  const bool negated = comparison.op == "!=";
  const bool is_set = right.kind == NodeKind::set || right.kind == NodeKind::set_name;
  if (key.rows.empty() || (!is_set && right.kind != NodeKind::concat)) {
    const Node& left = comparison.node.children[0];
    add_opaque(comparison.node.span, fmt::format("{} == {}", text_of(left), text_of(right)),
               negated, key.construct, key.has_history);
    return;
  }
  SetTest test = set_test(key, right.kind == NodeKind::set_name ? right.text : "", negated);
  if (right.kind != NodeKind::set_name) {
    Node elements = right;
    if (right.kind == NodeKind::concat) {
      elements = Node{NodeKind::set, right.span, {}, {right}, false};
    }
    test.set = add_anonymous_set(key, elements, SetKind::nft_set);
  }
  add(comparison.node.span, Match(test), key.construct);
}

void RuleLowering::lower_vmap(const Node& node) {
  const Node& right = node.children[1];
  const Key key = key_of(node.children[0]);
  VerdictMapStatement map;
  map.has_history = key.has_history;
  check_verdicts(right);
  if (right.kind == NodeKind::set_name) {
    map.key = set_test(key, right.text, false);
  } else if (right.kind == NodeKind::set) {
    map.key = set_test(key, "", false);
    map.key.set = add_anonymous_set(key, right, SetKind::nft_verdict_map);
    if (key.rows.empty()) {
      // The verdicts are known, if not whom they meet.
      NamedSet& set = ruleset_.sets[map.key.set.index()];
      set.contents_known = false;
      for (const Node& element : right.children) {
        if (element.kind == NodeKind::mapping && element.children[1].kind == NodeKind::verdict) {
          set.verdicts.push_back(verdict_of(element.children[1]));
        }
      }
    }
  } else {
    throw SyntaxError{right.span, "not a map", "expected { key : verdict, ... } or @map", "", true};
  }
  if (key.rows.empty()) {
    map.opaque_key = ruleset_.keep(
        fmt::format("{} vmap {}", text_of(node.children[0]),
                    right.kind == NodeKind::set_name ? text_of(right) : std::string("{ ... }")));
  }
  add(node.span, Statement(map), key.construct);
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
