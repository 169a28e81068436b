// Commands, tables, chains and rules. After libnftables-json(5), "COMMAND OBJECTS" and "RULESET
// ELEMENTS".
#include "parser/nft/json/script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "model/catalog/nft_expressions.hpp"
#include "parser/nft/json/reader.hpp"
#include "parser/nft/syntax_problem.hpp"
#include "parser/pool_mark.hpp"

namespace untrack::nft {
namespace {

// Read and passed over: they show, or change what no rule asks for.
constexpr std::string_view other_commands = "list reset monitor export";

constexpr std::array families = {Family::ip,  Family::ip6,    Family::inet,
                                 Family::arp, Family::bridge, Family::netdev};
constexpr std::array hooks = {Hook::prerouting,  Hook::input,   Hook::forward, Hook::output,
                              Hook::postrouting, Hook::ingress, Hook::egress};
constexpr std::array types = {ChainType::filter, ChainType::nat, ChainType::route};
constexpr std::array policies = {Policy::accept, Policy::drop};

// The one that is spelt so; refuses what none is.
template <class Word, std::size_t count>
Word find(const std::array<Word, count>& words, const JsonValue& value, std::string_view expected) {
  const auto at = std::ranges::find_if(
      words, [&](Word word) { return value.is(JsonKind::string) && to_text(word) == value.text; });
  if (at == words.end()) refuse_json(value, expected);
  return *at;
}

template <class Number>
Number number_in(const JsonValue& value) {
  Number number = 0;
  const std::string_view text = value.text;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  if (!value.is(JsonKind::number) || !is_whole) refuse_json(value, "a whole number");
  return number;
}

std::uint64_t handle_of(const JsonValue& object) {
  const JsonValue* handle = object.find("handle");
  return handle == nullptr ? 0 : number_in<std::uint64_t>(*handle);
}

}  // namespace

ScriptOutcome read_json_script(SourceId source, std::string_view text, Ruleset& ruleset,
                               RulesetBuilder& builder) {
  builder.begin_input(source, text);
  return JsonReader(source, text, ruleset, builder).read();
}

ScriptOutcome JsonReader::read() {
  const Span whole{source_, 0, static_cast<std::uint32_t>(text_.size())};
  try {
    const JsonValue document = read_json(
        source_, text_, [&](std::string text) { return expressions_.keep(std::move(text)); });
    const JsonValue& commands = member(document, "nftables");
    if (!commands.is(JsonKind::array)) refuse_json(commands, "an array of objects");
    for (const JsonValue& item : commands.children) {
      try {
        read_item(item);
      } catch (const SyntaxError& error) {
        report(error, item.span);
      }
      limit_.apply();
    }
  } catch (const SyntaxError& error) {
    report(error, whole);
    ruleset_.problems.back().may_track = true;
  }
  limit_.finish();
  return {true};
}

void JsonReader::report(const SyntaxError& error, const Span& whole) {
  ruleset_.problems.push_back(syntax_problem(error, text_.substr(whole.begin, whole.size())));
}

void JsonReader::note(const Span& span, std::string message, std::string cure) {
  ruleset_.problems.push_back(
      {ProblemKind::note, span, std::move(message), "", std::move(cure), false});
}

// {"table": {...}}, {"add": {"table": {...}}}
void JsonReader::read_item(const JsonValue& item) {
  const JsonValue& inner = only_member(item);
  const std::string_view word = inner.key;
  if (word == "metainfo") {
    const JsonValue* schema = inner.find("json_schema_version");
    if (schema != nullptr && schema->text != "1") unknown_json(*schema, "a version of the schema");
    return;
  }
  if (word == "flush") return read_flush(only_member(inner));
  if (word == "rename") return read_rename(only_member(inner));
  if (catalog::has_word(other_commands, word)) return;
  if (word == "add" || word == "create") return read_object(Action::add, only_member(inner));
  if (word == "insert") return read_object(Action::insert, only_member(inner));
  if (word == "replace") return read_object(Action::replace, only_member(inner));
  if (word == "delete" || word == "destroy") {
    return read_object(Action::remove, only_member(inner));
  }
  read_object(Action::list, inner);
}

void JsonReader::read_object(Action action, const JsonValue& object) {
  const std::string_view word = object.key;
  if (word == "table") return read_table(action, object);
  if (word == "chain") return read_chain(action, object);
  if (word == "rule") return read_rule(action, object);
  if (word == "set" || word == "map" || word == "meter") return read_set(action, object);
  if (word == "element") return read_element(action, object);
  if (!read_declared_object(action, object)) {
    unknown_json(object, fmt::format("a command or object \"{}\"", word.substr(0, 60)));
  }
}

Family JsonReader::family_of(const JsonValue& object) {
  return find(families, member(object, "family"), "ip, ip6, inet, arp, bridge or netdev");
}

const JsonValue& JsonReader::name_in(const JsonValue& object, std::string_view name) {
  const JsonValue& value = member(object, name);
  if (!value.is(JsonKind::string) || value.text.empty()) refuse_json(value, "a name");
  return value;
}

TableId JsonReader::table_of(const JsonValue& object) {
  const JsonValue& name = name_in(object, "table");
  return builder_.table(family_of(object), name.text, name.span);
}

void JsonReader::read_flush(const JsonValue& object) {
  const std::string_view word = object.key;
  if (word == "ruleset") {
    const bool has_family = object.find("family") != nullptr;
    return builder_.flush_ruleset(has_family ? std::optional(family_of(object)) : std::nullopt);
  }
  if (word == "table") {
    const JsonValue& name = name_in(object, "name");
    return builder_.flush_table(builder_.table(family_of(object), name.text, name.span));
  }
  const TableId table = table_of(object);
  const std::string_view name = name_in(object, "name").text;
  if (word == "chain") {
    if (const auto chain = builder_.find_chain(table, name)) builder_.flush_chain(*chain);
  } else if (word == "set" || word == "map" || word == "meter") {
    if (const auto set = builder_.find_set(table, name)) builder_.forget_elements(*set);
  } else {
    refuse_json(object, "ruleset, table, chain, set or map to flush");
  }
}

// {"chain": {"family": ..., "table": ..., "name": ..., "newname": ...}}
void JsonReader::read_rename(const JsonValue& object) {
  if (object.key != "chain") refuse_json(object, "a chain to rename");
  const TableId table = table_of(object);
  const ChainId chain = existing_chain(table, name_in(object, "name"));
  const JsonValue& name = name_in(object, "newname");
  if (!builder_.rename_chain(chain, name.text)) {
    throw SyntaxError{name.span, fmt::format("there is a chain \"{}\" already", name.text),
                      "nft refuses it", "", true};
  }
}

void JsonReader::refuse_handle(const JsonValue& object, std::string_view what) {
  if (object.find("name") != nullptr) return;
  throw SyntaxError{object.span, fmt::format("which {} this deletes is not known", what),
                    "nothing here says which one has that handle",
                    "Name it, or give the output of `nft list ruleset` once it was carried out.",
                    false};
}

void JsonReader::read_table(Action action, const JsonValue& object) {
  const Family family = family_of(object);
  if (action == Action::remove) refuse_handle(object, "table");
  const JsonValue& name = name_in(object, "name");
  if (action == Action::remove) {
    if (const auto table = builder_.find_table(family, name.text)) builder_.delete_table(*table);
    return;
  }
  const TableId table = builder_.table(family, name.text, name.span);
  const JsonValue* flags = object.find("flags");
  if (flags == nullptr) return;
  for (const JsonValue* flag : values_of(*flags)) {
    if (flag->text == "dormant") {
      ruleset_.tables[table.index()].is_dormant = true;
    } else if (flag->text != "owner" && flag->text != "persist") {
      // nft 1.0.6 prints bytes of its memory here.
      throw SyntaxError{flag->span, "a flag that nft does not have",
                        "the table is taken to be in use, and may be dormant",
                        "Give the output of `nft list ruleset`, which prints flags rightly.",
                        false};
    }
  }
}

void JsonReader::read_chain(Action action, const JsonValue& object) {
  const TableId table = table_of(object);
  if (action == Action::remove) refuse_handle(object, "chain");
  const JsonValue& name = name_in(object, "name");
  if (action == Action::remove) {
    if (const auto chain = builder_.find_chain(table, name.text)) builder_.delete_chain(*chain);
    return;
  }
  const ChainId chain = builder_.chain(table, name.text, name.span);
  if (object.find("hook") != nullptr) read_hook(object, chain);
  const JsonValue* policy = object.find("policy");
  if (policy == nullptr) return;
  Chain& made = ruleset_.chains[chain.index()];
  if (!made.base) refuse_json(*policy, "a policy of a chain with a hook alone");
  made.base->policy = find(policies, *policy, "accept or drop");
}

void JsonReader::read_hook(const JsonValue& object, ChainId id) {
  BaseChain base;
  base.hook = find(hooks, member(object, "hook"),
                   "prerouting, input, forward, output, postrouting, ingress or egress");
  base.type = find(types, member(object, "type"), "filter, nat or route");
  base.priority = number_in<int>(member(object, "prio"));
  if (const JsonValue* devices = object.find("dev")) {
    for (const JsonValue* device : values_of(*devices)) {
      if (!device->is(JsonKind::string)) refuse_json(*device, "the name of a device");
      base.devices.push_back(device->text);
    }
  }
  Chain& chain = ruleset_.chains[id.index()];
  if (chain.base) base.policy = chain.base->policy;
  chain.base = std::move(base);
  builder_.check_base(id, object.span);
}

// Of a command a handle names another rule; in a listing it is the rule's own.
RulePlace JsonReader::place_of(Action action, const JsonValue& object) {
  using Kind = RulePlace::Kind;
  RulePlace place;
  place.kind = action == Action::insert ? Kind::first : Kind::last;
  if (action == Action::list) return place;
  const JsonValue* index = object.find("index");
  place.handle = handle_of(object);
  if (index == nullptr && place.handle == 0) {
    if (action == Action::replace) refuse_json(object, "the handle of the rule to replace");
    // No rule is the one behind the last.
    if (action == Action::remove) place.index = std::numeric_limits<std::size_t>::max();
    return place;
  }
  if (index != nullptr) place.index = number_in<std::size_t>(*index);
  place.kind = action == Action::insert    ? Kind::before
               : action == Action::replace ? Kind::instead
                                           : Kind::behind;
  return place;
}

ChainId JsonReader::existing_chain(TableId table, const JsonValue& name) {
  if (const auto chain = builder_.find_chain(table, name.text)) return *chain;
  // Other commands may have made it on the host.
  ruleset_.tables[table.index()].is_partial = true;
  note(name.span, fmt::format("no chain \"{}\" in these inputs", name.text),
       "It is taken to exist on the host; give the file that makes it, too.");
  return builder_.chain(table, name.text, name.span);
}

void JsonReader::read_rule(Action action, const JsonValue& object) {
  const TableId table = table_of(object);
  const ChainId chain = existing_chain(table, name_in(object, "chain"));
  RuleText text{object.span, object.span, 0};
  if (action == Action::list) text.handle = handle_of(object);
  const RulePlace place = place_of(action, object);
  if (action == Action::remove) {
    if (!builder_.delete_rule(chain, place)) {
      // It may be one of those that stand here without their handles.
      throw SyntaxError{
          object.span, "which rule this deletes is not known", "no rule here has that handle",
          "Handles are known from `nft -j list ruleset` alone: give that, once it was "
          "carried out.",
          false};
    }
    return;
  }
  add_rule(object, chain, place, text);
}

void JsonReader::add_rule(const JsonValue& object, ChainId chain, const RulePlace& place,
                          const RuleText& text) {
  const auto give_up = [&](const SyntaxError& error) {
    report(error, text.text);
    builder_.add_opaque_rule(chain, text);
  };
  rule_table_ = ruleset_.chains[chain.index()].table;
  std::vector<Node> statements;
  try {
    statements = statements_.read_rule(member(object, "expr"));
    if (const JsonValue* comment = object.find("comment")) {
      Node node{NodeKind::statement, comment->span, "comment", {}, false};
      node.children.push_back({NodeKind::quoted, comment->span, comment->text, {}, false});
      statements.push_back(std::move(node));
    }
  } catch (const SyntaxError& error) {
    return give_up(error);
  }
  // Behind the reading, which may have put rules into chains without names.
  const PoolMark mark(ruleset_);
  try {
    builder_.add_rule(chain, place, statements, text);
  } catch (const SyntaxError& error) {
    mark.roll_back(ruleset_);
    give_up(error);
  }
}

std::string_view JsonReader::make_inline_chain(const Span& span) {
  std::string_view name;
  do {  // another input of the same table may have some
    name = expressions_.keep(fmt::format("__chain{}", inline_chains_++));
  } while (builder_.find_chain(rule_table_, name));
  builder_.chain(rule_table_, name, span);
  return name;
}

void JsonReader::add_inline_rule(std::string_view chain, const std::vector<Node>& statements,
                                 const Span& span) {
  const PoolMark mark(ruleset_);
  try {
    builder_.add_rule(builder_.chain(rule_table_, chain, span), {}, statements, {span, span, 0});
  } catch (const SyntaxError&) {
    mark.roll_back(ruleset_);
    throw;
  }
}

}  // namespace untrack::nft
