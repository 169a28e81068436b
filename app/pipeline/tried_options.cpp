#include "app/pipeline/tried_options.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/diagram/diagram.hpp"
#include "app/pipeline/rewrite_obstacles.hpp"

namespace untrack {
namespace {

constexpr std::size_t most_trials = 24;
// Each trial may name one more price.
constexpr std::size_t most_rounds = 6;

bool add_to(std::vector<ExposureKind>& all, const std::vector<ExposureKind>& more) {
  bool is_more = false;
  for (const ExposureKind kind : more) {
    if (std::ranges::find(all, kind) != all.end()) continue;
    all.push_back(kind);
    is_more = true;
  }
  return is_more;
}

const Proposal* proposal_about(const Candidates& candidates, const Proposal& flows) {
  for (const LeftFlows& left : candidates.left) {
    const auto& found = left.proposal;
    if (found && found->path == flows.path && found->rule == flows.rule &&
        found->chain == flows.chain) {
      return &*found;
    }
  }
  return nullptr;
}

}  // namespace

void TriedOptions::tell(std::vector<LeftFlows>& left) {
  for (LeftFlows& each : left) {
    if (!each.proposal) continue;
    std::vector<std::string_view> ports = each.proposal->ports;
    if (ports.empty()) ports.emplace_back();
    for (const std::string_view port : ports) {
      Options options{each.proposal->allowed, port};
      if (!takes_up(*each.proposal, options)) continue;
      each.refusal.instead = words_of(options);
      break;
    }
  }
}

// What more it costs is found on the way, and a port to name.
bool TriedOptions::takes_up(const Proposal& flows, Options& options) {
  const auto tried = within_budget([&] {
    for (std::size_t round = 0; round < most_rounds; ++round) {
      FamilyWorld* world = world_of(options.port);
      if (world == nullptr) return false;
      std::vector<ExposureKind> allowed = policy_.allowed;
      (void)add_to(allowed, options.allowed);
      const Candidates found = find_candidates(*world, *original_.sources, policy_.assumptions,
                                               allowed, selection_with(options.port));
      const auto& classes = world->flows(FamilyWorld::as_it_is, policy_.assumptions).classes();
      std::vector<Candidate> rows;
      for (const Candidate& row : found.rows) {
        const bool is_by_port = options.port.empty() || row.selected_by.ends_with(options.port);
        if (is_by_port && flows.is_about(classes[row.flow_class])) rows.push_back(row);
      }
      if (rows.empty()) {
        const Proposal* more = proposal_about(found, flows);
        if (more == nullptr) return false;
        const bool needs_port = options.port.empty() && !more->ports.empty();
        if (needs_port) options.port = more->ports.front();
        if (!add_to(options.allowed, more->allowed) && !needs_port) return false;
        continue;
      }
      if (trials_++ == most_trials) return false;
      const FamilyRewrite trial = trial_(*world, found, rows, allowed);
      if (trial.outcome == RewriteOutcome::rewritten) return true;
      const Exposure* price = trial.certificate && holds(*trial.certificate)
                                  ? price_not_allowed(*trial.certificate, allowed)
                                  : nullptr;
      if (price == nullptr || !add_to(options.allowed, {price->kind})) return false;
    }
    return false;
  });
  return tried && *tried;
}

FamilyWorld* TriedOptions::world_of(std::string_view port) {
  auto& world = worlds_[port];
  if (world == nullptr) {
    world = std::make_unique<FamilyWorld>(
        original_.ruleset, version_, true, FamilyWorld::usual_limits, policy_.assumptions,
        distinctions_for(selection_with(port), original_.ruleset));
  }
  return world->world() == nullptr ? nullptr : world.get();
}

Selection TriedOptions::selection_with(std::string_view port) const {
  Selection selection = policy_.selection;
  if (!port.empty()) selection.only.push_back(*read_selector(port));
  return selection;
}

std::string TriedOptions::words_of(const Options& options) {
  std::string words;
  for (const ExposureKind kind : options.allowed) {
    words += fmt::format("--allow {} ", to_text(kind));
  }
  if (options.port.empty()) return words + "takes it up at that price";
  return words + fmt::format(
                     "--only {} takes up what listens on port {}{}; with --only, name every "
                     "port that is meant",
                     options.port, options.port.substr(options.port.find('/') + 1),
                     words.empty() ? "" : " at that price");
}

}  // namespace untrack
