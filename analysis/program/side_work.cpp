#include "analysis/program/side_work.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "analysis/program/deeds.hpp"
#include "analysis/program/working_rules.hpp"
#include "model/jumps.hpp"

namespace untrack {
namespace {

struct Use {
  std::string memory;  // empty: a proxy
  std::string text;    // of what fills it, or empty: it is asked
};

// Sets of sets hold the elements of others; of a set that is not given nobody knows whether it is
// one.
constexpr std::string_view any_ipset = "ipset *";

std::string_view word_at(std::string_view text, std::size_t at) {
  return text.substr(at, std::min(text.find_first_of(" ,{}()", at), text.size()) - at);
}

// `{ip saddr}` and `{ ip saddr }` are the same.
std::string with_even_blanks(std::string_view text) {
  std::string words;
  for (const char c : text) {
    const bool is_brace = c == '{' || c == '}';
    const bool is_behind_brace = words.ends_with('{') || words.ends_with('}');
    const bool wants_blank = (is_brace || is_behind_brace) && c != ' ';
    if (wants_blank && !words.empty() && !words.ends_with(' ')) words += ' ';
    if (c != ' ' || !words.ends_with(' ')) words += c;
  }
  return words;
}

void add_named(std::string_view text, std::vector<Use>& uses) {
  for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    uses.push_back({fmt::format("set {}", word_at(text, at + 1)), {}});
  }
}

void add_asked(const Ruleset& ruleset, const SetTest& test, bool is_nft, std::vector<Use>& uses) {
  if (test.set_name.empty()) return;
  if (is_nft) return uses.push_back({fmt::format("set {}", test.set_name.view()), {}});
  uses.push_back({fmt::format("ipset {}", test.set_name.view()), {}});
  const bool may_hold_sets = !test.set.names_something() || ruleset[test.set].type == "list:set";
  if (may_hold_sets) uses.push_back({std::string(any_ipset), {}});
}

void add_recent(const Ruleset& ruleset, const Construct& construct, std::vector<Use>& uses) {
  std::string_view name = "DEFAULT";
  bool fills = false;
  bool asks = true;
  for (const OptionUse& option : slice(ruleset.options, construct.options)) {
    if (option.row == nullptr) continue;
    const std::string_view row = option.row->name;
    if (row == "name") name = option.value;
    fills = fills || row == "set" || row == "update" || row == "remove" || row == "reap";
    asks = asks && row != "set";  // which is true whatever the list holds
  }
  std::string memory = fmt::format("recent {}", name);
  if (fills) uses.push_back({memory, deed_text(ruleset, construct)});
  if (asks) uses.push_back({std::move(memory), {}});
}

void add_set_target(const Ruleset& ruleset, const Construct& construct, std::vector<Use>& uses) {
  for (const OptionUse& option : slice(ruleset.options, construct.options)) {
    if (option.row == nullptr) continue;
    const std::string_view row = option.row->name;
    if (row != "add-set" && row != "del-set" && row != "map-set") continue;
    std::string memory = fmt::format("ipset {}", word_at(option.value, 0));
    uses.push_back({std::move(memory), row == "map-set" ? "" : deed_text(ruleset, construct)});
  }
}

void add_estimators(const Ruleset& ruleset, const Construct& construct, std::vector<Use>& uses) {
  for (const OptionUse& option : slice(ruleset.options, construct.options)) {
    if (option.row == nullptr) continue;
    const std::string_view row = option.row->name;
    const bool fills = row == "rateest-name";
    if (!fills && row != "rateest" && row != "rateest1" && row != "rateest2") continue;
    uses.push_back({fmt::format("rateest {}", option.value),
                    fills ? deed_text(ruleset, construct) : std::string()});
  }
}

// What a construct says of memories and proxies; false: nothing that is told here.
bool add_of_construct(const Ruleset& ruleset, const RulePart& part, std::vector<Use>& uses) {
  if (!part.construct.names_something()) return false;
  const Construct& construct = ruleset[part.construct];
  if (construct.extension == nullptr) return false;
  const std::string_view name = construct.extension->name;
  if (construct.language == Language::iptables) {
    if (name == "recent") return add_recent(ruleset, construct, uses), true;
    if (name == "rateest" || name == "RATEEST") {
      return add_estimators(ruleset, construct, uses), true;
    }
    if (name == "SET") return add_set_target(ruleset, construct, uses), true;
    if (name == "TPROXY") return uses.push_back({{}, deed_text(ruleset, construct)}), true;
    return false;
  }
  if (name == "tproxy") {
    const auto* match = std::get_if<Match>(&part.what);
    const auto* test = match == nullptr ? nullptr : std::get_if<OpaqueTest>(match);
    uses.push_back({{}, test == nullptr ? "tproxy" : std::string(test->key)});
    return false;  // where to may stand in a map
  }
  if (name != "set update") return false;
  std::vector<Use> named;
  const std::string text = deed_text(ruleset, construct);
  add_named(text, named);
  if (!named.empty()) uses.push_back({named.front().memory, with_even_blanks(text)});
  return true;
}

void add_uses(const Ruleset& ruleset, const RulePart& part, bool is_nft, std::vector<Use>& uses) {
  if (add_of_construct(ruleset, part, uses)) return;
  if (const auto* match = std::get_if<Match>(&part.what)) {
    if (const auto* test = std::get_if<SetTest>(match)) add_asked(ruleset, *test, is_nft, uses);
    const auto* opaque = std::get_if<OpaqueTest>(match);
    if (opaque != nullptr && is_nft) add_named(opaque->key, uses);
    return;
  }
  const auto& statement = std::get<Statement>(part.what);
  if (const auto* map = std::get_if<VerdictMapStatement>(&statement)) {
    add_asked(ruleset, ruleset[*map].key, is_nft, uses);
    add_named(ruleset[*map].opaque_key, uses);
  }
  const auto* opaque = std::get_if<OpaqueStatement>(&statement);
  if (opaque != nullptr && is_nft) add_named(opaque->key, uses);
  if (is_nft && part.construct.names_something()) {
    add_named(deed_text(ruleset, ruleset[part.construct]), uses);
  }
}

// Sets of nft are those of one table: two tables may each have one of the same name.
std::vector<Use> uses_of(const Ruleset& ruleset, const RulePart& part, const Table& table) {
  constexpr std::string_view set = "set ";
  const bool is_nft = table.language == Language::nft;
  std::vector<Use> uses;
  add_uses(ruleset, part, is_nft, uses);
  if (!is_nft) return uses;
  const std::string place = fmt::format("{} {}", to_text(table.family), table.name);
  for (Use& use : uses) {
    if (!use.memory.starts_with(set)) continue;
    use.memory.insert(set.size(), place + ' ');
    if (!use.text.empty()) use.text += fmt::format(" of {}", place);
  }
  return uses;
}

template <class Each>
void for_each_use(const Program& program, Each&& each) {
  const Ruleset& ruleset = program.ruleset();
  for_each_working_part(program, [&](const Table& table, RuleId rule, std::uint32_t part) {
    for (Use& use : uses_of(ruleset, ruleset.parts[part], table)) each(rule, part, std::move(use));
  });
}

// The order in which packets of a way may meet what fills and asks a memory. A chain that is met
// again is the one that was met as the n-th.
class OrderOfUses {
 public:
  OrderOfUses(const Program& program, std::string_view memory)
      : ruleset_(program.ruleset()), memory_(memory) {}

  std::vector<std::string> on(const Program& program, Path path) {
    for (const Run& run : program.runs(path)) visit(run.chain);
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
        for (const Use& use : uses_of(ruleset_, part, table)) {
          const bool is_of_it =
              use.memory == memory_ || (use.memory == any_ipset && memory_.starts_with("ipset "));
          if (is_of_it) note(use.text.empty() ? "?" : use.text);
        }
        const auto* statement = std::get_if<Statement>(&part.what);
        if (statement == nullptr) continue;
        for_each_jump(ruleset_, *statement, [&](const JumpStatement& jump) {
          if (jump.chain.names_something()) visit(jump.chain);
        });
      }
    }
    if (order_.size() == before) met_[chain.value] = nothing;
  }

  static constexpr std::size_t nothing = static_cast<std::size_t>(-1);
  const Ruleset& ruleset_;
  std::string_view memory_;
  std::vector<std::string> order_;
  std::map<std::uint32_t, std::size_t> met_;
};

}  // namespace

SideWorkOfBoth side_work_of(const Program& before, const Program& after) {
  std::set<std::string> filled;
  std::set<std::string> asked;
  const std::array<const Program*, 2> both = {&before, &after};
  for (const Program* program : both) {
    for_each_use(*program, [&](RuleId, std::uint32_t, Use use) {
      if (!use.memory.empty()) (use.text.empty() ? asked : filled).insert(std::move(use.memory));
    });
  }
  SideWorkOfBoth found;
  for (const std::string& memory : filled) {
    const bool is_asked = asked.contains(memory) ||
                          (memory.starts_with("ipset ") && asked.contains(std::string(any_ipset)));
    if (is_asked) found.memories.push_back(memory);
  }
  for (std::size_t i = 0; i < both.size(); ++i) {
    for_each_use(*both[i], [&](RuleId rule, std::uint32_t part, Use use) {
      if (use.text.empty()) return;
      const bool is_proxy = use.memory.empty();
      const bool counts = is_proxy || std::ranges::binary_search(found.memories, use.memory);
      if (!counts) return;
      found.works[i][static_cast<std::uint32_t>(rule.index())].push_back(
          {part, std::move(use.text), is_proxy ? SideWorkKind::proxies : SideWorkKind::memories});
    });
  }
  return found;
}

std::string reordered_memory(const Program& before, const Program& after, Path path,
                             const std::vector<std::string>& memories) {
  for (const std::string& memory : memories) {
    if (OrderOfUses(before, memory).on(before, path) !=
        OrderOfUses(after, memory).on(after, path)) {
      return memory;
    }
  }
  return {};
}

}  // namespace untrack
