// Translation: addresses translated one to one, D outside to A inside over one interface, as two
// rules that belong together: with connection tracking (`dnat to A`, `snat to D` in chains of type
// nat) or without (`ip daddr set A`, `ip saddr set D`). Used where such rules are put aside, so
// that both rulesets are looked at behind the translation (app/pipeline/translated.hpp). What is
// not of exactly this form is an obstacle: nothing is guessed of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/ruleset.hpp"
#include "model/source_text.hpp"

namespace untrack {

struct Translation {
  IpVersion version{};
  std::string interface;  // of the side outside; empty: all
  Number outside = 0;
  Number inside = 0;
  friend bool operator==(const Translation&, const Translation&) = default;
};

enum class TranslationForm : std::uint8_t { nat, payload };

// A rule of one.
struct TranslationRule {
  RuleId rule;
  std::uint32_t part = 0;  // what sets the address: an index of ruleset.parts
  bool is_destination = false;
};

struct TranslationObstacle {
  Span span;
  std::string reason;  // one sentence without a full stop
};

struct Translations {
  std::vector<Translation> list;       // by version, interface, address outside
  std::vector<TranslationRule> rules;  // in the order of the text
  std::vector<ChainId> chains;         // that hold them, and nothing else
  std::vector<TranslationObstacle> obstacles;
};

// All translations of a ruleset, which is resolved and fully understood. With no obstacle, these
// rules are all that looks at packets in front of routing and behind it, each direction has its
// rule, and no address has two meanings. Nothing at all if nothing translates.
[[nodiscard]] Translations translations_of(const Ruleset& ruleset, const Sources& sources,
                                           TranslationForm form);

// "203.0.113.10 over wan is 10.0.0.2"
[[nodiscard]] std::string to_text(const Translation& translation);

}  // namespace untrack
