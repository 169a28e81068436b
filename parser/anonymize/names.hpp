// Names: other names for those in a host's rules, the same one wherever the same name stands. Names
// of interfaces keep their beginnings alike, as `eth*` asks for; all others are numbered by kind.
// Used by parser/anonymize alone.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "parser/anonymize/address_map.hpp"

namespace untrack::anonymize {

// Names of different kinds may be the same word.
enum class NameKind : std::uint8_t { table, chain, set, object, list, text, netns };

class Names {
 public:
  explicit Names(const Key& key) : key_(key) {}

  // "chain3". Those that the kernel or everybody uses (filter, INPUT, input ...) stay.
  [[nodiscard]] std::string of(NameKind kind, std::string_view name);
  // Letter by letter: digits stay digits, and signs, the + or * of a pattern among them, stay as
  // they are; `lo` stays lo.
  [[nodiscard]] std::string of_interface(std::string_view name) const;

 private:
  [[nodiscard]] std::string turned(std::string_view name) const;

  Key key_;
  std::map<std::pair<NameKind, std::string>, std::size_t> numbers_;
  std::map<NameKind, std::size_t> counts_;
};

}  // namespace untrack::anonymize
