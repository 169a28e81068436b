// shortest: a rewritten text with as few rules as it can do with, as far as every obligation still
// holds. Used by rewrite.cpp for both modes, which brings the proof with it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "analysis/certificate/certificate.hpp"
#include "app/pipeline/loaded.hpp"
#include "rewriter/shorten/shorten.hpp"

namespace untrack {

// The texts of all inputs and what was proven of them.
struct RewriteTrial {
  std::vector<std::string> texts;
  Certificate certificate;
  std::size_t rules = 0;
};
using Judge = std::function<RewriteTrial(std::vector<std::string> texts)>;

// `texts` as they were read: `after`. All that could be shorter is tried together, then nothing of
// it, then halves; the number of proofs is bounded. If not even the text as it is holds, that.
[[nodiscard]] RewriteTrial shortest(const Loaded& after, const std::vector<std::string>& texts,
                                    IpVersion version, const ShortenOptions& options,
                                    const Judge& judge);

}  // namespace untrack
