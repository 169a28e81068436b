#include "rewriter/stateless/mirror_places.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>

#include "analysis/packet/packet.hpp"
#include "rewriter/rule_text.hpp"
#include "rewriter/stateless/mirror.hpp"
#include "rewriter/table_text.hpp"

namespace untrack {
namespace {

// So many rules about ICMP errors in a place, and they are said once for all types.
constexpr std::size_t most_errors = 12;

class PlaceMirror {
 public:
  PlaceMirror(const Ruleset& ruleset, const Sources& sources, IpVersion version,
              const Assumptions& assumptions, const std::vector<Place>& places, MirrorChoice choice,
              Replies& replies)
      : ruleset_(ruleset),
        sources_(sources),
        version_(version),
        assumptions_(assumptions),
        places_(places),
        choice_(choice),
        replies_(replies) {}

  MirroredPlaces take() {
    if (is_nft()) return take_nft();
    // A list of what this host starts says less than its rules, which is all that a mirror shows.
    for (const LongPlace& at : replies_.too_long) {
      if (is_listed(at) && at.count == 0) {
        refuse(places_[at.place].rule,
               "the answers to what this host starts by the list would take too many rules",
               "name networks and ranges of ports rather than single ones");
      }
    }
    if (!found_.refusals.empty()) return std::move(found_);
    // Those behind first, so that the places of the others stay as they are told.
    for (auto at = replies_.too_long.rbegin(); at != replies_.too_long.rend(); ++at) {
      if (at->kind == ReplyKind::errors) {
        put_errors(*at);
      } else if (at->count == 0) {
        put_replies(*at);
      } else if (choice_.if_shorter && !is_listed(*at)) {
        replace_if_shorter(*at);
      }
    }
    for (std::size_t i = 0; i < places_.size(); ++i) gather_errors(i);
    for (const auto& [table, mirror] : mirrors_) {
      put_chains(table, mirror);
      found_.has_left_groups = found_.has_left_groups || mirror.has_left_groups();
    }
    return std::move(found_);
  }

 private:
  bool is_nft() const {
    return !places_.empty() &&
           ruleset_.table_of(ruleset_[places_.front().rule]).language == Language::nft;
  }

  // Chains are not mirrored in nft, where sets say as much: what is not too long stands there.
  MirroredPlaces take_nft() {
    for (const LongPlace& at : replies_.too_long) {
      if (at.count != 0) continue;
      refuse(places_[at.place].rule,
             "its answers would take more rules than anybody could read, sets of combinations "
             "among them");
    }
    return std::move(found_);
  }

  Mirror& mirror_of(std::size_t place) {
    const TableId table = ruleset_[ruleset_[places_[place].rule].chain].table;
    return mirrors_
        .try_emplace(table, ruleset_, sources_, table, assumptions_, choice_.answers_of_groups)
        .first->second;
  }

  bool is_listed(const LongPlace& at) const {
    return at.path == Path::in && assumptions_.has(Assumption::outbound_profile);
  }

  // False: there is none, and that has been said.
  bool has_mirror(const LongPlace& at, const Mirror& mirror) {
    if (mirror.obstacle().why.empty()) return true;
    const RuleId rule = mirror.obstacle().rule;
    refuse(rule.names_something() ? rule : places_[at.place].rule,
           "its answers would need chains that mirror these rules, and " + mirror.obstacle().why);
    return false;
  }

  // Where nothing better is known, the other mode is offered.
  void refuse(RuleId rule, std::string why, std::string instead = {}) {
    const Span& text = ruleset_[rule].text;
    if (std::ranges::find(found_.refusals, text, &Refusal::span) != found_.refusals.end()) return;
    found_.refusals.push_back({text, std::move(why), std::move(instead)});
    if (found_.refusals.back().instead.empty()) offer_notrack(found_.refusals.back());
  }

  // What the place itself asks for, together with more.
  std::optional<std::string> at_place(const LongPlace& at, const Conditions& more) {
    const Place& place = places_[at.place];
    const MirroredRule own = mirrored(ruleset_, sources_, place.rule, at.path, Reflection::none);
    Conditions both = own.conditions;
    if (own.protocol ? !same_protocol(*own.protocol, more)
                     : both.protocol == "! " + more.protocol) {
      return std::nullopt;
    }
    if (!own.protocol) both.protocol = more.protocol;
    for (const Conditions::Module& module : more.modules) {
      const auto own_words =
          std::ranges::find(both.modules, module.name, &Conditions::Module::name);
      // Its own words on ports and types stand, as long as an option stands only once.
      if (own_words == both.modules.end()) {
        both.modules.push_back(module);
      } else if (module.options.find("! --tcp-flags") != std::string::npos) {
        own_words->options += ' ' + module.options.substr(module.options.find("! --tcp-flags"));
      }
    }
    std::string text = both.text();
    if (!at.way_conditions.empty()) text += fmt::format(" {}", at.way_conditions);
    return text;
  }

  bool same_protocol(std::uint8_t number, const Conditions& more) const {
    const std::string_view word = std::string_view(more.protocol).substr(3);
    if (number == ip_protocol::tcp) return word == "tcp";
    if (number == ip_protocol::udp) return word == "udp";
    if (number == icmp_of(version_)) return word == "icmp" || word == "ipv6-icmp";
    return word == fmt::format("{}", unsigned{number});
  }

  void put(const LongPlace& at, const Conditions& conditions, const std::string& chain) {
    const auto text = at_place(at, conditions);
    if (!text) return;
    std::vector<ReplyRule>& rules = replies_.places[at.place].rules;
    const std::string target = chain.empty() ? std::string() : "-j " + chain;
    const bool is_known = std::ranges::any_of(rules, [&](const ReplyRule& rule) {
      return rule.conditions == *text && rule.target == target;
    });
    if (!is_known) rules.push_back({at.kind, *text, target});
  }

  std::vector<MirrorEntry> entries_of(const LongPlace& at, Mirror& mirror) const {
    const std::string& target = places_[at.place].target;
    const Path path = opposite(at.path);
    std::vector<MirrorEntry> entries = {mirror.add(path, Reflection::replies, target)};
    if (mirror.names_source_ports()) {
      entries.push_back(mirror.add(path, Reflection::named_replies, target));
    }
    return entries;
  }

  void put(const LongPlace& at, const std::vector<MirrorEntry>& entries) {
    for (const MirrorEntry& entry : entries) {
      if (entry.lets_nothing_pass) continue;
      for (const Conditions& gate : entry.gates) put(at, gate, entry.chain);
    }
    std::vector<ReplyRule>& rules = replies_.places[at.place].rules;
    rules.insert(rules.end(), at.beside.begin(), at.beside.end());
  }

  void put_replies(const LongPlace& at) {
    Mirror& mirror = mirror_of(at.place);
    const std::vector<MirrorEntry> entries = entries_of(at, mirror);
    if (has_mirror(at, mirror)) put(at, entries);
  }

  void replace_if_shorter(const LongPlace& at) {
    Mirror& mirror = mirror_of(at.place);
    Mirror trial = mirror;
    const std::vector<MirrorEntry> entries = entries_of(at, trial);
    if (!trial.obstacle().why.empty()) return;
    std::size_t size =
        trial.chains().rule_count() - mirror.chains().rule_count() + at.beside.size();
    for (const MirrorEntry& entry : entries) size += entry.gates.size();
    // A little longer is plainer all the same: it shows the rules that it answers.
    if (size > at.count + at.count / 4) return;
    std::vector<ReplyRule>& rules = replies_.places[at.place].rules;
    const auto first = rules.begin() + static_cast<std::ptrdiff_t>(at.first);
    rules.erase(first, first + static_cast<std::ptrdiff_t>(at.count));
    const TableId table = mirror.table();
    mirrors_.erase(table);
    mirrors_.emplace(table, std::move(trial));
    put(at, entries);
    found_.has_chosen = true;
  }

  void put_errors(const LongPlace& at) {
    Mirror& mirror = mirror_of(at.place);
    const std::string& target = places_[at.place].target;
    const MirrorEntry back = mirror.add(opposite(at.path), Reflection::errors_back, target);
    const MirrorEntry forth = mirror.add(at.path, Reflection::errors_forth, target);
    if (!has_mirror(at, mirror)) return;
    for (const MirrorEntry* entry : {&back, &forth}) {
      if (entry->lets_nothing_pass) continue;
      for (const unsigned type : types()) put(at, error_of(type), entry->chain);
    }
  }

  std::vector<unsigned> types() const {
    if (version_ == IpVersion::ipv4) return {3, 11, 12};
    return {1, 2, 3, 4};
  }

  Conditions error_of(unsigned type) const {
    const bool is_v4 = version_ == IpVersion::ipv4;
    Conditions conditions;
    conditions.protocol = is_v4 ? "-p icmp" : "-p ipv6-icmp";
    conditions.add(is_v4 ? "icmp" : "icmp6",
                   fmt::format("--{} {}", is_v4 ? "icmp-type" : "icmpv6-type", type));
    return conditions;
  }

  // Rules that stand there for each type of error alike become a chain, to which each type jumps.
  void gather_errors(std::size_t place) {
    std::vector<ReplyRule>& rules = replies_.places[place].rules;
    const auto is_error = [](const ReplyRule& rule) {
      return rule.kind == ReplyKind::errors && rule.target.empty();
    };
    if (static_cast<std::size_t>(std::ranges::count_if(rules, is_error)) <= most_errors) return;
    std::map<std::string, std::vector<std::string>> by_type;
    std::vector<std::string> order;
    for (const ReplyRule& rule : rules) {
      if (!is_error(rule)) continue;
      const auto at = rule.conditions.find(version_ == IpVersion::ipv4 ? "-p icmp -m icmp"
                                                                       : "-p ipv6-icmp -m icmp6");
      if (at == std::string::npos) return;
      const std::string type = rule.conditions.substr(at);
      // Behind the type more may stand, which would stay with it.
      if (!by_type.contains(type)) order.push_back(type);
      by_type[type].push_back(rule.conditions.substr(0, at == 0 ? 0 : at - 1));
    }
    const std::vector<std::string>& all = by_type[order.front()];
    for (const auto& [type, conditions] : by_type) {
      if (conditions != all) return;
    }
    const Place& at = places_[place];
    std::vector<std::string> lines;
    lines.reserve(all.size());
    for (const std::string& conditions : all) {
      lines.push_back(conditions.empty() ? at.target : conditions + ' ' + at.target);
    }
    const std::string_view chain = ruleset_[ruleset_[at.rule].chain].name;
    const std::string name = mirror_of(place).chains().add(
        chain, fmt::format("where ICMP errors go in {}", chain), std::move(lines), "errors");
    std::erase_if(rules, is_error);
    for (const std::string& type : order) rules.push_back({ReplyKind::errors, type, "-j " + name});
  }

  void rename(TableId table, const std::map<std::string, std::string>& renamed) {
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (ruleset_[ruleset_[places_[i].rule].chain].table != table) continue;
      for (ReplyRule& rule : replies_.places[i].rules) {
        const auto at = rule.target.empty() ? renamed.end() : renamed.find(rule.target.substr(3));
        if (at != renamed.end()) rule.target = "-j " + at->second;
      }
    }
  }

  void put_chains(TableId table, const Mirror& mirror) {
    std::map<std::string, std::string> renamed;
    const std::vector<GeneratedChain> chains = mirror.chains().in_order(renamed);
    if (chains.empty()) return;
    rename(table, renamed);
    std::vector<std::string> names;
    std::string rules;
    for (const GeneratedChain& chain : chains) {
      names.push_back(chain.name);
      rules += fmt::format("# {}\n", chain.about);
      for (const std::string& rule : chain.rules) {
        rules += fmt::format("-A {} {}\n", chain.name, rule);
      }
    }
    for (Edit& edit :
         added_chains(ruleset_, sources_, table, names, rules, first_jump_from(table))) {
      found_.edits.push_back(std::move(edit));
    }
  }

  // The first rule in the text that gives way to jumps.
  RuleId first_jump_from(TableId table) const {
    RuleId first;
    for (const Place& place : places_) {
      if (ruleset_[ruleset_[place.rule].chain].table != table) continue;
      if (!first.names_something() || ruleset_[place.rule].line < ruleset_[first].line) {
        first = place.rule;
      }
    }
    return first;
  }

  const Ruleset& ruleset_;
  const Sources& sources_;
  IpVersion version_;
  const Assumptions& assumptions_;
  const std::vector<Place>& places_;
  MirrorChoice choice_;
  Replies& replies_;
  std::map<TableId, Mirror> mirrors_;
  MirroredPlaces found_;
};

}  // namespace

MirroredPlaces mirror_places(const Ruleset& ruleset, const Sources& sources, IpVersion version,
                             const Assumptions& assumptions, const std::vector<Place>& places,
                             MirrorChoice choice, Replies& replies) {
  return PlaceMirror(ruleset, sources, version, assumptions, places, choice, replies).take();
}

}  // namespace untrack
