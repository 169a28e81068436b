#include "app/pipeline/rewrite_obstacles.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analysis/conntrack/state_map.hpp"
#include "analysis/facts.hpp"
#include "analysis/packet/packet_text.hpp"
#include "analysis/program/service_ports.hpp"
#include "rewriter/nft_rule_text.hpp"
#include "rewriter/notrack/history.hpp"
#include "rewriter/rule_style.hpp"

namespace untrack {
namespace {

constexpr std::string_view load_it =
    "load it in a network namespace of its own (ip netns add, ip netns exec), or take a host that "
    "runs it, and give what iptables-save and ip6tables-save print there";

const InputSummary* input_of(const Ruleset& ruleset, SourceId source) {
  const auto at = std::ranges::find(ruleset.inputs, source, &InputSummary::source);
  return at == ruleset.inputs.end() ? nullptr : &*at;
}

// What a table lacks to be the whole of it, as far as the text tells.
std::optional<Refusal> missing_in(const Ruleset& ruleset, const Table& table) {
  for (const ChainId chain : table.chains) {
    const Span& made = ruleset[chain].span;
    for (const RuleId id : ruleset[chain].rules) {
      const Rule& rule = ruleset[id];
      const auto* jump = find_statement<JumpStatement>(ruleset, rule);
      if (jump != nullptr && !jump->chain.names_something()) {
        return Refusal{rule.text, "it jumps to a chain that is not in these inputs",
                       "give the file that makes the chain, too, or what iptables-save prints"};
      }
      // Chains that nothing makes are declared by the first rule that they get.
      if (!ruleset[chain].base && made.source == rule.text.source &&
          made.begin >= rule.text.begin && made.end <= rule.text.end) {
        return Refusal{rule.text, "nothing in these inputs makes its chain, nor says who calls it",
                       "give the file that makes the chain, too, or what iptables-save prints"};
      }
      if (rule.line.source != table.span.source) {
        return Refusal{rule.text, "several inputs have rules for one table",
                       "give what iptables-save prints when all of them are loaded"};
      }
    }
  }
  return std::nullopt;
}

bool is_at_line_edges(std::string_view text, const Span& span) {
  return (span.begin == 0 || text[span.begin - 1] == '\n') &&
         (span.end == text.size() || text[span.end - 1] == '\n');
}

// Of an input that is no save file: why its text is not one to edit.
std::optional<Obstacle> in_commands(const Loaded& loaded, const InputSummary& input,
                                    IpVersion version) {
  const Ruleset& ruleset = loaded.ruleset;
  if (!input.about_standing.empty()) {
    return Obstacle{"it has commands about rules that stand already",
                    {{input.about_standing,
                      "it names a rule by its words or its number, and a rewrite changes both",
                      std::string(load_it)}}};
  }
  const std::string_view text = (*loaded.sources)[input.source].text();
  const bool is_listing = input.format == "iptables -S";
  for (const Table& table : ruleset.tables) {
    if (!ip_versions(table.family).has(version)) continue;
    for (const ChainId chain : table.chains) {
      for (const RuleId id : ruleset[chain].rules) {
        const Rule& rule = ruleset[id];
        if (rule.line.source != input.source) continue;
        if (!is_at_line_edges(text, rule.line)) {
          return Obstacle{"it is a script, and not a list of commands",
                          {{rule.text, "it shares its line with other commands",
                            "put each command on a line of its own; or " + std::string(load_it)}}};
        }
        if (!is_listing && style_of(ruleset, *loaded.sources, id).program.empty()) {
          return Obstacle{
              "it is a script, and not a list of commands",
              {{rule.text, "it stands in a document for iptables-restore",
                "put the document into a file of its own; or " + std::string(load_it)}}};
        }
      }
    }
  }
  return std::nullopt;
}

constexpr std::string_view list_it =
    "load it in a network namespace of its own (ip netns add, ip netns exec), or take a host that "
    "runs it, and give what `nft list ruleset` prints there";

// What a rewrite would change in the rule, as far as it is about the state.
std::optional<Span> words_about_state(const Ruleset& ruleset, const Rule& rule) {
  if (const auto map = state_map(ruleset, rule)) return map->span;
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    if (match_as<StateTest>(part) != nullptr) return part.span_in(rule);
  }
  if (find_statement<NotrackStatement>(ruleset, rule) != nullptr) return rule.text;
  return std::nullopt;
}

// A rule whose text stands for another one, too: its file is included more than once.
std::optional<Span> read_twice(const Ruleset& ruleset) {
  std::vector<Span> texts;
  for (const Rule& rule : ruleset.rules) {
    if (rule.chain.names_something()) texts.push_back(rule.text);
  }
  std::ranges::sort(texts);
  const auto same = std::ranges::adjacent_find(texts);
  return same == texts.end() ? std::nullopt : std::optional(*same);
}

// Of an input of nft: why its text is not one to edit.
std::optional<Obstacle> in_nft(const Loaded& loaded, const InputSummary& input, IpVersion version) {
  const Ruleset& ruleset = loaded.ruleset;
  if (input.format != "nft") {
    const bool is_json = input.format == "nft JSON";
    return Obstacle{
        is_json ? "JSON is not rewritten beside files of other languages"
                : "calls of nft by a shell are not rewritten",
        {{Span{input.source, 0, 0},
          is_json ? "JSON is put into words and back as a whole"
                  : "what the shell makes of the words is not followed",
          is_json ? "give what `nft list ruleset` prints, without -j" : std::string(list_it)}}};
  }
  if (const auto twice = read_twice(ruleset)) {
    return Obstacle{"a file is included more than once",
                    {{*twice, "it stands for several rules, which may become different ones",
                      std::string(list_it)}}};
  }
  for (const Table& table : ruleset.tables) {
    if (!ip_versions(table.family).has(version)) continue;
    for (const ChainId chain : table.chains) {
      for (const RuleId id : ruleset[chain].rules) {
        const Rule& rule = ruleset[id];
        // Those of files that it includes, too.
        const InputSummary* own = input_of(ruleset, rule.text.source);
        if (own != nullptr && own != &input) continue;
        const NftRuleText text(ruleset, *loaded.sources, id);
        if (text.names_a_place()) {
          return Obstacle{"it has commands about rules that stand already",
                          {{rule.text, "it names a rule by its number, which a rewrite may change",
                            std::string(list_it)}}};
        }
        const auto words = words_about_state(ruleset, rule);
        if (!words) continue;
        if (!text.stands_alone()) {
          return Obstacle{"its rules do not stand on lines of their own",
                          {{rule.text, "it shares its line with something else",
                            "put each rule on a line of its own, as `nft list ruleset` does"}}};
        }
        if (*words != rule.text && !text.holds(*words)) {
          return Obstacle{"a variable stands for words that would have to be changed",
                          {{rule.text, "what it says of the state stands in a definition",
                            "write the state into the rule"}}};
        }
      }
    }
  }
  return std::nullopt;
}

}  // namespace

IpVersions take_as_whole(Loaded& loaded) {
  IpVersions whole;
  for (Table& table : loaded.ruleset.tables) {
    const InputSummary* input = input_of(loaded.ruleset, table.span.source);
    if (!table.is_partial || input == nullptr || input->format == "iptables-save" ||
        missing_in(loaded.ruleset, table)) {
      continue;
    }
    table.is_partial = false;
    whole = whole | ip_versions(table.family);
  }
  return whole;
}

FamilyRewrite with_obstacles(FamilyRewrite family, const PutAside& aside) {
  family.why = "its address translation cannot do without state";
  for (const TranslationObstacle& row : aside.obstacles) {
    family.refusals.push_back({row.span, row.reason, "leave --stateless-nat out"});
  }
  return family;
}

namespace {

std::string_view without_prefix(std::string_view text, std::string_view prefix) {
  if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
  return text;
}

// As the last words of a sentence about it.
std::string packet_of(const Witness& witness) {
  return fmt::format(": {}", to_text(witness.packet));
}

}  // namespace

const Exposure* price_not_allowed(const Certificate& certificate,
                                  const std::vector<ExposureKind>& allowed) {
  // What comes to a port that is open anyway (odd flags) is listed with every untracking, and
  // resets come with what is asked as ack-scan; these let in what was refused.
  constexpr std::array priced = {ExposureKind::ack_scan, ExposureKind::udp_reply_port,
                                 ExposureKind::echo_reply, ExposureKind::other_reply,
                                 ExposureKind::continuation};
  const auto row = std::ranges::find_if(certificate.exposure, [&](const Exposure& each) {
    return std::ranges::find(priced, each.kind) != priced.end() &&
           std::ranges::find(allowed, each.kind) == allowed.end();
  });
  return row == certificate.exposure.end() ? nullptr : &*row;
}

std::string_view why_not_kept(const Certificate& certificate, RewriteMode mode,
                              const std::vector<ExposureKind>& allowed) {
  if (!holds(certificate)) {
    const bool is_refuted = std::ranges::find(certificate.obligations, Proof::failed,
                                              &Obligation::proof) != certificate.obligations.end();
    const auto lets_in_strangers = [](const Obligation& each) {
      return each.proof == Proof::failed &&
             each.explanation.find(goes_to_a_service) != std::string::npos;
    };
    if (mode == RewriteMode::stateless &&
        std::ranges::any_of(certificate.obligations, lets_in_strangers)) {
      return "answers to what this host asks by UDP would let strangers in to a service; leave its "
             "ports out of net.ipv4.ip_local_port_range and say so with --client-ports, list what "
             "this host starts with --outbound, or take it with --assume no-service_ports";
    }
    return is_refuted ? "what was found does not keep the policy of the original"
                      : "it is not known whether what was found keeps the policy of the original";
  }
  if (mode == RewriteMode::notrack && price_not_allowed(certificate, allowed) != nullptr) {
    return "what can be untracked exposes what is not allowed";
  }
  return {};
}

FamilyRewrite not_tried() {
  FamilyRewrite trial;
  trial.why = "it was not tried: too many others could not be untracked";
  return trial;
}

Refusal left_tracked(const Loaded& loaded, RuleId rule, const FamilyRewrite& trial,
                     const std::vector<ExposureKind>& allowed) {
  // Of a policy there is no text.
  Refusal refusal{rule.names_something() ? loaded.ruleset[rule].text : Span{}, trial.why, ""};
  if (!trial.certificate) return refusal;
  for (const Obligation& obligation : trial.certificate->obligations) {
    if (obligation.proof != Proof::failed) continue;
    refusal.reason = fmt::format("{} would not hold: {}", obligation.id, obligation.explanation);
    if (obligation.witness) refusal.reason += packet_of(*obligation.witness);
    return refusal;
  }
  for (const Obligation& obligation : trial.certificate->obligations) {
    if (obligation.proof != Proof::not_checked || obligation.id == "O5") continue;
    refusal.reason = fmt::format("whether {} would hold is not known: {}", obligation.id,
                                 without_prefix(obligation.explanation, "not known: "));
    return refusal;
  }
  if (const Exposure* price = price_not_allowed(*trial.certificate, allowed)) {
    refusal.reason =
        fmt::format("to untrack it exposes {}{}", to_text(price->kind), packet_of(price->witness));
  }
  return refusal;
}

bool tell_history(FamilyWorld& world, const Loaded& loaded, const Assumptions& assumptions,
                  const Candidate& row, const FamilyRewrite& trial, Refusal& refusal) {
  if (!trial.certificate) return false;
  const auto& all = trial.certificate->obligations;
  const auto first = std::ranges::find(all, Proof::failed, &Obligation::proof);
  if (first != all.end() && first->id != "O1") return false;
  const auto told =
      within_budget([&] { return history_text(world, *loaded.sources, assumptions, row); });
  if (!told || told->empty()) return false;
  refusal.reason = fmt::format("{}: {}", *told, refusal.reason);
  return true;
}

FamilyRewrite nothing_more(FamilyRewrite family) {
  family.outcome = RewriteOutcome::nothing_to_do;
  family.why = "of what is not untracked yet, nothing can be";
  return family;
}

bool untracks_some(World& world) {
  const auto found = within_budget([&] {
    return std::ranges::any_of(all_paths, [&](Path path) {
      return world.untracked(FamilyWorld::as_it_is, path) != Diagram::no;
    });
  });
  return found && *found;
}

std::optional<Obstacle> find_obstacle(const Loaded& loaded, IpVersion version) {
  const Ruleset& ruleset = loaded.ruleset;
  if (!loaded.is_fully_understood()) {
    return Obstacle{"not everything in the ruleset was understood", {}};
  }
  const Table* first = nullptr;
  for (const Table& table : ruleset.tables) {
    if (!ip_versions(table.family).has(version)) continue;
    if (first == nullptr) first = &table;
    if (table.language != first->language) {
      return Obstacle{"it has tables of iptables and of nftables, which are not rewritten together",
                      {}};
    }
    if (table.stands_twice) {
      const std::string reason = fmt::format(
          "table {} stands twice in its file: without -n the second one replaces the "
          "first, with -n both are loaded",
          table.name);
      return Obstacle{"what is loaded depends on how it is loaded",
                      {{table.span, reason, "give what iptables-save prints"}}};
    }
    if (table.is_partial) {
      Obstacle obstacle{"the inputs are a part of a larger ruleset", {}};
      obstacle.refusals.push_back(
          missing_in(ruleset, table)
              .value_or(Refusal{table.span,
                                "what this file loads stands beside rules "
                                "that are loaded already",
                                "give what iptables-save or ip6tables-save "
                                "prints on the host, with its first line"}));
      return obstacle;
    }
  }
  for (const InputSummary& input : ruleset.inputs) {
    if (!input.ip_versions.has(version) || input.rules == 0) continue;
    if (input.format == "iptables-save" || input.format == "ipset save") continue;
    if (input.format.starts_with("nft")) {
      if (auto found = in_nft(loaded, input, version)) return found;
      continue;
    }
    if (auto found = in_commands(loaded, input, version)) return found;
  }
  return std::nullopt;
}

bool say_the_same(const std::vector<std::string>& texts, const std::vector<std::string>& others) {
  // The next line that is more than a comment; false: there is none.
  const auto next = [](std::string_view& text, std::string_view& line) {
    while (!text.empty()) {
      line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(line.size() + 1, text.size()));
      const std::size_t first = line.find_first_not_of(" \t\r");
      if (first != std::string_view::npos && line[first] != '#') return true;
    }
    return false;
  };
  const auto are_alike = [&](std::string_view one, std::string_view other) {
    while (true) {
      std::string_view line;
      std::string_view other_line;
      const bool has_line = next(one, line);
      if (has_line != next(other, other_line)) return false;
      if (!has_line) return true;
      if (line != other_line) return false;
    }
  };
  return std::ranges::equal(texts, others, are_alike);
}

}  // namespace untrack
