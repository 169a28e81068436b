// Programs that made the rules that were given, or write rules of their own beside them: who, by
// what they were recognised, and where a change of the rules lasts. Said by `audit` and `rewrite`
// in every form.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/ruleset.hpp"
#include "model/source_text.hpp"
#include "rewriter/unload/loaders.hpp"

namespace untrack {

// Those that write what a rewrite changes.
[[nodiscard]] std::vector<Loader> managers_of(const Sources& sources, const Ruleset& ruleset);

enum class ManagedChange : std::uint8_t { any, notrack, stateless };

// Half a sentence: what to do, so that the change lasts.
[[nodiscard]] std::string_view lasts_words(const Loader& manager, ManagedChange change);

// "ufw has rules here (ufw-user-input) and loads ... For the new rules to last: ...."
[[nodiscard]] std::string manager_words(const Loader& manager, ManagedChange change);

}  // namespace untrack
