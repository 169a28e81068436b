// Lists of many elements, which are read in parts and encoded in one pass, against the obvious way:
// a list read whole, and one element after the other.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "analysis/encode/encode.hpp"
#include "analysis/flows/order_candidates.hpp"
#include "analysis/flows/world.hpp"
#include "analysis/walk/symbolic.hpp"
#include "parser/parse.hpp"
#include "tests/property/random_packet.hpp"
#include "tests/property/seed.hpp"

namespace untrack {
namespace {

struct Parsed {
  Sources sources;
  Ruleset ruleset;
};

std::string elements(std::mt19937& dice, std::size_t count) {
  // With one value twice, now and then, which is refused where it has two verdicts.
  const std::size_t twice = dice() % 2 == 0 ? dice() % count : count;
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t key = i == twice && i > 0 ? 2 * (i - 1) : 2 * i;
    text += fmt::format("{} : {}, ", key, i % 3 == 0 ? "accept" : i % 3 == 1 ? "jump a" : "drop");
  }
  return text;
}

// With the list where it stands, or behind a variable, which is always read whole.
std::string with_map(const std::string& list, bool is_in_variable, std::string_view more) {
  const std::string braces = "{ " + list + "}";
  return fmt::format(
      "{}table ip t {{\nchain a {{ }}\nmap m {{ type mark : verdict; elements = {} }}\n"
      "chain i {{ type filter hook input priority 0; policy drop;\nmeta mark vmap @m\n}}\n}}\n{}",
      is_in_variable ? "define x = " + braces + "\n" : "", is_in_variable ? "$x" : braces, more);
}

std::unique_ptr<Parsed> parsed(const std::string& text) {
  auto made = std::make_unique<Parsed>();
  const SourceId source = made->sources.add("x.nft", text);
  const Input input{source, Format::nft_script, std::nullopt};
  made->ruleset = parse(made->sources, {&input, 1});
  return made;
}

TEST(ListsOfElements, AreReadInPartsAsWhole) {
  std::mt19937 dice = seeded_dice();
  std::size_t with_problems = 0;
  for (const std::size_t count : {1U, 8191U, 8192U, 8193U, 16384U, 20000U}) {
    for (int i = 0; i < 3; ++i) {
      const std::string list = elements(dice, count);
      const auto parts = parsed(with_map(list, false, ""));
      const auto whole = parsed(with_map(list, true, ""));
      const NamedSet& a = parts->ruleset.sets.at(0);
      const NamedSet& b = whole->ruleset.sets.at(0);
      ASSERT_EQ(a.keys.size(), count);
      ASSERT_TRUE(a.keys == b.keys);
      ASSERT_EQ(a.contents_known, b.contents_known);
      ASSERT_EQ(a.verdicts.size(), b.verdicts.size());
      ASSERT_EQ(parts->ruleset.problems.size(), whole->ruleset.problems.size()) << count;
      with_problems += parts->ruleset.problems.empty() ? 0 : 1;
    }
  }
  EXPECT_GT(with_problems, 0U);
}

// What was not understood of the first part is not made up for by the others, nor by a command.
TEST(ListsOfElements, AreNotKnownIfAPartIsNot) {
  std::string list = "1000001 limit rate 1/second : drop, ";
  for (int i = 0; i < 8191; ++i) list += fmt::format("{} limit rate 1/second : drop, ", 2 * i + 1);
  EXPECT_FALSE(
      parsed(with_map(list + "4 : drop, 6 : drop", false, ""))->ruleset.sets.at(0).contents_known);
  const std::string one = "1 limit rate 1/second : drop";
  EXPECT_FALSE(parsed(with_map(one, false, "add element ip t m { 4 : drop }\n"))
                   ->ruleset.sets.at(0)
                   .contents_known);
  const auto wrong =
      parsed(with_map("4 : drop", false, "add element ip t m { 6 : drop, 99999999999 : drop }\n"));
  EXPECT_FALSE(wrong->ruleset.problems.empty());
  EXPECT_FALSE(wrong->ruleset.sets.at(0).contents_known);
  EXPECT_TRUE(parsed(with_map("4 : drop", false, "add element ip t m { 6 : drop }\n"))
                  ->ruleset.sets.at(0)
                  .contents_known);
}

std::string random_addresses(std::mt19937& dice, bool is_ordered, bool is_map = true) {
  std::string text;
  const std::size_t count = 1 + dice() % 120;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = is_ordered ? i : (i * 89) % 128;
    const unsigned last = dice() % 3 == 0 ? 200 : 10;
    text +=
        fmt::format("10.0.{}.10{}{}, ", at, last == 10 ? "" : fmt::format("-10.0.{}.{}", at, last),
                    !is_map           ? ""
                    : dice() % 2 == 0 ? " : accept"
                                      : " : drop");
  }
  return text;
}

TEST(ListsOfElements, AreEncodedTogetherAsOneByOne) {
  std::mt19937 dice = seeded_dice();
  std::size_t with_runs = 0;
  for (int i = 0; i < 60; ++i) {
    const bool is_port = i % 4 == 3;
    std::string list = random_addresses(dice, i % 2 == 0);
    if (is_port) {
      list.clear();
      for (unsigned port = 0; port < 1 + dice() % 90; ++port) {
        list += fmt::format("{} : accept, ", (port * 37) % 128 * 4 + 1);
      }
    }
    const auto given = read(
        fmt::format(
            "table ip t {{\nmap m {{ type {} : verdict; flags interval; elements = {{ {} }} "
            "}}\nchain i {{ type filter hook input priority 0; policy drop;\n{} vmap @m\n}}\n}}\n",
            is_port ? "inet_service" : "ipv4_addr", list, is_port ? "tcp dport" : "ip saddr"),
        IpVersion::ipv4);
    const std::array<const Program*, 1> programs{given->program.get()};
    const auto world = World::make(programs);
    ASSERT_NE(world, nullptr);
    const VerdictMapStatement* map = nullptr;
    for (const RulePart& part : given->ruleset.parts) {
      const auto* statement = std::get_if<Statement>(&part.what);
      if (statement != nullptr && map == nullptr) map = std::get_if<VerdictMapStatement>(statement);
    }
    ASSERT_NE(map, nullptr);
    const SetTest& key = given->ruleset[*map].key;
    Diagram& d = world->diagram();
    Encoder& encoder = world->walk(0).encoder();
    const View view{};
    const std::size_t count = given->ruleset[key.set].element_count();
    constexpr std::uint32_t groups = 3;
    std::vector<std::uint32_t> group_of(count);
    for (std::uint32_t& group : group_of) group = static_cast<std::uint32_t>(dice() % groups);
    std::vector<Ref> one_by_one(groups, Diagram::no);
    Ref whole = Diagram::no;
    for (std::size_t k = 0; k < count; ++k) {
      const Ref element = encoder.encode_element(key, k, view);
      one_by_one[group_of[k]] = d.disj(one_by_one[group_of[k]], element);
      whole = d.disj(whole, element);
    }
    ASSERT_EQ(encoder.encode_groups(key, group_of, groups, view), one_by_one) << list;
    ASSERT_EQ(encoder.encode_elements(key, view), whole) << list;
    const auto runs = encoder.runs_of(key, group_of);
    if (!runs) continue;
    ++with_runs;
    const Field field = key.fields[0];
    for (std::uint32_t group = 0; group < groups; ++group) {
      std::vector<Ref> functions(groups + 1, Diagram::no);
      functions[group + 1] = Diagram::yes;
      const Ref chosen = d.choose(world->layout().level_of(field), *runs, functions);
      ASSERT_EQ(d.conj(chosen, encoder.has(field)), one_by_one[group]) << list;
    }
  }
  EXPECT_GT(with_runs, 40U);
}

// Budgets below it are not tried at all: no order may do with less.
TEST(ListsOfElements, TakeNoFewerStepsThanIsSaid) {
  std::mt19937 dice = seeded_dice();
  for (int i = 0; i < 40; ++i) {
    const bool is_map = i % 4 < 2;
    const std::string list = random_addresses(dice, i % 2 == 0, is_map);
    const auto given = read(
        fmt::format(
            "table inet t {{\n{}; flags interval; elements = {{ {} }}\n}}\nchain i {{ type filter "
            "hook input priority 0; policy drop;\nct mark 1 drop\nip saddr {}\n}}\n}}\n",
            is_map ? "map m { type ipv4_addr : verdict" : "set m { type ipv4_addr", list,
            is_map ? "vmap @m" : "@m accept"),
        i % 5 == 4 ? IpVersion::ipv6 : IpVersion::ipv4);
    const std::array<const Program*, 1> programs{given->program.get()};
    const std::size_t least = least_steps(programs);
    if (i % 5 == 4) {
      ASSERT_EQ(least, 0U) << "of the other family";
    } else if (i % 2 == 0) {
      ASSERT_GE(least + 1, given->ruleset.sets.at(0).keys.size());
    }
    for (const Order order : all_orders) {
      const Layout layout(programs, Distinctions{}, order);
      Diagram diagram(layout.sizes());
      SymbolicWalk walk(*given->program, layout, diagram);
      for (const Path path : all_paths) (void)walk.decide(path);
      ASSERT_GE(diagram.steps(), least) << list;
    }
  }
}

}  // namespace
}  // namespace untrack
