// --certificate FILE of `verify` and `rewrite`.
#pragma once

#include <iosfwd>
#include <string>

#include "analysis/certificate/certificate_file.hpp"

namespace untrack {

inline constexpr const char* certificate_help =
    "Write what is claimed into a file that untrack recheck checks again";

// False, with the reason told, if it could not be written.
[[nodiscard]] bool write_certificate_to(const std::string& path, const CertificateFile& certificate,
                                        std::ostream& err);

}  // namespace untrack
