#include "parser/iptables/pages_ahead.hpp"

#include <sys/mman.h>

#include <algorithm>

namespace untrack::iptables {

void PagesAhead::ask(std::uintptr_t at) {
  // Whole pages alone: those at both ends belong to others, too.
  constexpr std::uintptr_t page = 4096;
  const std::uintptr_t from = (std::max(at, asked_to_) + page - 1) / page * page;
  const std::uintptr_t to = std::min(from + piece, end_) / page * page;
  asked_to_ = end_;
  if (to <= from) return;
#ifdef MADV_POPULATE_WRITE
  // NOLINTNEXTLINE(performance-no-int-to-ptr): an address that was a pointer
  if (::madvise(reinterpret_cast<void*>(from), to - from, MADV_POPULATE_WRITE) == 0) asked_to_ = to;
#endif
}

}  // namespace untrack::iptables
