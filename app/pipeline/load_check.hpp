// load_check: O5 of a certificate by the tools of this machine, where the user wants them asked.
// Shared by `verify` and `rewrite`, which bring the way to ask.
#pragma once

#include "analysis/certificate/certificate.hpp"
#include "app/pipeline/loaded.hpp"

namespace untrack {

// Asks `tester` about the files of the certificate's family. Where one of them is not what a
// restore command takes, O5 stays unchecked and says so.
void check_load(Certificate& certificate, const Loaded& before, const Loaded& after,
                const LoadTester& tester);

}  // namespace untrack
