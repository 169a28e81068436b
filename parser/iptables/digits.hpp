// Digits: decimal numbers at the beginning of a text, read without a branch for each digit: how
// many digits a number has cannot be foretold, and each wrong guess of the processor costs as much
// as reading an address does. Private to shape_slots.cpp; says nothing where it is not certain.
#pragma once

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace untrack::iptables {

#ifdef __SSE2__

// The sixteen bytes from `at` on.
class Digits {
 public:
  static constexpr std::size_t size = 16;

  explicit Digits(const char* at) : at_(at) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i values = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
    const __m128i digits = _mm_cmpeq_epi8(_mm_min_epu8(values, _mm_set1_epi8(9)), values);
    others_ = ~static_cast<std::uint32_t>(_mm_movemask_epi8(digits));
  }

  // Moves on behind the next byte that is no digit; whether it is one of the sixteen. Then `begin`
  // and `end` are around the digits in front of it.
  bool next() {
    begin_ = end_ + 1;
    end_ = static_cast<unsigned>(std::countr_zero(others_));
    others_ &= others_ - 1;
    return end_ < size;
  }
  [[nodiscard]] unsigned count() const { return end_ - begin_; }
  [[nodiscard]] const char* end() const { return at_ + end_; }

  // The number, of one to `most` digits (at most eight) without a zero in front. What is wrong sets
  // bits of `wrong`.
  [[nodiscard]] std::uint32_t number(unsigned most, std::uint32_t& wrong) const {
    const unsigned digits = count();
    wrong |= static_cast<std::uint32_t>(digits - 1 >= most);
    const unsigned shift = (8 - digits) * 8 & 63U;
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, at_ + begin_, sizeof(bytes));
    wrong |= static_cast<std::uint32_t>(digits > 1 && at_[begin_] == '0');
    bytes = (bytes << shift) & 0x0f0f0f0f0f0f0f0fU;
    bytes = (bytes * 10 + (bytes >> 8U)) & 0x00ff00ff00ff00ffU;
    bytes = (bytes * 100 + (bytes >> 16U)) & 0x0000ffff0000ffffU;
    return static_cast<std::uint32_t>(bytes * 10000 + (bytes >> 32U));
  }

 private:
  const char* at_;
  std::uint32_t others_;
  unsigned begin_ = 0;
  unsigned end_ = ~0U;
};

#endif

}  // namespace untrack::iptables
