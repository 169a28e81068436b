#include "report/text_table.hpp"

#include <algorithm>

namespace untrack {

std::string TextTable::render(std::string_view indent, const Display& display) const {
  std::vector<int> widths(columns_.size(), 0);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], columns_of(row[i]));
    }
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line(indent);
    int at = static_cast<int>(indent.size());
    for (std::size_t i = 0; i < row.size() && i < columns_.size(); ++i) {
      const int room = widths[i] - columns_of(row[i]);
      const std::string padding(static_cast<std::size_t>(room), ' ');
      const bool is_last = i + 1 == columns_.size();
      if (is_last && columns_[i] == Align::left) {
        // Wrapped below itself where it does not fit.
        const std::string hanging(static_cast<std::size_t>(at), ' ');
        if (!row[i].empty()) {
          std::string wrapped = wrap(row[i], hanging, hanging, display);
          line += wrapped.substr(hanging.size());
          if (line.back() == '\n') line.pop_back();
        }
        break;
      }
      if (columns_[i] == Align::right) line += padding;
      line += escape_control(row[i]);
      if (columns_[i] == Align::left) line += padding;
      line += "  ";
      at += widths[i] + 2;
    }
    const std::size_t end = line.find_last_not_of(' ');
    text += end == std::string::npos ? std::string() : line.substr(0, end + 1);
    text += '\n';
  }
  return text;
}

}  // namespace untrack
