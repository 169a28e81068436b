#include "analysis/flows/side_work_changes.hpp"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "analysis/program/side_work.hpp"

namespace untrack {
namespace {

constexpr std::array entering_states = {CtState::new_, CtState::established, CtState::related,
                                        CtState::invalid};

struct Done {
  const SideWork* work = nullptr;
  Ref packets;
};

class SideWorkDiffer {
 public:
  SideWorkDiffer(World& world, SideWorkKind kind)
      : world_(world),
        d_(world.diagram()),
        is_proxy_(kind == SideWorkKind::proxies),
        both_(side_work_of(world.walk(0).program().ruleset(), world.walk(1).program().ruleset())) {}

  std::optional<SideWorkChange> find(const std::function<Ref(Path)>& in_question) {
    if (!has_any()) return std::nullopt;
    std::optional<SideWorkChange> open;
    for (const Path path : all_paths) {
      for (const CtState state : entering_states) {
        auto change = find_on(path, state, in_question(path));
        if (change && change->is_certain) return change;
        if (!open) open = std::move(change);
      }
      if (!open && !is_proxy_) open = reordered(path);
    }
    return open;
  }

 private:
  [[nodiscard]] bool has_any() const {
    for (const SideWorks& works : both_.works) {
      for (const auto& [rule, list] : works) {
        for (const SideWork& work : list) {
          if (work.is_proxy == is_proxy_) return true;
        }
      }
    }
    return false;
  }

  // Packets that may have the state.
  Ref entering(Path path, CtState state) {
    Ref all = Diagram::no;
    switch (state) {
      case CtState::established:
        all = d_.disj(world_.continuations(), world_.replies());
        break;
      case CtState::related:
        all = d_.disj(world_.related_errors(), world_.initiators(true, true));
        break;
      case CtState::invalid:
        all = world_.can_be_invalid();
        break;
      default:
        all = world_.can_be_new();
        break;
    }
    const auto atom = Layout::atom_of(state);
    all = d_.conj(all, d_.interval(world_.layout().level_of(Field::ct_state), atom, atom));
    return d_.conj(all, world_.on_way(path));
  }

  std::vector<Done> done_by(std::size_t index, Path path, Ref start, Ref in_question) {
    SymbolicWalk& walk = world_.walk(index);
    const Program& program = walk.program();
    const Ruleset& ruleset = program.ruleset();
    RuleSet wanted(ruleset.rules.size());
    for (const auto& [rule, list] : both_.works[index]) wanted[rule] = true;
    std::vector<bool> gone(d_.level_count());
    gone[world_.layout().level_of(Field::ct_state)] = true;
    const PathReach found =
        reach(walk, path, start, {.wanted = wanted, .whole = wanted, .is_exact = true});
    std::vector<Done> all;
    for (const RuleReach& row : found.rules) {
      const auto works = both_.works[index].find(static_cast<std::uint32_t>(row.rule.index()));
      if (works == both_.works[index].end() || !row.reaches || *row.reaches == Diagram::no)
        continue;
      const View view = walk.view_of(path, program.runs(path)[row.run]);
      for (const SideWork& work : works->second) {
        if (work.is_proxy != is_proxy_) continue;
        Ref packets = *row.reaches;
        for (std::uint32_t i = ruleset[row.rule].parts.first; i < work.part; ++i) {
          if (!std::holds_alternative<Match>(ruleset.parts[i].what)) continue;
          packets = d_.conj(packets, walk.encoder().encode(i, view));
        }
        packets = d_.conj(d_.exists(packets, gone), in_question);
        if (packets != Diagram::no) all.push_back({&work, packets});
      }
    }
    return all;
  }

  std::optional<SideWorkChange> find_on(Path path, CtState state, Ref in_question) {
    const Ref start = entering(path, state);
    const std::array<std::vector<Done>, 2> done = {done_by(0, path, start, in_question),
                                                   done_by(1, path, start, in_question)};
    std::optional<SideWorkChange> open;
    for (std::size_t i = 0; i < done.size(); ++i) {
      for (const Done& own : done[i]) {
        Ref alone = own.packets;
        for (const Done& other : done[1 - i]) {
          if (other.work->text == own.work->text) alone = d_.minus(alone, other.packets);
        }
        if (alone == Diagram::no) continue;
        SideWorkChange change{path, state, alone, {}, false};
        if (is_proxy_) {
          change.what = fmt::format("{} handed to a proxy by \"{}\", and {} not in that way",
                                    i == 0 ? "was" : "is", own.work->text, i == 0 ? "is" : "was");
        } else {
          change.what =
              fmt::format("{} \"{}\", and {} not, so that what other rules find there may differ",
                          i == 0 ? "met" : "meets", own.work->text, i == 0 ? "does" : "did");
        }
        if (!open) open = std::move(change);
      }
    }
    return open;
  }

  std::optional<SideWorkChange> reordered(Path path) {
    const std::string memory =
        reordered_memory(world_.walk(0).program(), world_.walk(1).program(), path, both_.memories);
    if (memory.empty()) return std::nullopt;
    return SideWorkChange{
        path, CtState::new_, world_.on_way(path),
        fmt::format("may meet the rules that fill and ask {} in another order", memory), false};
  }

  World& world_;
  Diagram& d_;
  bool is_proxy_;
  SideWorkOfBoth both_;
};

}  // namespace

std::optional<SideWorkChange> changed_side_work(World& world, SideWorkKind kind,
                                                const std::function<Ref(Path)>& in_question) {
  return SideWorkDiffer(world, kind).find(in_question);
}

}  // namespace untrack
