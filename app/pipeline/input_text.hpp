// InputText: one text of a host and what it includes, as every command that takes rules hands it
// to the pipelines. parse_texts: many of them as one linked ruleset.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/ruleset.hpp"
#include "model/source_text.hpp"
#include "parser/parse.hpp"

namespace untrack {

struct InputText {
  struct Include {
    std::string pattern;
    std::vector<InputText> files;
    std::string why_not;  // what is missing among them; empty: nothing
    std::string cure;
  };

  std::string path;  // printed, never opened; "-" for standard input
  std::string text;  // of less than 4 GiB
  // For each name that the text includes (parser/nft/includes.hpp).
  std::vector<Include> includes = {};
};

// The inputs with other texts in their places: in the order in which parse_texts() adds them.
[[nodiscard]] std::vector<InputText> with_texts(std::vector<InputText> inputs,
                                                const std::vector<std::string>& texts);

// Adds the texts to `sources`, those that were named first, and reads and links them.
[[nodiscard]] Ruleset parse_texts(std::vector<InputText> inputs, Sources& sources,
                                  const std::optional<Format>& format,
                                  const std::optional<IpVersion>& ip_version);

}  // namespace untrack
