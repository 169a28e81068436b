// Problem: a place in the input that could not be taken as it stands. Readers collect problems and
// go on with the next line, so that one bad line hides neither the rest nor itself. Used by parser/
// and model/resolve to report, by app/ for the exit status, by report/ to print.
#pragma once

#include <string>

#include "model/source_text.hpp"

namespace untrack {

enum class ProblemKind {
  error,           // the kernel or iptables-restore would refuse this, too
  not_understood,  // may be right, but this program has no knowledge of it; the text is kept
  note,            // understood; said because the reader should know how
};

struct Problem {
  ProblemKind kind = ProblemKind::error;
  Span span;
  std::string message;  // what was found: `not a port or service name: "htpp"`
  std::string label;    // beside the underline: what was expected, or the nearest right word
  std::string cure;     // what to do, one sentence; may be empty
  // True if what stands here may force connection tracking, so that no verdict of "not forced" can
  // be given. Only for not_understood and error.
  bool may_track = false;
};

}  // namespace untrack
