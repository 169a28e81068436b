#include "analysis/flows/side_work_changes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "analysis/program/memory_uses.hpp"

namespace untrack {
namespace {

constexpr std::array entering_states = {CtState::new_, CtState::established, CtState::related,
                                        CtState::invalid};

// By the words of what is done, the packets to which it is.
using Done = std::map<std::string_view, Ref>;

// Hashes of what it names tell it apart from others, and tell people nothing.
std::string without_hashes(std::string_view text) {
  std::string words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(" #"), text.size());
    words += text.substr(0, end);
    text.remove_prefix(end);
    if (!text.empty()) text.remove_prefix(std::min(text.find(' ', 2), text.size()));
  }
  return words;
}

class SideWorkDiffer {
 public:
  SideWorkDiffer(World& world, SideWorkKind kind)
      : world_(world), d_(world.diagram()), kind_(kind), both_(work_of(world, kind)) {}

  std::optional<SideWorkChange> first(const std::function<Ref(Path)>& in_question) {
    if (!has_any()) return std::nullopt;
    std::optional<SideWorkChange> open;
    for (const Path path : all_paths) {
      for (const CtState state : entering_states) {
        for (SideWorkChange& change : find_on(path, state, in_question(path))) {
          if (change.is_certain) return std::move(change);
          if (!open) open = std::move(change);
        }
      }
      if (!open) open = reordered(path);
    }
    return open;
  }

  std::vector<SideWorkChange> all(const std::function<Ref(Path)>& in_question) {
    std::vector<SideWorkChange> found;
    if (!has_any()) return found;
    for (const Path path : all_paths) {
      std::set<std::string> known;
      const std::size_t before = found.size();
      for (const CtState state : entering_states) {
        for (SideWorkChange& change : find_on(path, state, in_question(path))) {
          if (known.insert(change.what).second) found.push_back(std::move(change));
        }
      }
      if (found.size() != before) continue;
      if (auto change = reordered(path)) found.push_back(std::move(*change));
    }
    return found;
  }

 private:
  const SideWorkOfBoth& work_of(World& world, SideWorkKind kind) {
    using enum SideWorkKind;
    if (kind == proxies || kind == memories) return world.side_work();
    deeds_ = deeds_of(world.walk(0).program(), world.walk(1).program());
    return deeds_;
  }

  // Where all answers are of one kind, no packet gets another.
  [[nodiscard]] bool has_any() const {
    std::string_view known;
    for (const SideWorks& works : both_.works) {
      for (const auto& [rule, list] : works) {
        for (const SideWork& work : list) {
          if (work.kind != kind_) continue;
          if (kind_ != SideWorkKind::answers) return true;
          if (!known.empty() && known != work.text) return true;
          known = work.text;
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
      case CtState::new_:
      case CtState::untracked:
      case CtState::snat:
      case CtState::dnat:
        all = world_.can_be_new();
        break;
    }
    const auto atom = Layout::atom_of(state);
    all = d_.conj(all, d_.interval(world_.layout().level_of(Field::ct_state), atom, atom));
    return d_.conj(all, world_.on_way(path));
  }

  Done done_by(std::size_t index, Path path, Ref start, Ref in_question) {
    SymbolicWalk& walk = world_.walk(index);
    const Program& program = walk.program();
    const Ruleset& ruleset = program.ruleset();
    RuleSet wanted(ruleset.rules.size());
    for (const auto& [rule, list] : both_.works[index]) wanted[rule] = true;
    std::vector<bool> gone(d_.level_count());
    gone[world_.layout().level_of(Field::ct_state)] = true;
    const PathReach found =
        reach(walk, path, start, {.wanted = wanted, .whole = wanted, .is_exact = true});
    Done all;
    for (const RuleReach& row : found.rules) {
      const auto works = both_.works[index].find(static_cast<std::uint32_t>(row.rule.index()));
      if (works == both_.works[index].end() || !row.reaches || *row.reaches == Diagram::no)
        continue;
      const Run& run = program.runs(path)[row.run];
      for (const SideWork& work : works->second) {
        if (work.kind != kind_) continue;
        Ref packets = *row.reaches;
        for (std::uint32_t i = ruleset[row.rule].parts.first; i < work.part; ++i) {
          if (!std::holds_alternative<Match>(ruleset.parts[i].what)) continue;
          packets = d_.conj(packets, walk.where_true(i, path, run));
        }
        packets = d_.conj(d_.exists(packets, gone), in_question);
        if (packets == Diagram::no) continue;
        const auto [at, is_new] = all.try_emplace(work.text, packets);
        if (!is_new) at->second = d_.disj(at->second, packets);
      }
    }
    return all;
  }

  // What differs for packets that come in with one state.
  std::vector<SideWorkChange> find_on(Path path, CtState state, Ref in_question) {
    const Ref start = entering(path, state);
    const std::array<Done, 2> done = {done_by(0, path, start, in_question),
                                      done_by(1, path, start, in_question)};
    std::vector<SideWorkChange> found;
    if (kind_ == SideWorkKind::answers) return other_answers(path, state, done);
    for (std::size_t i = 0; i < done.size(); ++i) {
      for (const auto& [text, packets] : done[i]) {
        const auto other = done[1 - i].find(text);
        const Ref alone = other == done[1 - i].end() ? packets : d_.minus(packets, other->second);
        if (alone == Diagram::no) continue;
        if (kind_ == SideWorkKind::proxies && i == 0 && state == CtState::new_) {
          Ref certainly = packets;  // nothing of the other does it in any way
          for (const auto& [words, also] : done[1]) certainly = d_.minus(certainly, also);
          if (certainly != Diagram::no) {
            found.push_back({path, state, certainly, words_of(text, Change::lost), true});
            continue;
          }
        }
        found.push_back(
            {path, state, alone, words_of(text, i == 0 ? Change::gone : Change::added), false});
      }
    }
    return found;
  }

  // Whether a packet is answered at all is a decision.
  std::vector<SideWorkChange> other_answers(Path path, CtState state,
                                            const std::array<Done, 2>& done) {
    std::vector<SideWorkChange> found;
    for (const auto& [was, packets] : done[0]) {
      for (const auto& [is, also] : done[1]) {
        if (was == is) continue;
        const Ref both = d_.conj(packets, also);
        if (both == Diagram::no) continue;
        found.push_back({path, state, both,
                         fmt::format("was answered by \"{}\", and is by \"{}\"", was, is), true});
      }
    }
    return found;
  }

  enum class Change : std::uint8_t { lost, gone, added };

  [[nodiscard]] std::string words_of(std::string_view work, Change change) const {
    const bool is_gone = change != Change::added;
    const std::string text = without_hashes(work);
    switch (kind_) {
      case SideWorkKind::proxies:
        if (change == Change::lost) {
          return fmt::format("was handed to a proxy by \"{}\", and no longer is", text);
        }
        return fmt::format("{} handed to a proxy by \"{}\", and {} not in that way",
                           is_gone ? "was" : "is", text, is_gone ? "is" : "was");
      case SideWorkKind::memories:
        return fmt::format("{} \"{}\", and {}, so that what rules find in that memory may differ",
                           is_gone ? "met" : "meets", text,
                           is_gone ? "no longer does" : "did not before");
      case SideWorkKind::entries:
      case SideWorkKind::packets:
      case SideWorkKind::answers:
        break;
    }
    return fmt::format("{} \"{}\", and {} not", is_gone ? "met" : "meets", text,
                       is_gone ? "does" : "did");
  }

  std::optional<SideWorkChange> reordered(Path path) {
    const bool is_of_entries = kind_ == SideWorkKind::entries;
    if (kind_ != SideWorkKind::memories && !is_of_entries) return std::nullopt;
    const Program& before = world_.walk(0).program();
    const Program& after = world_.walk(1).program();
    const std::string memory = reordered_memory(
        before, after, path,
        is_of_entries ? entries_left_otherwise(before, after) : world_.side_work().memories);
    if (memory.empty()) return std::nullopt;
    return SideWorkChange{path, CtState::new_, world_.on_way(path),
                          fmt::format("may meet the rules that {} {} in another order",
                                      is_of_entries ? "write" : "fill and ask", memory),
                          false};
  }

  World& world_;
  Diagram& d_;
  SideWorkKind kind_;
  SideWorkOfBoth deeds_;  // where `both_` is these
  const SideWorkOfBoth& both_;
};

}  // namespace

std::optional<SideWorkChange> changed_side_work(World& world, SideWorkKind kind,
                                                const std::function<Ref(Path)>& in_question) {
  return SideWorkDiffer(world, kind).first(in_question);
}

std::vector<SideWorkChange> all_changed_side_work(World& world, SideWorkKind kind,
                                                  const std::function<Ref(Path)>& in_question) {
  return SideWorkDiffer(world, kind).all(in_question);
}

}  // namespace untrack
