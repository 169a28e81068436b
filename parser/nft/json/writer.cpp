#include "parser/nft/json/writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <vector>

namespace untrack::nft {
namespace {

using Text = std::optional<std::string>;

Text value(const Node& node);

Text list(const std::vector<Node>& nodes) {
  std::string text;
  for (const Node& node : nodes) {
    const Text each = value(node);
    if (!each) return std::nullopt;
    text += fmt::format("{}{}", text.empty() ? "" : ", ", *each);
  }
  return fmt::format("[{}]", text);
}

Text wrapped(std::string_view key, const Text& inner) {
  return inner ? Text(fmt::format("{{\"{}\": {}}}", key, *inner)) : std::nullopt;
}

std::string symbol(std::string_view text) {
  std::string_view digits = text;
  const bool is_hex = digits.starts_with("0x");
  if (is_hex) digits.remove_prefix(2);
  std::uint64_t number = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number, is_hex ? 16 : 10);
  const bool is_number = error == std::errc() && end == digits.data() + digits.size();
  return is_number ? fmt::format("{}", number) : json_string(text);
}

Text selector(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) {
    return fmt::format(R"({{"meta": {{"key": {}}}}})", json_string(text));
  }
  const std::string_view first = text.substr(0, space);
  const std::string_view rest = text.substr(space + 1);
  if (first == "meta" || (first == "ct" && rest == "state")) {
    return fmt::format(R"({{"{}": {{"key": {}}}}})", first, json_string(rest));
  }
  if (first == "frag") {
    return fmt::format(R"({{"exthdr": {{"name": "frag", "field": {}}}}})", json_string(rest));
  }
  if (first == "fib" && (rest == "daddr type" || rest == "saddr type")) {
    return fmt::format(R"({{"fib": {{"result": "type", "flags": ["{}"]}}}})", rest.substr(0, 5));
  }
  constexpr std::array headers = {"ip",   "ip6",    "tcp",  "udp",  "th",
                                  "icmp", "icmpv6", "sctp", "dccp", "udplite"};
  if (std::ranges::find(headers, first) == headers.end() ||
      rest.find(' ') != std::string_view::npos) {
    return std::nullopt;
  }
  return fmt::format(R"({{"payload": {{"protocol": "{}", "field": {}}}}})", first,
                     json_string(rest));
}

Text verdict(const Node& node) {
  if (node.children.empty()) return fmt::format("{{\"{}\": null}}", node.text);
  if (node.children.front().kind != NodeKind::symbol) return std::nullopt;
  return fmt::format(R"({{"{}": {{"target": {}}}}})", node.text,
                     json_string(node.children.front().text));
}

Text value(const Node& node) {
  switch (node.kind) {
    case NodeKind::symbol:
      return symbol(node.text);
    case NodeKind::quoted:
      return json_string(node.text);
    case NodeKind::set_name:
      return json_string(fmt::format("@{}", node.text));
    case NodeKind::any:
      return "\"*\"";
    case NodeKind::prefix: {
      const Text address = value(node.children[0]);
      const Text length = value(node.children[1]);
      if (!address || !length) return std::nullopt;
      return fmt::format(R"({{"prefix": {{"addr": {}, "len": {}}}}})", *address, *length);
    }
    case NodeKind::range:
      return wrapped("range", list(node.children));
    case NodeKind::set:
      return wrapped("set", list(node.children));
    case NodeKind::concat:
      return wrapped("concat", list(node.children));
    case NodeKind::mapping:
    case NodeKind::list:
      return list(node.children);
    case NodeKind::binary:
      return wrapped(node.text, list(node.children));
    case NodeKind::selector:
      return selector(node.text);
    case NodeKind::verdict:
      return verdict(node);
    case NodeKind::negation:
    case NodeKind::map:
    case NodeKind::match:
    case NodeKind::vmap:
    case NodeKind::assign:
    case NodeKind::statement:
    case NodeKind::argument:
      return std::nullopt;
  }
  return std::nullopt;
}

// Flags are looked for one by one, as nft prints it.
bool looks_for_flags(const Node& left, const Node& right) {
  const bool has_flags = left.text == "ct state" || left.text == "tcp flags";
  return has_flags && right.kind != NodeKind::set;
}

Text match(const Node& node) {
  const Node& left = node.children[0];
  const Node& right = node.children[1];
  const Text key = value(left);
  const Text values = value(right);
  if (!key || !values) return std::nullopt;
  std::string_view op = node.text;
  if (op.empty()) op = looks_for_flags(left, right) ? "in" : "==";
  return fmt::format(R"({{"match": {{"op": "{}", "left": {}, "right": {}}}}})", op, *key, *values);
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string all = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      all += '\\';
      all += c;
    } else if (static_cast<unsigned char>(c) < ' ') {
      all += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      all += c;
    }
  }
  return all + '"';
}

std::optional<std::string> json_of(const Node& statement) {
  if (statement.kind == NodeKind::match) return match(statement);
  if (statement.kind == NodeKind::verdict) return verdict(statement);
  if (statement.kind == NodeKind::vmap) {
    const Text key = value(statement.children[0]);
    const Text data = value(statement.children[1]);
    if (!key || !data) return std::nullopt;
    return fmt::format(R"({{"vmap": {{"key": {}, "data": {}}}}})", *key, *data);
  }
  if (statement.kind != NodeKind::statement) return std::nullopt;
  if (statement.text == "notrack") return R"({"notrack": null})";
  if (statement.text == "counter" && statement.children.empty()) {
    return R"({"counter": {"packets": 0, "bytes": 0}})";
  }
  return std::nullopt;
}

}  // namespace untrack::nft
