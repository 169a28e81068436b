#include "analysis/program/side_work.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "analysis/program/memory_uses.hpp"
#include "analysis/program/working_rules.hpp"
#include "model/jumps.hpp"

namespace untrack {
namespace {

template <class Each>
void for_each_use(const Program& program, FieldUses fields, Each&& each) {
  const Ruleset& ruleset = program.ruleset();
  for_each_working_part(program, [&](const Table& table, RuleId rule, std::uint32_t part) {
    for (MemoryUse& use : memory_uses(program, ruleset.parts[part], table, fields))
      each(rule, part, std::move(use));
  });
}

// The order in which packets of a way may meet what fills and asks a memory. A chain that is met
// again is the one that was met as the n-th.
class OrderOfUses {
 public:
  OrderOfUses(const Program& program, std::string_view memory)
      : program_(program), ruleset_(program.ruleset()), memory_(memory) {}

  std::vector<std::string> on(Path path) {
    for (const Run& run : program_.runs(path)) visit(run.chain);
    return std::move(order_);
  }

 private:
  void note(std::string text) {
    if (order_.empty() || order_.back() != text) order_.push_back(std::move(text));
  }

  void visit(ChainId chain) {
    const auto [at, is_new] = met_.try_emplace(chain.value, order_.size());
    if (!is_new) {
      if (at->second != nothing) note(fmt::format("again {}", at->second));
      return;
    }
    const std::size_t before = order_.size();
    const Table& table = ruleset_[ruleset_[chain].table];
    for (const RuleId rule : ruleset_[chain].rules) {
      for (const RulePart& part : slice(ruleset_.parts, ruleset_[rule].parts)) {
        for (const MemoryUse& use : memory_uses(program_, part, table, FieldUses::told)) {
          if (is_asked_by(memory_, use.memory)) note(use.text.empty() ? "?" : use.text);
        }
        for_each_called_chain(ruleset_, part, [&](ChainId called) { visit(called); });
      }
    }
    if (order_.size() == before) met_[chain.value] = nothing;
  }

  static constexpr std::size_t nothing = static_cast<std::size_t>(-1);
  const Program& program_;
  const Ruleset& ruleset_;
  std::string_view memory_;
  std::vector<std::string> order_;
  std::map<std::uint32_t, std::size_t> met_;
};

struct Memories {
  std::map<std::string, std::array<std::set<std::string>, 2>> filled;  // with what, by ruleset
  std::set<std::string> asked;

  [[nodiscard]] bool is_asked(std::string_view memory) const {
    return std::ranges::any_of(asked,
                               [&](const std::string& use) { return is_asked_by(memory, use); });
  }
};

Memories memories_of(const std::array<const Program*, 2>& both) {
  Memories found;
  const auto note_uses = [&](FieldUses fields) {
    for (std::size_t i = 0; i < both.size(); ++i) {
      for_each_use(*both[i], fields, [&](RuleId, std::uint32_t, MemoryUse use) {
        if (use.memory.empty()) return;
        if (use.text.empty()) {
          found.asked.insert(std::move(use.memory));
        } else {
          found.filled[std::move(use.memory)][i].insert(std::move(use.text));
        }
      });
    }
  };
  note_uses(FieldUses::left_out);
  const bool writes_fields = std::ranges::any_of(
      found.filled, [](const auto& row) { return row.first.starts_with("field "); });
  if (writes_fields) note_uses(FieldUses::told);
  return found;
}

}  // namespace

std::vector<std::string> entries_left_otherwise(const Program& before, const Program& after) {
  const Memories memories = memories_of({&before, &after});
  std::vector<std::string> found;
  for (const auto& row : memories.filled) {
    const std::size_t ways = std::max(row.second[0].size(), row.second[1].size());
    if (row.first.starts_with(memory_of_entry) && ways > 1 && !memories.is_asked(row.first)) {
      found.push_back(row.first);
    }
  }
  return found;
}

SideWorkOfBoth side_work_of(const Program& before, const Program& after) {
  const std::array<const Program*, 2> both = {&before, &after};
  const Memories memories = memories_of(both);
  SideWorkOfBoth found;
  for (const auto& row : memories.filled) {
    if (memories.is_asked(row.first)) found.memories.push_back(row.first);
  }
  for (std::size_t i = 0; i < both.size(); ++i) {
    for_each_use(
        *both[i], FieldUses::left_out, [&](RuleId rule, std::uint32_t part, MemoryUse use) {
          if (use.text.empty()) return;
          const bool is_proxy = use.memory.empty();
          const bool counts = is_proxy || std::ranges::binary_search(found.memories, use.memory);
          if (!counts) return;
          found.works[i][static_cast<std::uint32_t>(rule.index())].push_back(
              {part, std::move(use.text),
               is_proxy ? SideWorkKind::proxies : SideWorkKind::memories});
        });
  }
  return found;
}

std::string reordered_memory(const Program& before, const Program& after, Path path,
                             const std::vector<std::string>& memories) {
  for (const std::string& memory : memories) {
    if (OrderOfUses(before, memory).on(path) != OrderOfUses(after, memory).on(path)) {
      return memory;
    }
  }
  return {};
}

}  // namespace untrack
