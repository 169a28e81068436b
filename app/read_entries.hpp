// Where a command finds a listing of the conntrack table: a file of one, a snapshot that is named
// instead of one, or a snapshot among the rules. Used by `rewrite`, `audit` and `pressure`.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "app/read_inputs.hpp"

namespace untrack {

struct EntriesText {
  std::string path;
  std::string text;
};

// `option`: what --entries says; empty: the first snapshot of `texts` that holds entries. nullopt:
// there are none, or they cannot be read, for a reason that is then in `errors`.
[[nodiscard]] std::optional<EntriesText> read_entries_text(const std::string& option,
                                                           const InputTexts& texts,
                                                           std::istream& standard_input,
                                                           std::vector<std::string>& errors);

}  // namespace untrack
