// The one entry point of parser/: text in any of the understood languages becomes a Ruleset. Used
// by app/. Recognises the language from the content; never stops at a bad line; keeps every byte:
// what is not understood is a Problem of its own, with its span.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/ruleset.hpp"

namespace untrack {

enum class Format : std::uint8_t {
  iptables_save,      // tables with `*`, as iptables-restore reads them
  iptables_list,      // `iptables -S`, or rules without a table header
  iptables_commands,  // one iptables or ip6tables command per line
  shell_script,       // the same among other commands and variables
  ipset_save,         // `ipset save`
  nft_script,         // commands and blocks of nft, and what `nft list ruleset` prints
  nft_commands,       // one call of nft a line
  nft_json,           // what `nft -j list ruleset` prints, and what `nft -j -f` takes
  iptables_table,     // `iptables -L`: lossy, recognised to say so
  unknown,
};
[[nodiscard]] std::string_view to_text(Format format);     // as `untrack --format` spells it
[[nodiscard]] std::span<const Format> nameable_formats();  // all that format_of gives
[[nodiscard]] std::optional<Format> format_of(std::string_view word);

struct Input {
  SourceId source{};
  std::optional<Format> format;         // none: recognised from the content
  std::optional<IpVersion> ip_version;  // none: from commands, header comment, content, file name
};

// What an `include` in a nft script stands for. Found by app/, since parser/ opens no files;
// nft::includes_of (parser/nft/includes.hpp) says what there is to find.
struct Include {
  SourceId source{};            // of the text in which it is written
  std::string pattern;          // as it is written there, without the quotes
  std::vector<SourceId> files;  // in the order in which nft reads them
  std::string why_not;          // what is missing among them, for a label; empty: nothing
  std::string cure;             // of that
};

// Reads all inputs, in order, into one ruleset, and what they include in its place. An include that
// is not among `includes` becomes a Problem. Not resolved yet.
[[nodiscard]] Ruleset parse(const Sources& sources, std::span<const Input> inputs,
                            std::span<const Include> includes = {});

// What the content looks like; never `unknown` for text with at least one line that only one
// language has.
[[nodiscard]] Format recognise(std::string_view text);

}  // namespace untrack
