// Reads nft scripts and what `nft list ruleset` prints: commands and blocks, in the order in which
// nft carries them out. Used by parse(); expressions and statements have readers of their own.
#pragma once

#include <span>
#include <vector>

#include "model/ruleset.hpp"
#include "parser/nft/builder.hpp"
#include "parser/nft/tokens.hpp"
#include "parser/parse.hpp"

namespace untrack::nft {

struct ScriptOutcome {
  bool has_commands = false;
  std::vector<SourceId> included = {};  // in the order in which they were read
};

// The texts that a script may include.
struct IncludedTexts {
  const Sources& sources;
  std::span<const Include> includes;
};

// Never stops at a bad command: each becomes a Problem, and the reading goes on behind it.
ScriptOutcome read_script(SourceId source, Dialect dialect, const IncludedTexts& included,
                          Ruleset& ruleset, RulesetBuilder& builder);

}  // namespace untrack::nft
