// Value: what an option's words say, once read. The readers of this folder, one file per family of
// types, turn words into it and report words that iptables 1.8.9 would refuse, too.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/ruleset.hpp"
#include "parser/iptables/words.hpp"

namespace untrack::iptables {

struct Value {
  // In ruleset.intervals. Empty where the value is not a number or set of numbers.
  PoolRange<Interval> intervals;
  std::uint32_t mask = 0xffffffffU;
  CtStates states;
  bool has_ports = false;  // of a NAT target: the last interval is of ports
  // A range that ends before it begins: the kernel takes it, and no packet is in it.
  bool is_empty_range = false;
  // Set where a mask has holes: the intervals do not say all, and the normal form is the meaning.
  bool is_opaque = false;
  // The text in one spelling, so that equal values have equal texts. Written only by readers whose
  // value is not fully told by the intervals or the states.
  std::string normal;
};

// What a reader may look at beside the words.
struct ValueContext {
  IpVersion ip_version{};
  // Of -p; 0: none or all, or negated.
  std::uint8_t protocol = 0;
  Ruleset& ruleset;
};

// `size` bytes of a word from `begin`, with their own span where the word stands as written.
[[nodiscard]] Word part_of(const Word& word, std::size_t begin,
                           std::size_t size = std::string_view::npos);

// Calls `each(part)` for the parts between the separators, empty ones included, until it returns
// false. True if no call did.
template <class Each>
bool for_each_part(const Word& word, char separator, Each each) {
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = word.text.find(separator, begin);
    if (end == std::string_view::npos) return each(part_of(word, begin));
    if (!each(part_of(word, begin, end - begin))) return false;
    begin = end + 1;
  }
}

// Adds an error at `word`: `MESSAGE: "TEXT"`.
void refuse(ValueContext& context, const Word& word, std::string_view message,
            std::string label = {}, std::string cure = {});

// Notes that iptables loads a range that ends before it begins, which then holds for no packet.
void note_empty_range(ValueContext& context, const Word& word, std::string turned_round);

// Adds one interval to the pool and to the value, whose intervals must be the last of the pool.
void add_interval(ValueContext& context, Value& value, Number first, Number last);

// Upper and lower case letters of ASCII are the same.
[[nodiscard]] bool same_word(std::string_view a, std::string_view b);
// `text` begins with `beginning`, in any case of letters.
[[nodiscard]] bool begins_as(std::string_view text, std::string_view beginning);

}  // namespace untrack::iptables
