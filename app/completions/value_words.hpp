// What can be written as the value of an option or as an argument: words, files, network
// namespaces. Told by the word that stands for the value in the help. Used by the completions of
// shells.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/option_table.hpp"

namespace untrack {

enum class ValueKind : std::uint8_t {
  free,        // nothing can be offered: a number, a packet
  words,       // one of `words`
  forms,       // one of `words`, or one of them, = and a file
  file,        // also a directory of files
  directory,   //
  namespaces,  // a name of `ip netns`
};

struct ValueWord {
  std::string word;
  std::string says;  // empty, or what it is
};

struct ValueWords {
  ValueKind kind = ValueKind::free;
  std::vector<ValueWord> words;
};

// Throws std::logic_error if nobody has said what `type` stands for: the build, which writes the
// completions, ends there when a command has a new one.
[[nodiscard]] ValueWords value_words(std::string_view type, const std::vector<CommandRow>& table);

}  // namespace untrack
