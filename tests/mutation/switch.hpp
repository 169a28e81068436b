// Which of the mutations that were built in is at work, and which were reached. Included by the
// spoiled copies of sources that tests/mutation/mutate.py writes, by nothing else. UNTRACK_MUTATION
// is the number of the one that is at work, 0 for none; UNTRACK_MUTATION_REACHED a file to which
// each process adds the numbers whose place it came to. What is computed while compiling is as it
// was written.
#pragma once

#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <type_traits>

namespace untrack::mutation {

inline std::array<bool, 8192> reached{};

struct Teller {
  Teller() = default;
  Teller(const Teller&) = delete;
  Teller& operator=(const Teller&) = delete;
  ~Teller() {
    const char* file = std::getenv("UNTRACK_MUTATION_REACHED");
    if (file == nullptr) return;
    std::FILE* stream = std::fopen(file, "a");
    if (stream == nullptr) return;
    for (std::size_t number = 0; number < reached.size(); ++number) {
      if (reached[number]) std::fprintf(stream, "%zu\n", number);
    }
    std::fclose(stream);
  }
};
inline const Teller teller{};

inline bool is_now(int number) {
  static const int at_work = [] {
    const char* word = std::getenv("UNTRACK_MUTATION");
    return word == nullptr ? 0 : std::atoi(word);
  }();
  reached[static_cast<std::size_t>(number)] = true;
  return number == at_work;
}

constexpr bool is_on(int number) {
  if (std::is_constant_evaluated()) return false;
  return is_now(number);
}

// a == Equal{5} == b: a comparison that is another one while the mutation is at work.
template <class Left>
struct Held {
  const Left& left;
  int number;
};
#define UNTRACK_COMPARISON(Name, written, instead)                                    \
  struct Name {                                                                       \
    int number;                                                                       \
  };                                                                                  \
  template <class Left>                                                               \
  struct Held##Name : Held<Left> {};                                                  \
  template <class Left>                                                               \
  constexpr Held##Name<Left> operator written(const Left& left, const Name& held) {   \
    return {{left, held.number}};                                                     \
  }                                                                                   \
  template <class Left, class Right>                                                  \
  constexpr bool operator written(const Held##Name<Left>& held, const Right& right) { \
    return is_on(held.number) ? held.left instead right : held.left written right;    \
  }
UNTRACK_COMPARISON(Equal, ==, !=)
UNTRACK_COMPARISON(Unequal, !=, ==)
UNTRACK_COMPARISON(Less, <, <=)
UNTRACK_COMPARISON(LessEqual, <=, <)
UNTRACK_COMPARISON(Greater, >, >=)
UNTRACK_COMPARISON(GreaterEqual, >=, >)
#undef UNTRACK_COMPARISON

// sets(5, diagram).conj(a, b)
template <class Sets>
struct Swapped {
  Sets& sets;
  int number;
  auto conj(auto a, auto b) const { return is_now(number) ? sets.disj(a, b) : sets.conj(a, b); }
  auto disj(auto a, auto b) const { return is_now(number) ? sets.conj(a, b) : sets.disj(a, b); }
  auto minus(auto a, auto b) const { return is_now(number) ? sets.conj(a, b) : sets.minus(a, b); }
};
template <class Sets>
Swapped<Sets> sets(int number, Sets& sets) {
  return {sets, number};
}

// In a row of a table: a number that is one more, a text that is empty.
struct Number {
  int number;
  unsigned long long value;
  template <class T>
  requires std::is_arithmetic_v<T>
  operator T() const {  // NOLINT(google-explicit-constructor): it stands for a literal
    return static_cast<T>(is_now(number) ? value + 1 : value);
  }
};
inline std::string_view text(int number, std::string_view value) {
  return is_now(number) ? std::string_view() : value;
}

}  // namespace untrack::mutation
