// rewritten_file: one input with what became of its text, as the report of a rewrite has it. Used
// by rewrite.cpp, rewrite_json.cpp and TextsReader.
#pragma once

#include <string>

#include "app/pipeline/loaded.hpp"
#include "report/rewrite/rewrite_report.hpp"

namespace untrack {

[[nodiscard]] RewrittenFile rewritten_file(const Loaded& original, SourceId source,
                                           const std::string& text);

}  // namespace untrack
