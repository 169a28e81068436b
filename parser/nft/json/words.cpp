#include "parser/nft/json/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "parser/nft/json/expressions.hpp"

namespace untrack::nft {
namespace {

using Words = std::optional<std::string>;

bool is_plain(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == ':' || c == '-' || c == '/';
  });
}

Words joined(const std::vector<Node>& nodes, std::string_view between) {
  std::string text;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Words words = words_of(nodes[i]);
    if (!words) return std::nullopt;
    text += i == 0 ? *words : std::string(between) + *words;
  }
  return text;
}

// Flags, as an operand of others.
Words bits(const Node& node) {
  return node.kind == NodeKind::list ? joined(node.children, " | ") : words_of(node);
}

Words operation(const Node& node) {
  std::string text;
  for (const Node& child : node.children) {
    const Words words = bits(child);
    if (!words) return std::nullopt;
    if (!text.empty()) text += fmt::format(" {} ", node.text);
    // Operators bind in an order of their own.
    const bool is_one = child.kind != NodeKind::binary && child.kind != NodeKind::list;
    text += is_one ? *words : fmt::format("({})", *words);
  }
  return text;
}

// Names and times stand in quotes, as nft prints them.
void put_in_quotes(Node& value) {
  if (value.kind == NodeKind::symbol) value.kind = NodeKind::quoted;
  for (Node& child : value.children) put_in_quotes(child);
}

Words comparison(const Node& node) {
  const Node& left = node.children.front();
  Node right = node.children.back();
  if (left.text.ends_with("ifname") || left.text == "meta hour" || left.text == "meta time" ||
      left.text == "meta day") {
    put_in_quotes(right);
  }
  const Words key = words_of(left);
  const Words value = left.kind == NodeKind::binary ? bits(right) : words_of(right);
  if (!key || !value) return std::nullopt;
  // Of flags it makes a difference; of all else it goes without saying.
  const bool is_of_flags = left.kind == NodeKind::binary || left.text.ends_with(" flags") ||
                           left.text.starts_with("ct st");
  const bool says = !node.text.empty() && (node.text != "==" || is_of_flags);
  return fmt::format("{} {}{}", *key, says ? fmt::format("{} ", node.text) : "", *value);
}

// ct count over 20
Words count(const JsonValue& value) {
  const JsonValue* inverted = value.find("inv");
  const JsonValue* most = value.find("val");
  if (most == nullptr) return std::nullopt;
  const bool is_over = inverted != nullptr && inverted->is_true();
  return fmt::format("ct count {}{}", is_over ? "over " : "", most->text);
}

// What an element of a set does beside being there.
Words condition(const JsonValue& statement) {
  const JsonValue& value = only_member(statement);
  if (value.key == "counter" || value.key == "last") return "";
  if (value.key == "ct count") {
    const Words words = count(value);
    return words ? Words(' ' + *words) : std::nullopt;
  }
  const JsonValue* number = value.find("rate");
  const std::string_view per = value.text_of("per");
  if (value.key != "limit" || number == nullptr || value.find("rate_unit") != nullptr) {
    return std::nullopt;
  }
  const JsonValue* inverted = value.find("inv");
  const bool is_over = inverted != nullptr && inverted->is_true();
  return fmt::format(" limit rate {}{}/{}", is_over ? "over " : "", number->text,
                     per.empty() ? "second" : per);
}

// update @set { key }, add @map { key : value }
Words change_of_set(const JsonValue& statement, const Node& node) {
  const Node* set = node.argument("set");
  const Node* element = node.argument("element");
  const std::string_view op = statement.text_of("op");
  if (set == nullptr || element == nullptr || op.empty()) return std::nullopt;
  const Words name = joined(set->children, "");
  Words key = joined(element->children, " : ");
  if (!name || !key) return std::nullopt;
  if (const JsonValue* more = statement.find("stmt")) {
    for (const JsonValue* each : values_of(*more)) {
      const Words words = condition(*each);
      if (!words || element->children.size() > 1) return std::nullopt;
      *key += *words;
    }
  }
  return fmt::format("{} {} {{ {} }}", op, *name, *key);
}

Words arguments(std::string text, const Node& node) {
  for (const Node& child : node.children) {
    const Words words = words_of(child);
    if (!words) return std::nullopt;
    text += ' ' + *words;
  }
  return text;
}

Words value_of(const Node& node, std::string_view name) {
  const Node* found = node.argument(name);
  return found == nullptr ? Words() : joined(found->children, " ");
}

// "to 192.0.2.1:80 random", behind snat, dnat, masquerade, redirect and tproxy.
Words translation(const Node& node) {
  std::string text(node.text);
  std::string target;
  std::string flags;
  for (const Node& child : node.children) {
    const Words words = joined(child.children, " ");
    if (!words) return std::nullopt;
    if (child.text == "address") {
      target.insert(0, *words);
    } else if (child.text == "port") {
      target += ':' + *words;
    } else if (child.text == "ip" || child.text == "ip6") {
      text += fmt::format(" {}", child.text);
    } else if (child.text == "prefix") {
      text += " prefix";
    } else if (child.text != "netmap" && child.text != "interval") {
      flags += fmt::format(" {}", child.text);
    }
  }
  if (!target.empty()) text += fmt::format(" to {}", target);
  return text + flags;
}

Words rejection(const Node& node) {
  if (node.children.empty()) return "reject";
  const Node& with = node.children.front();
  const Words type = joined(with.children, " ");
  if (!type) return std::nullopt;
  if (with.text == "tcp reset") return "reject with tcp reset";
  return type->empty() ? "reject" : fmt::format("reject with {} type {}", with.text, *type);
}

Words rate(const Node& node) {
  std::string text = "limit rate ";
  if (node.argument("over") != nullptr) text += "over ";
  const Words number = value_of(node, "number");
  const Words per = value_of(node, "time");
  if (!number || !per) return std::nullopt;
  const Words unit = value_of(node, "unit");
  text += fmt::format("{}{}/{}", *number, unit ? ' ' + *unit : std::string(), *per);
  if (const Words burst = value_of(node, "burst")) {
    text += fmt::format(" burst {} {}", *burst, unit ? *unit : "packets");
  }
  return text;
}

// queue num 1-3 bypass
Words queue(const Node& node) {
  std::string text = "queue";
  for (const Node& child : node.children) {
    const Words values = joined(child.children, " ");
    if (!values) return std::nullopt;
    text +=
        child.text == "number" ? fmt::format(" num {}", *values) : fmt::format(" {}", child.text);
  }
  return text;
}

// synproxy mss 1460 wscale 7 timestamp sack-perm
Words synproxy(const JsonValue& value) {
  std::string text = "synproxy";
  for (const std::string_view name : {"mss", "wscale"}) {
    const JsonValue* found = value.find(name);
    if (found != nullptr) text += fmt::format(" {} {}", name, found->text);
  }
  const JsonValue* flags = value.find("flags");
  if (flags == nullptr) return text;
  for (const JsonValue* flag : values_of(*flags)) text += fmt::format(" {}", flag->text);
  return text;
}

Words named(std::string_view what, const JsonValue& value) {
  if (!value.is(JsonKind::string)) return std::nullopt;
  const Words name = quoted_word(value.text);
  return name ? Words(fmt::format("{} {}", what, *name)) : std::nullopt;
}

}  // namespace

std::optional<std::string> quoted_word(std::string_view text) {
  const bool is_bad = std::ranges::any_of(
      text, [](char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < ' '; });
  return is_bad ? std::nullopt : std::optional(fmt::format("\"{}\"", text));
}

std::optional<std::string> words_of(const Node& node) {
  switch (node.kind) {
    case NodeKind::symbol:
      return is_plain(node.text) ? Words(std::string(node.text)) : quoted_word(node.text);
    case NodeKind::quoted:
      return quoted_word(node.text);
    case NodeKind::set_name:
      return fmt::format("@{}", node.text);
    case NodeKind::any:
    case NodeKind::selector:
      return std::string(node.text.starts_with("meta ") && node.text.ends_with("ifname")
                             ? node.text.substr(5)
                             : node.text);
    case NodeKind::prefix:
      return joined(node.children, "/");
    case NodeKind::range:
      return joined(node.children, "-");
    case NodeKind::set: {
      if (std::ranges::any_of(node.children, &Node::has_condition)) return std::nullopt;
      const Words words = joined(node.children, ", ");
      return words ? Words(fmt::format("{{ {} }}", *words)) : std::nullopt;
    }
    case NodeKind::mapping:
      return joined(node.children, " : ");
    case NodeKind::concat:
      return joined(node.children, " . ");
    case NodeKind::list:
      return joined(node.children, ",");
    case NodeKind::binary:
      return operation(node);
    case NodeKind::map:
      return joined(node.children, " map ");
    case NodeKind::vmap:
      return joined(node.children, " vmap ");
    case NodeKind::match:
      return comparison(node);
    case NodeKind::verdict:
      return arguments(std::string(node.text), node);
    case NodeKind::assign: {
      const Words value = joined(node.children, "");
      return value ? Words(fmt::format("{} set {}", node.text, *value)) : std::nullopt;
    }
    case NodeKind::negation:
    case NodeKind::statement:
    case NodeKind::argument:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::string> words_of(const JsonValue& statement, const Node& node) {
  const JsonValue& value = statement.children.front();
  const std::string_view word = value.key;
  if (node.kind != NodeKind::statement) return words_of(node);
  if (value.is(JsonKind::object) && value.find("map") != nullptr && word != "map") {
    const Words which = value_of(node, "name");
    return which ? Words(fmt::format("{}{} {}", node.text,
                                     node.text.ends_with(" set") ? "" : " name", *which))
                 : std::nullopt;
  }
  if (word == "counter") {
    return value.is(JsonKind::string) ? named("counter name", value) : Words("counter");
  }
  if (word == "log") {
    const JsonValue* prefix = value.find("prefix");
    const Words text = prefix == nullptr ? Words() : quoted_word(prefix->text);
    return text ? fmt::format("log prefix {}", *text) : "log";
  }
  if (word == "limit") return value.is(JsonKind::string) ? named("limit name", value) : rate(node);
  if (word == "quota" && value.is(JsonKind::string)) return named("quota name", value);
  if (word == "notrack") return "notrack";
  if (word == "reject") return rejection(node);
  if (word == "set" || word == "map") return change_of_set(value, node);
  if (word == "queue") return queue(node);
  if (word == "synproxy") {
    return value.is(JsonKind::string) ? named("synproxy name", value) : synproxy(value);
  }
  if (word == "flow") return fmt::format("flow add {}", value.text_of("flowtable"));
  if (word == "ct count") return count(value);
  if (word == "snat" || word == "dnat" || word == "masquerade" || word == "redirect" ||
      word == "tproxy") {
    return translation(node);
  }
  if (word == "ct helper" || word == "ct timeout" || word == "ct expectation") {
    return named(fmt::format("{} set", word), value);
  }
  return std::nullopt;
}

}  // namespace untrack::nft
