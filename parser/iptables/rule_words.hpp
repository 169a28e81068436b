// RuleWords: one rule taken apart into options and their words, before any value is read. Filled by
// command.cpp, which knows getopt_long; read by build_rule, which knows what options mean.
#pragma once

#include <array>
#include <cstdint>
#include <memory_resource>
#include <span>
#include <string_view>
#include <vector>

#include "model/catalog/xtables_extensions.hpp"
#include "model/ruleset.hpp"
#include "parser/iptables/words.hpp"

namespace untrack::iptables {

// An option of iptables itself: -s, -p, -j ...
struct BuiltinUse {
  Word value;
  Span span;  // from the `!` or the option to its value
  bool is_given = false;
  bool negated = false;
};

// One -m, one -j with a target that is no chain, or the match that -p implies.
struct ExtensionUse {
  const catalog::Extension* row = nullptr;  // null: not in the catalog
  Word name;
  catalog::ExtensionKind kind{};
  bool is_completed = false;  // a later -m of the same name took over its options
  Span span;
};

struct ExtensionOption {
  const catalog::Option* row = nullptr;  // null: not an option that the catalog knows
  std::uint32_t use = 0;                 // index into RuleWords::uses
  Word name;                             // without dashes
  std::array<Word, 2> values;            // of an unknown option all its words, joined, in the first
  std::uint8_t value_count = 0;
  bool negated = false;
  Span span;
};

struct RuleWords {
  explicit RuleWords(std::pmr::memory_resource* memory)
      : uses(memory), options(memory), strays(memory) {}

  BuiltinUse source, destination, in_interface, out_interface, protocol, fragment;
  BuiltinUse jump;  // -j or -g; also set where `uses` has the target
  bool is_goto = false;
  std::pmr::vector<ExtensionUse> uses;        // in the order of the text
  std::pmr::vector<ExtensionOption> options;  // in the order of the text
  std::pmr::vector<Word> strays;              // words with no meaning here; reported already
};

// Where the rule stands, for what iptables checks beyond the words.
struct RulePlace {
  IpVersion ip_version{};
  std::string_view table;
  std::string_view chain;
};

// Reads all values and appends the rule's parts, constructs and options to the pools in the order
// in which the kernel evaluates them.
void build_rule(RuleWords& words, const RulePlace& place, Ruleset& ruleset, Rule& rule);

}  // namespace untrack::iptables
