// Numbers as libxtables reads them: decimal, 0x hexadecimal, 0 octal (xtables_strtoul with base 0,
// iptables 1.8.9, libxtables/xtables.c), and the ranges, lists, masks and rates made of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "parser/iptables/values/value.hpp"

namespace untrack::iptables {

// nullopt if the text is not a number or above `largest`.
[[nodiscard]] std::optional<std::uint64_t> number_of(std::string_view text,
                                                     std::uint64_t largest = UINT64_MAX);

// Each reports and returns false if the words are not of its form. `largest` bounds every number.
bool read_number(ValueContext& context, const Word& word, std::uint64_t largest, Value& value);
// a, a:b, a:, :b, :
bool read_number_range(ValueContext& context, const Word& word, std::uint64_t largest,
                       Value& value);
bool read_number_list(ValueContext& context, const Word& word, std::uint64_t largest, Value& value);
// a or a-b
bool read_dash_range(ValueContext& context, const Word& word, std::uint64_t largest, Value& value);
// v or v/m, 32 bits: value.mask is m.
bool read_value_mask(ValueContext& context, const Word& word, Value& value);
// 5/second, 3/min, 512kb/s ...; `fastest` packets per second is what the kernel can count.
bool read_rate(ValueContext& context, const Word& word, std::uint64_t fastest, Value& value);
// 0.25, from 0 to 1
bool read_decimal(ValueContext& context, const Word& word, Value& value);
// 01:23:45:67:89:ab
bool read_mac(ValueContext& context, const Word& word, Value& value);

}  // namespace untrack::iptables
