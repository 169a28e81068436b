#include "analysis/program/ipset_names.hpp"

#include <algorithm>

namespace untrack {

IpsetNames::IpsetNames(const Ruleset& ruleset) : ruleset_(ruleset) {
  for (std::size_t i = 0; i < ruleset.sets.size(); ++i) {
    if (ruleset.sets[i].kind == SetKind::ipset) sets_.try_emplace(ruleset.sets[i].name, SetId(i));
  }
}

SetId IpsetNames::find(std::string_view name) const {
  const auto found = sets_.find(name);
  return found == sets_.end() ? SetId{} : found->second;
}

// list_set_kadd (ip_set_list_set.c, 6.1) puts the element into the first member that takes it.
IpsetNames::Filled IpsetNames::filled_by(std::string_view name) const {
  Filled filled{{name}, false};
  const SetId id = find(name);
  if (!id.names_something() || ruleset_[id].type != "list:set") return filled;
  const NamedSet& list = ruleset_[id];
  constexpr std::size_t most = 64;  // each rule that fills it is asked for them
  filled.is_any = !list.contents_known || list.words.size() > most;
  if (!filled.is_any) filled.names.insert(filled.names.end(), list.words.begin(), list.words.end());
  return filled;
}

IpsetQuestion ipset_question(const Ruleset& ruleset, const RulePart& part) {
  IpsetQuestion question;
  const auto* match = std::get_if<Match>(&part.what);
  if (match == nullptr || !std::holds_alternative<OpaqueTest>(*match)) return question;
  if (!part.construct.names_something()) return question;
  const Construct& construct = ruleset[part.construct];
  if (construct.language != Language::iptables || construct.extension == nullptr ||
      construct.extension->name != "set") {
    return question;
  }
  for (const OptionUse& option : slice(ruleset.options, construct.options)) {
    if (option.row == nullptr) continue;
    const std::string_view name = option.row->name;
    if (option.row->type == catalog::ValueType::set_reference) {
      const std::string_view value = option.value;
      question.name = value.substr(0, value.find(' '));
    } else if (name.starts_with("packets-") || name.starts_with("bytes-")) {
      question.asks_counters = true;
    }
  }
  return question;
}

}  // namespace untrack
