#include "parser/iptables/read_options.hpp"

#include <algorithm>
#include <vector>

#include "parser/iptables/values/read_value.hpp"

namespace untrack::iptables {

std::string_view canonical_name(const ExtensionOption& option) {
  if (option.row == nullptr) return option.name.text;
  return option.row->alias_of.empty() ? option.row->name : option.row->alias_of;
}

std::string normal_form(const ExtensionUse& use, std::span<const ReadOption> options,
                        const ValueContext& context) {
  std::vector<const ReadOption*> sorted;
  sorted.reserve(options.size());
  for (const ReadOption& option : options) sorted.push_back(&option);
  std::ranges::stable_sort(sorted, {},
                           [](const ReadOption* option) { return canonical_name(*option->words); });

  std::string text;
  append_quoted(text, use.row != nullptr ? use.row->name : use.name.text);
  for (const ReadOption* const option : sorted) {
    text += option->words->negated ? " ! --" : " --";
    text += canonical_name(*option->words);
    const std::span<const Word> words = words_of(*option->words);
    if (words.empty()) continue;
    text += ' ';
    if (option->is_good) {
      append_normal(text, context, *option->words->row, words, option->value);
    } else if (option->words->row == nullptr) {
      text += words[0].text;
    } else {
      for (const Word& word : words) append_quoted(text, word.text);
    }
  }
  return text;
}

}  // namespace untrack::iptables
