// EntryExtension: what an entry may carry beside struct nf_conn, and how large the block is that
// holds it. One block holds all of an entry's extensions: nf_ct_ext_add reallocates it for each,
// and never asks for less than 128 bytes. Used by the reckoning of memory and by what rules ask
// for.
#pragma once

#include <bitset>
#include <cstdint>
#include <span>
#include <string_view>

#include "analysis/pressure/platform.hpp"

namespace untrack {

enum class EntryExtension : std::uint8_t {
  helper,
  nat,
  seqadj,
  acct,
  events,
  timestamp,
  timeout,
  labels,
  synproxy
};
inline constexpr std::size_t extension_count = 9;

class ExtensionSet {
 public:
  void add(EntryExtension extension) { bits_.set(static_cast<std::size_t>(extension)); }
  void remove(EntryExtension extension) { bits_.reset(static_cast<std::size_t>(extension)); }
  [[nodiscard]] bool has(EntryExtension extension) const {
    return bits_.test(static_cast<std::size_t>(extension));
  }
  [[nodiscard]] bool empty() const { return bits_.none(); }
  friend ExtensionSet operator|(ExtensionSet a, const ExtensionSet& b) {
    a.bits_ |= b.bits_;
    return a;
  }

 private:
  std::bitset<extension_count> bits_;
};

// Bytes of one extension with what aligns it to 8. Those of 64 bit, which are no less than those of
// 32 bit.
struct ExtensionRow {
  EntryExtension extension;
  KernelVersion since;
  unsigned bytes;
  std::string_view evidence;
};
[[nodiscard]] std::span<const ExtensionRow> extension_rows();

// What the allocator hands out for a block with these; `least`: the least it is on this kernel.
[[nodiscard]] unsigned block_bytes(const ExtensionSet& extensions, const KernelVersion& kernel,
                                   unsigned least);

}  // namespace untrack
