#include "model/resolve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "model/beside_tracker.hpp"
#include "model/set_dimensions.hpp"
#include "model/spelling.hpp"

namespace untrack {
namespace {

using NameIndex = std::unordered_map<std::string_view, ChainId>;
using SetIndex = std::unordered_map<std::string_view, SetId>;

std::string in_quotes(std::string_view text) {
  constexpr std::size_t shown = 60;
  if (text.size() <= shown) return fmt::format("\"{}\"", text);
  return fmt::format("\"{}...{}\"", text.substr(0, shown / 2),
                     text.substr(text.size() - shown / 2));
}

constexpr std::uint32_t nothing = std::numeric_limits<std::uint32_t>::max();

struct Edge {
  ChainId to;
  Span span;
  std::uint32_t next = nothing;  // of the same chain
};

// The jumps between the chains of one table, for the search for loops.
class Graph {
 public:
  explicit Graph(const Ruleset& ruleset) : ruleset_(ruleset), from_(ruleset.chains.size()) {}

  void add(ChainId from, ChainId to, const Span& span) {
    const auto index = static_cast<std::uint32_t>(edges_.size());
    edges_.push_back({to, span});
    Edges& known = from_[from.index()];
    if (known.first == nothing) {
      known.first = index;
    } else {
      edges_[known.last].next = index;
    }
    known.last = index;
  }

  // Depth first, base chains first, each chain and each jump once. A loop that no base chain leads
  // to is loaded by both backends (measured: iptables 1.8.9, legacy and nft, on 6.18), so it is a
  // note.
  void report_loops(const Table& table, std::vector<Problem>& problems) {
    for (const bool from_base : {true, false}) {
      for (const ChainId start : table.chains) {
        if (ruleset_[start].base.has_value() == from_base) walk(start, from_base, problems);
      }
    }
  }

 private:
  enum class Color : std::uint8_t { fresh, on_path, done };
  struct Node {
    Color color = Color::fresh;
    bool is_reported = false;
    std::size_t depth = 0;  // place on the path
  };

  void walk(ChainId start, bool is_reachable, std::vector<Problem>& problems) {
    if (nodes_.empty()) nodes_.resize(from_.size());
    if (nodes_[start.index()].color != Color::fresh) return;
    std::vector<std::pair<ChainId, std::uint32_t>> path;  // a chain and its next jump
    const auto enter = [&](ChainId chain) {
      nodes_[chain.index()].color = Color::on_path;
      nodes_[chain.index()].depth = path.size();
      path.emplace_back(chain, from_[chain.index()].first);
    };
    enter(start);
    while (!path.empty()) {
      const ChainId chain = path.back().first;
      if (path.back().second == nothing) {
        nodes_[chain.index()].color = Color::done;
        path.pop_back();
        continue;
      }
      const Edge& edge = edges_[path.back().second];
      path.back().second = edge.next;
      Node& to = nodes_[edge.to.index()];
      if (to.color == Color::fresh) {
        enter(edge.to);
      } else if (to.color == Color::on_path && !to.is_reported) {
        to.is_reported = true;
        report(path, to.depth, edge, is_reachable, problems);
      }
    }
  }

  void report(const std::vector<std::pair<ChainId, std::uint32_t>>& path, std::size_t first,
              const Edge& closing, bool is_reachable, std::vector<Problem>& problems) const {
    constexpr std::size_t shown = 8;
    std::string names;
    for (std::size_t i = first; i < path.size(); ++i) {
      if (i - first == shown) {
        names += fmt::format("{} more -> ", path.size() - i);
        break;
      }
      names += fmt::format("{} -> ", ruleset_[path[i].first].name);
    }
    names += ruleset_[closing.to].name;
    problems.push_back({is_reachable ? ProblemKind::error : ProblemKind::note, closing.span,
                        fmt::format("a loop of chains: {}", names),
                        is_reachable ? "closes the loop; the kernel refuses it"
                                     : "closes the loop; no base chain leads into it",
                        "Remove one of these jumps.", false});
  }

  const Ruleset& ruleset_;
  struct Edges {
    std::uint32_t first = nothing;
    std::uint32_t last = nothing;
  };
  std::vector<Edge> edges_;
  std::vector<Edges> from_;  // by chain
  std::vector<Node> nodes_;
};

class Resolver {
 public:
  explicit Resolver(Ruleset& ruleset) : ruleset_(ruleset), graph_(ruleset) {
    for (std::size_t i = 0; i < ruleset.sets.size(); ++i) {
      if (ruleset.sets[i].kind == SetKind::ipset) sets_.try_emplace(ruleset.sets[i].name, SetId(i));
    }
  }

  void run() {
    for (const Table& table : ruleset_.tables) {
      names_.reset();
      // The sets of nft belong to their table; those of ipset to the host.
      const bool is_nft = table.language == Language::nft;
      SetIndex of_table;
      for (const SetId id : table.sets) of_table.try_emplace(ruleset_[id].name, id);
      SetIndex& sets = is_nft ? of_table : sets_;
      for (const ChainId id : table.chains) {
        for (const RuleId rule : ruleset_[id].rules) {
          resolve_rule(ruleset_[rule], table, sets);
          if (!is_nft && !ruleset_.sets.empty()) note_set_target(ruleset_[rule]);
        }
      }
      graph_.report_loops(table, ruleset_.problems);
      if (is_nft) report_unseen_chains(table);
      if (is_nft) report_beside_tracker(table);
    }
    tell_left_out();
  }

 private:
  void resolve_rule(const Rule& rule, const Table& table, SetIndex& sets) {
    for (std::uint32_t i = 0; i < rule.parts.count; ++i) {
      RulePart& part = ruleset_.parts[rule.parts.first + i];
      if (auto* statement = std::get_if<Statement>(&part.what)) {
        if (auto* jump = std::get_if<JumpStatement>(statement)) {
          resolve_jump(*jump, part.span_in(rule), rule, table);
        } else if (const auto* map = std::get_if<VerdictMapStatement>(statement)) {
          resolve_map(ruleset_.lookups[map->lookup.index()], part.span_in(rule), rule, table, sets);
        }
      } else if (auto* test = std::get_if<SetTest>(&std::get<Match>(part.what))) {
        resolve_set(*test, part.span_in(rule), table, sets);
      }
    }
  }

  // Chains of ingress, egress and bridges may refuse packets of IP, and no walk goes through them.
  void report_unseen_chains(const Table& table) {
    if (table.is_dormant || table.family == Family::arp) return;
    for (const ChainId id : table.chains) {
      const Chain& chain = ruleset_[id];
      if (!chain.base) continue;
      const bool is_seen = !ip_versions(table.family).empty() &&
                           chain.base->hook != Hook::ingress && chain.base->hook != Hook::egress;
      if (is_seen || (chain.rules.empty() && chain.base->policy == Policy::accept)) continue;
      add({ProblemKind::not_understood, chain.span,
           fmt::format("what chain {} of hook {} does to packets is not looked at",
                       in_quotes(chain.name), to_text(chain.base->hook)),
           "it may refuse packets before the rules of IP see them",
           "What is said of flows and packets leaves it out; what makes the kernel track in it is "
           "found.",
           false});
    }
  }

  void report_beside_tracker(const Table& table) {
    if (table.is_dormant || ip_versions(table.family).empty()) return;
    for (const ChainId id : table.chains) {
      if (!depends_on_tracker_order(ruleset_, id)) continue;
      const Chain& chain = ruleset_[id];
      add({ProblemKind::not_understood, chain.span,
           fmt::format("whether chain {} runs ahead of connection tracking or behind it is not "
                       "known",
                       in_quotes(chain.name)),
           "priority -200 is its own, too: what was loaded last runs first",
           "Give the chain another priority: raw (-300) runs ahead of it, mangle (-150) behind.",
           false});
    }
  }

  // Made when the first jump asks, since the readers link most of them.
  const NameIndex& names_of(const Table& table) {
    if (!names_) {
      names_.emplace();
      for (const ChainId id : table.chains) names_->try_emplace(ruleset_[id].name, id);
    }
    return *names_;
  }

  void resolve_jump(JumpStatement& jump, const Span& span, const Rule& rule, const Table& table) {
    if (!jump.chain.names_something()) {
      const NameIndex& names = names_of(table);
      const auto found = names.find(jump.chain_name);
      if (found == names.end()) return missing_chain(jump, span, table);
      jump.chain = found->second;
    }
    Chain& target = ruleset_.chains[jump.chain.index()];
    jump.chain_name = target.name;  // it may have been renamed since
    if (target.base && table.language == Language::iptables) {
      add({ProblemKind::error, span,
           fmt::format("a jump to the built-in chain {}", in_quotes(target.name)),
           "expected a user chain", "Move its rules to a user chain, and jump there.", false});
      return;
    }
    graph_.add(rule.chain, jump.chain, span);
    std::vector<ChainId>& callers = target.callers;
    if (callers.empty() || callers.back() != rule.chain) callers.push_back(rule.chain);
  }

  void missing_chain(const JumpStatement& jump, const Span& span, const Table& table) {
    // Bounded, for every missing chain asks again.
    constexpr std::size_t enough = 500;
    constexpr std::size_t asked_at_most = 100;
    std::optional<std::string_view> near;
    if (++missing_ <= asked_at_most) {
      std::vector<std::string_view> candidates;
      for (const ChainId id : table.chains) {
        if (candidates.size() == enough) break;
        if (!ruleset_[id].base) candidates.push_back(ruleset_[id].name);
      }
      near = nearest(jump.chain_name, candidates);
    }
    std::string label = near ? fmt::format("did you mean {}?", in_quotes(*near)) : std::string();
    if (table.is_partial) {
      add({ProblemKind::note, span,
           fmt::format("no chain {} in these inputs", in_quotes(jump.chain_name)), std::move(label),
           "It is taken to exist on the host; give the file that makes it, too.", false});
      return;
    }
    const bool is_nft = table.language == Language::nft;
    add({ProblemKind::error, span,
         fmt::format("no chain {}{}", is_nft ? "" : "or target ", in_quotes(jump.chain_name)),
         label.empty() ? fmt::format("table {} has no such chain", table.name) : std::move(label),
         table.language == Language::iptables
             ? fmt::format("Declare the chain: `:{} - [0:0]`, or correct the name.",
                           jump.chain_name)
             : "Declare the chain, or correct the name.",
         // In iptables it may be a target of an extension that is not known here.
         !is_nft});
  }

  // `-j SET --add-set NAME`: packets put elements into the set, so what a file gives is only a
  // start.
  void note_set_target(const Rule& rule) {
    for (const Construct& construct : slice(ruleset_.constructs, rule.constructs)) {
      if (construct.kind != catalog::ExtensionKind::target || construct.name != "SET") continue;
      for (const OptionUse& option : slice(ruleset_.options, construct.options)) {
        if (option.name != "add-set" && option.name != "del-set" && option.name != "map-set")
          continue;
        note_filled(option.value.substr(0, option.value.find(' ')), true);
      }
    }
  }

  // A list:set hands what it is given to its members.
  void note_filled(std::string_view name, bool with_members) {
    const auto found = sets_.find(name);
    if (found == sets_.end() || !found->second.names_something()) return;
    NamedSet& set = ruleset_.sets[found->second.index()];
    set.is_dynamic = true;
    if (!with_members || set.type != "list:set") return;
    if (!filled_lists_.insert(found->second.value).second) return;
    for (const std::string_view member : set.words) note_filled(member, false);
  }

  void resolve_map(MapLookup& map, const Span& span, const Rule& rule, const Table& table,
                   SetIndex& sets) {
    resolve_set(map.key, span, table, sets);
    if (!map.key.set.names_something()) return;
    NamedSet& set = ruleset_.sets[map.key.set.index()];
    if (set.kind != SetKind::nft_verdict_map) {
      add({ProblemKind::error, span, fmt::format("{} is no verdict map", in_quotes(set.name)),
           "nft refuses it", "Declare it as a map whose type ends in `: verdict`.", false});
    }
    const auto link = [&](Statement& verdict) {
      if (auto* jump = std::get_if<JumpStatement>(&verdict)) {
        resolve_jump(*jump, span, rule, table);
      }
    };
    for (Statement& verdict : set.verdicts) link(verdict);
    if (set.otherwise) link(*set.otherwise);
  }

  // A key of names is an index of words, which no other field has.
  static bool holds_fields(const NamedSet& set, const SetTest& test) {
    if (test.field_count != set.fields.size()) return false;
    for (std::size_t i = 0; i < set.fields.size(); ++i) {
      const bool is_name =
          test.fields[i] == Field::in_interface || test.fields[i] == Field::out_interface;
      if (is_name != (set.fields[i] == "iface")) return false;
    }
    return true;
  }

  void resolve_set(SetTest& test, const Span& span, const Table& table, SetIndex& sets) {
    if (test.set.names_something()) return;  // it stands in the rule and has no name
    const auto [found, is_new] = sets.try_emplace(test.set_name, SetId{});
    test.set = found->second;
    if (test.set.names_something()) {
      const NamedSet& set = ruleset_[test.set];
      if (set.kind == SetKind::ipset) {
        name_fields(test, set);
      } else if (!holds_fields(set, test)) {
        test.field_count = 0;  // the rule looks up something that is not modelled
      }
      return;
    }
    if (!is_new) return;
    if (table.language == Language::nft) {
      std::vector<std::string_view> known;
      for (const SetId id : table.sets) known.push_back(ruleset_[id].name);
      const auto near = nearest(test.set_name, known);
      add({table.is_partial ? ProblemKind::note : ProblemKind::error, span,
           fmt::format("no set {} in table {}", in_quotes(test.set_name), table.name),
           near ? fmt::format("did you mean {}?", in_quotes(*near)) : std::string(),
           "Declare it in this table, or correct the name.", false});
      return;
    }
    add({ProblemKind::note, span,
         fmt::format("the contents of set {} are not known", in_quotes(test.set_name)),
         "any address may be in it", "Give the output of `ipset save` as a further input.", false});
  }

  // A hostile input has millions of wrong jumps; beyond this they are counted.
  static constexpr std::size_t listed_at_most = 10'000;

  void add(Problem problem) {
    if (added_++ < listed_at_most) {
      ruleset_.problems.push_back(std::move(problem));
    } else if (problem.kind == ProblemKind::error) {
      left_out_errors_ = true;
      left_out_may_track_ = left_out_may_track_ || problem.may_track;
    }
  }

  void tell_left_out() {
    if (added_ <= listed_at_most) return;
    ruleset_.problems.push_back(
        {left_out_errors_ ? ProblemKind::error : ProblemKind::note, ruleset_.problems.back().span,
         fmt::format("{} more jumps and sets like these are not listed", added_ - listed_at_most),
         "", "Solve the first ones; the rest often goes with them.", left_out_may_track_});
  }

  Ruleset& ruleset_;
  Graph graph_;
  std::optional<NameIndex> names_;  // the chains of the table that is being resolved
  std::size_t added_ = 0;
  bool left_out_errors_ = false;
  bool left_out_may_track_ = false;
  SetIndex sets_;
  std::unordered_set<std::uint32_t> filled_lists_;  // by SetId
  std::size_t missing_ = 0;
};

}  // namespace

void resolve(Ruleset& ruleset) {
  Resolver(ruleset).run();
  std::ranges::stable_sort(ruleset.problems, {}, &Problem::span);
}

}  // namespace untrack
