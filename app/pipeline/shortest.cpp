#include "app/pipeline/shortest.hpp"

#include <span>
#include <utility>

namespace untrack {
namespace {

constexpr std::size_t most_trials = 16;  // each is a proof of its own

}  // namespace

RewriteTrial shortest(const Loaded& after, const std::vector<std::string>& texts, IpVersion version,
                      const ShortenOptions& options, const Judge& judge) {
  const std::vector<Shortening> rows =
      find_shortenings(after.ruleset, *after.sources, version, options);
  if (rows.empty()) return judge(texts);
  const auto with = [&](std::span<const Shortening> chosen) {
    const EditSet edits = shortened(*after.sources, options, chosen);
    std::vector<std::string> shorter;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      shorter.push_back(edits.apply(*after.sources, SourceId(i)));
    }
    return judge(std::move(shorter));
  };
  RewriteTrial all = with(rows);
  if (holds(all.certificate)) return all;
  RewriteTrial best = judge(texts);
  if (!holds(best.certificate) || rows.size() == 1) return best;
  std::vector<Shortening> good;
  std::size_t trials = most_trials;
  const auto grow = [&](const auto& self, std::span<const Shortening> more) -> void {
    const std::size_t half = more.size() / 2;
    for (const auto part : {more.first(half), more.subspan(half)}) {
      if (part.empty() || trials == 0) continue;
      --trials;
      std::vector<Shortening> both = good;
      both.insert(both.end(), part.begin(), part.end());
      RewriteTrial trial = with(both);
      if (holds(trial.certificate)) {
        good = std::move(both);
        best = std::move(trial);
      } else if (part.size() > 1) {
        self(self, part);
      }
    }
  };
  grow(grow, rows);
  return best;
}

}  // namespace untrack
