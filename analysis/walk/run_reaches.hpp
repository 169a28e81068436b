// RunReaches: what reach() has found of whole base chains, kept for the next question about them.
// Where nothing in a chain changes packets, what comes to a rule of some packets is what comes to
// it of all of them, as far as it is among these: a conjunction a rule in place of a walk. Shared
// by the walks of one diagram, since a program in which no NOTRACK works differs in little else.
// Kept by the worlds of flows; read and written by reach() alone.
#pragma once

#include <deque>
#include <map>
#include <tuple>

#include "analysis/walk/reach.hpp"

namespace untrack {

struct RunReach {
  ChainId base;
  View view;
  const Program* program = nullptr;
  Ref start;  // what entered
  PathReach found;
};

class RunReaches {
 public:
  // Of a chain that does the same in the programs, and of no fewer packets than `entering`; nullptr
  // if there is none. The reference holds as long as this.
  [[nodiscard]] const PathReach* find(SymbolicWalk& walk, ChainId base, const View& view,
                                      Ref entering);
  // Only of chains that let packets be.
  void add(RunReach reach) { reaches_.push_back(std::move(reach)); }

  // A program that is gone, in whose place in memory another one may stand.
  void forget(const Program& program);

  // No statement in the chain, or in what it calls, changes what later ones can ask. What NAT
  // changes has left the chain.
  [[nodiscard]] bool lets_packets_be(const SymbolicWalk& walk, ChainId base, const View& view);

 private:
  std::deque<RunReach> reaches_;
  std::map<std::tuple<const Program*, ChainId, View>, bool> lets_be_;
};

}  // namespace untrack
