#include "analysis/facts.hpp"

#include <algorithm>

#include "analysis/program/hook_order.hpp"
#include "model/jumps.hpp"
#include "model/overloaded.hpp"

namespace untrack {
namespace {

// A statement behind which no packet goes on in the same chain.
bool ends_chain(const Statement& statement) {
  return std::visit(Overloaded{
                        [](const VerdictStatement& s) {
                          switch (s.verdict) {
                            case Verdict::accept:
                            case Verdict::drop:
                            case Verdict::return_:
                            case Verdict::stolen:
                              return true;
                            // The program that reads the queue may send the packet back here
                            // (NF_REPEAT, linux/netfilter.h).
                            case Verdict::queue:
                            case Verdict::continue_:
                              return false;
                          }
                          return false;
                        },
                        [](const JumpStatement& s) { return s.is_goto; },
                        [](const RejectStatement&) { return true; },
                        [](const NatStatement&) { return true; },
                        [](const NotrackStatement&) { return false; },
                        [](const MarkStatement&) { return false; },
                        [](const ConntrackStatement&) { return false; },
                        [](const PassiveStatement&) { return false; },
                        [](const VerdictMapStatement&) { return false; },
                        [](const OpaqueStatement&) { return false; },
                    },
                    statement);
}

bool ends_chain_for_every_packet(const Ruleset& ruleset, const Rule& rule) {
  if (!is_unconditional(ruleset, rule)) return false;
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    const auto* statement = std::get_if<Statement>(&part.what);
    if (statement != nullptr && ends_chain(*statement)) return true;
  }
  return false;
}

std::size_t find_end(const Ruleset& ruleset, const Chain& chain) {
  for (std::size_t i = 0; i < chain.rules.size(); ++i) {
    if (ends_chain_for_every_packet(ruleset, ruleset[chain.rules[i]])) return i;
  }
  return chain.rules.size();
}

void add_misplaced(const Ruleset& ruleset, const Rule& rule, std::vector<ConstructId>& misplaced) {
  for (std::uint32_t i = 0; i < rule.constructs.count; ++i) {
    const ConstructId id(rule.constructs.first + i);
    const Construct& construct = ruleset[id];
    if (construct.extension != nullptr && construct.kind == catalog::ExtensionKind::target &&
        (construct.extension->name == "CT" || construct.extension->name == "NOTRACK")) {
      misplaced.push_back(id);
    }
  }
}

const RulePart* notrack_of(const Ruleset& ruleset, const Rule& rule) {
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    const auto* statement = std::get_if<Statement>(&part.what);
    if (statement != nullptr && std::holds_alternative<NotrackStatement>(*statement)) return &part;
  }
  return nullptr;
}

bool only_accepts(const Ruleset& ruleset, const Rule& rule) {
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    const auto* statement = std::get_if<Statement>(&part.what);
    if (statement == nullptr) continue;
    // Every rule of iptables counts without being told.
    const auto* passive = std::get_if<PassiveStatement>(statement);
    if (passive != nullptr && passive->what == "counter") continue;
    const auto* verdict = std::get_if<VerdictStatement>(statement);
    if (verdict == nullptr || verdict->verdict != Verdict::accept) return false;
  }
  return accepts(ruleset, rule);
}

// From the last rule backwards, as long as there are only accepts.
void mark_idle_rules(const Ruleset& ruleset, const Chain& chain, std::vector<bool>& is_idle) {
  if (!chain.base || chain.base->policy != Policy::accept) return;
  for (std::size_t i = chain.rules.size(); i-- > 0;) {
    if (!only_accepts(ruleset, ruleset[chain.rules[i]])) return;
    is_idle[chain.rules[i].index()] = true;
  }
}

// At its very priority the one that was registered last does (nf_hook_entries_grow, 6.1): maybe.
bool may_run_before_conntrack(const BaseChain& base) {
  // Chains of nat never do, whatever their priority (see place_among_chains, program.cpp).
  if (base.type == ChainType::nat) return false;
  return (base.hook == Hook::prerouting || base.hook == Hook::output ||
          base.hook == Hook::ingress) &&
         (base.hook == Hook::ingress || base.priority <= conntrack_priority);
}

// Spreads hooks from base chains along jumps until nothing changes; each chain is looked at again
// only when it gained a hook, so at most once for each hook. First come, first served: what several
// base chains call has mostly gained all its hooks by then.
void spread_hooks(const Ruleset& ruleset, std::vector<ChainFacts>& facts) {
  std::vector<ChainId> waiting;
  std::vector<bool> waits(ruleset.chains.size());
  for (std::size_t i = 0; i < ruleset.chains.size(); ++i) {
    const Chain& chain = ruleset.chains[i];
    if (!chain.base || ruleset[chain.table].is_dormant) continue;
    facts[i].hooks = chain.base->hook;
    if (may_run_before_conntrack(*chain.base)) facts[i].hooks_before_conntrack = chain.base->hook;
    waiting.emplace_back(i);
    waits[i] = true;
  }
  for (std::size_t next = 0; next < waiting.size(); ++next) {
    const ChainId from = waiting[next];
    waits[from.index()] = false;
    const ChainFacts source = facts[from.index()];
    const std::vector<RuleId>& rules = ruleset[from].rules;
    for (std::size_t i = 0; i < rules.size() && i <= source.end; ++i) {
      for_each_called_chain(ruleset, rules[i], [&](ChainId called) {
        ChainFacts& target = facts[called.index()];
        const Hooks hooks = target.hooks | source.hooks;
        const Hooks before = target.hooks_before_conntrack | source.hooks_before_conntrack;
        if (hooks == target.hooks && before == target.hooks_before_conntrack) return;
        target.hooks = hooks;
        target.hooks_before_conntrack = before;
        if (!waits[called.index()]) waiting.push_back(called);
        waits[called.index()] = true;
      });
    }
  }
}

}  // namespace

IpVersions Facts::ip_versions_matched(RuleId rule) const {
  // iptables has no test for it.
  if (ruleset.table_of(ruleset[rule]).language == Language::iptables) return ip_versions_of(rule);
  IpVersions versions = IpVersions::none();
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    const bool is_other =
        std::ranges::any_of(slice(ruleset.parts, ruleset[rule].parts), [&](const RulePart& part) {
          const auto* test = match_as<FamilyTest>(part);
          return test != nullptr && !test->ip_versions.has(version);
        });
    if (!is_other && ip_versions_of(rule).has(version)) versions = versions | version;
  }
  return versions;
}

bool is_unconditional(const Ruleset& ruleset, const Rule& rule) {
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    if (std::holds_alternative<Match>(part.what)) return false;
    // What the map does not name does not match.
    if (std::holds_alternative<VerdictMapStatement>(std::get<Statement>(part.what))) return false;
  }
  return true;
}

bool accepts(const Ruleset& ruleset, const Rule& rule) {
  const auto* verdict = find_statement<VerdictStatement>(ruleset, rule);
  return verdict != nullptr && verdict->verdict == Verdict::accept;
}

bool drops(const Ruleset& ruleset, const Rule& rule) {
  const auto* verdict = find_statement<VerdictStatement>(ruleset, rule);
  if (verdict != nullptr && verdict->verdict == Verdict::drop) return true;
  return find_statement<RejectStatement>(ruleset, rule) != nullptr;
}

bool decides_nothing(const Facts& facts, RuleId id) { return facts.is_idle[id.index()]; }

Facts gather_facts(const Ruleset& ruleset, const Sources& sources,
                   const std::optional<KernelVersion>& kernel) {
  Facts facts{
      ruleset, sources, kernel, {}, find_tracking(ruleset, kernel), {}, {}, {}, {}, {}, {}, {},
      {},      {},      {},     {}, find_ignores(ruleset, sources)};
  for (const InputSummary& input : ruleset.inputs) {
    facts.given = facts.given | input.ip_versions;
  }
  facts.chains.resize(ruleset.chains.size());
  facts.is_loaded.assign(ruleset.rules.size(), false);
  facts.is_reached.assign(ruleset.rules.size(), false);
  facts.is_idle.assign(ruleset.rules.size(), false);
  for (const Table& table : ruleset.tables) {
    for (const ChainId id : table.chains) {
      facts.chains[id.index()].end = find_end(ruleset, ruleset[id]);
      facts.chains[id.index()].is_partial = table.is_partial;
    }
  }
  spread_hooks(ruleset, facts.chains);
  for (const Table& table : ruleset.tables) {
    for (const ChainId id : table.chains) {
      const ChainFacts& chain = facts[id];
      const std::vector<RuleId>& rules = ruleset[id].rules;
      if (!table.is_partial) mark_idle_rules(ruleset, ruleset[id], facts.is_idle);
      for (std::size_t i = 0; i < rules.size(); ++i) {
        facts.is_loaded[rules[i].index()] = true;
        facts.is_reached[rules[i].index()] = chain.may_be_reached() && i <= chain.end;
        if (table.language == Language::iptables && table.name != "raw") {
          add_misplaced(ruleset, ruleset[rules[i]], facts.misplaced_raw_targets);
          continue;
        }
        const RulePart* notrack = notrack_of(ruleset, ruleset[rules[i]]);
        if (notrack == nullptr) continue;
        if (table.language == Language::nft && !chain.is_partial && !chain.hooks.empty() &&
            chain.hooks_before_conntrack.empty()) {
          facts.misplaced_raw_targets.push_back(notrack->construct);
          continue;
        }
        for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
          if (ip_versions(table.family).has(version)) {
            facts.notrack_rules[static_cast<std::size_t>(version)].push_back(rules[i]);
          }
        }
      }
    }
  }
  return facts;
}

bool is_ahead_of_tracking(const Facts& facts, ChainId id) {
  const ChainFacts& chain = facts[id];
  const Table& table = facts.ruleset[facts.ruleset[id].table];
  if (chain.is_partial || chain.hooks.empty() || !(chain.hooks == chain.hooks_before_conntrack)) {
    return false;
  }
  // At the tracker's own priority it depends on what was loaded last.
  return std::ranges::none_of(table.chains, [&](ChainId other) {
    const auto& base = facts.ruleset[other].base;
    return base && base->priority == conntrack_priority;
  });
}

}  // namespace untrack
