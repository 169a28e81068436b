// Values: what stands right of a comparison, in sets, and in statements. What is asked of packets
// is in selectors.cpp. After libnftables-json(5), "EXPRESSIONS".
#include "parser/nft/json/expressions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/text_hash.hpp"
#include "parser/nft/token_stream.hpp"

namespace untrack::nft {

void refuse_json(const JsonValue& value, std::string_view expected) {
  throw SyntaxError{value.span, fmt::format("expected {}", expected), "nft refuses it", "", true};
}

void unknown_json(const JsonValue& value, std::string_view what) {
  throw SyntaxError{value.span, fmt::format("{} that this program does not know", what), "",
                    "Give the output of `nft list ruleset` instead, if it says it otherwise.",
                    false};
}

const JsonValue& only_member(const JsonValue& value) {
  if (!value.is(JsonKind::object) || value.children.size() != 1) {
    refuse_json(value, "an object with one member");
  }
  return value.children.front();
}

const JsonValue& member(const JsonValue& value, std::string_view name) {
  const JsonValue* found = value.find(name);
  if (found == nullptr) refuse_json(value, fmt::format("an object with \"{}\"", name));
  return *found;
}

std::vector<const JsonValue*> values_of(const JsonValue& value) {
  if (!value.is(JsonKind::array)) return {&value};
  std::vector<const JsonValue*> values;
  values.reserve(value.children.size());
  for (const JsonValue& each : value.children) values.push_back(&each);
  return values;
}

std::string_view JsonExpressionReader::keep(std::string text) {
  const auto at = kept_.find(text);
  if (at != kept_.end()) return at->second;
  const std::string_view kept = ruleset_.keep(text);
  kept_.emplace(std::move(text), kept);
  return kept;
}

bool JsonExpressionReader::is_verdict(std::string_view word) {
  constexpr std::array words = {"accept", "drop", "continue", "return", "jump", "goto"};
  return std::ranges::find(words, word) != words.end();
}

Node JsonExpressionReader::read_verdict(const JsonValue& value) {
  Node node{NodeKind::verdict, value.span, value.key, {}, false};
  if (value.key != "jump" && value.key != "goto") return node;
  const JsonValue& target = member(value, "target");
  if (!target.is(JsonKind::string)) refuse_json(target, "the name of a chain");
  node.children.push_back({NodeKind::symbol, target.span, target.text, {}, false});
  return node;
}

Node JsonExpressionReader::read(const JsonValue& value, Pairs pairs) {
  const auto leaf = [&](NodeKind kind, std::string_view text) {
    return Node{kind, value.span, text, {}, false};
  };
  switch (value.kind) {
    case JsonKind::string:
      if (value.text.starts_with('@')) return leaf(NodeKind::set_name, value.text.substr(1));
      return leaf(value.text == "*" ? NodeKind::any : NodeKind::symbol, value.text);
    case JsonKind::number:
      if (value.text.find_first_of(".eE") != std::string_view::npos) {
        refuse_json(value, "a whole number");
      }
      return leaf(NodeKind::symbol, value.text);
    case JsonKind::boolean:
      return leaf(NodeKind::symbol, value.is_true() ? "exists" : "missing");
    case JsonKind::null:
      refuse_json(value, "an expression");
    case JsonKind::array: {
      if (value.children.empty()) refuse_json(value, "an expression");
      if (value.children.size() == 1) return read(value.children.front(), pairs);
      Node list = leaf(NodeKind::list, ",");
      for (const JsonValue& each : value.children) list.children.push_back(read(each));
      return list;
    }
    case JsonKind::object:
      return read_object(value, pairs);
  }
  refuse_json(value, "an expression");
}

namespace {

// The rate of an element in the words of text, without blanks; nft gives the usual burst none.
void add_rate(const JsonValue& owner, Node& node) {
  const JsonValue* limit = owner.find("limit");
  if (limit == nullptr) return;
  const JsonValue* inverted = limit->find("inv");
  const bool is_over = inverted != nullptr && inverted->is_true();
  std::string words =
      fmt::format("limitrate{}{}{}/{}", is_over ? "over" : "", limit->text_of("rate"),
                  limit->text_of("rate_unit"), limit->text_of("per"));
  const std::string_view burst = limit->text_of("burst");
  const std::string_view unit = limit->text_of("burst_unit");
  if (!burst.empty() && burst != "5") {
    words += fmt::format("burst{}{}", burst, unit.empty() ? "packets" : unit);
  }
  node.options += text_hash(words);
}

}  // namespace

Node JsonExpressionReader::read_object(const JsonValue& value, Pairs pairs) {
  const JsonValue& inner = only_member(value);
  const std::string_view word = inner.key;
  Node node{NodeKind::symbol, value.span, {}, {}, false};
  if (word == "set") {
    node = read_elements(inner, pairs);
  } else if (word == "elem") {
    node = read(member(inner, "val"), pairs);
    const auto counts = [&](std::string_view name) { return inner.find(name) != nullptr; };
    node.has_timeout = counts("timeout");
    if (const JsonValue* timeout = inner.find("timeout")) {
      node.options += text_hash(fmt::format("timeout {}000", timeout->text));
    }
    add_rate(inner, node);
    node.has_condition = counts("limit") || counts("quota") || counts("ct count");
    if (const JsonValue* statements = inner.find("stmt")) {
      for (const JsonValue* each : values_of(*statements)) {
        const std::string_view what = only_member(*each).key;
        node.has_condition = node.has_condition || (what != "counter" && what != "last");
        add_rate(*each, node);
      }
    }
  } else if (word == "concat") {
    node.kind = NodeKind::concat;
    node.text = ".";
    for (const JsonValue* each : values_of(inner)) node.children.push_back(read(*each));
    if (node.children.empty()) refuse_json(inner, "the parts of a key");
    if (node.children.size() == 1) return std::move(node.children.front());
  } else if (word == "prefix") {
    node.kind = NodeKind::prefix;
    node.text = "/";
    node.children.push_back(read(member(inner, "addr")));
    node.children.push_back(read(member(inner, "len")));
  } else if (word == "range") {
    if (!inner.is(JsonKind::array) || inner.children.size() != 2) {
      refuse_json(inner, "the two ends of a range");
    }
    node.kind = NodeKind::range;
    node.text = "-";
    for (const JsonValue& each : inner.children) node.children.push_back(read(each));
  } else if (word == "map") {
    node.kind = NodeKind::map;
    node.text = "map";
    node.children.push_back(read(member(inner, "key")));
    node.children.push_back(read_map(member(inner, "data")));
  } else if (word == "&" || word == "|" || word == "^" || word == "<<" || word == ">>") {
    node = read_bits(inner);
  } else if (is_verdict(word)) {
    node = read_verdict(inner);
  } else if (!read_selector(inner, node)) {
    unknown_json(inner, fmt::format("an expression \"{}\"", word.substr(0, 60)));
  }
  node.span = value.span;
  return node;
}

// Two operands; later versions write a | b | c as one list. Each makes the node one level deeper.
Node JsonExpressionReader::read_bits(const JsonValue& value) {
  constexpr std::size_t most = 64;
  if (!value.is(JsonKind::array) || value.children.size() < 2 || value.children.size() > most) {
    refuse_json(value, "two operands");
  }
  Node left = read(value.children.front());
  for (std::size_t i = 1; i < value.children.size(); ++i) {
    Node both{NodeKind::binary, value.span, value.key, {}, false};
    both.children.push_back(std::move(left));
    both.children.push_back(read(value.children[i]));
    left = std::move(both);
  }
  return left;
}

Node JsonExpressionReader::read_element(const JsonValue& value, Pairs pairs) {
  const bool is_pair = value.is(JsonKind::array) && value.children.size() == 2;
  if (pairs == Pairs::no || !is_pair) return read(value);
  Node pair{NodeKind::mapping, value.span, {}, {}, false};
  for (const JsonValue& each : value.children) pair.children.push_back(read(each));
  return pair;
}

Node JsonExpressionReader::read_elements(const JsonValue& value, Pairs pairs) {
  Node set{NodeKind::set, value.span, {}, {}, false};
  for (const JsonValue* each : values_of(value)) {
    set.children.push_back(read_element(*each, pairs));
  }
  return set;
}

}  // namespace untrack::nft
