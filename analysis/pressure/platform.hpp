// Platform: what of a host decides the kernel's defaults. Used by every table of defaults.
#pragma once

#include <cstdint>

#include "model/kernel_version.hpp"

namespace untrack {

struct Platform {
  KernelVersion kernel;
  int pointer_bits = 64;  // 32 or 64

  [[nodiscard]] unsigned pointer_bytes() const { return static_cast<unsigned>(pointer_bits) / 8; }
};

// The newest kernel whose tables below were read or measured; stands in where no version is known.
inline constexpr KernelVersion newest_kernel_read{6, 18, 0};

// Before this version the module is called ip_conntrack in the distributions of the time, and its
// sysctls live below net.ipv4 (nf_conntrack exists from 2.6.15 on, ip_conntrack went with 2.6.22).
inline constexpr KernelVersion first_nf_conntrack{2, 6, 20};

}  // namespace untrack
