// What a certificate claims, in its words: the mode of a rewrite, and how far an obligation is
// proven. Apart from the certificate itself, so that whoever checks one again need not see how
// proofs are found.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace untrack {

enum class RewriteMode : std::uint8_t { stateless, notrack };
[[nodiscard]] std::string_view to_text(RewriteMode mode);

enum class Proof : std::uint8_t {
  proven,
  proven_under_assumptions,
  failed,
  not_applicable,
  not_checked,
};
[[nodiscard]] std::string_view to_text(Proof proof);  // as in JSON
[[nodiscard]] std::optional<Proof> proof_of(std::string_view word);

}  // namespace untrack
