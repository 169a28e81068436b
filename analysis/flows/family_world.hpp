// FamilyWorld: one IP version of one ruleset, ready for reasoning about its packets, with a second
// program in which no NOTRACK rule works: what would become of a packet if it were tracked. Made
// once for an audit and shared by shadows, flow classes and flow facts, since the decisions are
// most of the work. It keeps account of what the limits cut short.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "analysis/flows/flows.hpp"
#include "analysis/flows/world.hpp"
#include "analysis/program/program.hpp"
#include "analysis/walk/reach.hpp"
#include "model/ruleset.hpp"

namespace untrack {

// What is asked about the packets of a family, each within limits of its own.
enum class Analysis : std::uint8_t { shadows, redundancy, flow_facts, flow_classes };

class FamilyWorld {
 public:
  // So much is worth waiting for: some seconds.
  static constexpr DiagramLimits usual_limits{.steps = 16'000'000};

  static constexpr std::size_t as_it_is = 0;  // of World's programs
  static constexpr std::size_t tracked = 1;   // only with NOTRACK rules, see has_notrack

  // `tracks`: see Program; `assumptions`, `also`: see World::make. `ruleset` must outlive it.
  FamilyWorld(const Ruleset& ruleset, IpVersion version, bool tracks,
              const DiagramLimits& limits = usual_limits, const Assumptions& assumptions = {},
              const Distinctions& also = {});

  // The inputs are a part of a larger ruleset: nothing can be said of it.
  [[nodiscard]] bool is_partial() const { return is_partial_; }
  // nullptr: partial, or a limit was reached.
  [[nodiscard]] World* world() { return world_.get(); }
  [[nodiscard]] const Program& program() const { return *program_; }
  [[nodiscard]] bool has_notrack() const { return tracked_program_ != nullptr; }
  [[nodiscard]] IpVersion version() const { return version_; }
  [[nodiscard]] const DiagramLimits& limits() const { return limits_; }
  // The flows of one of its programs; the same object each time, so that what it found is found
  // once. Only with a world().
  [[nodiscard]] Flows& flows(std::size_t program, const Assumptions& assumptions);
  // What of all packets comes to each rule of the ruleset as it is; found once. Only with a
  // world(). Throws BudgetExhausted.
  [[nodiscard]] const PathReach& reached(Path path);

  // Calls work(World&) with the limits renewed. False: there is no world, or a limit was reached,
  // which cut() remembers. Only if not is_partial().
  template <class Work>
  bool run(Analysis analysis, Work&& work) {
    if (world_ != nullptr) {
      world_->diagram().allow(limits_);
      const auto done = within_budget([&] {
        work(*world_);
        return true;
      });
      if (done) return true;
    }
    note_cut(analysis);
    return false;
  }
  // The analyses that a limit ended, in the order of Analysis.
  [[nodiscard]] const std::vector<Analysis>& cut() const { return cut_; }

 private:
  void note_cut(Analysis analysis);

  IpVersion version_;
  DiagramLimits limits_;
  bool is_partial_ = false;
  FreeVariables variables_;
  std::unique_ptr<Program> program_;
  std::unique_ptr<Program> tracked_program_;
  std::unique_ptr<World> world_;
  std::vector<std::unique_ptr<Flows>> flows_;
  std::array<std::optional<PathReach>, 3> reached_;
  std::vector<Analysis> cut_;
};

}  // namespace untrack
