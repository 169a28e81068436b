// Sets, maps, their elements, and objects. After libnftables-json(5), "RULESET ELEMENTS".
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "model/catalog/nft_expressions.hpp"
#include "model/catalog/nft_symbols.hpp"
#include "parser/nft/json/reader.hpp"
#include "parser/nft/values.hpp"

namespace untrack::nft {
namespace {

using catalog::has_word;

constexpr std::string_view plain_objects = "flowtable counter quota limit secmark tunnel";
// Objects that conntrack knows of have rows of these names in the catalog.
constexpr std::array<std::string_view, 4> tracking_objects = {"ct helper", "ct timeout",
                                                              "ct expectation", "synproxy"};

}  // namespace

void JsonReader::read_set(Action action, const JsonValue& object) {
  const TableId table = table_of(object);
  if (action == Action::remove) refuse_handle(object, "set");
  const JsonValue& name = name_in(object, "name");
  if (action == Action::remove) {
    if (const auto set = builder_.find_set(table, name.text)) builder_.delete_set(*set);
    return;
  }
  const SetKind kind = object.text_of("map") == "verdict" ? SetKind::nft_verdict_map
                       : object.key == "map"              ? SetKind::nft_map
                                                          : SetKind::nft_set;
  const SetId set = builder_.set(table, name.text, kind, name.span);
  try {
    read_set_body(object, set);
  } catch (const SyntaxError&) {
    builder_.doubt_elements(set);
    throw;
  }
}

void JsonReader::read_set_body(const JsonValue& object, SetId id) {
  if (const JsonValue* type = object.find("type")) read_type(*type, id);
  NamedSet& set = ruleset_.sets[id.index()];
  if (const JsonValue* size = object.find("size")) builder_.set_bound(id, "size", size->text);
  if (const JsonValue* timeout = object.find("timeout")) {
    builder_.set_bound(id, "timeout", timeout->text);
    set.is_dynamic = true;
    builder_.note_timeouts(id);
  }
  if (object.find("auto-merge") != nullptr) builder_.merge_elements(id);
  if (const JsonValue* flags = object.find("flags")) {
    for (const JsonValue* flag : values_of(*flags)) {
      if (flag->text == "timeout" || flag->text == "dynamic") set.is_dynamic = true;
      if (flag->text == "timeout") builder_.note_timeouts(id);
    }
  }
  if (const JsonValue* statements = object.find("stmt")) {
    for (const JsonValue* each : values_of(*statements)) {
      const Node statement = statements_.read(*each);
      builder_.add_condition(id, statement);
      if (statement.text == "ct count") {
        builder_.add_object(set.table, "ct count", set.name, each->span);
      }
    }
  }
  if (const JsonValue* elements = object.find("elem")) {
    using Pairs = JsonExpressionReader::Pairs;
    const bool is_map = object.key == "map";
    builder_.add_elements(id,
                          expressions_.read_elements(*elements, is_map ? Pairs::yes : Pairs::no));
  }
}

// "ipv4_addr", ["ipv4_addr", "inet_service"], or what stands behind `typeof` in text
void JsonReader::read_type(const JsonValue& type, SetId set) {
  std::vector<catalog::NftType> types;
  std::string text;
  const auto add = [&](catalog::NftType each, std::string_view word) {
    types.push_back(each);
    if (!text.empty()) text += " . ";
    text += word;
  };
  if (type.is(JsonKind::object)) {
    const Node node = expressions_.read(member(type, "typeof"));
    const auto add_selector = [&](const Node& part) {
      const catalog::NftExpression* row = catalog::find_nft_expression(part.text);
      add(row == nullptr ? catalog::NftType::other : row->type, part.text);
    };
    if (node.kind == NodeKind::concat) {
      for (const Node& part : node.children) add_selector(part);
    } else {
      add_selector(node);
    }
  } else {
    for (const JsonValue* word : values_of(type))
      add(catalog::nft_type_of_word(word->text), word->text);
  }
  builder_.set_types(set, types, expressions_.keep(std::move(text)));
}

void JsonReader::read_element(Action action, const JsonValue& object) {
  const TableId table = table_of(object);
  const JsonValue& name = name_in(object, "name");
  const auto set = builder_.find_set(table, name.text);
  if (!set) {
    return note(name.span, fmt::format("no set \"{}\" in these inputs", name.text),
                "Give the file that declares it, too.");
  }
  if (action == Action::remove) return builder_.forget_elements(*set);
  const bool is_map = ruleset_[*set].kind != SetKind::nft_set;
  using Pairs = JsonExpressionReader::Pairs;
  try {
    builder_.add_elements(
        *set, expressions_.read_elements(member(object, "elem"), is_map ? Pairs::yes : Pairs::no));
  } catch (const SyntaxError&) {
    builder_.doubt_elements(*set);
    throw;
  }
}

bool JsonReader::read_declared_object(Action action, const JsonValue& object) {
  const std::string_view word = object.key;
  const auto at = std::ranges::find(tracking_objects, word);
  const bool tracks = at != tracking_objects.end();
  if (!tracks && !has_word(plain_objects, word)) return false;
  const TableId table = table_of(object);
  const JsonValue* name = object.find("name");
  const std::string_view own = name == nullptr ? std::string_view() : name->text;
  if (action != Action::remove && word != "counter") {
    std::string words;
    for (const JsonValue& member : object.children) {
      if (member.key == "handle" || member.key == "used") continue;
      words += text_.substr(member.span.begin, member.span.size());
      words += ' ';
    }
    builder_.note_declaration(table, own, words);
  }
  if (!tracks) return true;
  if (action == Action::remove) {
    builder_.delete_object(table, *at, own);
  } else {
    builder_.add_object(table, *at, own, object.span);
  }
  return true;
}

}  // namespace untrack::nft
