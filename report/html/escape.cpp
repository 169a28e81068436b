#include "report/html/escape.hpp"

#include "report/terminal.hpp"

namespace untrack::html {
namespace {

void add_escaped(std::string_view shown, std::string& into) {
  for (const char c : shown) {
    switch (c) {
      case '&':
        into += "&amp;";
        break;
      case '<':
        into += "&lt;";
        break;
      case '>':
        into += "&gt;";
        break;
      case '"':
        into += "&quot;";
        break;
      case '\'':
        into += "&#39;";
        break;
      default:
        into += c;
    }
  }
}

}  // namespace

std::string text(std::string_view raw) {
  std::string shown;
  int column = 0;
  while (!raw.empty()) {
    const Cell cell = next_cell(raw, column);
    add_escaped(cell.text, shown);
    column += cell.columns;
    raw.remove_prefix(cell.bytes);
  }
  return shown;
}

std::string code(std::string_view raw, int* column) {
  std::string shown;
  while (!raw.empty()) {
    const Cell cell = next_cell(raw, *column);
    const bool is_spelled = raw.front() != '\t' && cell.text != raw.substr(0, cell.bytes);
    if (is_spelled) shown += "<b class=\"ctl\">";
    add_escaped(cell.text, shown);
    if (is_spelled) shown += "</b>";
    *column += cell.columns;
    raw.remove_prefix(cell.bytes);
  }
  return shown;
}

}  // namespace untrack::html
