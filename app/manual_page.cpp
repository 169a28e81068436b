#include "app/manual_page.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cctype>
#include <vector>

namespace untrack {
namespace {

// A hyphen that is typed is no dash, a dot that begins a line no request.
std::string escaped(std::string_view text) {
  std::string out;
  bool begins_line = true;
  for (const char letter : text) {
    if (begins_line && (letter == '.' || letter == '\'')) out += "\\&";
    begins_line = letter == '\n';
    if (letter == '-') {
      out += "\\-";
    } else if (letter == '\\') {
      out += "\\e";
    } else if (letter == '"') {
      out += "\\(dq";
    } else {
      out += letter;
    }
  }
  return out;
}

std::string upper(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    out += static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  }
  return out;
}

// Paragraphs of the footer, as it is broken into lines for a terminal: "Exit status" is one of
// them.
std::string paragraphs(std::string_view footer) {
  std::string text;
  while (!footer.empty()) {
    const std::string_view line = footer.substr(0, footer.find('\n'));
    footer.remove_prefix(std::min(footer.size(), line.size() + 1));
    constexpr std::string_view status = "Exit status: ";
    if (line.starts_with(status)) {
      text += ".SH EXIT STATUS\n" + escaped(line.substr(status.size())) + "\n";
    } else {
      text += (text.empty() ? ".SH NOTES\n" : "") + escaped(line) + "\n";
    }
  }
  return text;
}

std::string synopsis(const CommandRow& command) {
  std::string text = fmt::format(".B untrack {}\n.RI [ OPTION ...]\n", escaped(command.name));
  if (command.arguments.empty()) return text;
  const bool are_two = command.arguments.find(' ') != std::string::npos;
  const std::string words = escaped(command.arguments);
  if (are_two) return text + fmt::format(".I {}\n", words);
  return text + (command.are_arguments_required ? fmt::format(".IR {} ...\n", words)
                                                : fmt::format(".RI [ {} ...]\n", words));
}

std::string entry(const OptionRow& option) {
  const std::string names = escaped(fmt::format("{}", fmt::join(option.names, ", ")));
  const std::string head = option.type.empty()
                               ? fmt::format(".B \"{}\"", names)
                               : fmt::format(".BI \"{} \" \"{}\"", names, escaped(option.type));
  return fmt::format(".TP\n{}\n{}.\n", head, escaped(option.help));
}

}  // namespace

std::string write_manual_page(const CommandRow& command, std::string_view version) {
  std::string text = fmt::format(
      ".TH UNTRACK\\-{} 1 \"\" \"untrack {}\" \"User Commands\"\n.SH NAME\nuntrack\\-{} \\- {}\n"
      ".SH SYNOPSIS\n",
      upper(command.name), version, command.name, escaped(command.summary));
  text += synopsis(command);
  text += fmt::format(".SH DESCRIPTION\n{}.\n", escaped(command.summary));
  if (!command.arguments.empty()) {
    text += fmt::format(".TP\n.I {}\n{}.\n", escaped(command.arguments),
                        escaped(command.arguments_help));
  }
  text += ".SH OPTIONS\n";
  for (const OptionRow& option : command.options) text += entry(option);
  return text + paragraphs(command.footer) + ".SH SEE ALSO\n.BR untrack (1)\n";
}

}  // namespace untrack
