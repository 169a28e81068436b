#include "analysis/flows/obligations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "analysis/flows/causes.hpp"
#include "analysis/flows/obligation_sets.hpp"
#include "analysis/flows/side_work_changes.hpp"
#include "analysis/packet/boxes.hpp"
#include "analysis/packet/packet_text.hpp"

namespace untrack {
namespace {

constexpr std::size_t region_lines = 3;

class Checker {
 public:
  Checker(World& world, RewriteMode mode, const Assumptions& assumptions,
          const DiagramLimits& limits, Causes causes)
      : world_(world),
        limits_(limits),
        causes_(causes),
        bare_(world, Assumptions::none()),
        assuming_(world, assumptions) {
    certificate_.version = world.version();
    certificate_.mode = mode;
    certificate_.assumptions = assumptions.list();
    certificate_.tracked_before = world.walk(0).program().tracks();
    certificate_.tracked_after = world.walk(1).program().tracks();
  }

  Certificate check() {
    prove("O1", "no new initiator", &Comparison::new_initiator,
          "no packet that can only start a connection, and answer none, is accepted that was not");
    prove("O2", "no broken flow", &Comparison::broken_flow,
          "every packet of every permitted flow still passes, and so do the ICMP errors about it");
    prove("O3", "exposure is justified and listed", &Comparison::unjustified,
          "all else that is newly accepted answers or goes on something permitted");
    tracking_gone();
    Obligation& loads = add("O5", "it loads");
    loads.explanation = "the files are read as a ruleset; no kernel was asked";
    list_exposure();
    list_refused_outbound();
    list_lost_reject_answers();
    list_changed_packets();
    return std::move(certificate_);
  }

 private:
  using Search = std::optional<Violation> (Comparison::*)();

  Obligation& add(std::string_view id, std::string_view name) {
    certificate_.obligations.push_back({id, name, Proof::not_checked, {}, std::nullopt});
    return certificate_.obligations.back();
  }

  template <class Work>
  auto bounded(Work&& work) {
    world_.diagram().allow(limits_);
    return within_budget(work);
  }

  void leave_open(Obligation& obligation, const Violation& violation, std::string_view how = "") {
    const auto packet =
        bounded([&] { return example_of(world_, violation.path, violation.packets).packet; });
    obligation.explanation = fmt::format("not known: {}this packet {}", how, violation.what);
    if (packet) obligation.explanation += fmt::format(": {}", to_text(*packet));
  }

  // Those of the packets of which both rulesets tell for certain what becomes of them.
  Ref told_for_certain(const Violation& violation) {
    const bool is_lost = violation.shows == Shows::lost;
    const Ref was = is_lost ? world_.accepts(0, violation.path, violation.original_state)
                            : world_.may_accept(0, violation.path, violation.original_state);
    const Ref is = is_lost ? world_.may_accept(1, violation.path, violation.rewritten_state)
                           : world_.accepts(1, violation.path, violation.rewritten_state);
    Diagram& d = world_.diagram();
    return d.conj(violation.packets, is_lost ? d.minus(was, is) : d.minus(is, was));
  }

  void fail(Obligation& obligation, Violation violation) {
    if (violation.shows != Shows::neither) {
      const auto certain = bounded([&] { return told_for_certain(violation); });
      if (!certain) {
        obligation.explanation = "the limit of the analysis was reached while following a packet";
        return;
      }
      if (*certain == Diagram::no) {
        leave_open(obligation, violation, "perhaps ");
        return;
      }
      violation.packets = *certain;
    }
    obligation.witness = bounded([&] {
      return witness_of(world_, violation.path, violation.packets, violation.original_state,
                        violation.rewritten_state);
    });
    if (!obligation.witness) {
      obligation.explanation = "the limit of the analysis was reached while following a packet";
      return;
    }
    obligation.proof = Proof::failed;
    obligation.explanation = "this packet " + violation.what;
    const Witness& shown = *obligation.witness;
    const bool is_shown = (violation.shows != Shows::gained ||
                           (shown.before != Decision::accept && shown.after != Decision::drop &&
                            shown.after != Decision::reject)) &&
                          (violation.shows != Shows::lost ||
                           (shown.before != Decision::drop && shown.before != Decision::reject &&
                            shown.after != Decision::accept));
    if (!is_shown) throw std::logic_error("a witness does not show what it should");
  }

  void prove(std::string_view id, std::string_view name, Search search, std::string_view holds) {
    Obligation& obligation = add(id, name);
    const auto with = bounded([&] { return (assuming_.*search)(); });
    if (!with) {
      obligation.explanation = "the limit of the analysis was reached";
      return;
    }
    if (*with && !(*with)->is_certain) {
      leave_open(obligation, **with);
      return;
    }
    if (*with) {
      fail(obligation, **with);
      return;
    }
    // Does it hold without them, too? Assumptions narrow what must be kept, but also what counts as
    // an answer to something permitted, so that neither follows from the other.
    const auto without = bounded([&] { return (bare_.*search)(); });
    obligation.proof = without && !*without ? Proof::proven : Proof::proven_under_assumptions;
    obligation.explanation = holds;
  }

  void tracking_gone() {
    Obligation& obligation = add("O4", "tracking is gone");
    if (certificate_.mode == RewriteMode::stateless) {
      obligation.proof = certificate_.tracked_after ? Proof::failed : Proof::proven;
      obligation.explanation =
          certificate_.tracked_after
              ? "the rewritten ruleset still makes the kernel track connections"
              : "nothing in the rewritten ruleset makes the kernel track connections";
      return;
    }
    const auto untracks = bounded([&] {
      for (const Path path : all_paths) {
        if (world_.untracked(1, path) != Diagram::no) return true;
      }
      return false;
    });
    if (untracks && !*untracks) {
      obligation.proof = Proof::not_applicable;
      obligation.explanation = "the rewritten ruleset leaves no packet untracked";
      return;
    }
    for (Comparison* comparison : {&bare_, &assuming_}) {
      bool holds = true;
      for (const Search search :
           {Search{&Comparison::half_untracked}, Search{&Comparison::untracked_but_bound}}) {
        const auto found = bounded([&] { return (comparison->*search)(); });
        if (found && !*found) continue;
        holds = false;
        if (comparison == &bare_) break;
        if (found) {
          fail(obligation, **found);
        } else {
          obligation.explanation = "the limit of the analysis was reached";
        }
        return;
      }
      if (!holds) continue;
      obligation.proof = comparison == &bare_ ? Proof::proven : Proof::proven_under_assumptions;
      const auto as_before = bounded([&] { return comparison->has_halves_as_before(); });
      obligation.explanation =
          as_before && !*as_before
              ? "both directions of every untracked flow are untracked, and none needs its entry"
              : "both directions of every flow that is untracked now and was not are untracked, "
                "and "
                "none needs its entry; what the original untracks by half stays as it is";
      return;
    }
  }

  void list_refused_outbound() {
    if (auto refused = bounded([&] { return assuming_.refused_outbound(); })) {
      certificate_.refused_outbound = std::move(*refused);
    }
  }

  void list_lost_reject_answers() {
    const auto lines = bounded([&] {
      const Ref lost = assuming_.lost_reject_answers();
      return lost == Diagram::no
                 ? std::vector<std::string>()
                 : to_lines(cover(world_.diagram(), world_.layout(), lost, region_lines),
                            world_.layout(), Path::out);
    });
    certificate_.lost_reject_answers =
        lines ? *lines
              : std::vector<std::string>{"not known: the limit of the analysis was reached"};
  }

  void list_changed_packets() {
    constexpr std::size_t most = 24;
    const auto lines = bounded([&] {
      std::vector<std::string> all;
      const auto changes = all_changed_side_work(world_, SideWorkKind::packets,
                                                 [&](Path path) { return passing_before(path); });
      for (const SideWorkChange& change : changes) {
        if (all.size() == most) {
          all.push_back(fmt::format("and {} more", changes.size() - most));
          break;
        }
        Packet packet = example_of(world_, change.path, change.packets).packet;
        packet.state = change.state;
        all.push_back(fmt::format("{} {}", to_text(packet), change.what));
      }
      return all;
    });
    certificate_.changed_packets =
        lines ? *lines
              : std::vector<std::string>{"not known: the limit of the analysis was reached"};
  }

  // What the original may let pass, in some state.
  Ref passing_before(Path path) {
    Diagram& d = world_.diagram();
    std::vector<bool> gone(d.level_count());
    gone[world_.layout().level_of(Field::ct_state)] = true;
    Ref all = Diagram::no;
    for (const CtState state :
         {CtState::new_, CtState::established, CtState::related, CtState::invalid}) {
      all = d.disj(all, d.exists(world_.may_accept(0, path, state), gone));
    }
    return all;
  }

  void leave_exposure_open() {
    for (Obligation& obligation : certificate_.obligations) {
      if (obligation.id != "O3" || obligation.proof == Proof::failed) continue;
      obligation.proof = Proof::not_checked;
      obligation.explanation = "the limit of the analysis was reached while listing the exposure";
    }
  }

  void list_exposure() {
    // Sorted into kinds by all flows that there can be, if all of it is justified by those.
    bool is_bare = false;
    for (const Obligation& obligation : certificate_.obligations) {
      is_bare = is_bare || (obligation.id == "O3" && obligation.proof == Proof::proven);
    }
    Comparison& comparison = is_bare ? bare_ : assuming_;
    const auto exposed = bounded([&] { return comparison.exposed(causes_ == Causes::listed); });
    if (!exposed) return leave_exposure_open();
    for (const Comparison::Exposed& row : *exposed) {
      Exposure exposure;
      exposure.kind = row.kind;
      exposure.path = row.path;
      auto witness =
          bounded([&] { return witness_of(world_, row.path, row.shown, row.state, row.state); });
      if (!witness) return leave_exposure_open();
      exposure.witness = std::move(*witness);
      const auto lines = bounded([&] {
        return to_lines(cover(world_.diagram(), world_.layout(), row.packets, region_lines),
                        world_.layout(), row.path);
      });
      exposure.region = lines ? *lines : std::vector<std::string>{"not described: too large"};
      certificate_.exposure.push_back(std::move(exposure));
    }
    if (causes_ == Causes::left_out) return;
    for (const Path path : all_paths) {
      std::vector<Ref> entering;
      std::vector<Exposure*> rows;
      for (std::size_t i = 0; i < exposed->size(); ++i) {
        if ((*exposed)[i].path != path) continue;
        entering.push_back((*exposed)[i].entering);
        rows.push_back(&certificate_.exposure[i]);
      }
      if (!rows.empty()) add_causes(path, entering, rows);
    }
  }

  void add_causes(Path path, const std::vector<Ref>& entering, const std::vector<Exposure*>& rows) {
    auto causes = bounded([&] { return causes_of_each(world_, 1, path, entering); });
    for (std::size_t i = 0; i < rows.size(); ++i) {
      // Together they may be too much where each is not.
      auto own = causes ? std::optional((*causes)[i])
                        : bounded([&] { return causes_of(world_, 1, path, entering[i]); });
      add_causes(*rows[i], std::move(own));
    }
  }

  static void add_causes(Exposure& exposure, std::optional<std::vector<Decider>> causes) {
    exposure.knows_all_causes = causes.has_value();
    if (causes) exposure.causes = std::move(*causes);
    // Of what is shown, the cause is known whatever the limits.
    const Decider& shown = exposure.witness.decided_after;
    if (exposure.witness.after != Decision::accept || !shown.chain.names_something()) return;
    const auto at = std::ranges::lower_bound(exposure.causes, shown);
    if (at == exposure.causes.end() || *at != shown) exposure.causes.insert(at, shown);
  }

  World& world_;
  DiagramLimits limits_;
  Causes causes_;
  Comparison bare_;
  Comparison assuming_;
  Certificate certificate_;
};

}  // namespace

Certificate check_obligations(World& world, RewriteMode mode, const Assumptions& assumptions,
                              const DiagramLimits& limits, Causes causes) {
  return Checker(world, mode, assumptions, limits, causes).check();
}

}  // namespace untrack
