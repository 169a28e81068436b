#include "model/spelling.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace untrack {
namespace {

constexpr std::size_t longest_word = 63;

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
  if (a.size() > longest_word || b.size() > longest_word) return limit + 1;
  const std::size_t longer = std::max(a.size(), b.size());
  if (longer - std::min(a.size(), b.size()) > limit) return limit + 1;

  using Row = std::array<std::size_t, longest_word + 1>;
  std::array<Row, 3> rows{};
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    Row& row = rows[i % 3];
    const Row& above = rows[(i - 1) % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1])) {
        row[j] = std::min(row[j], rows[(i - 2) % 3][j - 2] + 1);
      }
    }
  }
  return std::min(rows[a.size() % 3][b.size()], limit + 1);
}

Nearest::Nearest(std::string_view wanted)
    : wanted_(wanted), limit_(std::max<std::size_t>(1, wanted.size() / 3)) {}

void Nearest::offer(std::string_view candidate) {
  // A word of one or two letters is one edit away from half of any table.
  if (wanted_.size() < 2 || candidate.size() < 2) return;
  const std::size_t distance = edit_distance(wanted_, candidate, limit_);
  if (distance > limit_) return;
  if (distance == limit_ && !best_.empty()) return;
  best_ = candidate;
  limit_ = distance;
}

std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> candidates) {
  Nearest found(word);
  for (const std::string_view candidate : candidates) found.offer(candidate);
  if (found.best().empty()) return std::nullopt;
  return found.best();
}

}  // namespace untrack
