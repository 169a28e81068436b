#include "parser/iptables/execution.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "model/catalog/hooks.hpp"
#include "model/spelling.hpp"
#include "parser/iptables/problems.hpp"

namespace untrack::iptables {
namespace {

// Names of all chains of a table, for "did you mean"; bounded, because every error asks again.
std::vector<std::string_view> chain_names(const Ruleset& ruleset, TableId table) {
  constexpr std::size_t enough = 500;
  std::vector<std::string_view> names;
  for (const ChainId id : ruleset[table].chains) {
    if (names.size() == enough) break;
    names.push_back(ruleset[id].name);
  }
  return names;
}

}  // namespace

TableId Execution::open_table(Family family, std::string_view name, const Span& place) {
  has_tables_ = true;
  if (const auto known = ruleset_.find_table(family, name)) {
    if (completeness_ == Completeness::partial) ruleset_.tables[known->index()].is_partial = true;
    return *known;
  }
  const TableId id(ruleset_.tables.size());
  Table& table = ruleset_.tables.emplace_back();
  table.family = family;
  table.name = name;
  table.language = Language::iptables;
  table.is_partial = completeness_ == Completeness::partial;
  table.span = place;
  for (const catalog::BuiltinChain& row : catalog::builtin_chains_of(name)) {
    const ChainId chain_id(ruleset_.chains.size());
    Chain& chain = ruleset_.chains.emplace_back();
    chain.table = id;
    chain.name = row.chain;
    chain.span = {place.source, place.begin, place.begin};
    chain.base = BaseChain{row.type, row.hook, row.priority, Policy::accept, {}};
    table.chains.push_back(chain_id);
    index_.add(id, row.chain, chain_id);
  }
  return id;
}

Execution::Work& Execution::work(ChainId chain) {
  if (works_.size() <= chain.index()) works_.resize(ruleset_.chains.size());
  return works_[chain.index()];
}

void Execution::flush(ChainId chain) {
  RuleOrder& rules = order(chain);
  for (std::size_t i = 0; i < rules.size(); ++i) ruleset_.rules[rules.at(i).index()].chain = {};
  rule_count_ -= static_cast<std::uint32_t>(rules.size());
  rules.clear();
}

void Execution::flush_all(TableId table) {
  std::erase_if(touched_, [&](ChainId chain) {
    if (ruleset_[chain].table != table) return false;
    flush(chain);
    work(chain).is_touched = false;
    return true;
  });
}

void Execution::remove_chain(ChainId chain) {
  Work& mine = work(chain);
  mine.is_gone = true;
  mine.is_mine = false;
  const TableId table = ruleset_[chain].table;
  index_.remove(table, ruleset_[chain].name);
  if (std::ranges::find(shrunk_, table) == shrunk_.end()) shrunk_.push_back(table);
}

void Execution::start_over(TableId table) {
  flush_all(table);
  delete_all_chains(table);
}

void Execution::delete_all_chains(TableId table) {
  std::erase_if(declared_, [&](ChainId chain) {
    if (ruleset_[chain].table != table) return false;
    if (!work(chain).is_mine) return true;
    if (order(chain).size() != 0) return false;
    remove_chain(chain);
    return true;
  });
}

ChainId Execution::declare_chain(TableId table, std::string_view name, const Span& place) {
  const auto [known, is_new] = declare_new(table, name, place);
  if (!is_new) {
    const Chain& chain = ruleset_[known];
    if (!chain.base && !chain.span.empty() && chain.span.source == source_) {
      add_error(ruleset_, place, fmt::format("chain {} is declared twice", in_quotes(name)),
                "the second declaration", "Remove one of the two declarations.");
    } else if (chain.base) {
      add_error(ruleset_, place,
                fmt::format("chain {} is built in and cannot be made", in_quotes(name)), "",
                "Give the new chain another name.");
    }
  }
  return known;
}

std::pair<ChainId, bool> Execution::declare_new(TableId table, std::string_view name,
                                                const Span& place) {
  const ChainId id(ruleset_.chains.size());
  const ChainId known = index_.find_or_add(table, name, id);
  if (known != id) return {known, false};
  ruleset_.chains.push_back({table, name, place, {}, {}, {}});
  ruleset_.tables[table.index()].chains.push_back(id);
  declared_.push_back(id);
  work(id).is_mine = true;
  return {id, true};
}

// A chain that a command names and that is not there. iptables 1.8.9: "No chain/target/match by
// that name".
void Execution::missing(const Command& command, TableId table, std::string message) {
  const std::string hint = did_you_mean(command.chain, chain_names(ruleset_, table));
  if (completeness_ == Completeness::whole) {
    add_error(ruleset_, command.chain_span, std::move(message), hint,
              fmt::format("Declare it above: `:{} - [0:0]`.", command.chain));
  } else {
    add_note(ruleset_, command.chain_span, std::move(message), hint,
             "It is taken to exist already, made by another file or program.");
  }
}

ChainId Execution::chain_for_rule(const Command& command, TableId table) {
  const ChainId known = find(table, command.chain);
  if (known.names_something()) return known;
  const Table& where = ruleset_[table];
  const bool is_known_table = !catalog::builtin_chains_of(where.name).empty();
  const auto rows = catalog::builtin_chains();
  const auto elsewhere = std::ranges::find(rows, command.chain, &catalog::BuiltinChain::chain);
  if (is_known_table && elsewhere != rows.end()) {
    add_error(ruleset_, command.chain_span,
              fmt::format("table {} has no chain {}", where.name, in_quotes(command.chain)),
              fmt::format("built in in table {}", elsewhere->table),
              "Move the rule to a table that has this chain.");
  } else if (is_known_table) {
    missing(command, table,
            fmt::format("table {} has no chain {}", where.name, in_quotes(command.chain)));
  }
  // Kept, so that a construct in the rule still counts; declared once, so that it is reported once.
  const ChainId id = declare_chain(table, command.chain, command.chain_span);
  return id;
}

void Execution::link(const Rule& rule, TableId table) {
  for (std::uint32_t i = 0; i < rule.parts.count; ++i) {
    RulePart& part = ruleset_.parts[rule.parts.first + i];
    auto* statement = std::get_if<Statement>(&part.what);
    auto* jump = statement == nullptr ? nullptr : std::get_if<JumpStatement>(statement);
    if (jump == nullptr) continue;
    jump->chain = find(table, jump->chain_name);
    if (!jump->chain.names_something()) {
      unlinked_.emplace_back(RuleId(ruleset_.rules.size()), table);
    }
  }
}

void Execution::add_rule(Command& command, TableId table, ChainId chain, const Span& line) {
  Work& where = work(chain);
  if (!where.is_touched) touched_.push_back(chain);
  where.is_touched = true;
  RuleOrder& rules = where.rules;
  std::size_t position = rules.size();
  if (command.kind == CommandKind::insert) {
    position = std::max<std::size_t>(command.rule_number, 1) - 1;
  } else if (command.kind == CommandKind::replace) {
    position = command.rule_number - 1;
  }
  const bool replaces = command.kind == CommandKind::replace;
  if (replaces ? position >= rules.size() : position > rules.size()) {
    auto message = fmt::format("chain {} has no rule {}", in_quotes(command.chain),
                               replaces ? position + 1 : position);
    auto label = fmt::format("it has {} here", rules.size());
    if (completeness_ == Completeness::whole) {
      add_error(ruleset_, command.span, std::move(message), std::move(label),
                "Use a smaller number, or -A to append.");
    } else {
      add_note(ruleset_, command.span, std::move(message), std::move(label),
               "The rule is taken to stand at the end.");
    }
    position = rules.size();
  }
  link(command.rule, table);
  const RuleId id(ruleset_.rules.size());
  command.rule.chain = chain;
  command.rule.line = line;
  if (command.rule.text.empty()) command.rule.text = command.span;
  if (command.counters) {
    command.rule.counters = CountersId(ruleset_.counters.size());
    ruleset_.counters.push_back(*command.counters);
  }
  for (std::uint32_t i = 0; i < command.rule.constructs.count; ++i) {
    ruleset_.constructs[command.rule.constructs.first + i].rule = id;
  }
  ruleset_.rules.push_back(command.rule);
  if (replaces && position < rules.size()) {
    ruleset_.rules[rules.at(position).index()].chain = {};
    rules.replace(position, id);
  } else {
    rules.insert(position, id);
    ++rule_count_;
  }
}

void Execution::append(const Rule& rule) {
  Work& where = work(rule.chain);
  if (!where.is_touched) touched_.push_back(rule.chain);
  where.is_touched = true;
  where.rules.insert(where.rules.size(), RuleId(ruleset_.rules.size()));
  ruleset_.rules.push_back(rule);
  ++rule_count_;
}

ChainId Execution::named_chain(const Command& command, TableId table) {
  const ChainId chain = find(table, command.chain);
  if (!chain.names_something()) {
    missing(
        command, table,
        fmt::format("table {} has no chain {}", ruleset_[table].name, in_quotes(command.chain)));
  }
  return chain;
}

void Execution::delete_chain(const Command& command, TableId table) {
  const ChainId id = named_chain(command, table);
  if (!id.names_something()) return;
  const Chain& chain = ruleset_[id];
  if (chain.base) {
    add_error(ruleset_, command.chain_span,
              fmt::format("chain {} is built in and cannot be deleted", in_quotes(chain.name)),
              "only user chains can be deleted", "Remove this line.");
  } else if (order(id).size() != 0) {
    add_error(ruleset_, command.chain_span,
              fmt::format("chain {} still has rules and cannot be deleted", in_quotes(chain.name)),
              "not empty", fmt::format("Empty it first: -F {}.", chain.name));
  } else if (work(id).is_mine) {
    remove_chain(id);
  }
}

void Execution::rename_chain(const Command& command, TableId table) {
  const ChainId chain = named_chain(command, table);
  if (!chain.names_something()) return;
  if (ruleset_[chain].base || find(table, command.new_name).names_something()) {
    add_error(
        ruleset_, command.span,
        ruleset_[chain].base
            ? fmt::format("chain {} is built in and cannot be renamed", in_quotes(command.chain))
            : fmt::format("a chain {} exists already", in_quotes(command.new_name)),
        "", "Give the chain another name.");
    return;
  }
  index_.remove(table, command.chain);
  ruleset_.chains[chain.index()].name = command.new_name;
  index_.add(table, command.new_name, chain);
}

void Execution::run(Command& command, TableId table, const Span& line, bool additive) {
  remember(command, table, additive);
  switch (command.kind) {
    case CommandKind::append:
    case CommandKind::insert:
      add_rule(command, table, chain_for_rule(command, table), line);
      return;
    case CommandKind::replace:
      if (additive) command.kind = CommandKind::insert;
      add_rule(command, table, chain_for_rule(command, table), line);
      return;
    case CommandKind::delete_rule:
    case CommandKind::delete_number:
      if (!additive) {
        const ChainId chain = named_chain(command, table);
        if (chain.names_something()) remove_rule(command, chain);
      }
      return;
    case CommandKind::check:
    case CommandKind::zero:
    case CommandKind::list:
    case CommandKind::none:
      return;
    case CommandKind::new_chain:
      declare_chain(table, command.chain, command.span);
      return;
    case CommandKind::delete_chain:
      if (additive) return;
      command.chain.empty() ? delete_all_chains(table) : delete_chain(command, table);
      return;
    case CommandKind::flush:
      if (additive) return;
      if (command.chain.empty()) {
        flush_all(table);
      } else if (const ChainId chain = named_chain(command, table); chain.names_something()) {
        flush(chain);
      }
      return;
    case CommandKind::rename_chain:
      if (!additive) rename_chain(command, table);
      return;
    case CommandKind::policy: {
      const ChainId chain = find(table, command.chain);
      if (chain.names_something() && ruleset_[chain].base) {
        ruleset_.chains[chain.index()].base->policy = command.policy;
        if (command.counters) ruleset_.chains[chain.index()].counters = command.counters;
      } else {
        add_error(ruleset_, command.chain_span,
                  fmt::format("{} is not a built-in chain of table {}", in_quotes(command.chain),
                              ruleset_[table].name),
                  "only a built-in chain has a policy",
                  "Append a rule without a match instead: -A CHAIN -j DROP.");
      }
      return;
    }
  }
}

void Execution::finish() {
  for (const auto& [rule_id, table] : unlinked_) {
    const Rule& rule = ruleset_[rule_id];
    if (!rule.chain.names_something()) continue;
    for (std::uint32_t i = 0; i < rule.parts.count; ++i) {
      RulePart& part = ruleset_.parts[rule.parts.first + i];
      auto* statement = std::get_if<Statement>(&part.what);
      auto* jump = statement == nullptr ? nullptr : std::get_if<JumpStatement>(statement);
      if (jump == nullptr || jump->chain.names_something()) continue;
      jump->chain = find(table, jump->chain_name);
      if (jump->chain.names_something() && completeness_ == Completeness::whole) {
        add_error(
            ruleset_, part.span_in(rule),
            fmt::format("chain {} is declared only after this rule", in_quotes(jump->chain_name)),
            "not there yet when this line is read",
            fmt::format("Move `:{} - [0:0]` above the first rule of the table.", jump->chain_name));
      }
    }
  }
  for (const ChainId id : touched_) {
    order(id).move_to(ruleset_.chains[id.index()].rules);
  }
  for (const TableId table : shrunk_) {
    std::erase_if(ruleset_.tables[table.index()].chains,
                  [&](ChainId id) { return work(id).is_gone; });
  }
}

}  // namespace untrack::iptables
