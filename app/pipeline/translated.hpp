// Address translation put aside: the ruleset as packets are behind it. Rules that translate one to
// one become what they leave: nothing comes in for the address outside any more, and nothing is
// changed on the way out. Two rulesets that translate alike, one with connection tracking and one
// without, can then be compared as if neither did. Used by `verify` and `rewrite` with
// --stateless-nat; what it rests on is said in docs/rewrite.md, and what it assumes in the
// assumptions translated_apart and errors_untranslated.
#pragma once

#include <vector>

#include "analysis/flows/assumptions.hpp"
#include "analysis/translation.hpp"
#include "app/pipeline/loaded.hpp"
#include "rewriter/edit.hpp"

namespace untrack {

// With an obstacle, `loaded` is as it was. The edits that make payload statements of the rules of
// the form nat, and none for the form payload.
struct PutAside {
  std::vector<TranslationObstacle> obstacles;
  std::vector<Edit> edits;
};
PutAside put_translation_aside(Loaded& loaded, TranslationForm form);
// Of the form nat, as the original of a proof. Connection tracking translates nothing that it calls
// INVALID: what comes so for the address outside did not get to the one inside, whatever the rules
// behind say of it.
PutAside put_aside_as_original(Loaded& loaded);

// With those that make payload statements of it.
[[nodiscard]] EditSet with_translation(EditSet edits, const PutAside& aside);

// With those that translation without state rests on.
[[nodiscard]] Assumptions with_translation(Assumptions assumptions);

}  // namespace untrack
