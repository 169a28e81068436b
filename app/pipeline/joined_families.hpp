// join_families: the rewrites of IPv4 and IPv6, which were made apart, as one set of files. Used by
// rewrite.cpp and rewrite_json.cpp, which bring the proof with them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "analysis/certificate/certificate.hpp"
#include "app/pipeline/loaded.hpp"
#include "report/rewrite/rewrite_report.hpp"

namespace untrack {

// The texts of all inputs.
using Texts = std::vector<std::string>;
// nullopt: the texts are not understood.
using Certifier = std::function<std::optional<Certificate>(const Texts&, IpVersion)>;

// Takes `found`, which is what became of the texts for the last of the families, into `all`, what
// became of it for those before. The proofs of all are made anew for what the files become, and
// speak of its rules; where that cannot be, the last family is refused, and `all` stays.
void join_families(std::vector<FamilyRewrite>& families, const Loaded& loaded, const Texts& found,
                   const Certifier& certify, Texts& all);

// The texts of all inputs as they were.
[[nodiscard]] Texts texts_of(const Loaded& loaded);

// Where a line is for both families, both are rewritten, or neither; beside tables of nft for both,
// one that is not rewritten has to keep its policy.
void refuse_halves(std::vector<FamilyRewrite>& families, const Loaded& loaded,
                   const Certifier& certify, Texts& all);

}  // namespace untrack
