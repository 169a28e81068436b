// certify: the obligations of one family of a rewritten ruleset to its original, as a certificate.
// Shared by `verify`, whoever wrote the second, and `rewrite`, before it gives anything away.
#pragma once

#include <optional>
#include <vector>

#include "analysis/certificate/certificate.hpp"
#include "analysis/flows/obligations.hpp"
#include "analysis/flows/world.hpp"
#include "analysis/program/free_variables.hpp"
#include "app/pipeline/loaded.hpp"

namespace untrack {

struct CertifyPolicy {
  RewriteMode mode{};
  Assumptions assumptions;
  std::optional<KernelVersion> kernel;  // of the target
  Causes causes = Causes::listed;
};

// Where something was not understood, or the limit of the analysis was reached, the obligations are
// "not checked". `known` is a world of the same original, as its first program, and of the same
// assumptions, in which a draft was looked at: half of the work of the proof, which is used where
// it can be, and changes nothing in the certificate.
[[nodiscard]] Certificate certify(const Loaded& before, const Loaded& after, IpVersion version,
                                  const CertifyPolicy& policy, FreeVariables& variables,
                                  World* known = nullptr);

// Says which world is known, as long as this is there.
class KnownHere {
 public:
  KnownHere(World*& slot, World* world) : slot_(slot) { slot_ = world; }
  KnownHere(const KnownHere&) = delete;
  KnownHere& operator=(const KnownHere&) = delete;
  ~KnownHere() { slot_ = nullptr; }

 private:
  World*& slot_;
};

}  // namespace untrack
