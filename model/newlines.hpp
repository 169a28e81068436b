// for_each_newline: where the lines of a text end. Every large input is looked at several times for
// this, and a search from one end to the next costs more than the bytes in between. Used by
// source_text.cpp and by the readers of parser/.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace untrack {

// Calls `found` with the offset of each newline, in their order.
template <class Found>
void for_each_newline(std::string_view text, Found found) {
  const char* const data = text.data();
  std::size_t at = 0;
#ifdef __SSE2__
  constexpr std::size_t step = 64;
  const __m128i newline = _mm_set1_epi8('\n');
  const auto bits_at = [&](std::size_t offset) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + offset));
    return static_cast<std::uint64_t>(
        static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, newline))));
  };
  for (; text.size() - at >= step; at += step) {
    std::uint64_t ends =
        bits_at(at) | bits_at(at + 16) << 16U | bits_at(at + 32) << 32U | bits_at(at + 48) << 48U;
    for (; ends != 0; ends &= ends - 1) {
      found(at + static_cast<std::size_t>(std::countr_zero(ends)));
    }
  }
#endif
  while (at < text.size()) {
    const void* const next = std::memchr(data + at, '\n', text.size() - at);
    if (next == nullptr) return;
    at = static_cast<std::size_t>(static_cast<const char*>(next) - data);
    found(at++);
  }
}

// About as many lines as the beginning lets expect, and a little more, for who makes room for them:
// memory that a vector leaves behind where it grows step by step is more than that of what is too
// much here.
[[nodiscard]] inline std::size_t estimated_lines(std::string_view text) {
  constexpr std::size_t enough = 16'384;
  const std::string_view start = text.substr(0, enough);
  std::size_t lines = 1;
  for_each_newline(start, [&](std::size_t) { ++lines; });
  if (start.size() == text.size()) return lines;
  constexpr std::size_t shortest = 16;  // of many bytes; a file may begin with anything
  const std::size_t expected = lines * (text.size() / start.size() + 1) * 9 / 8;
  return expected < text.size() / shortest ? expected : text.size() / shortest;
}

}  // namespace untrack
