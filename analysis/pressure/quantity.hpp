// Quantity: a number together with where it came from, since no number of `untrack pressure` is
// shown without its origin. Used by all of analysis/pressure and by its reports.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace untrack {

enum class Origin : std::uint8_t {
  measured,  // read from the kernel of this host
  given,     // an option, or a file from another host
  kernel_default,
  computed,   // from other numbers, by a formula that the text names
  estimated,  // a model or a typical value; may differ on the target
};
[[nodiscard]] std::string_view to_text(Origin origin);  // as in the JSON contract: "default" ...

struct Source {
  Origin origin = Origin::computed;
  std::string text;  // "--max", "host.sysctl:12", "kernel 6.1: RAM / 16384 / 8, ..."
};

struct Quantity {
  std::uint64_t value = 0;
  Source source;
};

}  // namespace untrack
