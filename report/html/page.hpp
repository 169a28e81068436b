// The frame of a page: head, security policy, style sheet, title. Every HTML report is one call of
// page(); the file needs no network and no script.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace untrack::html {

struct PageFrame {
  std::string_view command;  // "audit"
  std::string_view tool_version;
  std::vector<std::string> inputs;  // paths as they were given, escaped here
  std::string_view answer;          // what the report comes to; its first sentence is the heading
};

// `markup` stands below the heading. Nothing of it is escaped.
[[nodiscard]] std::string page(const PageFrame& frame, std::string_view markup);

// All rules of the pages, for both colour schemes, paper, and any width.
[[nodiscard]] std::string_view style_sheet();

}  // namespace untrack::html
