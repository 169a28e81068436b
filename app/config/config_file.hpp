// ConfigFile: a configuration file as tables of keys with their places, so that every error can
// point at the word that it is about. Nothing here knows which keys there are. The only face of
// toml++ that the program sees.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/problem.hpp"
#include "model/source_text.hpp"

namespace untrack {

struct ConfigValue {
  enum class Kind : std::uint8_t { text, number, boolean, list, other };
  Kind kind{};
  // Of a text, number or boolean its words as a command line has them; of a list those of each
  // entry.
  std::vector<std::string> words;
  Span span;
};
// "a list of texts", for messages.
[[nodiscard]] std::string_view to_text(ConfigValue::Kind kind);

struct ConfigKey {
  std::string name;
  Span span;
  ConfigValue value;
};

struct ConfigTable {
  std::string name;       // "" for what stands before the first table
  bool is_one_of_many{};  // [[name]]
  Span span;
  std::vector<ConfigKey> keys;  // in the order of the text
};

struct ConfigFile {
  std::string path;  // as it is printed; empty: there is none
  // Whoever asked for it named it; else it was found, and may have come with the rulesets.
  bool is_named = false;
  Sources sources;
  std::vector<ConfigTable> tables;  // in the order of the text
};

// Reads TOML 1.0. Appends to `problems` what is no TOML, or is deeper than tables with keys.
[[nodiscard]] ConfigFile parse_config(std::string path, std::string text,
                                      std::vector<Problem>& problems);

}  // namespace untrack
