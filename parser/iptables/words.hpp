// Word: one argument of an iptables command, after quoting and variables, with the bytes it stands
// for. What lines and scripts are split into, and what commands and options are read from.
#pragma once

#include <string_view>

#include "model/source_text.hpp"

namespace untrack::iptables {

struct Word {
  std::string_view text;  // without quotes and escapes, variables expanded
  Span span;              // as written, quotes included
  bool is_verbatim =
      false;  // text is exactly the bytes of span, so that parts of it have spans, too
};

}  // namespace untrack::iptables
