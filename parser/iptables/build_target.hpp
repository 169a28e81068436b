// build_target: what a target extension does to the packet, as statements of the model.
#pragma once

#include <span>
#include <vector>

#include "model/statement.hpp"
#include "parser/iptables/read_options.hpp"
#include "parser/iptables/rule_words.hpp"

namespace untrack::iptables {

// Appends one statement, or several where the target does several things. Reports what iptables
// refuses about the options taken together.
void build_target(const ExtensionUse& use, std::span<const ReadOption> options,
                  ValueContext& context, std::vector<Statement>& statements);

}  // namespace untrack::iptables
