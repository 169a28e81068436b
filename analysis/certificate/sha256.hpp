// SHA-256 (FIPS 180-4), by which a certificate names the texts that it is about. Written out, so
// that rechecking needs no library.
#pragma once

#include <string>
#include <string_view>

namespace untrack {

// 64 hexadecimal digits, lower case.
[[nodiscard]] std::string sha256(std::string_view text);

}  // namespace untrack
