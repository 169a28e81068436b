// read_includes: the files that nft scripts include, found and read. Used by read_inputs, for every
// command that takes rules. A ruleset is not trusted: what it includes is read only from below the
// directory of the file that was named, or of one that the user gives.
#pragma once

#include <string>
#include <vector>

#include "app/pipeline/input_text.hpp"

namespace untrack {

struct IncludeSettings {
  // Where to look for names that do not begin with `/` or `.`, before the directory of the file
  // itself; and what may be read besides.
  std::vector<std::string> directories = {};
  // What `/` stands for in the names of files: "" or a copy of a host's files.
  std::string root = {};
};

// Fills in `includes` of each text, and of what it includes. Takes texts out of the list that
// another of them includes, since they are read there. Names are looked for as nft(8), "INCLUDE
// FILES", says, but a relative one in the directory of the file in which it stands: the directory
// in which nft will be called is not known. Never throws for an input.
void read_includes(std::vector<InputText>& texts, const IncludeSettings& settings);

}  // namespace untrack
