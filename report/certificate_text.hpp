// How a certificate is told: obligation by obligation, what is exposed, what was assumed. Used by
// the text reports of `verify` and `rewrite`, and, for its words, by their
// pages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analysis/certificate/certificate.hpp"
#include "analysis/program/free_variables.hpp"
#include "report/compared_side.hpp"
#include "report/terminal.hpp"

namespace untrack {

// What a certificate speaks of.
struct CertifiedSides {
  const ComparedSide& original;
  const ComparedSide& rewritten;
  const FreeVariables& variables;
  const Assumptions& assumptions;
};

// "proven", "assuming", "FAILED" ...
[[nodiscard]] std::string_view proof_word(Proof proof);

// The ports that service_ports is about, of both families.
[[nodiscard]] std::vector<Interval> named_service_ports(const CertifiedSides& said);

// What an assumption says, with the ports that were given for this host; and those that its rules
// name.
[[nodiscard]] std::string assumption_words(const Assumptions& assumptions, Assumption id);
[[nodiscard]] std::string assumption_words(const CertifiedSides& said, Assumption id);

// Those that are on and may bear on the proof: without a rule that may turn out otherwise from
// packet to packet (a rate, a count), rate_per_packet changes nothing (Flows::refused_by_rate);
// service_ports, without one that names such a port.
[[nodiscard]] std::vector<Assumption> bearing_assumptions(const CertifiedSides& said);

// Whether one of them holds only under assumptions.
[[nodiscard]] bool rest_on_assumptions(const std::vector<const Certificate*>& certificates);

// Ahead of Certificate::refused_outbound, lost_reject_answers and changed_packets.
inline constexpr std::string_view refused_outbound_words =
    "Listed as what this host starts, but the original ruleset does not let it out, so that "
    "nothing answers it:";
inline constexpr std::string_view lost_answers_words =
    "What REJECT sends and no longer leaves, so that who is refused waits for a timeout:";
inline constexpr std::string_view changed_packets_words =
    "Marks, headers or copies that differ for packets that pass, of which no obligation speaks:";

// A heading for the family, and what holds for it.
[[nodiscard]] std::string certificate_text(const CertifiedSides& said,
                                           const Certificate& certificate, const Display& display);

// The assumptions under which the certificates hold; empty if they need none.
[[nodiscard]] std::string assumptions_text(const CertifiedSides& said,
                                           const std::vector<const Certificate*>& certificates,
                                           const Display& display);

}  // namespace untrack
