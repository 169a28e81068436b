// read_value: the words behind one extension option, read as the catalog's row says. The only place
// that maps ValueType to its reader.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "model/catalog/xtables_extensions.hpp"
#include "parser/iptables/values/value.hpp"

namespace untrack::iptables {

// How many words follow an option of this type: 0, 1 or 2.
[[nodiscard]] std::size_t word_count(catalog::ValueType type);

// Reports and returns false if the words are not of the row's type.
bool read_value(ValueContext& context, const catalog::Option& row, std::span<const Word> words,
                Value& value);

// Appends the value in its one spelling: names as numbers, defaults written out.
void append_normal(std::string& text, const ValueContext& context, const catalog::Option& row,
                   std::span<const Word> words, const Value& value);

// Appends one word so that it cannot run into the next: in quotes where it has blanks or quotes.
void append_quoted(std::string& text, std::string_view word);

}  // namespace untrack::iptables
