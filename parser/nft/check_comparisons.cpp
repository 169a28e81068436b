// What nft refuses of a comparison, whether it is computed here or not.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

#include "parser/nft/lowering.hpp"
#include "parser/nft/token_stream.hpp"
#include "parser/nft/values.hpp"

namespace untrack::nft {
namespace {

using catalog::NftExpression;
using catalog::NftType;

// What selectors with numbers in them have: raw payload, hashes and generators, fib.
std::optional<NftExpression> computed_row(std::string_view text) {
  NftExpression row;
  row.name = text;
  const auto number_behind = [text](std::string_view word) {
    const std::size_t at = text.rfind(word);
    if (at == std::string_view::npos) return Number{0};
    const std::string_view rest = text.substr(at + word.size());
    return plain_number(rest.substr(0, rest.find(' '))).value_or(0);
  };
  if (text.starts_with("@")) {
    row.type = NftType::integer;
    row.bits = static_cast<std::uint8_t>(number_behind(","));
    return row;
  }
  if (text.starts_with("numgen ") || text.starts_with("jhash ") || text.starts_with("symhash ")) {
    row.type = NftType::integer;
    const Number largest = number_behind(" mod ") + number_behind(" offset ") - 1;
    row.bits = static_cast<std::uint8_t>(std::bit_width(static_cast<std::uint64_t>(largest)));
    return row;
  }
  if (!text.starts_with("fib ") || !text.ends_with(" type")) return std::nullopt;
  row.type = NftType::fib_addrtype;
  return row;
}

}  // namespace

void RuleLowering::check_comparison(const Node& asked, const Node& right) const {
  const NftExpression* row = catalog::find_nft_expression(asked.text);
  if (row != nullptr) {
    check_values(*row, right);
  } else if (const auto computed = computed_row(asked.text)) {
    check_values(*computed, right);
  }
  if (asked.text.ends_with(" secmark") && right.kind != NodeKind::selector) {
    throw SyntaxError{right.span, "a mark of security beside a value", "nft refuses it", "", true};
  }
  constexpr std::array of_one_family = {"ct original saddr", "ct original daddr", "ct reply saddr",
                                        "ct reply daddr", "rt nexthop"};
  if (std::ranges::find(of_one_family, asked.text) != of_one_family.end() &&
      ip_versions(family_) != IpVersion::ipv4 && ip_versions(family_) != IpVersion::ipv6 &&
      implied_families_ == IpVersions::both()) {
    throw SyntaxError{asked.span, fmt::format("{}, of no family", asked.text), "nft refuses it",
                      "Say ip or ip6 in front of the last word.", true};
  }
}

}  // namespace untrack::nft
