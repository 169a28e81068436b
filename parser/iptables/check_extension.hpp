// check_extension: what iptables and the kernel check of one use of an extension beyond the words
// of its options: needed and repeated options, protocol, table and chain.
#pragma once

#include <span>

#include "parser/iptables/rule_words.hpp"
#include "parser/iptables/values/value.hpp"

namespace untrack::iptables {

// Adds an error for each check that fails. context.protocol is that of the rule's -p.
void check_extension(const ExtensionUse& use, std::span<const ExtensionOption> options,
                     ValueContext& context, const RulePlace& place);

}  // namespace untrack::iptables
