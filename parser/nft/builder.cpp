#include "parser/nft/builder.hpp"

#include <algorithm>

#include "parser/nft/token_stream.hpp"

namespace untrack::nft {

void RulesetBuilder::begin_input(SourceId source, std::string_view text) {
  mine_.clear();
  go_on_in(source, text);
  rule_count_ = 0;
  seen_ = {};
  has_content_ = false;
}

void RulesetBuilder::go_on_in(SourceId source, std::string_view text) {
  mine_.insert(source);
  text_ = text;
}

TableId RulesetBuilder::table(Family family, std::string_view name, const Span& place) {
  has_content_ = true;
  seen_ = seen_ | ip_versions(family);
  const auto [at, is_new] = tables_.try_emplace({family, name}, TableId(ruleset_.tables.size()));
  if (is_new) {
    Table table;
    table.family = family;
    table.name = name;
    table.language = Language::nft;
    table.span = place;
    ruleset_.tables.push_back(std::move(table));
  }
  return at->second;
}

std::optional<TableId> RulesetBuilder::find_table(Family family, std::string_view name) const {
  const auto at = tables_.find({family, name});
  return at == tables_.end() ? std::nullopt : std::optional(at->second);
}

ChainId RulesetBuilder::chain(TableId table, std::string_view name, const Span& place) {
  const auto [at, is_new] = chains_.try_emplace({table, name}, ChainId(ruleset_.chains.size()));
  if (is_new) {
    Chain chain;
    chain.table = table;
    chain.name = name;
    chain.span = place;
    ruleset_.chains.push_back(std::move(chain));
    ruleset_.tables[table.index()].chains.push_back(at->second);
  }
  return at->second;
}

std::optional<ChainId> RulesetBuilder::find_chain(TableId table, std::string_view name) const {
  const auto at = chains_.find({table, name});
  return at == chains_.end() ? std::nullopt : std::optional(at->second);
}

bool RulesetBuilder::is_mine(RuleId rule) const {
  return is_mine(ruleset_.rules[rule.index()].text);
}

std::optional<std::size_t> RulesetBuilder::place_of(ChainId chain, const RulePlace& place) const {
  const std::vector<RuleId>& rules = ruleset_.chains[chain.index()].rules;
  if (place.handle == 0) {
    return place.index < rules.size() ? std::optional(place.index) : std::nullopt;
  }
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Rule& rule = ruleset_.rules[rules[i].index()];
    if (rule.handle == place.handle && is_mine(rules[i])) return i;
  }
  return std::nullopt;
}

void RulesetBuilder::insert(ChainId chain, const RulePlace& place, RuleId rule) {
  std::vector<RuleId>& rules = ruleset_.chains[chain.index()].rules;
  using Kind = RulePlace::Kind;
  const auto at = [&](std::size_t i) { return rules.begin() + static_cast<std::ptrdiff_t>(i); };
  // Of a place at an end it is none.
  const std::size_t other = place_of(chain, place).value_or(0);
  switch (place.kind) {
    case Kind::last:
      rules.push_back(rule);
      break;
    case Kind::first:
      rules.insert(rules.begin(), rule);
      break;
    case Kind::before:
      rules.insert(at(other), rule);
      break;
    case Kind::behind:
      rules.insert(at(other + 1), rule);
      break;
    case Kind::instead:
      ruleset_.rules[rules[other].index()].chain = {};
      rules[other] = rule;
      --rule_count_;
      break;
  }
  ruleset_.rules[rule.index()].chain = chain;
  ++rule_count_;
}

void RulesetBuilder::add_rule(ChainId chain, const RulePlace& place,
                              const std::vector<Node>& statements, const RuleText& text) {
  const bool is_relative =
      place.kind != RulePlace::Kind::last && place.kind != RulePlace::Kind::first;
  // In front of everything, so that nothing is left of a rule that has no place.
  if (is_relative && !place_of(chain, place)) {
    throw SyntaxError{
        text.text, "no rule with that handle or index", "the chain here does not have it",
        "Give the listing with handles (`nft -a list ruleset`), or leave it out.", true};
  }
  Rule rule;
  rule.line = text.line;
  rule.text = text.text;
  rule.handle = text.handle;
  const TableId table = ruleset_.chains[chain.index()].table;
  lower_rule(table, statements, rule);
  note_filled_sets(statements, table);
  ruleset_.rules.push_back(rule);
  insert(chain, place, RuleId(ruleset_.rules.size() - 1));
}

void RulesetBuilder::add_opaque_rule(ChainId chain, const RuleText& text) {
  Rule rule;
  rule.line = text.line;
  rule.text = text.text;
  rule.parts.first = static_cast<std::uint32_t>(ruleset_.parts.size());
  rule.parts.count = 1;
  const KeptText key = ruleset_.short_form(text_.substr(text.text.begin, text.text.size()));
  ruleset_.parts.push_back({text.text, {}, Statement(OpaqueStatement{key, true})});
  ruleset_.rules.push_back(rule);
  insert(chain, {}, RuleId(ruleset_.rules.size() - 1));
}

bool RulesetBuilder::delete_rule(ChainId chain, const RulePlace& place) {
  const auto at = place_of(chain, place);
  if (!at) return false;
  std::vector<RuleId>& rules = ruleset_.chains[chain.index()].rules;
  ruleset_.rules[rules[*at].index()].chain = {};
  rules.erase(rules.begin() + static_cast<std::ptrdiff_t>(*at));
  --rule_count_;
  return true;
}

void RulesetBuilder::add_object(TableId table, std::string_view extension, std::string_view name,
                                const Span& span) {
  const RuleId id(ruleset_.rules.size());
  const ConstructId made =
      RuleLowering(ruleset_, text_, table).add_construct(extension, extension, span, id);
  // A chain that no list names, so that the rule knows its table.
  const auto [at, is_new] = declarations_.try_emplace(table, ChainId(ruleset_.chains.size()));
  if (is_new) {
    Chain chain;
    chain.table = table;
    ruleset_.chains.push_back(std::move(chain));
  }
  Rule rule;
  rule.chain = at->second;
  rule.line = span;
  rule.text = span;
  rule.constructs = {made.value, 1};
  ruleset_.rules.push_back(rule);
  ruleset_.tables[table.index()].objects.push_back(id);
  objects_[{table, extension, name}] = id;
}

void RulesetBuilder::delete_object(TableId table, std::string_view extension,
                                   std::string_view name) {
  const auto at = objects_.find({table, extension, name});
  if (at == objects_.end() || !is_mine(at->second)) return;
  ruleset_.rules[at->second.index()].chain = {};
  std::erase(ruleset_.tables[table.index()].objects, at->second);
  objects_.erase(at);
}

void RulesetBuilder::flush_chain(ChainId chain) {
  std::vector<RuleId>& rules = ruleset_.chains[chain.index()].rules;
  const auto first = std::stable_partition(rules.begin(), rules.end(),
                                           [&](RuleId rule) { return !is_mine(rule); });
  for (auto at = first; at != rules.end(); ++at) ruleset_.rules[at->index()].chain = {};
  rule_count_ -= static_cast<std::uint32_t>(rules.end() - first);
  rules.erase(first, rules.end());
}

void RulesetBuilder::flush_table(TableId table) {
  const std::vector<ChainId> chains = ruleset_.tables[table.index()].chains;
  for (const ChainId chain : chains) flush_chain(chain);
}

void RulesetBuilder::delete_chain(ChainId id) {
  flush_chain(id);
  Chain& chain = ruleset_.chains[id.index()];
  if (!chain.rules.empty() || !is_mine(chain.span)) return;
  std::erase(ruleset_.tables[chain.table.index()].chains, id);
  chains_.erase({chain.table, chain.name});
}

bool RulesetBuilder::rename_chain(ChainId id, std::string_view name) {
  Chain& chain = ruleset_.chains[id.index()];
  const std::string_view old = chain.name;
  if (!chains_.try_emplace({chain.table, name}, id).second) return false;
  chains_.erase({chain.table, old});
  chain.name = name;
  // Links are made by name, when all inputs are read; the kernel keeps pointers.
  const auto redirect = [&](Statement& statement) {
    auto* jump = std::get_if<JumpStatement>(&statement);
    if (jump != nullptr && jump->chain_name == old) jump->chain_name = name;
  };
  const Table& table = ruleset_.tables[chain.table.index()];
  for (const ChainId other : table.chains) {
    for (const RuleId rule : ruleset_.chains[other.index()].rules) {
      const auto& parts = ruleset_.rules[rule.index()].parts;
      for (std::uint32_t i = 0; i < parts.count; ++i) {
        auto* statement = std::get_if<Statement>(&ruleset_.parts[parts.first + i].what);
        if (statement != nullptr) redirect(*statement);
      }
    }
  }
  for (NamedSet& set : ruleset_.sets) {
    if (set.table != chain.table) continue;
    for (Statement& verdict : set.verdicts) redirect(verdict);
    if (set.otherwise) redirect(*set.otherwise);
  }
  return true;
}

void RulesetBuilder::delete_table(TableId id) {
  const std::vector<ChainId> chains = ruleset_.tables[id.index()].chains;
  for (const ChainId chain : chains) delete_chain(chain);
  const std::vector<SetId> sets = ruleset_.tables[id.index()].sets;
  for (const SetId set : sets) delete_set(set);
  Table& table = ruleset_.tables[id.index()];
  std::erase_if(table.objects, [&](RuleId object) {
    if (!is_mine(object)) return false;
    ruleset_.rules[object.index()].chain = {};
    return true;
  });
  if (!table.chains.empty() || !is_mine(table.span)) return;
  deleted_.insert(id);
  tables_.erase({table.family, table.name});
}

void RulesetBuilder::flush_ruleset(std::optional<Family> family) {
  has_content_ = true;
  std::vector<TableId> tables;
  for (const auto& [key, id] : tables_) {
    if (!family || key.first == *family) tables.push_back(id);
  }
  for (const TableId id : tables) delete_table(id);
}

void RulesetBuilder::check_base(ChainId id, const Span& place) {
  const BaseChain& base = *ruleset_.chains[id.index()].base;
  constexpr int conntrack = -200;  // NF_IP_PRI_CONNTRACK, linux/netfilter_ipv4.h
  if (base.type != ChainType::nat || base.priority > conntrack) return;
  // nft_chain_parse_hook, nf_tables_api.c, 6.1.
  ruleset_.problems.push_back(
      {ProblemKind::error, place, "a chain of nat in front of connection tracking",
       "the kernel refuses it", "Give it a priority above -200: dstnat, or srcnat.", false});
}

void RulesetBuilder::finish() {
  check_filled_sets();
  name_contents();
  check_lookups();
  check_elements();
  if (!deleted_.empty()) take_deleted_out();
}

void RulesetBuilder::take_deleted_out() {
  std::vector<TableId> to(ruleset_.tables.size());
  std::vector<Table> kept;
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (deleted_.contains(TableId(i))) continue;
    to[i] = TableId(kept.size());
    kept.push_back(std::move(ruleset_.tables[i]));
  }
  ruleset_.tables = std::move(kept);
  // Their chains with them: no one is to meet a chain without a table.
  std::vector<ChainId> chains_to(ruleset_.chains.size());
  std::vector<Chain> chains;
  for (std::size_t i = 0; i < chains_to.size(); ++i) {
    Chain& chain = ruleset_.chains[i];
    if (deleted_.contains(chain.table)) continue;
    chain.table = to[chain.table.index()];
    chains_to[i] = ChainId(chains.size());
    chains.push_back(std::move(chain));
  }
  ruleset_.chains = std::move(chains);
  for (Table& table : ruleset_.tables) {
    for (ChainId& chain : table.chains) chain = chains_to[chain.index()];
  }
  for (Rule& rule : ruleset_.rules) {
    if (rule.chain.names_something()) rule.chain = chains_to[rule.chain.index()];
  }
  for (NamedSet& set : ruleset_.sets) {
    if (set.table.names_something()) set.table = to[set.table.index()];
  }
}

}  // namespace untrack::nft
