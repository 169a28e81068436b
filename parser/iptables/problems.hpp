// Short forms for reporting problems from the readers of iptables.
#pragma once

#include <string>
#include <string_view>

#include "model/ruleset.hpp"

namespace untrack::iptables {

void add_error(Ruleset& ruleset, const Span& span, std::string message, std::string label = {},
               std::string cure = {}, bool may_track = false);
// The cure for what the shell alone can work out.
inline constexpr std::string_view give_what_it_loads =
    "Give what it loads in its place: what `iptables-save` prints on a host that has run it, or, "
    "as root, in a network namespace of its own: `unshare -n sh -c 'sh FILE >&2; iptables-save'` "
    "(also ip6tables-save).";

void add_not_understood(Ruleset& ruleset, const Span& span, std::string message,
                        std::string label = {}, std::string cure = {}, bool may_track = false);
void add_note(Ruleset& ruleset, const Span& span, std::string message, std::string label = {},
              std::string cure = {});

// The text in double quotes for a message, shortened in the middle beyond 60 bytes.
[[nodiscard]] std::string in_quotes(std::string_view text);

// ` did you mean "INPUT"?`-style label; empty if there is no candidate.
[[nodiscard]] std::string did_you_mean(std::string_view word,
                                       std::span<const std::string_view> candidates);

}  // namespace untrack::iptables
