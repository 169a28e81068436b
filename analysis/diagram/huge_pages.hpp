// HugePages: an allocator for the few large arrays of a Diagram, which are read all over the place:
// in pages of 4 KiB every second read waits for the address as long as for the data. Asks for huge
// pages where the system gives them to who asks; elsewhere it is an allocator as any other, but
// that its memory is zero to begin with, and is not made so twice.
//
// So a T without a value is to be what zero bytes are, and an array that was made shorter is not to
// be made longer by anything but what is pushed.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <new>
#include <type_traits>
#include <utility>

namespace untrack {

template <class T>
struct HugePages {
  static_assert(std::is_trivially_destructible_v<T>);
  using value_type = T;

  HugePages() = default;
  template <class Other>
  HugePages(const HugePages<Other>&) {}  // NOLINT(google-explicit-constructor): as allocators do

  [[nodiscard]] T* allocate(std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    if (bytes < least) {
      void* const small = std::calloc(count, sizeof(T));  // NOLINT: an allocator allocates
      if (small == nullptr) throw std::bad_alloc();
      return static_cast<T*>(small);
    }
    void* const large = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (large == MAP_FAILED) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
    // What it returns does not matter: the memory is there either way.
    (void)::madvise(large, bytes, MADV_HUGEPAGE);
#endif
    return static_cast<T*>(large);
  }
  void deallocate(T* memory, std::size_t count) {
    if (count * sizeof(T) < least) {
      std::free(memory);  // NOLINT: as above
    } else {
      (void)::munmap(memory, count * sizeof(T));
    }
  }
  // What is made without a value is zero already.
  template <class Made, class... Values>
  void construct(Made* at, Values&&... values) {
    if constexpr (sizeof...(Values) > 0) ::new (at) Made{std::forward<Values>(values)...};
  }
  friend bool operator==(const HugePages&, const HugePages&) { return true; }

 private:
  static constexpr std::size_t least = std::size_t{1} << 22U;
};

}  // namespace untrack
