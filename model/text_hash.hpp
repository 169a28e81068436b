// A number for a text, the same on every machine (FNV-1a): tells sets of one name apart in keys
// that people read. Used by parser/ and analysis/; equal numbers are taken for equal texts.
#pragma once

#include <cstdint>
#include <string_view>

namespace untrack {

// `before`: of the text in front, to hash one after the other.
[[nodiscard]] constexpr std::uint64_t text_hash(std::string_view text,
                                                std::uint64_t before = 14695981039346656037U) {
  for (const char c : text) {
    before = (before ^ static_cast<unsigned char>(c)) * 1099511628211U;
  }
  return before;
}

}  // namespace untrack
