#include "parser/iptables/values/sets.hpp"

#include <fmt/format.h>

namespace untrack::iptables {
namespace {

constexpr std::size_t longest_name = 31;    // IPSET_MAXNAMELEN - 1, linux/netfilter/ipset/ip_set.h
constexpr std::size_t most_dimensions = 6;  // IPSET_DIM_MAX

}  // namespace

bool read_set_reference(ValueContext& context, const Word& name, const Word& flags, SetTest& test) {
  if (name.text.empty() || name.text.size() > longest_name) {
    refuse(context, name, "not a set name", fmt::format("expected 1 to {} bytes", longest_name));
    return false;
  }
  test.set_name = context.ruleset.short_form(name.text);
  return for_each_part(flags, ',', [&](const Word& part) {
    const bool is_destination = same_word(part.text, "dst");
    if (!is_destination && !same_word(part.text, "src")) {
      refuse(context, part, "not a side of the packet", "expected src or dst");
      return false;
    }
    if (test.dimension_count == most_dimensions) {
      refuse(context, part, "too many dimensions of a set",
             fmt::format("a set has at most {}", most_dimensions));
      return false;
    }
    if (is_destination) {
      test.destination_dimensions |= static_cast<std::uint8_t>(1U << test.dimension_count);
    }
    ++test.dimension_count;
    return true;
  });
}

}  // namespace untrack::iptables
