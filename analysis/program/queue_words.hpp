// What a packet that is handed to a program waits for, in words. Used by Program.
#pragma once

#include <string>

#include "analysis/program/deeds.hpp"

namespace untrack {

// Another queue leads to another program, and `bypass` lets through where there is none.
[[nodiscard]] inline std::string queue_words(const Ruleset& ruleset, const RulePart& part) {
  const ConstructId id = part.construct;
  const std::string words = id.names_something() ? deed_text(ruleset, ruleset[id]) : "queue";
  if (words == "queue") return "the program behind the queue accepts";
  return "the program behind \"" + words + "\" accepts";
}

}  // namespace untrack
