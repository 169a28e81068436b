#include "tests/fuzz/invariants.hpp"

#include "report/diagnostic.hpp"

namespace untrack {
namespace {

bool lies_inside(const Sources& sources, const Span& span) {
  const auto source = static_cast<std::size_t>(span.source);
  return source < sources.size() && span.begin <= span.end &&
         span.end <= sources[span.source].text().size();
}

template <class Element>
bool lies_inside(const std::vector<Element>& pool, const PoolRange<Element>& range) {
  return std::size_t{range.first} + range.count <= pool.size();
}

bool holds_control_character(const std::string& text) {
  for (const char byte : text) {
    const auto value = static_cast<unsigned char>(byte);
    if ((value < 0x20 && byte != '\n') || value == 0x7f) return true;
  }
  return false;
}

std::string broken_rule(const Sources& sources, const Ruleset& ruleset, const Rule& rule) {
  if (!lies_inside(sources, rule.line) || !lies_inside(sources, rule.text)) return "span of a rule";
  if (rule.chain.names_something() && rule.chain.index() >= ruleset.chains.size()) {
    return "a rule in a chain that does not exist";
  }
  if (!lies_inside(ruleset.parts, rule.parts)) return "parts of a rule";
  if (!lies_inside(ruleset.constructs, rule.constructs)) return "constructs of a rule";
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    if (!lies_inside(sources, part.span_in(rule))) return "span of a part";
    if (part.construct.names_something() && part.construct.index() >= ruleset.constructs.size()) {
      return "construct of a part";
    }
  }
  for (const Construct& construct : slice(ruleset.constructs, rule.constructs)) {
    if (!lies_inside(sources, construct.span)) return "span of a construct";
    if (!lies_inside(ruleset.options, construct.options)) return "options of a construct";
  }
  return {};
}

}  // namespace

std::string broken_invariant(const Sources& sources, const Ruleset& ruleset) {
  std::size_t expected = 0;  // rules that stand in a chain; a deleted one stands in none
  for (const Rule& rule : ruleset.rules) {
    expected += rule.chain.names_something() ? 1 : 0;
    std::string broken = broken_rule(sources, ruleset, rule);
    if (!broken.empty()) return broken;
  }
  for (std::size_t index = 0; index < ruleset.chains.size(); ++index) {
    const Chain& chain = ruleset.chains[index];
    if (!lies_inside(sources, chain.span)) return "span of a chain";
    if (chain.table.index() >= ruleset.tables.size()) return "a chain without a table";
    for (const RuleId rule : chain.rules) {
      if (rule.index() >= ruleset.rules.size()) return "a rule that does not exist";
      if (ruleset[rule].chain != ChainId(index)) return "a rule in a chain that is not its own";
      --expected;
    }
  }
  // Objects of nft are rules that their table holds.
  for (const Table& table : ruleset.tables) expected -= table.objects.size();
  if (expected != 0) return "a rule that its chain does not hold, or holds twice";
  for (const Table& table : ruleset.tables) {
    if (!lies_inside(sources, table.span)) return "span of a table";
    for (const ChainId chain : table.chains) {
      if (chain.index() >= ruleset.chains.size()) return "a chain that does not exist";
    }
  }
  for (const Problem& problem : ruleset.problems) {
    if (!lies_inside(sources, problem.span)) return "span of a problem: " + problem.message;
    if (problem.message.empty()) return "a problem without words";
  }
  // Printing is checked on a few: hostile input can have a problem in each of a million lines.
  for (std::size_t index = 0; index < ruleset.problems.size() && index < 20; ++index) {
    if (holds_control_character(render_problem(sources, ruleset.problems[index], Display{}))) {
      return "a control character in: " + ruleset.problems[index].message;
    }
  }
  return {};
}

}  // namespace untrack
