// Statements that set something: marks, what conntrack keeps, fields of a header.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "parser/nft/lowering.hpp"
#include "parser/nft/token_stream.hpp"
#include "parser/nft/values.hpp"

namespace untrack::nft {
namespace {

using catalog::NftType;

// mark = (mark & keep) ^ flip, of an expression made of the mark and numbers.
struct MarkFunction {
  std::uint32_t keep = 0xffffffffU;
  std::uint32_t flip = 0;
};

std::optional<MarkFunction> mark_function(const Node& node) {
  if (node.kind == NodeKind::selector) {
    if (node.text != "meta mark") return std::nullopt;
    return MarkFunction{};
  }
  if (node.kind == NodeKind::binary) {
    auto function = mark_function(node.children[0]);
    const auto number = number_of(NftType::mark, node.children[1]);
    if (!function || !number) return std::nullopt;
    const auto operand = static_cast<std::uint32_t>(*number);
    if (node.text == "&") {
      function->keep &= operand;
      function->flip &= operand;
    } else if (node.text == "|") {
      function->keep &= ~operand;
      function->flip = (function->flip & ~operand) | operand;
    } else if (node.text == "^") {
      function->flip ^= operand;
    } else {
      return std::nullopt;
    }
    return function;
  }
  const auto number = number_of(NftType::mark, node);
  if (!number) return std::nullopt;
  return MarkFunction{0, static_cast<std::uint32_t>(*number)};
}

// No group, and no broadcast: where those lead is more than an address.
bool is_of_one_host(Number address, NftType type) {
  if (type == NftType::ipv6_addr) return address != 0 && (address >> 120U) != 0xff;
  return (address >> 24U) != 0 && (address >> 24U) < 224;
}

bool mentions(const Node& node, std::string_view selector) {
  if (node.kind == NodeKind::selector && node.text == selector) return true;
  return std::ranges::any_of(node.children,
                             [&](const Node& child) { return mentions(child, selector); });
}

}  // namespace

void RuleLowering::lower_mark(const Node& node) {
  const Node& value = node.children[0];
  const auto function = mark_function(value);
  if (function) {
    return add(node.span, Statement(MarkStatement{function->flip, ~function->keep}));
  }
  const KeptText key = ruleset_.short_form(ruleset_.keep(text_of(node)));
  if (mentions(value, "ct mark")) {
    const ConstructId construct = add_deed("ct mark", node);
    return add(node.span, Statement(ConntrackStatement{"restore-mark", key}), construct);
  }
  add(node.span, Statement(OpaqueStatement{key, false, Field::mark}));
}

void RuleLowering::lower_assign(const Node& node) {
  const std::string_view target = node.text;
  const catalog::NftExpression* expression = catalog::find_nft_expression(target);
  const bool is_plain =
      node.children[0].kind == NodeKind::symbol || node.children[0].kind == NodeKind::quoted;
  const bool names_object = target.ends_with("secmark");
  if (expression != nullptr && is_plain && !names_object) {
    check_values(*expression, node.children[0]);
  }
  lower_maps(node.children[0]);
  const NodeKind kind = node.children[0].kind;
  if (kind == NodeKind::set || kind == NodeKind::range || kind == NodeKind::prefix) {
    throw SyntaxError{node.children[0].span, "several values where one is set", "nft refuses it",
                      "", true};
  }
  if (expression != nullptr && node.children[0].kind == NodeKind::selector) {
    const catalog::NftExpression* given = catalog::find_nft_expression(node.children[0].text);
    const auto is_told_apart = [](NftType type) {
      return type == NftType::ipv4_addr || type == NftType::ipv6_addr ||
             type == NftType::inet_service;
    };
    if (given != nullptr && is_told_apart(given->type) && is_told_apart(expression->type) &&
        given->type != expression->type) {
      throw SyntaxError{node.children[0].span, "a value of another type than what is set",
                        "nft refuses it", "", true};
    }
  }
  if (target == "meta mark") return lower_mark(node);
  const KeptText key = ruleset_.short_form(ruleset_.keep(text_of(node)));
  if (target.starts_with("ct ")) {
    const std::string_view row = target == "ct mark" || target == "ct label" ? "ct mark set"
                                 : target == "ct helper"                     ? "ct helper set"
                                                                             : "ct set";
    const ConstructId construct = add_deed(row, node);
    const std::string_view what = target.substr(3) == "zone" ? std::string_view("zone") : target;
    return add(node.span, Statement(ConntrackStatement{what, key}), construct);
  }
  if (expression != nullptr && expression->field) {
    // nft asks for the family, the protocol, in front of what it sets (measured, nft 1.0.6).
    constexpr std::string_view headers[] = {"ip ", "ip6 ", "tcp ", "udp "};
    if (std::ranges::any_of(headers, [&](std::string_view h) { return target.starts_with(h); })) {
      (void)add_dependencies(*expression, node.span);
    }
    OpaqueStatement statement{key, false, expression->field};
    const auto value = interval_of(expression->type, node.children[0]);
    const bool is_address =
        expression->type == NftType::ipv4_addr || expression->type == NftType::ipv6_addr;
    // Of the address of one host alone: the others are not followed.
    if (is_address && value && value->first == value->last &&
        is_of_one_host(value->first, expression->type)) {
      statement.value = add_intervals({*value});
    }
    return add(node.span, Statement(statement));
  }
  if (target.starts_with("@")) {
    ruleset_.problems.push_back({ProblemKind::not_understood, node.span,
                                 "bytes of a packet that are written by their place",
                                 "what later rules find there is not known",
                                 "Name the field that is set: `ip ttl set 5`.", false});
  }
  add(node.span, Statement(PassiveStatement{key.view()}));
}

}  // namespace untrack::nft
