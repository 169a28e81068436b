// Reads what iptables-restore reads, and its headerless relatives: `iptables -S` listings and
// pieces of save files. Used by parser/parse.cpp; commands with a program's name in front are
// script.hpp's.
#pragma once

#include <string_view>

#include "model/ruleset.hpp"
#include "parser/iptables/document.hpp"
#include "parser/iptables/execution.hpp"
#include "parser/iptables/line_shapes.hpp"

namespace untrack::iptables {

struct RestoreOptions {
  IpVersions ip_versions;             // for lines without -4 or -6
  bool has_header = true;             // false: a listing or a piece, rules stand without a table
  std::string_view table = "filter";  // of a listing, and of rules in front of their table
  bool keeps_old = false;             // loaded with -n, as ufw does: `*table` flushes nothing
  bool is_additive = false;           // may not be loaded at all: only what it adds is taken
  bool is_embedded = false;  // in a script that may have made rules before: `*table` flushes them
};

// Carries the lines out in `execution`, which the caller finishes. `shapes`: of the document, to
// read lines of known shapes at once; null: word by word. What comes out is the same.
void read_restore(const Document& document, const RestoreOptions& options, Ruleset& ruleset,
                  Execution& execution, const LineShapes* shapes = nullptr);

}  // namespace untrack::iptables
