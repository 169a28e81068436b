// Platform: what of a host decides the kernel's defaults. Used by every table of defaults.
#pragma once

#include <cstdint>
#include <string_view>

#include "model/kernel_version.hpp"

namespace untrack {

struct Platform {
  KernelVersion kernel;
  int pointer_bits = 64;  // 32 or 64
  bool is_el7 = false;    // a kernel of RHEL 7, "3.10.0-1160.el7.x86_64", which sizes as 4.0 does

  [[nodiscard]] unsigned pointer_bytes() const { return static_cast<unsigned>(pointer_bits) / 8; }
};

// Whether `uname -r` says so.
[[nodiscard]] inline bool is_el7_release(std::string_view release) {
  return release.starts_with("3.10.0-") && release.find(".el7") != std::string_view::npos;
}

// The newest kernel whose tables below were read or measured; stands in where no version is known.
inline constexpr KernelVersion newest_kernel_read{6, 18, 0};

// Before this version the module is called ip_conntrack in the distributions of the time, and its
// sysctls live below net.ipv4 (nf_conntrack exists from 2.6.15 on, ip_conntrack went with 2.6.22).
inline constexpr KernelVersion first_nf_conntrack{2, 6, 20};

}  // namespace untrack
