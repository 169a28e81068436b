#include "report/html/svg.hpp"

#include <fmt/format.h>

#include <cmath>

#include "report/html/escape.hpp"
#include "report/terminal.hpp"

namespace untrack::html {
namespace {

// Of the fixed fonts of the style sheet; none is wider.
constexpr double width_of_column = 0.61;

}  // namespace

std::string coordinate(double value) {
  const auto tenths = std::llround(value * 10);
  if (tenths % 10 == 0) return fmt::format("{}", tenths / 10);
  return fmt::format("{}{}.{}", tenths < 0 ? "-" : "", std::llabs(tenths) / 10,
                     std::llabs(tenths) % 10);
}

std::size_t columns_in(double width, double size) {
  return static_cast<std::size_t>(std::max(0.0, width / (size * width_of_column)));
}

std::string fitted(std::string_view words, std::size_t columns) {
  if (static_cast<std::size_t>(columns_of(words)) <= columns) return std::string(words);
  constexpr std::size_t dots = 3;
  if (columns <= dots) return std::string(columns, '.');
  // Names of chains differ at their ends more often than at their beginnings.
  const std::size_t front = (columns - dots + 1) / 2;
  const std::size_t back = columns - dots - front;
  std::string head;
  std::size_t at = 0;
  for (std::size_t width = 0; at < words.size();) {
    const Cell cell = next_cell(words.substr(at));
    width += static_cast<std::size_t>(cell.columns);
    if (width > front) break;
    at += cell.bytes;
  }
  head = words.substr(0, at);
  std::string_view tail = words.substr(at);
  while (!tail.empty() && static_cast<std::size_t>(columns_of(tail)) > back) {
    tail.remove_prefix(next_cell(tail).bytes);
  }
  return head + "..." + std::string(tail);
}

void Svg::rect(Point at, double width, double height, std::string_view classes, double radius) {
  body_ += fmt::format("<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", classes,
                       coordinate(at.x), coordinate(at.y), coordinate(width), coordinate(height));
  if (radius > 0) body_ += fmt::format(" rx=\"{}\"", coordinate(radius));
  body_ += "/>\n";
}

void Svg::line(Point from, Point to, std::string_view classes) {
  body_ += fmt::format("<line class=\"{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>\n", classes,
                       coordinate(from.x), coordinate(from.y), coordinate(to.x), coordinate(to.y));
}

void Svg::curve(const std::string& points, std::string_view classes) {
  body_ += fmt::format("<polyline class=\"{}\" points=\"{}\"/>\n", classes, points);
}

void Svg::arrow(std::initializer_list<Point> points) {
  constexpr double length = 8;
  constexpr double half = 4.5;
  std::string path;
  Point before;
  Point last;
  for (const Point& point : points) {
    before = last;
    last = point;
    path +=
        fmt::format("{}{},{}", path.empty() ? "" : " ", coordinate(point.x), coordinate(point.y));
  }
  curve(path, "way");
  const bool is_across = std::abs(last.y - before.y) < std::abs(last.x - before.x);
  const double sign = is_across ? (last.x > before.x ? 1 : -1) : (last.y > before.y ? 1 : -1);
  const Point left = is_across ? Point{last.x - sign * length, last.y - half}
                               : Point{last.x - half, last.y - sign * length};
  const Point right = is_across ? Point{last.x - sign * length, last.y + half}
                                : Point{last.x + half, last.y - sign * length};
  body_ += fmt::format("<polygon class=\"tip\" points=\"{},{} {},{} {},{}\"/>\n",
                       coordinate(last.x), coordinate(last.y), coordinate(left.x),
                       coordinate(left.y), coordinate(right.x), coordinate(right.y));
}

void Svg::text(Point at, double size, std::string_view classes, std::string_view words,
               std::string_view anchor) {
  body_ += fmt::format("<text class=\"{}\" x=\"{}\" y=\"{}\" font-size=\"{}\"", classes,
                       coordinate(at.x), coordinate(at.y), coordinate(size));
  if (anchor != "start") body_ += fmt::format(" text-anchor=\"{}\"", anchor);
  body_ += fmt::format(">{}</text>\n", html::text(words));
}

void Svg::link(Point at, double size, std::string_view classes, std::string_view words,
               std::string_view id) {
  if (id.empty()) return text(at, size, classes, words);
  has_links_ = true;
  body_ += fmt::format("<a href=\"#{}\">", html::text(id));
  text(at, size, classes, words);
  body_.pop_back();
  body_ += "</a>\n";
}

std::string Svg::finish(double width, double height, std::string_view id, std::string_view classes,
                        std::string_view title, std::string_view description) const {
  return fmt::format(
      "<svg class=\"{}\" viewBox=\"0 0 {} {}\" role=\"{}\" aria-labelledby=\"{}-t {}-d\">\n"
      "<title id=\"{}-t\">{}</title>\n<desc id=\"{}-d\">{}</desc>\n{}</svg>\n",
      classes, coordinate(width), coordinate(height), has_links_ ? "group" : "img", id, id, id,
      html::text(title), id, html::text(description), body_);
}

}  // namespace untrack::html
