// recheck: judges the claims of a certificate without the engine that found them: packets are
// followed by the concrete walk, proofs are done again by cutting the space of packets into boxes
// (docs/decisions/015-recheck.md). Used by `untrack recheck`; includes nothing of the diagrams, the
// encoding, the flows or the symbolic walk, which tests/architecture/arrows.py holds it to.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/certificate/certificate_file.hpp"
#include "analysis/program/program.hpp"

namespace untrack {

enum class RecheckResult : std::uint8_t {
  rechecked,      // it is as the certificate says
  refused,        // it is not
  not_rechecked,  // not known: too large, or of a kind that is not followed here
  no_claim,       // the certificate says nothing of it
};
[[nodiscard]] std::string_view to_text(RecheckResult result);  // "not_rechecked", as in JSON

struct RecheckedClaim {
  std::string id;  // "O1"
  Proof claimed{};
  RecheckResult result{};
  std::string why;               // one sentence without a full stop
  std::optional<Packet> packet;  // that shows why it is refused
};

struct RecheckedFamily {
  IpVersion version{};
  std::vector<RecheckedClaim> claims;
  std::size_t steps = 0;  // of work
  std::size_t tried = 0;  // packets of boxes that the concrete walk judged alike
};

// How much work a claim may take, in steps: each looks at one box, or compares two.
struct RecheckLimits {
  std::size_t steps = 20'000'000;
};

// What is known of addresses that the rulesets change apart from their packets' ways: translation
// that was put aside (--stateless-nat), so that the programs are of the rulesets behind it, and
// statements that set addresses.
struct Translated {
  bool is_put_aside = false;
  std::string fault;  // why flows break without any packet to show it; empty: they do not
  bool is_fault_of_all = false;  // so that nothing else can be said of packets, either
};

// The programs are of the texts of the certificate, in one registry of variables; `assumptions` are
// those of the certificate. Throws std::logic_error where the boxes and the concrete walk disagree,
// which is a fault of this program.
[[nodiscard]] RecheckedFamily recheck(const Program& original, const Program& rewritten,
                                      RewriteMode mode, const Assumptions& assumptions,
                                      const FamilyClaims& claims, const Translated& translated = {},
                                      const RecheckLimits& limits = {});

}  // namespace untrack
