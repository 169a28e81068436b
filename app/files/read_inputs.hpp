// From the names on a command line to texts: files, directories, standard input. Shared by all
// commands that take rulesets, so that each of them reads the same things the same way.
#pragma once

#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "app/files/read_includes.hpp"
#include "model/snapshot.hpp"
#include "model/text_blocks.hpp"

namespace untrack {

// A snapshot among the inputs; its texts of rules are among InputTexts::texts.
struct NamedSnapshot {
  std::string path;  // as given
  Snapshot snapshot;
  bool is_live = false;  // of the running kernel; `path` is "live"
  // Of the running kernel, where they are not in the snapshot; null: not asked for, or why not.
  std::shared_ptr<TextBlocks> entries = {};
  std::string why_no_entries = {};
};

struct InputTexts {
  std::vector<InputText> texts;         // with what they include
  std::vector<std::string> unreadable;  // "PATH: why", one for each name that gave nothing
  // Files of a directory that do not look like rulesets, and "DIRECTORY/" for those below it.
  std::vector<std::string> skipped;
  std::vector<std::string> not_there;  // LiveHost::not_there
  std::vector<NamedSnapshot> snapshots;
};

// Reads every name, in order. A directory stands for the regular files in it, not below it, in byte
// order of their names, as far as their text looks like a ruleset. A snapshot stands for the texts
// of rules in it. `path` of a text: the name as given; "DIRECTORY/NAME" for a file of a directory;
// "SNAPSHOT:ip_tables/filter" for a part of a snapshot. Never throws for an input.
[[nodiscard]] InputTexts read_inputs(const std::vector<std::string>& names,
                                     std::istream& standard_input,
                                     const IncludeSettings& include = {});

// One host's ruleset as one word: a file, a directory, `-`, or several of them joined by commas
// (`rules.v4,rules.v6`). A file whose own name has a comma is taken as it is.
[[nodiscard]] std::vector<std::string> names_of_host(const std::string& word);
[[nodiscard]] InputTexts read_host(const std::string& word, std::istream& standard_input,
                                   const IncludeSettings& include = {});

}  // namespace untrack
