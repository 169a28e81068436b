// CertificateFile: a certificate as it lies in a file, which stands by itself: what is claimed of
// which texts, under which assumptions and options, with a packet for each claim that something is
// false. Written by `verify` and `rewrite` with --certificate (report/certificate_file_json), read
// by `recheck`. A plain value that knows nothing of how the claims were found.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/certificate/claim.hpp"
#include "analysis/flows/assumptions.hpp"
#include "analysis/packet/packet.hpp"
#include "analysis/walk/decision.hpp"

namespace untrack {

struct ClaimedWitness {
  Packet packet;                        // its state is not used
  std::vector<std::string> conditions;  // keys of the free variables that are true
  CtState original_state = CtState::new_;
  CtState rewritten_state = CtState::new_;
  Decision before{};
  Decision after{};
};

struct ClaimedObligation {
  std::string id;  // "O1"
  Proof proof = Proof::not_checked;
  std::string explanation;
  std::optional<ClaimedWitness> witness;
};

struct ClaimedExposure {
  std::string kind;  // docs/exposure.md
  Path path{};
  ClaimedWitness witness;
};

struct FamilyClaims {
  IpVersion version{};
  std::vector<ClaimedObligation> obligations;
  std::vector<ClaimedExposure> exposure;
  bool tracked_before = false;
  bool tracked_after = false;
};

// A file that was read. `text` is none where it is no UTF-8, which JSON cannot hold: then whoever
// rechecks has to give the file.
struct CertifiedText {
  struct Include {
    std::string pattern;
    std::vector<CertifiedText> files;
    std::string why_not;
    std::string cure;
  };
  std::string path;
  std::string sha256;
  std::optional<std::string> text;
  std::vector<Include> includes;
};

struct CertificateFile {
  std::string tool_version;
  RewriteMode mode{};
  std::vector<Assumption> assumptions;
  Interval host_ports;
  Interval other_ports;
  bool stateless_nat = false;
  std::string format;  // of all inputs; empty: recognised
  std::optional<IpVersion> ip_version;
  std::string kernel;  // of the target; empty: 4.10 or later
  std::optional<CertifiedText> outbound;
  std::vector<CertifiedText> original;
  std::vector<CertifiedText> rewritten;
  std::vector<FamilyClaims> families;
};

}  // namespace untrack
