#include "report/text_table.hpp"

#include <algorithm>

namespace untrack {

namespace {

constexpr int least_last = 12;  // of a last column that wraps

int longest_word(std::string_view text) {
  int longest = 0;
  const std::size_t lead = std::min(text.find_first_not_of(' '), text.size());
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    longest = std::max(longest, columns_of(word));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
  }
  return static_cast<int>(lead) + longest;
}

// Lines of at most `width` columns, words unbroken.
std::vector<std::string> lines_of_cell(const std::string& cell, int width) {
  if (columns_of(cell) <= width) return {escape_control(cell)};
  std::vector<std::string> lines;
  std::string_view rest = cell;
  // The indent of a row stands in its first cell, and below it, too.
  const std::string lead(std::min(rest.find_first_not_of(' '), rest.size()), ' ');
  std::string line = lead;
  bool is_begun = false;
  while (true) {
    const std::size_t gap = std::min(rest.find_first_not_of(' '), rest.size());
    rest.remove_prefix(gap);
    if (rest.empty()) break;
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(word.size());
    if (is_begun && columns_of(line) + static_cast<int>(gap) + columns_of(word) > width) {
      lines.push_back(escape_control(line));
      line = lead;
      is_begun = false;
    }
    if (is_begun) line.append(gap, ' ');
    line += word;
    is_begun = true;
  }
  if (is_begun) lines.push_back(escape_control(line));
  return lines;
}

}  // namespace

std::vector<int> TextTable::widths_within(int room) const {
  std::vector<int> widths(columns_.size(), 0);
  std::vector<int> least(columns_.size(), 0);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], columns_of(row[i]));
      least[i] = std::max(least[i], longest_word(row[i]));
    }
  }
  const int least_words_of_last = least.empty() ? 0 : least.back();
  // Short words that belong together ("not forced") stay on one line.
  constexpr int least_of_any = 16;
  for (std::size_t i = 0; i < least.size(); ++i) {
    least[i] = std::max(least[i], std::min(widths[i], least_of_any));
  }
  const bool wraps_last = !columns_.empty() && columns_.back() == Align::left;
  const auto whole = [&] {
    int sum = 0;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const bool is_last = i + 1 == widths.size();
      sum += is_last && wraps_last ? std::min(widths[i], std::max(least_last, least_words_of_last))
                                   : widths[i];
      sum += is_last ? 0 : 2;
    }
    return sum;
  };
  // A wide table reads better as it is: only on narrow displays is it made to fit.
  constexpr int narrow = 90;
  while (room < narrow && whole() > room) {
    std::size_t widest = widths.size();
    for (std::size_t i = 0; i + (wraps_last ? 1 : 0) < widths.size(); ++i) {
      if (columns_[i] != Align::left || widths[i] <= least[i]) continue;
      if (widest == widths.size() || widths[i] > widths[widest]) widest = i;
    }
    if (widest == widths.size()) break;
    --widths[widest];
  }
  return widths;
}

std::string TextTable::render(std::string_view indent, const Display& display) const {
  const std::vector<int> widths = widths_within(display.width - static_cast<int>(indent.size()));
  std::string text;
  for (const auto& row : rows_) {
    std::vector<std::vector<std::string>> cells;
    std::size_t height = 1;
    int at = static_cast<int>(indent.size());
    for (std::size_t i = 0; i < row.size() && i < columns_.size(); ++i) {
      const bool is_last = i + 1 == columns_.size();
      if (is_last && columns_[i] == Align::left) {
        // Wrapped below itself where it does not fit.
        cells.push_back(row[i].empty()
                            ? std::vector<std::string>()
                            : lines_of_cell(row[i], std::max(least_last, display.width - at)));
      } else {
        cells.push_back(lines_of_cell(row[i], widths[i]));
      }
      height = std::max(height, cells.back().size());
      at += widths[i] + 2;
    }
    for (std::size_t y = 0; y < height; ++y) {
      std::string line(indent);
      for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string cell = y < cells[i].size() ? cells[i][y] : std::string();
        const std::string padding(
            static_cast<std::size_t>(std::max(0, widths[i] - columns_of(cell))), ' ');
        if (columns_[i] == Align::right) line += padding;
        line += cell;
        if (columns_[i] == Align::left) line += padding;
        line += "  ";
      }
      const std::size_t end = line.find_last_not_of(' ');
      text += end == std::string::npos ? std::string() : line.substr(0, end + 1);
      text += '\n';
    }
  }
  return text;
}

}  // namespace untrack
