#include "parser/parse.hpp"

namespace untrack {

Ruleset parse(const Sources& /*sources*/, std::span<const Input> /*inputs*/) { return {}; }

Format recognise(std::string_view /*text*/) { return Format::unknown; }

}  // namespace untrack
