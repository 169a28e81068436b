#include "analysis/pressure/depth.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace untrack {
namespace {

constexpr std::string_view random_evidence = "commits d7e7747ac5c2 (64) and c9c3b6811f74 (8 to 32)";
constexpr std::string_view wider_evidence =
    "commit c77737b736ce, in 6.3, 6.2.7, 6.1.20 and 5.15.103";

// Stable updates took the wider limit; the next series began without it.
constexpr std::array<ChainCapRow, 7> caps{{
    {{5, 15, 0}, 8, 32, random_evidence},
    {{5, 15, 103}, 50, 79, wider_evidence},
    {{5, 16, 0}, 8, 32, random_evidence},
    {{6, 1, 20}, 50, 79, wider_evidence},
    {{6, 2, 0}, 8, 32, random_evidence},
    {{6, 2, 7}, 50, 79, wider_evidence},
    {{6, 3, 0}, 50, 79, wider_evidence},
}};

// The probability of exactly `depth`, in logarithms since e^-mean underflows for deep buckets.
double poisson_term(double mean, double depth) {
  return std::exp(depth * std::log(mean) - mean - std::lgamma(depth + 1));
}

}  // namespace

double mean_depth(double entries, double buckets) {
  return buckets > 0 ? 2 * entries / buckets : 0;
}

double share_deeper_than(double mean, unsigned depth) {
  if (mean <= 0) return 0;
  if (depth >= mean) {
    double term = poisson_term(mean, depth + 1.0);
    double sum = 0;
    for (double at = depth + 1.0; term > sum * 1e-17; ++at) {
      sum += term;
      term *= mean / (at + 1);
    }
    return std::min(sum, 1.0);
  }
  double term = poisson_term(mean, depth);
  double sum = 0;
  for (double at = depth; at >= 0 && term > sum * 1e-17; --at) {
    sum += term;
    term *= at / mean;
  }
  return std::clamp(1 - sum, 0.0, 1.0);
}

std::span<const ChainCapRow> chain_cap_rows() { return caps; }

const ChainCapRow* chain_cap(const KernelVersion& kernel) {
  const ChainCapRow* found = nullptr;
  for (const ChainCapRow& row : caps) {
    if (row.since <= kernel) found = &row;
  }
  return found;
}

double share_refused(double mean, const ChainCapRow& cap) {
  double sum = 0;
  for (unsigned limit = cap.least; limit <= cap.most; ++limit) {
    const double too_long = share_deeper_than(mean, limit);
    sum += 1 - (1 - too_long) * (1 - too_long);
  }
  return sum / (cap.most - cap.least + 1);
}

}  // namespace untrack
