// The kernel modules around connection tracking and what they depend on, in every naming since 2.6:
// read by the unload plan (what must go before what), by findings (which modules a rule pulls in)
// and by help. A host's own modules.dep, where it is given, is the better source; this table is for
// when it is not.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>

#include "model/kernel_version.hpp"

namespace untrack::catalog {

// Up to six names, in the row itself.
class NameList {
 public:
  static constexpr std::size_t kMost = 6;
  constexpr NameList() = default;
  constexpr NameList(std::initializer_list<std::string_view> names) : size_(names.size()) {
    std::size_t at = 0;
    for (const std::string_view name : names) names_.at(at++) = name;
  }
  [[nodiscard]] constexpr const std::string_view* begin() const { return names_.data(); }
  [[nodiscard]] constexpr const std::string_view* end() const { return names_.data() + size_; }
  [[nodiscard]] constexpr std::size_t size() const { return size_; }
  [[nodiscard]] constexpr bool empty() const { return size_ == 0; }

 private:
  std::array<std::string_view, kMost> names_{};
  std::size_t size_ = 0;
};

struct KernelModule {
  std::string_view name;  // with underscores, as in /proc/modules
  // Directly; may name modules without a row here (libcrc32c, bridge ...), which have nothing to do
  // with connection tracking.
  NameList depends = {};
  KernelVersion since{};  // 0.0: from the first 2.6 on, or not known
  KernelVersion before{99999, 0, 0};
  NameList aliases = {};            // other names modprobe takes (ipt_state ...)
  std::string_view loaded_by = {};  // what makes it load, or load again
  std::string_view now = {};        // the module that has its place in later kernels; empty: none
  std::string_view evidence = {};
};

// All rows, sorted by name, then `since`. The version ranges of one name do not overlap.
[[nodiscard]] std::span<const KernelModule> kernel_modules();

// The row of a module in one kernel; nullptr if the name is not known there. Not by alias. O(log
// n).
[[nodiscard]] const KernelModule* find_kernel_module(std::string_view name,
                                                     const KernelVersion& kernel);

// nf_conntrack, or ip_conntrack of kernels before 2.6.22.
[[nodiscard]] bool is_conntrack_core(std::string_view name);

// True if the module cannot be loaded without connection tracking, directly or through others;
// false for the core itself and for what is not known.
[[nodiscard]] bool needs_conntrack(std::string_view name, const KernelVersion& kernel);

}  // namespace untrack::catalog
