// The slow twin of parse() (parser/parse.hpp), for tests: reads every line of a save file word by
// word, where parse() reads lines that differ in addresses and names alone by their shape
// (parser/iptables/shaped_rules.hpp). Both come to the same ruleset.
#pragma once

#include <span>

#include "parser/parse.hpp"

namespace untrack {

[[nodiscard]] Ruleset parse_word_by_word(const Sources& sources, std::span<const Input> inputs);

}  // namespace untrack
