// The pages docs/assumptions.md and docs/exposure.md, made from the tables that the proofs use. A
// unit test compares them with the files.
#pragma once

#include <string>

namespace untrack {

[[nodiscard]] std::string write_assumption_page();
[[nodiscard]] std::string write_exposure_page();

}  // namespace untrack
