// Svg: one picture, written down shape by shape. Used by the pictures of report/html; knows of
// coordinates and escaping, not of what is drawn. Colours are classes of the style sheet.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace untrack::html {

struct Point {
  double x = 0;
  double y = 0;
};

class Svg {
 public:
  void rect(Point at, double width, double height, std::string_view classes, double radius = 0);
  void line(Point from, Point to, std::string_view classes);
  // A line through all points.
  void curve(const std::string& points, std::string_view classes);
  // Steps along straight lines, with an arrow head at the end.
  void arrow(std::initializer_list<Point> points);
  // `anchor`: start, middle, end.
  void text(Point at, double size, std::string_view classes, std::string_view words,
            std::string_view anchor = "start");
  // Text that leads to an id of this page; empty: plain text.
  void link(Point at, double size, std::string_view classes, std::string_view words,
            std::string_view id);

  // The whole picture. `id` tells its title from those of others; `classes` are of the element.
  [[nodiscard]] std::string finish(double width, double height, std::string_view id,
                                   std::string_view classes, std::string_view title,
                                   std::string_view description) const;

 private:
  std::string body_;
  bool has_links_ = false;  // then it is no mere image to those who hear it
};

// "12.5", "7".
[[nodiscard]] std::string coordinate(double value);
// Columns that fit into `width` pixels at a size, of the fixed font.
[[nodiscard]] std::size_t columns_in(double width, double size);
// `words` at most so many columns wide, with "..." for what is left out in the middle.
[[nodiscard]] std::string fitted(std::string_view words, std::size_t columns);

}  // namespace untrack::html
