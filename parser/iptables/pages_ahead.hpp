// PagesAhead: asks the system for the pages of a large pool a piece at a time, a little ahead of
// who fills it. Each page costs an exception otherwise, which is a third of what the system takes
// to give it (measured, Linux 6.18). Used by RestoreReader for the pools of a ruleset, and by
// LineShapes. Where the kernel has no such request (before 5.14) or refuses it, pages come one by
// one, as ever.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace untrack::iptables {

class PagesAhead {
 public:
  // Bytes: small pools fit into pages that are there already, and are not worth a question.
  static constexpr std::size_t large = std::size_t{1} << 20U;

  // To be called from time to time while the pool grows; does nothing most of the time.
  template <class Element>
  void follow(const std::vector<Element>& pool) {
    if (pool.capacity() * sizeof(Element) < large) return;
    const auto begin = reinterpret_cast<std::uintptr_t>(pool.data());
    follow(begin + pool.size() * sizeof(Element), begin + pool.capacity() * sizeof(Element));
  }

  // The pool is written from `at` on, and has memory up to `end`.
  void follow(std::uintptr_t at, std::uintptr_t end) {
    if (end != end_) {
      end_ = end;
      asked_to_ = at;
    }
    if (asked_to_ < at + margin && asked_to_ < end) ask(at);
  }

 private:
  static constexpr std::size_t margin = std::size_t{16} << 10U;
  static constexpr std::size_t piece = std::size_t{64} << 10U;

  void ask(std::uintptr_t at);

  std::uintptr_t end_ = 0;       // of the pool's memory, by which it is known
  std::uintptr_t asked_to_ = 0;  // what is in front of it is there, or will come by itself
};

}  // namespace untrack::iptables
