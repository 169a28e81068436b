#include "report/html/page.hpp"

#include <fmt/format.h>

#include "report/html/escape.hpp"

namespace untrack::html {
namespace {

// Behind the first full stop that another sentence follows.
std::size_t end_of_first_sentence(std::string_view words) {
  for (std::size_t at = words.find(". "); at != std::string_view::npos;
       at = words.find(". ", at + 1)) {
    if (at + 2 == words.size()) break;
    const char next = words[at + 2];
    if ((next >= 'A' && next <= 'Z') || (next >= '0' && next <= '9')) return at + 1;
  }
  return words.size();
}

std::string inputs_line(const PageFrame& frame) {
  constexpr std::size_t most = 6;
  std::string line;
  for (std::size_t i = 0; i < frame.inputs.size() && i < most; ++i) {
    line += fmt::format(" <code>{}</code>", text(frame.inputs[i]));
  }
  if (frame.inputs.size() > most) {
    line += fmt::format(" and {} more files", frame.inputs.size() - most);
  }
  return line;
}

}  // namespace

std::string page(const PageFrame& frame, std::string_view markup) {
  const std::size_t end = end_of_first_sentence(frame.answer);
  std::string rest(frame.answer.substr(end));
  if (!rest.empty()) rest = fmt::format("<p class=\"lead\">{}</p>\n", text(rest.substr(1)));
  const std::string title = fmt::format("untrack {}{}", frame.command,
                                        frame.inputs.empty() ? "" : ": " + frame.inputs.front());
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<meta name=\"generator\" content=\"untrack {}\">\n"
      "<title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n<header>\n"
      "<p class=\"kicker\"><b>untrack {}</b>{}</p>\n<h1>{}</h1>\n{}</header>\n<main>\n{}</main>\n"
      "<footer><p>Written by untrack {}. This file holds all that it shows; it loads nothing and "
      "runs nothing.</p></footer>\n</body>\n</html>\n",
      text(frame.tool_version), text(title), style_sheet(), text(frame.command), inputs_line(frame),
      text(frame.answer.substr(0, end)), rest, markup, text(frame.tool_version));
}

}  // namespace untrack::html
