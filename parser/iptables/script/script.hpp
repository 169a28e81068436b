// Reads shell scripts and plain lists of commands: every call of iptables, ip6tables,
// iptables-restore with a here-document, and ipset. Plain assignments are followed. Branches, loops
// and functions are not: the rules in them are taken as if they ran, what takes rules away is not,
// and each is reported.
#pragma once

#include <optional>

#include "model/ruleset.hpp"
#include "parser/iptables/document.hpp"
#include "parser/iptables/execution.hpp"
#include "parser/iptables/ipset.hpp"

namespace untrack::iptables {

class RestoreText;

struct ScriptOutcome {
  IpVersions ip_versions;     // of the commands that were read
  bool has_commands = false;  // any call of a program that has to do with the firewall
  Document document;          // tiles the script; a line is a statement with its continuations
};

// `commands`: takes the words of each call, too.
[[nodiscard]] ScriptOutcome read_script(SourceId source, std::string_view text, Ruleset& ruleset,
                                        Execution& execution, Ipsets& ipsets,
                                        RestoreText* commands = nullptr);

}  // namespace untrack::iptables
