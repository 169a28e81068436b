// join_families: the rewrites of IPv4 and IPv6, which were made apart, as one set of files. Used by
// rewrite.cpp alone, which brings the proof with it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "analysis/certificate/certificate.hpp"
#include "report/rewrite_report.hpp"

namespace untrack {

// The texts of all inputs.
using Texts = std::vector<std::string>;

// Takes `found`, which is what became of `original` for the last of the families, into `all`, what
// became of it for those before. The proofs of all are made anew for what the files become, and
// speak of its rules; where that cannot be, the last family is refused, and `all` stays.
void join_families(std::vector<FamilyRewrite>& families, const Texts& original, const Texts& found,
                   const std::function<Certificate(const Texts&, IpVersion)>& certify, Texts& all);

}  // namespace untrack
