// The rules as they stand in the inputs, each line numbered and reached by its id, with findings
// beside (or, on a narrow screen, below) the lines that they are about. Used by the page of an
// audit.
#pragma once

#include <string>

#include "report/audit_report.hpp"
#include "report/html/line_plan.hpp"

namespace untrack::html {

// The lines that the page of an audit shows.
[[nodiscard]] LinePlan plan_lines(const AuditReport& report);

[[nodiscard]] std::string listing(const AuditReport& report, const LinePlan& plan);

// One line, without its newline; `marks` are underlined in the tone of the worst that covers a
// byte. Also used for lines of a difference.
struct Mark {
  std::size_t begin = 0;  // bytes of the line
  std::size_t end = 0;
  Severity severity{};
};
[[nodiscard]] std::string line_of_code(std::string_view line, const std::vector<Mark>& marks);

}  // namespace untrack::html
