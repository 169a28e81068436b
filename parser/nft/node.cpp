#include "parser/nft/node.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace untrack::nft {

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

std::string ordered_text_of(const Node& node) {
  const auto order = [](Node& part, const auto& self) -> void {
    for (Node& child : part.children) self(child, self);
    if (part.kind != NodeKind::set) return;
    std::ranges::sort(part.children, {}, [](const Node& element) { return text_of(element); });
  };
  Node ordered = node;
  order(ordered, order);
  return text_of(ordered);
}

}  // namespace untrack::nft
