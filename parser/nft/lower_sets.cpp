// Sets, maps and verdict maps: what their keys are made of, their elements, and the look-ups of
// rules.
#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "model/ip_protocol.hpp"
#include "parser/nft/always_there.hpp"
#include "parser/nft/element_conflicts.hpp"
#include "parser/nft/lowering.hpp"
#include "parser/nft/token_stream.hpp"
#include "parser/nft/values.hpp"

namespace untrack::nft {
namespace {

using catalog::NftExpression;
using catalog::NftType;

constexpr std::size_t most_fields = std::tuple_size_v<decltype(SetTest::fields)>;

void check_verdicts(const Node& map) {
  if (map.kind != NodeKind::set) return;
  for (const Node& element : map.children) {
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

// The values of a field that are as an element has them where a mask is laid over them.
std::vector<Interval> values_under(const Interval& wanted, const Number& mask,
                                   const Number& largest) {
  std::vector<Interval> values;
  for (Number value = 0; value <= largest; ++value) {
    const Number masked = value & mask;
    if (masked < wanted.first || wanted.last < masked) continue;
    if (!values.empty() && values.back().last + 1 == value) {
      values.back().last = value;
    } else {
      values.push_back({value, value});
    }
  }
  return values;
}

// Flags together are a value that no packet has.
bool has_no_packet(const Node& part, NftType type) {
  return type == NftType::ct_state && part.kind == NodeKind::binary;
}

// What one part of a key may be, of those that some packet has; nullopt: it is not understood.
std::optional<Interval> value_of(NamedSet& set, const Node& part, NftType type) {
  if (type == NftType::ifname) {
    (void)name_of(part);  // refuses what is too long
    const auto word = static_cast<Number>(set.words.size());
    set.words.push_back(part.text);
    return Interval{word, word};
  }
  return part.kind == NodeKind::any ? std::optional(every_value(type)) : interval_of(type, part);
}

// The same under a mask, which may leave several values; no value: no packet has it.
std::optional<std::vector<Interval>> values_of(NamedSet& set, const Node& part, NftType type,
                                               const Number* mask) {
  using Values = std::vector<Interval>;
  if (has_no_packet(part, type)) return Values{};
  const auto wanted = value_of(set, part, type);
  if (!wanted) return std::nullopt;
  if (mask == nullptr || part.kind == NodeKind::any || type == NftType::ifname) {
    return Values{*wanted};
  }
  const Number largest = every_value(type).last;
  if (type == NftType::tcp_flag || type == NftType::dscp) {
    return values_under(*wanted, *mask, largest);
  }
  if (wanted->first != wanted->last) return std::nullopt;
  const Number rest = largest & ~*mask;
  if ((wanted->first & rest) != 0) return Values{};
  return Values{{wanted->first, wanted->first | rest}};
}

// Whether a look-up of the field under the mask has values that can be told: those of an address
// where the mask is that of a network.
bool fits_mask(NftType type, Number mask) {
  if (type == NftType::tcp_flag || type == NftType::dscp) return true;
  if (type != NftType::ipv4_addr && type != NftType::ipv6_addr) return false;
  const Number rest = every_value(type).last & ~mask;
  return (rest & (rest + 1)) == 0;
}

// All verdicts of a map, that of `*` among them.
void add_verdicts(NamedSet& set, const Node& elements) {
  for (const Node& element : elements.children) {
    if (element.kind == NodeKind::set) {  // a variable that stands for several
      add_verdicts(set, element);
    } else if (element.kind == NodeKind::mapping && element.children[1].kind == NodeKind::verdict) {
      set.verdicts.push_back(verdict_of(element.children[1]));
    }
  }
}

// Fields whose value in a set is not that of the field alone.
bool fits_in_key(const NftExpression& row) {
  return row.field && row.type != NftType::icmp_code && row.type != NftType::icmpv6_code;
}

}  // namespace

bool add_elements(NamedSet& set, const Node& elements, const std::vector<NftType>& types,
                  const Masks& masks) {
  bool is_understood = true;
  for (const Node& element : elements.children) {
    if (element.kind == NodeKind::set) {  // a variable that stands for several
      is_understood = add_elements(set, element, types, masks) && is_understood;
      continue;
    }
    const bool is_mapping = element.kind == NodeKind::mapping;
    const Node& key = is_mapping ? element.children[0] : element;
    const bool is_verdict = is_mapping && element.children[1].kind == NodeKind::verdict;
    const bool is_any = key.kind == NodeKind::any;
    if (is_any && is_verdict) {
      set.otherwise = verdict_of(element.children[1]);
      continue;
    }
    const bool is_concat = key.kind == NodeKind::concat;
    const std::size_t parts = is_concat ? key.children.size() : is_any ? types.size() : 1;
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
    const auto add = [&](std::span<const Interval> way) {
      set.keys.insert(set.keys.end(), way.begin(), way.end());
      set.is_exception.push_back(false);
      if (is_verdict) set.verdicts.push_back(verdict_of(element.children[1]));
    };
    if (parts == 1 && !is_concat && masks.empty()) {  // most elements, of which there are millions
      if (has_no_packet(key, types[0])) continue;
      const auto value = value_of(set, key, types[0]);
      is_understood = is_understood && value.has_value();
      if (value) add(std::span(&*value, 1));
      continue;
    }
    // Each part has several values where a mask is laid over it: as many elements as there are ways
    // to take one of each.
    std::vector<std::vector<Interval>> ways = {{}};
    bool is_known = true;
    for (std::size_t i = 0; i < parts && is_known; ++i) {
      const Number* const mask = i < masks.size() && masks[i] ? &*masks[i] : nullptr;
      const auto values = values_of(set, is_concat ? key.children[i] : key, types[i], mask);
      is_known = values.has_value();
      std::vector<std::vector<Interval>> longer;
      for (const auto& way : ways) {
        for (std::size_t k = 0; values && k < values->size(); ++k) {
          longer.push_back(way);
          longer.back().push_back((*values)[k]);
        }
      }
      ways = std::move(longer);
    }
    for (const auto& way : ways) is_known = is_known && has_ports_where_it_asks(types, way);
    if (!is_known) {
      is_understood = false;
      continue;
    }
    for (const auto& way : ways) add(way);
  }
  return is_understood;
}

RuleLowering::Key RuleLowering::key_of(const Node& left) {
  Key key;
  const bool is_concat = left.kind == NodeKind::concat;
  bool is_known = !is_concat || left.children.size() <= most_fields;
  const std::size_t parts = is_concat ? left.children.size() : 1;
  key.types.assign(parts, NftType::other);
  const bool has_protocol = is_concat && std::ranges::any_of(left.children, [](const Node& part) {
                              return part.kind == NodeKind::selector &&
                                     (part.text == "meta l4proto" || part.text == "ip protocol");
                            });
  for (std::size_t i = 0; i < parts; ++i) {
    const Node& part = is_concat ? left.children[i] : left;
    const bool is_masked = part.kind == NodeKind::binary && part.text == "&" &&
                           part.children[0].kind == NodeKind::selector;
    const Node& selector = is_masked ? part.children[0] : part;
    const NftExpression* row =
        selector.kind == NodeKind::selector ? catalog::find_nft_expression(selector.text) : nullptr;
    const Node* inner = &part;
    while (inner->kind == NodeKind::binary) inner = &inner->children[0];
    if (inner->kind == NodeKind::selector) {
      if (const ConstructId made = construct_of(inner->text, part.span);
          made.names_something() && !key.construct.names_something()) {
        key.construct = made;
      }
      key.has_history = key.has_history || is_drawn_anew(inner->text);
    }
    if (row != nullptr && !is_masked) key.types[i] = row->type;
    if (row == nullptr || !fits_in_key(*row)) {
      // nft asks for its headers in front all the same.
      const NftExpression* of = row == nullptr ? catalog::find_nft_expression(inner->text) : row;
      if (of != nullptr && of->field != Field::family) add_dependencies(*of, part.span);
      is_known = false;
      continue;
    }
    key.masks.emplace_back();
    if (is_masked) {
      key.is_masked = true;
      key.masks.back() = number_of(row->type, part.children[1]);
      if (!key.masks.back() || !fits_mask(row->type, *key.masks.back())) is_known = false;
    }
    // Where the key has the protocol, its elements say whether there are ports.
    if (!add_dependencies(*row, part.span) && !has_protocol) is_known = false;
    key.rows.push_back(row);
  }
  if (!is_known) key.rows.clear();
  return key;
}

// The elements of a set with a name are what other rules compare without a mask.
RuleLowering::Key RuleLowering::comparable(Key key, const Node& right) {
  if (key.is_masked && right.kind == NodeKind::set_name) key.rows.clear();
  return key;
}

SetTest RuleLowering::set_test(const Key& key, std::string_view name, bool negated) {
  SetTest test;
  test.set_name = ruleset_.short_form(name);
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
  set.contents_known = add_elements(set, elements, types, key.masks);
  ElementConflicts conflicts;
  conflicts.merge();
  for (const Node& element : elements.children) {
    if (element.kind != NodeKind::set) conflicts.add(element, types);
  }
  if (const auto conflict = conflicts.find()) {
    throw SyntaxError{conflict->span,
                      conflict->has_other_value ? "a second value of one element"
                                                : "an element that overlaps another",
                      "nft refuses it", "Leave one of them out.", true};
  }
  ruleset_.sets.push_back(std::move(set));
  return SetId(ruleset_.sets.size() - 1);
}

void RuleLowering::lower_lookup(const Comparison& comparison, const Key& wanted) {
  const Node& right = comparison.right;
  const Key key = comparable(wanted, right);
  if (right.kind == NodeKind::set_name) lookups_.push_back({right.text, right.span, key.types});
  const bool negated = comparison.op == "!=";
  const bool is_set = right.kind == NodeKind::set || right.kind == NodeKind::set_name;
  if (key.rows.empty() || (!is_set && right.kind != NodeKind::concat)) {
    const Node& left = comparison.node.children[0];
    // One variable for both only where one of them holds of each packet.
    const bool is_opposite = negated && is_always_there(left);
    add_opaque(comparison.node.span,
               fmt::format("{} {} {}", text_of(left),
                           negated && !is_opposite ? "!=" : "==", text_of(right)),
               is_opposite, key.construct, key.has_history);
    return;
  }
  // Of a set whose elements come and go it is not known what is in it; what has no header of
  // Ethernet matches neither way.
  const auto is_mac = [](const NftExpression* row) {
    return row != nullptr && row->field == Field::source_mac;
  };
  if (negated && right.kind == NodeKind::set_name && std::ranges::any_of(key.rows, is_mac)) {
    FieldTest any;
    any.field = Field::source_mac;
    any.values = add_intervals({{0, (Number{1} << 48U) - 1}});
    add(comparison.node.span, Match(any));
  }
  SetTest test = set_test(key, right.kind == NodeKind::set_name ? right.text : "", negated);
  if (right.kind != NodeKind::set_name) {
    test.set = right.kind == NodeKind::concat
                   ? add_anonymous_set(key, Node{NodeKind::set, right.span, {}, {right}, false},
                                       SetKind::nft_set)
                   : add_anonymous_set(key, right, SetKind::nft_set);
  }
  add(comparison.node.span, Match(test), key.construct);
}

void RuleLowering::note_update(const Node& node) {
  const Node* set = node.argument("set");
  const Node* element = node.argument("element");
  if (set == nullptr || set->children.empty() || element == nullptr) return;
  if (element->children.empty()) return;
  const Node* key = &element->children[0];
  while ((key->kind == NodeKind::set || key->kind == NodeKind::mapping) && !key->children.empty()) {
    key = &key->children[0];
  }
  std::vector<NftType> types;
  const auto add_type = [&](const Node& part) {
    const NftExpression* row =
        part.kind == NodeKind::selector ? catalog::find_nft_expression(part.text) : nullptr;
    types.push_back(row == nullptr ? NftType::other : row->type);
    const bool names_family =
        row != nullptr && (row->name.starts_with("ip ") || row->name.starts_with("ip6 "));
    if (!names_family) return;
    if (header_family_ && *header_family_ != row->ip_versions) {
      throw SyntaxError{part.span, fmt::format("{} in a packet of the other family", row->name),
                        "the rule has named one before; nft refuses it", "Write two rules.", true};
    }
    header_family_ = row->ip_versions;
  };
  if (key->kind == NodeKind::concat) {
    for (const Node& part : key->children) add_type(part);
  } else {
    add_type(*key);
  }
  lookups_.push_back({set->children[0].text, set->children[0].span, std::move(types)});
}

void RuleLowering::lower_vmap(const Node& node) {
  const Node& right = node.children[1];
  const Key key = comparable(key_of(node.children[0]), right);
  bool is_open = key.rows.empty();
  MapLookup map;
  map.has_history = key.has_history;
  check_verdicts(right);
  if (right.kind == NodeKind::set_name) lookups_.push_back({right.text, right.span, key.types});
  const Node& left = node.children[0];
  const NftExpression* row = catalog::find_nft_expression(left.text);
  if (row != nullptr && left.kind == NodeKind::selector) check_values(*row, right);
  if (right.kind == NodeKind::set_name) {
    map.key = set_test(key, right.text, false);
  } else if (right.kind == NodeKind::set) {
    map.key = set_test(key, "", false);
    map.key.set = add_anonymous_set(key, right, SetKind::nft_verdict_map);
    NamedSet& set = ruleset_.sets[map.key.set.index()];
    if (key.rows.empty() || !set.contents_known) {
      // The verdicts are known, if not whom they meet: those of elements that were not understood,
      // too.
      is_open = true;
      set.contents_known = false;
      set.keys.clear();
      set.is_exception.clear();
      set.verdicts.clear();
      add_verdicts(set, right);
    }
  } else {
    throw SyntaxError{right.span, "not a map", "expected { key : verdict, ... } or @map", "", true};
  }
  if (is_open) {
    // With its elements: another map is another condition.
    map.opaque_key = ruleset_.keep(text_of(node));
  }
  const LookupId id(ruleset_.lookups.size());
  ruleset_.lookups.push_back(map);
  add(node.span, Statement(VerdictMapStatement{id}), key.construct);
}

}  // namespace untrack::nft
