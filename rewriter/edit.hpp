// Edit: replaces the bytes of one span; an empty span inserts, an empty text deletes. What rewrites
// and fixes are made of.
#pragma once

#include <string>

#include "model/source_text.hpp"

namespace untrack {

struct Edit {
  Span span;
  std::string text;
  friend bool operator==(const Edit&, const Edit&) = default;
};

}  // namespace untrack
