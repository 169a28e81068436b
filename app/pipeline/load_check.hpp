// load_check: O5 of a certificate by the tools of this machine, where the user wants them asked.
// Shared by `verify` and `rewrite`, which bring the way to ask.
#pragma once

#include <vector>

#include "analysis/certificate/certificate.hpp"
#include "app/pipeline/loaded.hpp"
#include "report/rewrite/rewrite_report.hpp"

namespace untrack {

// Asks `tester` about the files of the certificate's family: as they are, or of scripts, lists of
// commands and listings the words of their commands. What cannot be asked about, or is not to be,
// leaves O5 unchecked, which says so.
void check_load(Certificate& certificate, const Loaded& before, const Loaded& after,
                const LoadTester& tester);

// Tables of nft see packets of the version.
[[nodiscard]] bool is_of_nft(const Loaded& loaded, IpVersion version);

// The same for all families of nft that are rewritten: one load takes them all, so that it is asked
// about the text for all of them. False: it does not load, and no family is rewritten.
[[nodiscard]] bool check_load_of_nft(std::vector<FamilyRewrite>& families, const Loaded& before,
                                     const Loaded& after, const LoadTester& tester);

}  // namespace untrack
