// FamilyWorld: one IP version of one ruleset, ready for reasoning about its packets, with a second
// program in which no NOTRACK rule works: what would become of a packet if it were tracked. Made
// once for an audit and shared by shadows, flow classes and flow facts, since the decisions are
// most of the work.
#pragma once

#include <memory>
#include <vector>

#include "analysis/flows/flows.hpp"
#include "analysis/flows/world.hpp"
#include "analysis/program/program.hpp"
#include "model/ruleset.hpp"

namespace untrack {

class FamilyWorld {
 public:
  static constexpr std::size_t as_it_is = 0;  // of World's programs
  static constexpr std::size_t tracked = 1;   // only with NOTRACK rules, see has_notrack

  // `tracks`: see Program. `ruleset` must outlive it.
  FamilyWorld(const Ruleset& ruleset, IpVersion version, bool tracks,
              const DiagramLimits& limits = {.steps = 16'000'000});

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

 private:
  IpVersion version_;
  DiagramLimits limits_;
  bool is_partial_ = false;
  FreeVariables variables_;
  std::unique_ptr<Program> program_;
  std::unique_ptr<Program> tracked_program_;
  std::unique_ptr<World> world_;
  std::vector<std::unique_ptr<Flows>> flows_;
};

}  // namespace untrack
