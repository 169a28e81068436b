#include "parser/nft/node.hpp"

#include <algorithm>

namespace untrack::nft {
namespace {

void append_children(std::string& text, const Node& node, std::string_view between) {
  const std::size_t begin = text.size();
  for (const Node& child : node.children) {
    // Behind nothing, nothing is put between.
    if (text.size() != begin) text += between;
    append_text(text, child);
  }
}

void append_with(std::string& text, const Node& node, std::string_view before,
                 std::string_view behind) {
  append_children(text, node, std::string(before).append(node.text).append(behind));
}

}  // namespace

void append_text(std::string& text, const Node& node) {
  switch (node.kind) {
    case NodeKind::symbol:
    case NodeKind::selector:
    case NodeKind::any:
      text += node.text;
      return;
    case NodeKind::quoted:
      text.append("\"").append(node.text).append("\"");
      return;
    case NodeKind::set_name:
      text.append("@").append(node.text);
      return;
    case NodeKind::prefix:
      return append_children(text, node, "/");
    case NodeKind::range:
      return append_children(text, node, "-");
    case NodeKind::set:
      text += "{ ";
      append_children(text, node, ", ");
      text += " }";
      return;
    case NodeKind::mapping:
      return append_children(text, node, " : ");
    case NodeKind::concat:
      return append_children(text, node, " . ");
    case NodeKind::list:
      return append_children(text, node, ",");
    case NodeKind::binary:
      return append_with(text, node, " ", " ");
    case NodeKind::negation:
      text += "! ";
      return append_children(text, node, "");
    case NodeKind::map:
      return append_children(text, node, " map ");
    case NodeKind::vmap:
      return append_children(text, node, " vmap ");
    case NodeKind::match:
      if (node.text.empty()) return append_children(text, node, " ");
      return append_with(text, node, " ", " ");
    case NodeKind::verdict:
    case NodeKind::statement:
    case NodeKind::argument: {
      text += node.text;
      const std::size_t behind = text.size();
      text += ' ';
      append_children(text, node, " ");
      if (text.size() == behind + 1) text.resize(behind);
      return;
    }
    case NodeKind::assign:
      text.append(node.text).append(" set ");
      return append_children(text, node, "");
  }
}

std::string text_of(const Node& node) {
  std::string text;
  append_text(text, node);
  return text;
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
