// Equivalence of a ruleset of zones with its twin, decided by our diagrams, by BuDDy with the same
// order of variables and the same atoms, and by Z3: what the choice of an engine of our own is
// worth. Not a test, though all three have to agree.
//
// Usage: oracle_benchmark RULES.rules TWIN.rules [SECONDS FOR Z3]. Both are read before any clock
// starts, and only FORWARD of the table filter is compared; CPU seconds of the median of five runs
// (Z3: of one).
#include <bdd.h>
#include <fmt/format.h>
#include <z3++.h>

#include <algorithm>
#include <bit>
#include <ctime>
#include <functional>
#include <map>
#include <vector>

#include "analysis/flows/world.hpp"
#include "bench/bench_input.hpp"
#include "model/jumps.hpp"

namespace {

using namespace untrack;  // NOLINT(google-build-using-namespace): a program of its own

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

double seconds_of(const std::function<void()>& work) {
  const double start = cpu_seconds();
  work();
  return cpu_seconds() - start;
}

double median_of_five(const std::function<void()>& work) {
  std::vector<double> runs;
  for (int i = 0; i < 5; ++i) runs.push_back(seconds_of(work));
  std::ranges::sort(runs);
  return runs[2];
}

ChainId forward_of(const Program& program) {
  for (const Run& run : program.runs(Path::forward)) {
    if (run.hook == Hook::forward) return run.chain;
  }
  throw std::runtime_error("no FORWARD in it");
}

// What the logic of a chain needs; conditions come from the ranges of atoms of each test.
template <class Logic>
class Chains {
 public:
  using Set = typename Logic::Set;
  struct Ends {
    Set accept, drop, next;  // what is accepted, refused, and what comes to the end
  };

  Chains(const Program& program, Logic& logic) : program_(program), logic_(logic) {}

  // Composed by halves, as our own walk does it.
  Ends of(ChainId chain) {
    if (const auto at = known_.find(chain); at != known_.end()) return at->second;
    std::vector<Ends> all;
    for (const RuleId rule : program_.ruleset()[chain].rules) all.push_back(of_rule(rule));
    if (all.empty()) all.push_back({logic_.no(), logic_.no(), logic_.yes()});
    while (all.size() > 1) {
      std::vector<Ends> halves;
      for (std::size_t i = 0; i < all.size(); i += 2) {
        if (i + 1 == all.size()) {
          halves.push_back(all[i]);
          continue;
        }
        const Ends& a = all[i];
        const Ends& b = all[i + 1];
        halves.push_back({logic_.either(a.accept, logic_.both(a.next, b.accept)),
                          logic_.either(a.drop, logic_.both(a.next, b.drop)),
                          logic_.both(a.next, b.next)});
      }
      all = std::move(halves);
    }
    return known_.emplace(chain, all.front()).first->second;
  }

 private:
  Ends of_rule(RuleId id) {
    const Ruleset& ruleset = program_.ruleset();
    Set condition = logic_.yes();
    const Statement* does = nullptr;
    const auto parts = ruleset[id].parts;
    for (std::uint32_t part = parts.first; part < parts.first + parts.count; ++part) {
      if (std::holds_alternative<Match>(ruleset.parts[part].what)) {
        condition = logic_.both(condition, logic_.test(program_, part));
      } else {
        does = &std::get<Statement>(ruleset.parts[part].what);
      }
    }
    const Set others = logic_.negate(condition);
    if (const auto* jump = std::get_if<JumpStatement>(does)) {
      const Ends inner = of(jump->chain);
      return {logic_.both(condition, inner.accept), logic_.both(condition, inner.drop),
              logic_.either(others, logic_.both(condition, inner.next))};
    }
    const auto& verdict = std::get<VerdictStatement>(*does);
    if (verdict.verdict == Verdict::accept) return {condition, logic_.no(), others};
    return {logic_.no(), condition, others};
  }

  const Program& program_;
  Logic& logic_;
  std::map<ChainId, Ends> known_;
};

// The tests as sets of our diagrams, made before the clock starts, are the common language: each is
// a path or a few through levels of atoms.
struct Tests {
  World& world;
  std::array<std::vector<Ref>, 2> of_part;  // of both programs, by part

  explicit Tests(World& made) : world(made) {
    for (std::size_t side = 0; side < 2; ++side) {
      const Program& program = world.walk(side).program();
      const Run* run = nullptr;
      for (const Run& each : program.runs(Path::forward)) {
        if (each.hook == Hook::forward) run = &each;
      }
      const View view = world.walk(side).view_of(Path::forward, *run);
      for (std::uint32_t part = 0; part < program.ruleset().parts.size(); ++part) {
        const bool is_match = std::holds_alternative<Match>(program.ruleset().parts[part].what);
        of_part[side].push_back(is_match ? world.walk(side).encoder().encode(part, view)
                                         : Diagram::yes);
      }
    }
  }
};

std::vector<unsigned> widths_of(const World& world) {
  std::vector<unsigned> widths;
  for (const Layout::Atom size : world.layout().sizes()) {
    widths.push_back(std::max(1U, static_cast<unsigned>(std::bit_width(size - 1U))));
  }
  return widths;
}

class BuddyLogic {
 public:
  using Set = bdd;
  BuddyLogic(Tests& tests, std::size_t side) : tests_(tests), side_(side) {
    int bit = 0;
    for (const unsigned width : widths_of(tests.world)) {
      first_bit_.push_back(bit);
      widths_.push_back(width);
      bit += static_cast<int>(width);
    }
  }
  static Set yes() { return bddtrue; }
  static Set no() { return bddfalse; }
  static Set both(const Set& a, const Set& b) { return a & b; }
  static Set either(const Set& a, const Set& b) { return a | b; }
  static Set negate(const Set& a) { return !a; }
  Set test(const Program&, std::uint32_t part) { return translated(tests_.of_part[side_][part]); }

 private:
  Set translated(Ref f) {
    if (Diagram::is_constant(f)) return f == Diagram::yes ? yes() : no();
    if (const auto at = known_.find(f); at != known_.end()) return at->second;
    Diagram& d = tests_.world.diagram();
    const Diagram::Level level = d.level(f);
    Set all = no();
    Diagram::Atom first = 0;
    for (const Diagram::Edge& edge : d.edges(f)) {
      all |= range(level, first, edge.last) & translated(edge.child);
      first = edge.last + 1;
    }
    return known_.emplace(f, all).first->second;
  }
  // first <= value <= last.
  Set range(Diagram::Level level, Diagram::Atom first, Diagram::Atom last) {
    return bound(level, first, true) & bound(level, last, false);
  }
  Set bound(Diagram::Level level, Diagram::Atom value, bool is_least) {
    Set set = yes();
    for (unsigned i = 0; i < widths_[level]; ++i) {
      const bdd variable = bdd_ithvar(first_bit_[level] + static_cast<int>(widths_[level] - 1 - i));
      const bool bit = (value >> i & 1U) != 0;
      if (is_least) {
        set = bit ? variable & set : variable | set;
      } else {
        set = bit ? bdd_not(variable) | set : bdd_not(variable) & set;
      }
    }
    return set;
  }

  Tests& tests_;
  std::size_t side_;
  std::vector<int> first_bit_;
  std::vector<unsigned> widths_;
  std::map<Ref, bdd> known_;
};

class Z3Logic {
 public:
  using Set = z3::expr;
  Z3Logic(Tests& tests, std::size_t side, z3::context& context)
      : tests_(tests), side_(side), context_(context) {
    const auto widths = widths_of(tests.world);
    for (std::size_t level = 0; level < widths.size(); ++level) {
      fields_.push_back(context.bv_const(fmt::format("f{}", level).c_str(), widths[level]));
    }
  }
  Set yes() { return context_.bool_val(true); }
  Set no() { return context_.bool_val(false); }
  static Set both(const Set& a, const Set& b) { return a && b; }
  static Set either(const Set& a, const Set& b) { return a || b; }
  static Set negate(const Set& a) { return !a; }
  Set test(const Program&, std::uint32_t part) { return translated(tests_.of_part[side_][part]); }

 private:
  Set translated(Ref f) {
    if (Diagram::is_constant(f)) return f == Diagram::yes ? yes() : no();
    if (const auto at = known_.find(f); at != known_.end()) return at->second;
    Diagram& d = tests_.world.diagram();
    const z3::expr& field = fields_[d.level(f)];
    Set all = no();
    Diagram::Atom first = 0;
    for (const Diagram::Edge& edge : d.edges(f)) {
      if (edge.child != Diagram::no) {
        const auto width = field.get_sort().bv_size();
        const Set within = z3::ule(context_.bv_val(first, width), field) &&
                           z3::ule(field, context_.bv_val(edge.last, width));
        all = all || (within && translated(edge.child));
      }
      first = edge.last + 1;
    }
    return known_.emplace(f, all).first->second;
  }

  Tests& tests_;
  std::size_t side_;
  z3::context& context_;
  std::vector<z3::expr> fields_;
  std::map<Ref, z3::expr> known_;
};

bool by_ours(std::span<const Program* const> programs, Order order) {
  const Layout layout(programs, {}, order);
  Diagram diagram(layout.sizes());
  std::array<Ref, 2> functions;
  for (std::size_t side = 0; side < 2; ++side) {
    SymbolicWalk walk(*programs[side], layout, diagram);
    const Program& program = *programs[side];
    for (const Run& run : program.runs(Path::forward)) {
      if (run.hook != Hook::forward) continue;
      functions[side] = walk.summary(run.chain, walk.view_of(Path::forward, run));
    }
  }
  return functions[0] == functions[1];
}

bool by_buddy(Tests& tests) {
  int bits = 0;
  for (const unsigned width : widths_of(tests.world)) bits += static_cast<int>(width);
  if (bdd_init(1'000'000, 250'000) != 0) throw std::runtime_error("BuDDy does not begin");
  bdd_setvarnum(bits);
  bdd_gbc_hook(nullptr);
  bool is_equal = false;
  {
    std::vector<bdd> accepted;
    for (std::size_t side = 0; side < 2; ++side) {
      BuddyLogic logic(tests, side);
      const Program& program = tests.world.walk(side).program();
      accepted.push_back(Chains<BuddyLogic>(program, logic).of(forward_of(program)).accept);
    }
    is_equal = accepted[0] == accepted[1];
  }
  bdd_done();
  return is_equal;
}

std::string by_z3(Tests& tests, unsigned seconds) {
  z3::context context;
  std::vector<z3::expr> accepted;
  for (std::size_t side = 0; side < 2; ++side) {
    Z3Logic logic(tests, side, context);
    const Program& program = tests.world.walk(side).program();
    accepted.push_back(Chains<Z3Logic>(program, logic).of(forward_of(program)).accept);
  }
  z3::solver solver(context);
  z3::params params(context);
  params.set("timeout", seconds * 1000);
  solver.set(params);
  solver.add(accepted[0] != accepted[1]);
  const z3::check_result result = solver.check();
  return result == z3::unsat ? "equal" : result == z3::sat ? "different" : "not known";
}

}  // namespace

int main(int count, char** words) {
  if (count < 3) {
    fmt::print(stderr, "Usage: oracle_benchmark RULES TWIN [SECONDS FOR Z3]\n");
    return 2;
  }
  const auto before = bench::read(bench::text_of(words[1]));
  const auto after = bench::read(bench::text_of(words[2]), IpVersion::ipv4, before->variables);
  const std::array<const Program*, 2> programs{before->program.get(), after->program.get()};
  const unsigned seconds = count > 3 ? static_cast<unsigned>(std::stoul(words[3])) : 60;
  const auto orders = World::orders_for(before->ruleset);
  const Order order = orders.empty() ? all_orders.front() : orders.front();
  const auto world = World::make(programs, {}, {}, {}, std::span(&order, 1));
  if (world == nullptr) return 1;
  Tests tests(*world);
  bool ours = false;
  bool buddy = false;
  const double our_seconds = median_of_five([&] { ours = by_ours(programs, order); });
  const double buddy_seconds = median_of_five([&] { buddy = by_buddy(tests); });
  std::string z3;
  const double z3_seconds = seconds_of([&] { z3 = by_z3(tests, seconds); });
  fmt::print("ours {:.4f} {}\nbuddy {:.4f} {}\nz3 {:.4f} {}\n", our_seconds,
             ours ? "equal" : "different", buddy_seconds, buddy ? "equal" : "different", z3_seconds,
             z3);
  return ours == buddy ? 0 : 1;
}
