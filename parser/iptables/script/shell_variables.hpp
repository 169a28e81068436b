// The variables of a shell script as far as plain assignments tell them, and the expansion of
// words. Used by script.cpp. What cannot be known (the environment, arguments, output of commands,
// values assigned in a branch or loop) is unknown and never taken for empty.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/ruleset.hpp"
#include "parser/iptables/script/shell_tokens.hpp"
#include "parser/iptables/words.hpp"

namespace untrack::iptables {

// What a word became. A word that an unquoted variable splits becomes several, or none.
struct Expansion {
  std::vector<Word> words;
  // The first piece whose value is not known, as written: "$1", "$(hostname)", "$PORTS"; empty if
  // all are. The words are then of no use.
  std::string_view unknown;
  std::string_view unknown_variable;  // its name, if it is a plain variable
  bool is_too_much = false;           // it may be known, but all values so far are too long
};

class ShellVariables {
 public:
  enum class Knowledge : std::uint8_t { never_assigned, unknown, known };

  void assign(std::string_view name, std::string value);
  void forget(std::string_view name);  // assigned, but to what is not known
  [[nodiscard]] Knowledge knowledge_of(std::string_view name) const;

  // Appends the words that the token becomes. `base` is the script's text; words that are not as
  // written are kept in `ruleset`.
  void expand(const ShellLine& line, const Token& token, SourceId source, std::string_view base,
              Ruleset& ruleset, Expansion* result);

  // The value of a word as in an assignment: not split. False if it is not known.
  bool value_of(const ShellLine& line, const Token& token, std::size_t skip,
                std::string* value) const;

 private:
  struct Variable {
    bool is_known = false;
    std::string value;
  };
  // Values that grow by being put together (A="$A$A") are given up as unknown beyond these, and so
  // are all in a script that uses long ones again and again: each word of a value becomes parts of
  // a rule, which take some twenty times its bytes.
  static constexpr std::size_t longest_value = 1U << 16U;
  [[nodiscard]] static std::size_t most_expanded(std::string_view script) {
    return std::min<std::size_t>(1U << 24U, (1U << 20U) + 4 * script.size());
  }

  // True and the value if the expansion is one that a script reader can know.
  bool value_of_part(const WordPart& part, std::string* value) const;

  std::unordered_map<std::string, Variable> variables_;
  std::size_t expanded_ = 0;  // bytes, in all words so far
};

// `$(which iptables)`, `command -v`, `type -p` and the same in backquotes: the program's name.
[[nodiscard]] std::optional<std::string> program_of_substitution(std::string_view text);

}  // namespace untrack::iptables
