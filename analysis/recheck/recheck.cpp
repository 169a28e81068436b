#include "analysis/recheck/recheck.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <memory>
#include <set>
#include <utility>

#include "analysis/recheck/bound.hpp"
#include "analysis/recheck/example.hpp"
#include "analysis/recheck/obligations.hpp"
#include "analysis/walk/concrete.hpp"

namespace untrack {
namespace {

using boxwise::Breach;
using boxwise::NotFollowed;
using boxwise::TooLarge;

constexpr std::array<std::string_view, 5> all_ids = {"O1", "O2", "O3", "O4", "O5"};

std::optional<FreeId> variable_of(const FreeVariables& variables, std::string_view key) {
  for (FreeId id = 0; id < variables.size(); ++id) {
    if (variables[id].key == key) return id;
  }
  return std::nullopt;
}

bool refuses(Decision decision) {
  return decision == Decision::drop || decision == Decision::reject;
}

class Judge {
 public:
  Judge(const Program& original, const Program& rewritten, RewriteMode mode,
        const Assumptions& assumptions, const FamilyClaims& claims, const Translated& translated,
        const RecheckLimits& limits)
      : original_(original),
        rewritten_(rewritten),
        mode_(mode),
        assumptions_(assumptions),
        claims_(claims),
        translated_(translated),
        limits_(limits),
        work_(limits.steps) {}

  RecheckedFamily judge() {
    RecheckedFamily family;
    family.version = claims_.version;
    for (const std::string_view id : all_ids) {
      const auto at = std::ranges::find(claims_.obligations, id, &ClaimedObligation::id);
      if (at == claims_.obligations.end()) {
        family.claims.push_back({std::string(id), Proof::not_checked, RecheckResult::refused,
                                 "the certificate does not name it", std::nullopt});
        continue;
      }
      family.claims.push_back(judged(*at));
      family.steps += work_.done();
    }
    for (const auto& walk : walks_) family.tried += walk->tried();
    return family;
  }

 private:
  static RecheckedClaim said(const ClaimedObligation& claim, RecheckResult result, std::string why,
                             std::optional<Packet> packet = std::nullopt) {
    return {claim.id, claim.proof, result, std::move(why), std::move(packet)};
  }

  RecheckedClaim judged(const ClaimedObligation& claim) {
    work_ = boxwise::Work(limits_.steps);
    if (original_.tracks() != claims_.tracked_before ||
        rewritten_.tracks() != claims_.tracked_after) {
      return said(claim, RecheckResult::refused,
                  "the certificate says otherwise which of the rulesets makes the kernel track");
    }
    if (claim.proof == Proof::not_checked) {
      return said(claim, RecheckResult::no_claim, "the certificate claims nothing of it");
    }
    try {
      if (const auto said_of_it = judged_translation(claim)) return *said_of_it;
      if (claim.proof == Proof::failed) return judged_failure(claim);
      if (claim.id == "O5") {
        return said(claim, RecheckResult::not_rechecked,
                    "whether it loads is for the tools of a machine to say: untrack verify "
                    "--load-test");
      }
      if (claim.id == "O4") return judged_tracking(claim);
      if (claim.proof == Proof::not_applicable) {
        return said(claim, RecheckResult::refused, "it always applies");
      }
      return judged_proof(claim);
    } catch (const NotFollowed& construct) {
      return said(claim, RecheckResult::not_rechecked,
                  fmt::format("not followed here: {}", construct.what()));
    } catch (const TooLarge& what) {
      return said(claim, RecheckResult::not_rechecked, fmt::format("too large: {}", what.what()));
    }
  }

  // What the translation that was put aside, or addresses that statements set, say of a claim; what
  // is said of packets is said of them behind it.
  std::optional<RecheckedClaim> judged_translation(const ClaimedObligation& claim) {
    if (claim.id == "O5" || claim.id == "O4") return std::nullopt;
    const bool is_failure = claim.proof == Proof::failed;
    if (claim.id == "O2") {
      std::string fault = translated_.fault;
      if (fault.empty() && translated_.is_put_aside && rulesets(true).permits_dccp()) {
        fault = "flows of DCCP may be translated, whose checksum payload statements do not mend";
      }
      if (!fault.empty()) {
        if (!is_failure) return said(claim, RecheckResult::refused, std::move(fault));
        if (!claim.witness) return said(claim, RecheckResult::rechecked, std::move(fault));
      }
    } else if (!is_failure && translated_.is_fault_of_all) {
      return said(claim, RecheckResult::refused, translated_.fault);
    }
    if (!translated_.is_put_aside) return std::nullopt;
    const bool is_assumed = assumptions_.has(Assumption::translated_apart) &&
                            assumptions_.has(Assumption::errors_untranslated);
    if (!is_failure && (claim.proof == Proof::proven || !is_assumed)) {
      return said(claim, RecheckResult::refused,
                  "translation without state rests on translated_apart and errors_untranslated");
    }
    return std::nullopt;
  }

  // Under no assumption, or under those of the certificate.
  boxwise::Rulesets& rulesets(bool is_assuming) {
    if (!unfollowed_.empty()) throw NotFollowed(unfollowed_);
    if (space_ == nullptr) {
      try {
        const std::array<const Program*, 2> programs{&original_, &rewritten_};
        std::vector<boxwise::Question> questions =
            boxwise::Traffic::questions(original_, assumptions_);
        const auto more = boxwise::Traffic::questions(original_, Assumptions::none());
        questions.insert(questions.end(), more.begin(), more.end());
        space_ = std::make_unique<boxwise::Space>(programs, questions);
        algebra_ = std::make_unique<boxwise::Algebra>(space_->shape(), work_);
        traffic_ = std::make_unique<boxwise::Traffic>(*space_, *algebra_);
        for (const Program* program : programs) {
          walks_.push_back(std::make_unique<boxwise::BoxWalk>(*program, *space_, work_));
        }
      } catch (const NotFollowed& construct) {
        unfollowed_ = construct.what();
        throw;
      }
    }
    auto& known = rulesets_[is_assuming ? 1 : 0];
    if (known == nullptr) {
      known = std::make_unique<boxwise::Rulesets>(*walks_[0], *walks_[1], *traffic_,
                                                  is_assuming ? assumptions_ : Assumptions::none());
    }
    return *known;
  }

  std::vector<Breach> breaches(std::string_view id, bool is_assuming) {
    boxwise::Rulesets& both = rulesets(is_assuming);
    if (id == "O1") return both.new_initiators();
    if (id == "O2") return both.broken_flows();
    if (id == "O3") return both.unjustified();
    std::vector<Breach> all = both.half_untracked();
    std::vector<Breach> more = both.untracked_but_bound();
    std::ranges::move(more, std::back_inserter(all));
    return all;
  }

  Packet example_of(const Breach& breach) const {
    Packet packet = boxwise::usual_packet_of(*space_, breach.packets.front(), breach.path);
    packet.state = breach.original_state;
    return packet;
  }

  RecheckedClaim judged_proof(const ClaimedObligation& claim) {
    const bool is_assuming = claim.proof == Proof::proven_under_assumptions;
    const std::vector<Breach> found = breaches(claim.id, is_assuming);
    const auto broken = std::ranges::find_if(found, &Breach::is_certain);
    if (broken != found.end()) {
      return said(claim, RecheckResult::refused, fmt::format("this packet {}", broken->what),
                  example_of(*broken));
    }
    if (!found.empty()) {
      return said(claim, RecheckResult::not_rechecked,
                  fmt::format("not known: this packet {}", found.front().what),
                  example_of(found.front()));
    }
    if (claim.id == "O3") {
      // Where translation is put aside a proof that needs nothing else says that it assumes that.
      const bool lists_all =
          !is_assuming || (translated_.is_put_aside && breaches("O3", false).empty());
      if (auto wrong = wrong_exposure(!lists_all); !wrong.empty()) {
        return said(claim, RecheckResult::refused, std::move(wrong));
      }
    }
    return said(claim, RecheckResult::rechecked, "no box of packets breaks it");
  }

  // What is listed has to be what there is, kind by kind.
  std::string wrong_exposure(bool is_assuming) {
    const auto there = rulesets(is_assuming).exposed();
    std::set<std::pair<std::string, Path>> kinds;
    for (const auto& row : there) kinds.emplace(row.kind, row.path);
    std::set<std::pair<std::string, Path>> listed;
    for (const ClaimedExposure& row : claims_.exposure) {
      listed.emplace(row.kind, row.path);
      if (!kinds.contains({row.kind, row.path})) {
        if (is_open(row.witness)) throw NotFollowed(open_exposure(row));
        return fmt::format("{} ({}) is listed as exposed, and is not", row.kind, to_text(row.path));
      }
      if (auto wrong = wrong_witness(row.witness); !wrong.empty()) return wrong;
      const auto at = std::ranges::find_if(
          there, [&](const auto& one) { return one.kind == row.kind && one.path == row.path; });
      if (row.witness.packet.path != row.path || !is_in(at->packets, row.witness)) {
        if (is_open(row.witness)) throw NotFollowed(open_exposure(row));
        return fmt::format("the packet that shows {} ({}) is none of that kind", row.kind,
                           to_text(row.path));
      }
    }
    for (const auto& [kind, path] : kinds) {
      if (!listed.contains({kind, path})) {
        return fmt::format("{} ({}) is exposed, and is not listed", kind, to_text(path));
      }
    }
    return {};
  }

  // What statements leave open (a range of addresses, a mark of the connection) may have been put
  // together more coarsely than here.
  static bool is_open(const ClaimedWitness& witness) {
    return witness.before == Decision::unknown || witness.after == Decision::unknown;
  }

  static std::string open_exposure(const ClaimedExposure& row) {
    return fmt::format("{} ({}), of whose packet the certificate does not know what becomes",
                       row.kind, to_text(row.path));
  }

  std::optional<std::vector<bool>> outcomes(const ClaimedWitness& witness) const {
    std::vector<bool> free(original_.variables().size());
    for (const std::string& key : witness.conditions) {
      const auto id = variable_of(original_.variables(), key);
      if (!id) return std::nullopt;
      free[*id] = true;
    }
    return free;
  }

  bool is_in(const boxwise::BoxList& packets, const ClaimedWitness& witness) const {
    return algebra_->contains(packets, space_->point_of(witness.packet, *outcomes(witness)));
  }

  // Follows the packet through both rulesets. Empty: they decide as the certificate says.
  std::string wrong_witness(const ClaimedWitness& witness) const {
    if (witness.packet.version != claims_.version) return "its packet is of the other family";
    const auto free = outcomes(witness);
    if (!free) return "its packet takes a condition as true that neither ruleset has";
    Choices choices;
    choices.free = *free;
    struct Side {
      const Program& program;
      CtState state;
      Decision claimed;
      std::string_view name;
    };
    for (const Side& side :
         {Side{original_, witness.original_state, witness.before, "original"},
          Side{rewritten_, witness.rewritten_state, witness.after, "rewritten ruleset"}}) {
      Packet packet = witness.packet;
      packet.state = side.state;
      const Trace trace = walk(side.program, packet, choices);
      if (trace.is_cut) throw TooLarge("its packet meets more rules than are followed");
      if (trace.decision != side.claimed && side.claimed != Decision::unknown) {
        return fmt::format("the {} does not decide its packet so: {}, and the certificate says {}",
                           side.name, to_text(trace.decision), to_text(side.claimed));
      }
    }
    return {};
  }

  // By the decisions alone: lost where flows are broken, gained where something is let in.
  static bool shows_by_itself(const ClaimedObligation& claim) {
    const ClaimedWitness& witness = *claim.witness;
    if (claim.id == "O2") return witness.before == Decision::accept && refuses(witness.after);
    return refuses(witness.before) && witness.after == Decision::accept;
  }

  RecheckedClaim judged_failure(const ClaimedObligation& claim) {
    if (claim.id == "O5") {
      return said(claim, RecheckResult::not_rechecked,
                  "whether it loads is for the tools of a machine to say");
    }
    if (claim.id == "O4" && mode_ == RewriteMode::stateless) {
      if (!rewritten_.tracks()) {
        return said(claim, RecheckResult::refused, "nothing in the rewritten ruleset tracks");
      }
      return said(claim, RecheckResult::rechecked, "the rewritten ruleset makes the kernel track");
    }
    if (!claim.witness) {
      return said(claim, RecheckResult::not_rechecked,
                  fmt::format("it is no packet that shows it: {}", claim.explanation));
    }
    if (auto wrong = wrong_witness(*claim.witness); !wrong.empty()) {
      return said(claim, RecheckResult::refused, std::move(wrong), claim.witness->packet);
    }
    std::vector<Breach> found;
    try {
      found = breaches(claim.id, true);
      for (const Breach& breach : found) {
        if (breach.is_certain && breach.path == claim.witness->packet.path &&
            is_in(breach.packets, *claim.witness)) {
          return said(claim, RecheckResult::rechecked, fmt::format("its packet {}", breach.what));
        }
      }
    } catch (const NotFollowed& construct) {
      const bool is_shown = shows_by_itself(claim);
      return said(claim, RecheckResult::not_rechecked,
                  fmt::format("both rulesets decide its packet as it says{}, but not followed "
                              "here: {}",
                              is_shown ? ", which differ" : "", construct.what()));
    }
    if (is_open(*claim.witness)) {
      return said(claim, RecheckResult::not_rechecked,
                  "the certificate does not know what becomes of its packet, and nothing breaks it "
                  "here",
                  claim.witness->packet);
    }
    return said(claim, RecheckResult::refused,
                "both rulesets decide its packet so, which does not break the obligation",
                claim.witness->packet);
  }

  RecheckedClaim judged_tracking(const ClaimedObligation& claim) {
    if (mode_ == RewriteMode::stateless) {
      if (claim.proof == Proof::not_applicable) {
        return said(claim, RecheckResult::refused, "it always applies to a stateless rewrite");
      }
      if (const std::string forcing =
              boxwise::forcing_construct(rewritten_.ruleset(), claims_.version);
          !forcing.empty()) {
        return said(claim, RecheckResult::refused, forcing + " makes the kernel track");
      }
      if (rewritten_.tracks()) {
        return said(claim, RecheckResult::refused,
                    "the rewritten ruleset may make the kernel track");
      }
      return said(claim, RecheckResult::rechecked, "no construct of it takes a reference");
    }
    if (claim.proof == Proof::not_applicable) {
      if (rulesets(false).leaves_some_untracked()) {
        return said(claim, RecheckResult::refused, "some packets are left untracked");
      }
      return said(claim, RecheckResult::rechecked, "no box of packets is left untracked");
    }
    return judged_proof(claim);
  }

  const Program& original_;
  const Program& rewritten_;
  RewriteMode mode_;
  Assumptions assumptions_;
  const FamilyClaims& claims_;
  const Translated& translated_;
  RecheckLimits limits_;
  boxwise::Work work_;
  std::string unfollowed_;
  std::unique_ptr<boxwise::Space> space_;
  std::unique_ptr<boxwise::Algebra> algebra_;
  std::unique_ptr<boxwise::Traffic> traffic_;
  std::vector<std::unique_ptr<boxwise::BoxWalk>> walks_;
  std::array<std::unique_ptr<boxwise::Rulesets>, 2> rulesets_;
};

}  // namespace

std::string_view to_text(RecheckResult result) {
  switch (result) {
    case RecheckResult::rechecked:
      return "rechecked";
    case RecheckResult::refused:
      return "refused";
    case RecheckResult::not_rechecked:
      return "not_rechecked";
    case RecheckResult::no_claim:
      return "no_claim";
  }
  return {};
}

RecheckedFamily recheck(const Program& original, const Program& rewritten, RewriteMode mode,
                        const Assumptions& assumptions, const FamilyClaims& claims,
                        const Translated& translated, const RecheckLimits& limits) {
  return Judge(original, rewritten, mode, assumptions, claims, translated, limits).judge();
}

}  // namespace untrack
