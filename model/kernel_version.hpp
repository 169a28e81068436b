// A Linux version as far as facts depend on it. Used wherever "since" and "before" are asked.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace untrack {

struct KernelVersion {
  int major = 0;
  int minor = 0;
  int patch = 0;

  friend auto operator<=>(const KernelVersion&, const KernelVersion&) = default;
};

// Reads "6.1", "2.6.18", "4.18.0-305.el8", "6.1.0-27-amd64"; what follows the third number is
// ignored (a distribution's suffix). nullopt if the text does not begin with MAJOR.MINOR.
[[nodiscard]] std::optional<KernelVersion> parse_kernel_version(std::string_view text);

// "6.1", or "2.6.18" where the patch level is not zero.
[[nodiscard]] std::string to_text(const KernelVersion& version);

}  // namespace untrack
