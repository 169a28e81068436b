// ReadOption: one option of an extension with its value read, and the normal form of an extension's
// use. Shared by build_rule (matches) and build_target.
#pragma once

#include <span>
#include <string>

#include "parser/iptables/rule_words.hpp"
#include "parser/iptables/values/value.hpp"

namespace untrack::iptables {

struct ReadOption {
  const ExtensionOption* words = nullptr;
  Value value;
  bool is_good = false;  // the catalog knows the option, and the words are of its type
};

[[nodiscard]] inline std::span<const Word> words_of(const ExtensionOption& option) {
  return std::span<const Word>(option.values).first(option.value_count);
}

// The name that an alias stands for, or the name.
[[nodiscard]] std::string_view canonical_name(const ExtensionOption& option);

// `NAME --option value ! --other value`: options sorted by name, aliases expanded, values in one
// spelling.
[[nodiscard]] std::string normal_form(const ExtensionUse& use, std::span<const ReadOption> options,
                                      const ValueContext& context);

}  // namespace untrack::iptables
