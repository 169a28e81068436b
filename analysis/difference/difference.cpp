#include "analysis/difference/difference.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "analysis/difference/may_differ.hpp"
#include "analysis/flows/side_work_changes.hpp"
#include "analysis/packet/boxes.hpp"
#include "analysis/walk/reach.hpp"

namespace untrack {
namespace {

constexpr std::size_t most_groups = 24;  // of one way and kind
constexpr std::size_t most_work = 48;
constexpr std::size_t region_lines = 4;

constexpr std::array states = {CtState::new_, CtState::established, CtState::related,
                               CtState::invalid};

class Differ {
 public:
  explicit Differ(World& world) : world_(world), d_(world.diagram()) {}

  Difference find() {
    found_.version = world_.version();
    found_.is_equivalent = true;
    for (const Path path : all_paths) {
      compare(path);
      compare_tracking(path);
      compare_entries(path);
    }
    compare_side_work();
    return std::move(found_);
  }

 private:
  void compare_side_work() {
    try {
      using enum SideWorkKind;
      for (const SideWorkKind kind : {proxies, memories, entries, packets, answers}) {
        const auto all =
            all_changed_side_work(world_, kind, [this](Path path) { return compared(path); });
        for (const SideWorkChange& change : all) add(change);
      }
    } catch (const BudgetExhausted&) {
      found_.is_work_compared = false;  // what packets come to was compared before
      found_.is_equivalent = false;
    }
  }

  // Where a test may say one thing and then another, a packet may come to several rules in each
  // ruleset, which says nothing: those that may meet a changed rule are looked at.
  Ref compared(Path path) {
    const bool are_kept =
        world_.walk(0).program().keeps_outcomes() && world_.walk(1).program().keeps_outcomes();
    return are_kept ? Diagram::yes : may_differ().by_rules(path);
  }

  MayDiffer& may_differ() {
    if (!may_differ_) may_differ_.emplace(world_);
    return *may_differ_;
  }

  void add(const SideWorkChange& change) {
    found_.is_equivalent = false;
    if (found_.work.size() == most_work) {
      found_.is_complete = false;
      return;
    }
    Packet packet = example_of(world_, change.path, change.packets).packet;
    packet.state = change.state;
    found_.work.push_back({change.path, change.what, packet});
  }

  [[nodiscard]] Ref decided(std::size_t program, Path path, Decision decision) {
    return d_.where(world_.walk(program).decide(path), static_cast<std::uint32_t>(decision));
  }

  // Packets with a state that they can have; where neither ruleset tracks, with one of them.
  Ref possible(Path path) {
    const auto state = [&](CtState which) {
      const auto atom = Layout::atom_of(which);
      return d_.interval(world_.layout().level_of(Field::ct_state), atom, atom);
    };
    if (!tracks()) return d_.conj(world_.on_way(path), state(CtState::new_));
    const Ref tcp = world_.protocol(ip_protocol::tcp);
    const Ref errors = world_.related_errors();
    // A helper may expect any packet that begins a flow. Any packet with a bad checksum is INVALID,
    // too; those are left aside.
    Ref all = d_.conj(state(CtState::new_), world_.can_be_new());
    all = d_.disj(all, d_.minus(d_.minus(state(CtState::established), errors),
                                d_.minus(tcp, world_.valid_flags())));
    all = d_.disj(
        all, d_.conj(state(CtState::related), d_.disj(errors, world_.initiators(false, false))));
    all = d_.disj(all, d_.conj(state(CtState::invalid), d_.disj(tcp, world_.can_be_invalid())));
    return d_.conj(all, world_.on_way(path));
  }

  [[nodiscard]] bool tracks() {
    return world_.walk(0).program().tracks() || world_.walk(1).program().tracks();
  }

  void compare(Path path) {
    if (world_.walk(0).decide(path) == world_.walk(1).decide(path) &&
        unknown_in_both(path) == Diagram::no) {
      return;
    }
    const Ref all = possible(path);
    const std::size_t before = found_.changes.size();
    compare(path, all);
    if (!tracks()) return;
    // What only a wrong checksum makes INVALID is left aside where there is more to say, but it is
    // no reason to call two rulesets equivalent.
    const auto invalid = Layout::atom_of(CtState::invalid);
    const Ref damaged =
        d_.minus(d_.conj(world_.on_way(path),
                         d_.interval(world_.layout().level_of(Field::ct_state), invalid, invalid)),
                 all);
    if (differs(path, damaged)) {
      found_.is_equivalent = false;
      if (found_.changes.size() == before) compare(path, damaged);
    }
  }

  bool differs(Path path, Ref packets) {
    if (d_.conj(unknown_in_both(path), packets) != Diagram::no) return true;
    for (const Decision decision : {Decision::accept, Decision::reject, Decision::unknown}) {
      const Ref before = d_.conj(decided(0, path, decision), packets);
      if (before != d_.conj(decided(1, path, decision), packets)) return true;
    }
    return false;
  }

  // Of what is not known in either ruleset, those packets that may be decided otherwise all the
  // same.
  Ref unknown_in_both(Path path) {
    auto& known = unknown_in_both_[static_cast<std::size_t>(path)];
    if (known) return *known;
    const Ref both =
        d_.conj(decided(0, path, Decision::unknown), decided(1, path, Decision::unknown));
    if (both == Diagram::no) return *(known = Diagram::no);
    Ref open = d_.conj(both, may_differ().by_rules(path));
    if (open != Diagram::no) open = d_.conj(open, may_differ().by_marks(path));
    return *(known = open);
  }

  void compare(Path path, Ref all) {
    const auto refused = [&](std::size_t program) {
      return d_.disj(decided(program, path, Decision::drop),
                     decided(program, path, Decision::reject));
    };
    const auto both = [&](Ref a, Ref b) { return d_.conj(d_.conj(a, b), all); };
    const auto accept = Decision::accept;
    group(ChangeKind::accepted, path, both(refused(0), decided(1, path, accept)));
    group(ChangeKind::refused, path, both(decided(0, path, accept), refused(1)));
    group(ChangeKind::answered, path,
          both(decided(0, path, Decision::drop), decided(1, path, Decision::reject)));
    group(ChangeKind::unanswered, path,
          both(decided(0, path, Decision::reject), decided(1, path, Decision::drop)));
    const Ref open =
        d_.disj(decided(0, path, Decision::unknown), decided(1, path, Decision::unknown));
    const Ref same =
        d_.conj(decided(0, path, Decision::unknown), decided(1, path, Decision::unknown));
    group(ChangeKind::unknown, path,
          d_.conj(d_.disj(d_.minus(open, same), unknown_in_both(path)), all));
    // Where one ruleset reassembles, the other sees fragments that it never does.
    const Ref gone =
        d_.disj(decided(0, path, Decision::elsewhere), decided(1, path, Decision::elsewhere));
    const Ref never =
        d_.conj(decided(0, path, Decision::elsewhere), decided(1, path, Decision::elsewhere));
    group_fragments(path, d_.conj(d_.minus(gone, never), world_.on_way(path)));
  }

  // A fragment that one ruleset reassembles counts as accepted there: its packet is judged whole.
  void group_fragments(Path path, Ref packets) {
    const bool stops = world_.walk(0).program().reassembles();
    const std::size_t seeing = stops ? 1 : 0;
    const Ref lost =
        d_.disj(decided(seeing, path, Decision::drop), decided(seeing, path, Decision::reject));
    // Only fragments of what the other ruleset lets through, put together, in some state.
    std::vector<bool> gone(d_.level_count());
    for (const Field field :
         {Field::source_port, Field::destination_port, Field::icmp_type_code, Field::tcp_flags,
          Field::later_fragment, Field::length, Field::ct_state}) {
      gone[world_.layout().level_of(field)] = true;
    }
    const Ref whole = d_.exists(decided(1 - seeing, path, Decision::accept), gone);
    group(stops ? ChangeKind::refused : ChangeKind::accepted, path,
          d_.conj(d_.conj(packets, world_.later_fragments()), d_.conj(lost, whole)));
  }

  // The packets that the rule or policy decides, as they enter the way; where earlier rules changed
  // them on it, that cannot be told, and the set does not hold them.
  Ref decided_by(std::size_t program, Path path, const Decider& decider) {
    auto& known = deciders_[program][static_cast<std::size_t>(path)];
    if (known.empty()) {
      SymbolicWalk& walk = world_.walk(program);
      const PathReach all = reach(walk, path, Diagram::yes);
      for (const RuleReach& row : all.rules) {
        if (row.matches == Diagram::no) continue;
        Ref& set = known.try_emplace({row.rule, row.chain}, Diagram::no).first->second;
        set = d_.disj(set, row.matches);
      }
      for (const PolicyReach& row : all.policies) {
        Ref& set = known.try_emplace({RuleId(), row.chain}, Diagram::no).first->second;
        set = d_.disj(set, row.reaches);
      }
    }
    const auto at = known.find(decider);
    return at == known.end() ? Diagram::no : at->second;
  }

  void group(ChangeKind kind, Path path, Ref packets) {
    if (packets == Diagram::no) return;
    found_.is_equivalent = false;
    std::vector<Change> changes;
    Ref rest = packets;
    while (rest != Diagram::no) {
      if (changes.size() == most_groups) {
        found_.is_complete = false;
        break;
      }
      Change change;
      change.kind = kind;
      change.path = path;
      change.witness = witnessed(path, rest);
      Ref group = rest;
      if (change.witness.before != Decision::elsewhere) {
        group = d_.conj(group, decided_by(0, path, change.witness.decided_before));
      }
      if (change.witness.after != Decision::elsewhere) {
        group = d_.conj(group, decided_by(1, path, change.witness.decided_after));
      }
      const auto atoms = world_.layout().atoms_of(change.witness.packet, change.witness.free);
      if (d_.evaluate(group, atoms) == 0) group = box_of(atoms, rest);
      rest = d_.minus(rest, group);
      describe(change, group);
      changes.push_back(std::move(change));
    }
    std::ranges::stable_sort(changes, std::ranges::greater{}, &Change::share);
    for (Change& change : changes) found_.changes.push_back(std::move(change));
  }

  Witness witnessed(Path path, Ref packets) {
    // The state in which the packet is in the set.
    const CtState state = example_of(world_, path, packets).packet.state;
    const auto level = world_.layout().level_of(Field::ct_state);
    const auto atom = Layout::atom_of(state);
    const Ref in_state = d_.conj(packets, d_.interval(level, atom, atom));
    return witness_of(world_, path, in_state == Diagram::no ? packets : in_state, state, state);
  }

  // What of the set has some way with the packet: it alone, but for fields that do not matter.
  Ref box_of(const std::vector<Diagram::Atom>& packet, Ref within) {
    Ref at = within;
    Ref box = Diagram::yes;
    std::vector<Diagram::Constraint> sides;
    while (!Diagram::is_constant(at)) {
      const Diagram::Level level = d_.level(at);
      Diagram::Atom first = 0;
      for (const Diagram::Edge& edge : d_.edges(at)) {
        if (packet[level] <= edge.last) {
          sides.push_back({level, first, edge.last});
          at = edge.child;
          break;
        }
        first = edge.last + 1;
      }
    }
    for (auto side = sides.rbegin(); side != sides.rend(); ++side) {
      box = d_.conj(d_.interval(side->level, side->first, side->last), box);
    }
    return d_.conj(box, within);
  }

  void describe(Change& change, Ref group) {
    const bool has_state =
        change.witness.before != Decision::elsewhere && change.witness.after != Decision::elsewhere;
    if (tracks() && has_state) {
      for (const CtState state : states) {
        if (d_.fix(group, world_.layout().level_of(Field::ct_state), Layout::atom_of(state)) !=
            Diagram::no) {
          change.states.push_back(state);
        }
      }
    }
    std::vector<bool> gone(d_.level_count());
    gone[world_.layout().level_of(Field::ct_state)] = true;
    const Ref region = d_.exists(group, gone);
    change.share = d_.weight(region, world_.layout().weights());
    const Cover lines = cover(d_, world_.layout(), region, region_lines);
    change.is_whole = lines.is_whole;
    change.region = to_lines(lines, world_.layout(), change.path);
  }

  void compare_tracking(Path path) {
    if (!world_.walk(0).program().tracks() || !world_.walk(1).program().tracks()) return;
    const Ref before = world_.untracked(0, path);
    const Ref after = world_.untracked(1, path);
    for (const bool is_now : {true, false}) {
      const Ref packets = is_now ? d_.minus(after, before) : d_.minus(before, after);
      if (packets == Diagram::no) continue;
      const Cover lines = cover(d_, world_.layout(), packets, region_lines);
      found_.tracking.push_back({path, is_now, to_lines(lines, world_.layout(), path)});
    }
  }

  // nf_conntrack_confirm: a packet that a rule refuses takes its unconfirmed entry with it.
  Ref making_entries(std::size_t program, Path path) {
    if (!world_.walk(program).program().tracks()) return Diagram::no;
    const Ref accepted = world_.accepts(program, path, CtState::new_);
    return d_.minus(d_.conj(d_.conj(accepted, world_.can_be_new()), world_.on_way(path)),
                    world_.untracked(program, path));
  }

  void compare_entries(Path path) {
    if (!tracks()) return;
    const Ref before = making_entries(0, path);
    const Ref after = making_entries(1, path);
    std::vector<bool> gone(d_.level_count());
    gone[world_.layout().level_of(Field::ct_state)] = true;
    const auto add = [&](bool is_now, Ref packets) {
      if (packets == Diagram::no) return;
      const Cover lines = cover(d_, world_.layout(), d_.exists(packets, gone), region_lines);
      found_.entries.push_back(
          {path, is_now, to_lines(lines, world_.layout(), path), lines.is_whole});
    };
    for (const bool is_now : {true, false}) {
      const Ref with = is_now ? after : before;
      const Ref without = is_now ? before : after;
      const Ref packets = d_.minus(with, without);
      if (packets == Diagram::no) continue;
      // Flows of which no packet makes one otherwise are told without flags; what is left are other
      // packets of flows that make one either way.
      const Ref flows = d_.minus(world_.flow_of(with), world_.flow_of(without));
      add(is_now, flows);
      add(is_now, d_.minus(packets, flows));
    }
  }

  World& world_;
  Diagram& d_;
  Difference found_;
  std::array<std::array<std::map<Decider, Ref>, 3>, 2> deciders_;
  std::optional<MayDiffer> may_differ_;
  std::array<std::optional<Ref>, 3> unknown_in_both_;  // by path
};

}  // namespace

std::string_view to_text(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::accepted:
      return "accepted";
    case ChangeKind::refused:
      return "refused";
    case ChangeKind::answered:
      return "answered";
    case ChangeKind::unanswered:
      return "unanswered";
    case ChangeKind::unknown:
      return "unknown";
  }
  return {};
}

Difference difference(World& world) { return Differ(world).find(); }

}  // namespace untrack
