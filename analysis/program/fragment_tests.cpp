#include "analysis/program/fragment_tests.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace untrack {

bool asks_about_fragments(const Ruleset& ruleset) {
  static constexpr std::array<std::string_view, 5> words = {"frag", "ipv6header", "u32", "bpf",
                                                            "@nh"};
  return std::ranges::any_of(ruleset.parts, [](const RulePart& part) {
    const auto* const match = std::get_if<Match>(&part.what);
    const auto* const opaque = match == nullptr ? nullptr : std::get_if<OpaqueTest>(match);
    if (opaque == nullptr) return false;
    const std::string_view key = opaque->key;
    return std::ranges::any_of(
        words, [&](std::string_view word) { return key.find(word) != std::string_view::npos; });
  });
}

}  // namespace untrack
