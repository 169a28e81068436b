// Interface names and beginnings of them: what the sorted NameDomain finds by halves, against a
// look at every one.
#include "analysis/packet/name_domain.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/property/seed.hpp"

namespace untrack {
namespace {

struct Named {
  std::string text;
  bool is_prefix = false;
};

std::string random_name(std::mt19937& dice) {
  std::string name;
  for (auto length = dice() % 5; length > 0; --length) name += "ab0"[dice() % 3];
  return name;
}

bool matches(const Named& pattern, const std::string& name) {
  return pattern.is_prefix ? name.starts_with(pattern.text) : name == pattern.text;
}

TEST(NameDomain, FindsWhatALookAtEachNameFinds) {
  std::mt19937 dice = seeded_dice();
  for (int round = 0; round < 400; ++round) {
    std::vector<Named> patterns{{"lo", false}, {"", true}};
    NameDomain domain;
    for (auto count = dice() % 12; count > 0; --count) {
      patterns.push_back({random_name(dice), dice() % 2 == 0});
      domain.add({patterns.back().text, patterns.back().is_prefix});
    }
    domain.finish();
    // Names are of one atom exactly if the same patterns match them; the absent one is its own.
    for (int i = 0; i < 40; ++i) {
      const std::string name = random_name(dice);
      const std::string other = random_name(dice);
      if (name.empty() || other.empty()) continue;
      bool is_alike = true;
      for (const Named& pattern : patterns) {
        is_alike = is_alike && matches(pattern, name) == matches(pattern, other);
      }
      ASSERT_EQ(domain.atom_of(name) == domain.atom_of(other), is_alike) << name << " " << other;
      for (const Named& pattern : patterns) {
        const auto atoms = domain.atoms_of({pattern.text, pattern.is_prefix});
        const NameDomain::Atom atom = domain.atom_of(name);
        const bool is_in = atoms && atoms->first <= atom && atom <= atoms->second;
        ASSERT_EQ(is_in, matches(pattern, name)) << name << " " << pattern.text;
      }
    }
    // What every atom gives as its example is of it.
    for (NameDomain::Atom atom = 1; atom < domain.size(); ++atom) {
      const std::string name = domain.example(atom);
      if (name.ends_with("_")) continue;  // all short ones are taken
      ASSERT_EQ(domain.atom_of(name), atom) << name;
    }
  }
}

TEST(NameDomain, KnowsNoNameFromNames) {
  NameDomain domain;
  domain.add({"eth", true});
  domain.finish();
  EXPECT_EQ(domain.atom_of(""), NameDomain::absent());
  EXPECT_FALSE(domain.atoms_of({"wlan0", false}));
  const auto all = domain.atoms_of({"", true});
  ASSERT_TRUE(all);
  EXPECT_EQ(*all, (std::pair{NameDomain::absent(), domain.size() - 1}));
}

}  // namespace
}  // namespace untrack
