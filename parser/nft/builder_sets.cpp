// Sets, maps and their elements. Part of the builder of rulesets.
#include <fmt/format.h>

#include <algorithm>

#include "model/spelling.hpp"
#include "model/text_hash.hpp"
#include "parser/nft/builder.hpp"
#include "parser/nft/values.hpp"

namespace untrack::nft {
namespace {

void compare(ElementConflicts& conflicts, const Node& elements,
             const std::vector<catalog::NftType>& types) {
  for (const Node& element : elements.children) {
    if (element.kind == NodeKind::set) {  // a variable that stands for several
      compare(conflicts, element, types);
    } else {
      conflicts.add(element, types);
    }
  }
}

// Rates and timeouts of an element, which its text leaves out.
std::uint64_t options_of(const Node& element) {
  if (element.kind == NodeKind::mapping) {
    return element.children[0].options + element.children[1].options + element.options;
  }
  return element.options;
}

// Of all elements that have any, in whatever order.
std::uint64_t hash_of_options(const Node& elements) {
  std::uint64_t all = 0;
  for (const Node& element : elements.children) {
    const std::uint64_t options = options_of(element);
    if (options != 0) all += text_hash(text_of(element), options);
    if (element.kind == NodeKind::set) all += hash_of_options(element);
  }
  return all;
}

bool has_rate(const Node& node) {
  return node.has_condition || std::ranges::any_of(node.children, has_rate);
}

// That of the text of the list, whose parts are hashed one after the other: the text of a million
// elements is not made.
std::uint64_t hash_of_list(const Node& elements, RulesetBuilder::ListPart part,
                           std::uint64_t before) {
  using enum RulesetBuilder::ListPart;
  if (elements.kind != NodeKind::set) return text_hash(text_of(elements), before);
  bool is_behind_another = part == next || part == last;
  if (!is_behind_another) before = text_hash("{ ", before);
  std::string text;
  for (const Node& element : elements.children) {
    text.clear();
    append_text(text, element);
    if (const std::uint64_t options = options_of(element); options != 0) {
      text += fmt::format(" #{:x}", options);
    }
    if (is_behind_another) before = text_hash(", ", before);
    before = text_hash(text, before);
    is_behind_another = true;
  }
  return part == whole || part == last ? text_hash(" }", before) : before;
}

const Node* first_timed(const Node& node) {
  if (node.has_timeout) return &node;
  for (const Node& child : node.children) {
    if (const Node* found = first_timed(child)) return found;
  }
  return nullptr;
}

}  // namespace

SetId RulesetBuilder::set(TableId table, std::string_view name, SetKind kind, const Span& place) {
  const auto [at, is_new] = sets_.try_emplace({table, name}, SetId(ruleset_.sets.size()));
  if (is_new) {
    NamedSet set;
    set.kind = kind;
    set.name = name;
    set.family = ruleset_.tables[table.index()].family;
    set.table = table;
    set.span = place;
    ruleset_.sets.push_back(std::move(set));
    ruleset_.tables[table.index()].sets.push_back(at->second);
  }
  return at->second;
}

std::optional<SetId> RulesetBuilder::find_set(TableId table, std::string_view name) const {
  const auto at = sets_.find({table, name});
  return at == sets_.end() ? std::nullopt : std::optional(at->second);
}

void RulesetBuilder::set_types(SetId id, const std::vector<catalog::NftType>& types,
                               std::string_view text) {
  NamedSet& set = ruleset_.sets[id.index()];
  set.type = text;
  set.fields.clear();
  for (const catalog::NftType type : types) {
    set.fields.push_back(type == catalog::NftType::ifname ? "iface" : "value");
  }
  types_[id] = types;
}

void RulesetBuilder::set_bound(SetId id, std::string_view property, std::string_view value) {
  constexpr std::uint64_t size_of_dynamic_sets =
      65535;  // where none is named, nft gives and lists it
  SetBounds& bounds = ruleset_.sets[id.index()].bounds;
  // A value that is not known is another one than those that are.
  if (property == "timeout") bounds.timeout_ms = time_in_ms(value).value_or(text_hash(value));
  if (property == "size") {
    const auto number = plain_number(value);
    const std::uint64_t size = number ? static_cast<std::uint64_t>(*number) : text_hash(value);
    bounds.size = size == size_of_dynamic_sets ? 0 : size;
  }
}

void RulesetBuilder::add_elements(SetId id, const Node& elements, ListPart part) {
  NamedSet& set = ruleset_.sets[id.index()];
  const bool is_first = begun_.insert(id).second;
  const bool is_understood = nft::add_elements(set, elements, types_[id]);
  note_options(id, hash_of_options(elements), has_rate(elements));
  if (const Node* timed = first_timed(elements)) elements_with_timeout_.emplace(id, timed->span);
  compare(conflicts_[id], elements, types_[id]);
  // The order of the text counts, too: at worst equal sets are taken for different ones.
  std::uint64_t& hash = contents_.try_emplace(id, text_hash({})).first->second;
  hash = set.kind == SetKind::nft_map && part == ListPart::whole
             ? text_hash(ordered_text_of(elements), hash)
             : hash_of_list(elements, part, hash);
  // A set without elements is made to be filled by others.
  set.contents_known = is_understood && (is_first || set.contents_known) &&
                       (!set.keys.empty() || set.otherwise.has_value());
}

void RulesetBuilder::note_options(SetId id, std::uint64_t hash, bool has_rate) {
  if (hash == 0 && !has_rate) return;
  SetOptions& options = set_options_[id];
  options.hash += hash;
  options.has_rate = options.has_rate || has_rate;
}

// Each element gets it: a look-up that finds one may break off the rule all the same (measured).
void RulesetBuilder::add_condition(SetId id, const Node& statement) {
  if (statement.text == "counter" || statement.text == "last") return;
  std::string words(statement.text);
  const Node* burst = statement.argument("burst");
  const bool is_usual = burst != nullptr && text_of(*burst) == "burst 5";  // as where none is named
  for (const Node& child : statement.children) {
    if (is_usual && child.text.starts_with("burst")) continue;
    words += fmt::format(" {} {}", child.text, text_of(child));
  }
  note_options(id, text_hash(words), true);
}

void RulesetBuilder::doubt_elements(SetId id) {
  begun_.insert(id);
  ruleset_.sets[id.index()].contents_known = false;
}

void RulesetBuilder::forget_elements(SetId id) {
  NamedSet& set = ruleset_.sets[id.index()];
  set.contents_known = false;
  set.is_dynamic = true;
  conflicts_[id].forget();
}

void RulesetBuilder::delete_set(SetId id) {
  const NamedSet& set = ruleset_.sets[id.index()];
  if (!is_mine(set.span)) return;
  delete_object(set.table, "ct count", set.name);
  conflicts_.erase(id);
  set_options_.erase(id);
  std::erase(ruleset_.tables[set.table.index()].sets, id);
  sets_.erase({set.table, set.name});
}

// What rules put into a set or take out of it is not known, whatever its flags say; JSON of
// versions up to 1.0.6 leaves them out.
void RulesetBuilder::note_filled_sets(const std::vector<Node>& statements, TableId table) {
  for (const Node& statement : statements) {
    if (statement.kind != NodeKind::statement || statement.text != "set update") continue;
    const Node* set = statement.argument("set");
    if (set == nullptr || set->children.empty()) continue;
    const Node& name = set->children[0];
    Filling& filling =
        filled_.try_emplace({table, name.text}, Filling{name.span, {}}).first->second;
    const Node* element = statement.argument("element");
    const Node* timed = element == nullptr ? nullptr : first_timed(*element);
    if (timed != nullptr && !filling.timed) filling.timed = timed->span;
  }
}

void RulesetBuilder::refuse_timeout(const Span& span) {
  ruleset_.problems.push_back({ProblemKind::error, span, "a timeout in a set without timeouts",
                               "the kernel refuses it", "Add `flags timeout` to the set.", false});
}

void RulesetBuilder::check_filled_sets() {
  for (const auto& [name, filling] : filled_) {
    const auto at = sets_.find(name);
    if (at == sets_.end()) {
      if (deleted_.contains(name.first)) continue;
      const Table& table = ruleset_[name.first];
      std::vector<std::string_view> known;
      for (const SetId id : table.sets) known.push_back(ruleset_[id].name);
      const auto near = nearest(name.second, known);
      ruleset_.problems.push_back(
          {table.is_partial ? ProblemKind::note : ProblemKind::error, filling.name,
           fmt::format("no set \"{}\" in table {}", name.second, table.name),
           near ? fmt::format("did you mean \"{}\"?", *near) : std::string(),
           "Declare it in this table, or correct the name.", false});
      continue;
    }
    ruleset_.sets[at->second.index()].is_dynamic = true;
    if (filling.timed && !timed_.contains(at->second)) refuse_timeout(*filling.timed);
  }
}

void RulesetBuilder::check_elements() {
  for (const auto& [id, span] : elements_with_timeout_) {
    if (!timed_.contains(id)) refuse_timeout(span);
  }
  for (const auto& [id, conflicts] : conflicts_) {
    const auto conflict = conflicts.find();
    if (!conflict) continue;
    const bool is_set = ruleset_[id].kind == SetKind::nft_set;
    ruleset_.problems.push_back({ProblemKind::error, conflict->span,
                                 conflict->has_other_value ? "a second value of one element"
                                                           : "an element that overlaps another",
                                 "nft refuses it",
                                 conflict->has_other_value ? "Leave one of them out."
                                 : is_set ? "Add `auto-merge` to the set, or leave one of them out."
                                          : "Make ranges that have nothing in common.",
                                 false});
  }
}

}  // namespace untrack::nft
