// Reads nft scripts and what `nft list ruleset` prints: commands and blocks, in the order in which
// nft carries them out. Used by parse(); expressions and statements have readers of their own.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "model/ruleset.hpp"
#include "parser/nft/builder.hpp"
#include "parser/nft/tokens.hpp"

namespace untrack::nft {

struct ScriptOutcome {
  bool has_commands = false;
};

// Never stops at a bad command: each becomes a Problem, and the reading goes on behind it.
ScriptOutcome read_script(SourceId source, std::string_view text, Dialect dialect, Ruleset& ruleset,
                          RulesetBuilder& builder);

}  // namespace untrack::nft
