// rewrite_json: rewrites of what `nft -j list ruleset` prints: made on its rules in the words of
// nft, given as JSON, and proven of that. Used by rewrite.cpp alone.
#pragma once

#include <functional>
#include <vector>

#include "app/pipeline/rewrite.hpp"

namespace untrack {

// All of them are JSON of nft.
[[nodiscard]] bool are_json(const std::vector<InputText>& inputs, const RewritePolicy& policy);

// `rewrite_text` rewrites inputs in other languages; of JSON it says what needs no rewrite.
using TextRewriter =
    std::function<RewriteReport(std::vector<InputText>, const RewritePolicy& policy)>;
[[nodiscard]] RewriteReport rewrite_json(std::vector<InputText> inputs, const RewritePolicy& policy,
                                         const TextRewriter& rewrite_text);

}  // namespace untrack
