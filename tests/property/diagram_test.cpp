// Interval diagrams against what cannot be wrong: tables of every value of small functions, and
// BuDDy, a decision diagram library of others, on the same functions coded in bits.
#include <gtest/gtest.h>

#define CPLUSPLUS
#include <bdd.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>
#include <set>

#include "analysis/diagram/diagram.hpp"
#include "tests/property/seed.hpp"

namespace untrack {
namespace {

using Atoms = std::vector<Diagram::Atom>;

// A function as the list of its values, the last level turning fastest.
struct Table {
  std::vector<std::uint32_t> values;
  Ref ref;
};

class BitWorld {
 public:
  BitWorld(std::mt19937& dice, Atoms sizes)
      : dice_(dice), sizes_(std::move(sizes)), diagram_(sizes_) {
    count_ = 1;
    for (const auto size : sizes_) count_ *= size;
  }

  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] Diagram& diagram() { return diagram_; }
  [[nodiscard]] const Atoms& sizes() const { return sizes_; }

  [[nodiscard]] Atoms packet(std::size_t index) const {
    Atoms atoms(sizes_.size());
    for (std::size_t level = sizes_.size(); level-- > 0;) {
      atoms[level] = static_cast<Diagram::Atom>(index % sizes_[level]);
      index /= sizes_[level];
    }
    return atoms;
  }
  [[nodiscard]] std::size_t index(const Atoms& packet) const {
    std::size_t index = 0;
    for (std::size_t level = 0; level < sizes_.size(); ++level) {
      index = index * sizes_[level] + packet[level];
    }
    return index;
  }

  template <class Function>
  [[nodiscard]] std::vector<std::uint32_t> tabulate(Function&& function) const {
    std::vector<std::uint32_t> values(count_);
    for (std::size_t i = 0; i < count_; ++i) values[i] = function(packet(i));
    return values;
  }

  [[nodiscard]] Table interval() {
    const auto level = below(sizes_.size());
    auto first = static_cast<Diagram::Atom>(below(sizes_[level]));
    auto last = static_cast<Diagram::Atom>(below(sizes_[level]));
    if (last < first) std::swap(first, last);
    return {tabulate([&](const Atoms& p) { return p[level] >= first && p[level] <= last; }),
            diagram_.interval(static_cast<Diagram::Level>(level), first, last)};
  }

  [[nodiscard]] Table runs() {
    const auto level = below(sizes_.size());
    std::vector<bool> members(sizes_[level]);
    std::vector<std::pair<Diagram::Atom, Diagram::Atom>> ranges;
    for (Diagram::Atom atom = 0; atom < sizes_[level]; ++atom) {
      members[atom] = below(2) == 0;
      if (!members[atom]) continue;
      if (!ranges.empty() && ranges.back().second + 1 == atom) {
        ranges.back().second = atom;
      } else {
        ranges.emplace_back(atom, atom);
      }
    }
    EXPECT_EQ(diagram_.ranges(static_cast<Diagram::Level>(level), ranges),
              diagram_.atoms(static_cast<Diagram::Level>(level), members));
    return {tabulate([&](const Atoms& p) { return members[p[level]] ? 1U : 0U; }),
            diagram_.ranges(static_cast<Diagram::Level>(level), ranges)};
  }

  [[nodiscard]] std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(dice_);
  }

  // Sets and functions made of earlier ones by every operation that combines.
  [[nodiscard]] std::vector<Table> grow(std::size_t steps) {
    std::vector<Table> sets{{std::vector<std::uint32_t>(count_, 0), Diagram::no},
                            {std::vector<std::uint32_t>(count_, 1), Diagram::yes}};
    for (std::size_t i = 0; i < steps; ++i) {
      if (i < 4 || below(3) == 0) {
        sets.push_back(below(2) == 0 ? interval() : runs());
        continue;
      }
      const Table& c = sets[below(sets.size())];
      const Table& a = sets[below(sets.size())];
      const Table& b = sets[below(sets.size())];
      sets.push_back(combined(a, b, c));
    }
    return sets;
  }

  [[nodiscard]] Table combined(const Table& a, const Table& b, const Table& c) {
    Table made;
    made.values.resize(count_);
    const std::size_t operation = below(5);
    bool meet = false;
    bool is_within = true;
    for (std::size_t k = 0; k < count_; ++k) {
      const bool in_a = a.values[k] != 0;
      const bool in_b = b.values[k] != 0;
      const bool results[] = {c.values[k] != 0 ? in_a : in_b, in_a && in_b, in_a || in_b,
                              in_a && !in_b, !in_a};
      made.values[k] = results[operation] ? 1 : 0;
      meet = meet || (in_a && in_b);
      is_within = is_within && (!in_a || in_b);
    }
    const Ref refs[] = {diagram_.ite(c.ref, a.ref, b.ref), diagram_.conj(a.ref, b.ref),
                        diagram_.disj(a.ref, b.ref), diagram_.minus(a.ref, b.ref),
                        diagram_.negate(a.ref)};
    made.ref = refs[operation];
    EXPECT_EQ(diagram_.intersects(a.ref, b.ref), meet);
    EXPECT_EQ(diagram_.implies(a.ref, b.ref), is_within);
    return made;
  }

  void expect_same(const Table& table, const char* what) {
    for (std::size_t i = 0; i < count_; ++i) {
      ASSERT_EQ(diagram_.evaluate(table.ref, packet(i)), table.values[i])
          << what << " at packet " << i;
    }
  }

 private:
  std::mt19937& dice_;
  Atoms sizes_;
  Diagram diagram_;
  std::size_t count_ = 1;
};

Atoms random_sizes(std::mt19937& dice) {
  Atoms sizes(3 + dice() % 3);
  for (auto& size : sizes) size = static_cast<Diagram::Atom>(1 + dice() % 5);
  return sizes;
}

TEST(DiagramProperty, AgreesWithTruthTables) {
  std::mt19937 dice = seeded_dice();
  for (int round = 0; round < 60; ++round) {
    BitWorld world(dice, random_sizes(dice));
    Diagram& d = world.diagram();
    const std::vector<Table> sets = world.grow(40);
    for (const Table& set : sets) world.expect_same(set, "ite");
    // Canonical: equal functions are equal references, and no others are.
    for (const Table& a : sets) {
      for (const Table& b : sets) ASSERT_EQ(a.values == b.values, a.ref == b.ref);
    }
    for (int k = 0; k < 20; ++k) {
      const Table& set = sets[world.below(sets.size())];
      const auto level = static_cast<Diagram::Level>(world.below(world.sizes().size()));
      const auto atom = static_cast<Diagram::Atom>(world.below(world.sizes()[level]));
      world.expect_same({world.tabulate([&](Atoms p) {
                           p[level] = atom;
                           return set.values[world.index(p)];
                         }),
                         d.fix(set.ref, level, atom)},
                        "fix");
      std::vector<bool> gone(world.sizes().size());
      gone[level] = true;
      gone[world.below(gone.size())] = true;
      world.expect_same({world.tabulate([&](const Atoms& p) {
                           for (std::size_t i = 0; i < world.count(); ++i) {
                             const Atoms other = world.packet(i);
                             bool agrees = true;
                             for (std::size_t l = 0; l < gone.size(); ++l) {
                               agrees = agrees && (gone[l] || other[l] == p[l]);
                             }
                             if (agrees && set.values[i] != 0) return 1U;
                           }
                           return 0U;
                         }),
                         d.exists(set.ref, gone)},
                        "exists");
      double sum = 0;
      Diagram::Weights weights;
      for (const auto size : world.sizes()) weights.emplace_back(size, 1.0 / size);
      for (const std::uint32_t value : set.values) sum += value;
      EXPECT_NEAR(d.weight(set.ref, weights), sum / static_cast<double>(world.count()), 1e-9);
      if (set.ref == Diagram::no) continue;
      Atoms found(world.sizes().size());
      for (const Diagram::Constraint& c : d.heaviest_path(set.ref, weights)) {
        found[c.level] = c.first + static_cast<Diagram::Atom>(world.below(c.last - c.first + 1));
      }
      EXPECT_EQ(set.values[world.index(found)], 1U) << "a path out of the set";
    }
  }
}

TEST(DiagramProperty, RenamesAndComposesFunctions) {
  std::mt19937 dice = seeded_dice();
  for (int round = 0; round < 60; ++round) {
    const auto shared = static_cast<Diagram::Atom>(2 + dice() % 4);
    BitWorld world(dice, {shared, 3, shared, 2, 4});
    Diagram& d = world.diagram();
    const std::vector<Table> sets = world.grow(30);
    // Levels 0 and 2 change places; the atoms of the last are turned round.
    const std::vector<Diagram::Level> to{2, 1, 0, 3, 4};
    const std::vector<std::vector<Diagram::Atom>> maps{{}, {}, {}, {}, {1, 2, 3, 0}};
    for (const Table& set : sets) {
      world.expect_same({world.tabulate([&](const Atoms& p) {
                           Atoms q = p;
                           std::swap(q[0], q[2]);
                           q[4] = (p[4] + 3) % 4;  // the old atom of which p's is the new one
                           return set.values[world.index(q)];
                         }),
                         d.rename(set.ref, to, maps)},
                        "rename");
    }
    // Functions with several values, as rules make them.
    const auto function = [&] {
      Table made{std::vector<std::uint32_t>(world.count(), 0), Diagram::constant(0)};
      for (std::uint32_t value = 1; value < 5; ++value) {
        const Table& where = sets[world.below(sets.size())];
        for (std::size_t i = 0; i < world.count(); ++i) {
          if (where.values[i] != 0 && made.values[i] == 0) made.values[i] = value;
        }
        made.ref =
            d.fill(made.ref, 0, d.ite(where.ref, Diagram::constant(value), Diagram::constant(0)));
      }
      return made;
    };
    const Table f = function();
    const Table g = function();
    world.expect_same(f, "fill of rules");
    Table filled{f.values, d.fill(f.ref, 3, g.ref)};
    Table agreed{f.values, d.agree(f.ref, g.ref, 7)};
    Table relabelled{f.values, d.relabel(f.ref, {{0, 4}, {1, 3}, {3, 1}, {4, 0}})};
    Table chosen{f.values, d.where(f.ref, std::vector<std::uint32_t>{1, 4})};
    Diagram::Grafts branches;
    std::vector<const Table*> grafted;
    for (std::uint32_t i = 0; i < 4; ++i) {
      grafted.push_back(&sets[world.below(sets.size())]);
      branches.emplace_back(i, grafted.back()->ref);
    }
    Table graft{f.values, d.graft(f.ref, branches)};
    for (std::size_t i = 0; i < world.count(); ++i) {
      if (f.values[i] < 4) graft.values[i] = grafted[f.values[i]]->values[i];
    }
    world.expect_same(graft, "graft");
    const auto level = static_cast<Diagram::Level>(world.below(5));
    const auto last = static_cast<Diagram::Atom>(world.below(world.sizes()[level]));
    Table any{f.values, d.fix_any(f.ref, level, 0, last, 9)};
    EXPECT_EQ(d.where_at(f.ref, std::vector<std::uint32_t>{1, 4}, level, last),
              d.fix(chosen.ref, level, last));
    for (std::size_t i = 0; i < world.count(); ++i) {
      if (f.values[i] == 3) filled.values[i] = g.values[i];
      if (f.values[i] != g.values[i]) agreed.values[i] = 7;
      relabelled.values[i] = 4 - f.values[i];
      chosen.values[i] = f.values[i] == 1 || f.values[i] == 4 ? 1 : 0;
      Atoms p = world.packet(i);
      p[level] = 0;
      any.values[i] = f.values[world.index(p)];
      for (Diagram::Atom atom = 1; atom <= last; ++atom) {
        p[level] = atom;
        if (f.values[world.index(p)] != any.values[i]) {
          any.values[i] = 9;
          break;
        }
      }
    }
    for (const auto& [table, what] : {std::pair(&filled, "fill"),
                                      {&agreed, "agree"},
                                      {&relabelled, "relabel"},
                                      {&chosen, "where"},
                                      {&any, "fix_any"}}) {
      world.expect_same(*table, what);
    }
    const std::set<std::uint32_t> taken(f.values.begin(), f.values.end());
    EXPECT_TRUE(std::ranges::equal(d.values_of(f.ref), taken));
  }
}

TEST(DiagramProperty, GraftsManyFunctions) {
  std::mt19937 dice = seeded_dice();
  for (int round = 0; round < 30; ++round) {
    BitWorld world(dice, {3, 4, 2, 5});
    Diagram& d = world.diagram();
    const auto sets = world.grow(40);
    Table f{std::vector<std::uint32_t>(world.count(), 0), Diagram::constant(0)};
    Diagram::Grafts branches;
    std::vector<const Table*> grafted;
    for (std::uint32_t value = 0; value < 24; ++value) {
      branches.emplace_back(value, grafted.emplace_back(&sets[world.below(sets.size())])->ref);
      const Table& where = sets[world.below(sets.size())];
      for (std::size_t i = 0; i < f.values.size(); ++i) {
        if (where.values[i] != 0 && f.values[i] == 0) f.values[i] = value;
      }
      f.ref = d.fill(f.ref, 0, d.ite(where.ref, Diagram::constant(value), Diagram::constant(0)));
    }
    f.ref = d.graft(f.ref, branches);
    for (std::size_t i = 0; i < f.values.size(); ++i) f.values[i] = grafted[f.values[i]]->values[i];
    world.expect_same(f, "graft of many");
  }
}

// The same sets in BuDDy, a level as so many bits; what it counts and finds equal must be ours.
TEST(DiagramProperty, AgreesWithBuddy) {
  std::mt19937 dice = seeded_dice();
  const Atoms sizes{16, 8, 4, 16, 8};
  std::vector<int> first_bit;
  int bits = 0;
  for (const auto size : sizes) {
    first_bit.push_back(bits);
    bits += static_cast<int>(std::bit_width(size - 1U));
  }
  ASSERT_EQ(bdd_init(100000, 10000), 0);
  bdd_setvarnum(bits);
  {
    const auto at_least = [&](std::size_t level, Diagram::Atom value) {
      const auto width = static_cast<int>(std::bit_width(sizes[level] - 1U));
      bdd all = bddtrue;
      for (int bit = 0; bit < width; ++bit) {  // from the lowest on
        const bdd variable = bdd_ithvar(first_bit[level] + width - 1 - bit);
        all = (value >> bit & 1U) != 0 ? variable & all : variable | all;
      }
      return all;
    };
    Diagram d(sizes);
    std::vector<std::pair<Ref, bdd>> sets{{Diagram::no, bddfalse}, {Diagram::yes, bddtrue}};
    Diagram::Weights weights;
    for (const auto size : sizes) weights.emplace_back(size, 1.0 / size);
    for (int step = 0; step < 600; ++step) {
      const auto pick = [&] { return sets[dice() % sets.size()]; };
      if (step < 10 || dice() % 3 == 0) {
        const std::size_t level = dice() % sizes.size();
        auto first = static_cast<Diagram::Atom>(dice() % sizes[level]);
        auto last = static_cast<Diagram::Atom>(dice() % sizes[level]);
        if (last < first) std::swap(first, last);
        bdd range = at_least(level, first);
        if (last + 1 < sizes[level]) range &= !at_least(level, last + 1);
        sets.emplace_back(d.interval(static_cast<Diagram::Level>(level), first, last), range);
      } else {
        const auto [c, bc] = pick();
        const auto [a, ba] = pick();
        const auto [b, bb] = pick();
        sets.emplace_back(d.ite(c, a, b), bdd_ite(bc, ba, bb));
      }
      const auto& [ours, theirs] = sets.back();
      EXPECT_NEAR(d.weight(ours, weights), bdd_satcount(theirs) / std::exp2(bits), 1e-9);
      for (int k = 0; k < 20; ++k) {
        const auto [other, their_other] = pick();
        ASSERT_EQ(ours == other, theirs == their_other);
        ASSERT_EQ(d.implies(ours, other), (theirs & !their_other) == bddfalse);
      }
    }
  }
  bdd_done();
}

TEST(DiagramProperty, EndsAtItsLimits) {
  Diagram d({64, 64, 64, 64, 64, 64}, {.nodes = 50, .steps = 1'000'000});
  const auto found = within_budget([&] {
    Ref all = Diagram::no;
    for (Diagram::Atom i = 0; i < 64; ++i) {
      Ref one = Diagram::yes;
      for (Diagram::Level level = 0; level < 6; ++level) {
        one = d.conj(one, d.interval(level, i, i));
      }
      all = d.disj(all, one);
    }
    return all;
  });
  EXPECT_FALSE(found.has_value());
  // It can go on with what fits.
  d.allow({.nodes = 10'000, .steps = 1'000});
  EXPECT_EQ(d.conj(d.interval(0, 1, 2), d.interval(0, 2, 3)), d.interval(0, 2, 2));
  EXPECT_FALSE(within_budget([&] {
                 Ref all = Diagram::no;
                 for (Diagram::Atom i = 0; i + 1 < 64; ++i) {
                   Ref one = Diagram::yes;
                   for (Diagram::Level level = 0; level < 6; ++level) {
                     one = d.conj(one, d.interval(level, i, i + 1));
                   }
                   all = d.disj(all, one);
                 }
                 return all;
               }).has_value());
}

}  // namespace
}  // namespace untrack
