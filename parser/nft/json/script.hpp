// Reads what `nft -j list ruleset` prints, and the commands that `nft -j -f` takes
// (libnftables-json(5)), in the order in which nft carries them out. Used by parse().
#pragma once

#include <string_view>

#include "model/ruleset.hpp"
#include "parser/nft/builder.hpp"
#include "parser/nft/script.hpp"

namespace untrack::nft {

// A rule that is not understood becomes an opaque one, with a Problem; text that is no JSON is one
// Problem, and nothing of it is read.
ScriptOutcome read_json_script(SourceId source, std::string_view text, Ruleset& ruleset,
                               RulesetBuilder& builder);

}  // namespace untrack::nft
