// A certificate as a file (docs/recheck.md, docs/schema/certificate.schema.json): how `verify` and
// `rewrite` write it, and how `recheck` reads it again. What is read comes from anybody.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "analysis/certificate/certificate_file.hpp"

namespace untrack {

[[nodiscard]] std::string write_certificate_file(const CertificateFile& certificate);

struct ReadCertificate {
  std::optional<CertificateFile> certificate;
  std::string why_not;  // "families.ipv4.obligations[1].status: ..."; empty: it was read
};

// Every member has to be there and of its kind; others are left aside. Never throws for a text.
[[nodiscard]] ReadCertificate read_certificate_file(std::string_view text);

}  // namespace untrack
