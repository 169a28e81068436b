// TextTable: rows of cells in aligned columns. Used by reports; decides nothing but spaces.
#pragma once

#include <string>
#include <vector>

#include "report/terminal.hpp"

namespace untrack {

enum class Align : std::uint8_t { left, right };

class TextTable {
 public:
  // The alignment of each column; the last one is never padded and wraps, if it is left-aligned.
  explicit TextTable(std::vector<Align> columns) : columns_(std::move(columns)) {}

  // Cells are text to be escaped; missing ones are empty.
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  // For other forms than text.
  [[nodiscard]] const std::vector<Align>& columns() const { return columns_; }
  [[nodiscard]] const std::vector<std::vector<std::string>>& rows() const { return rows_; }

  // Every row behind `indent`, two spaces between columns, no spaces at the end of a line. Rows are
  // lines, unless the table is wider than the display: then cells of left-aligned columns go on
  // below themselves. Words are never broken, so that a table may stay wider.
  [[nodiscard]] std::string render(std::string_view indent, const Display& display) const;

 private:
  // Of the columns; left-aligned ones narrower than their widest cell, down to its longest word,
  // where the table would be wider than `room`.
  [[nodiscard]] std::vector<int> widths_within(int room) const;

  std::vector<Align> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace untrack
