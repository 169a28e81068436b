#include <fmt/format.h>

#include "app/completions/completions.hpp"
#include "app/completions/value_words.hpp"

namespace untrack {
namespace {

constexpr std::string_view head = R"(#compdef untrack
# zsh completion of untrack, written by `untrack completions zsh`

# A form of the report, or a form, = and a file.
_untrack_form() {
  if compset -P '*='; then
    _files
  else
    compadd -S '' -- "$@"
  fi
}

_untrack_namespace() {
  compadd -- /run/netns/*(N:t)
}

_untrack() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C -s \
    '(- *)'{-h,--help}'[print the help]' \
    '(- *)--version[print the version]' \
    '1:command:->command' \
    '*::argument:->argument' && return
  if [[ $state == command ]]; then
    local -a commands=(
)";

constexpr std::string_view tail = R"(  esac
}

if [[ ${funcstack[1]} == _untrack ]]; then
  _untrack "$@"
else
  compdef _untrack untrack
fi
)";

// Within single quotes; `special`: what a backslash takes its meaning from.
std::string quoted(std::string_view text, std::string_view special) {
  std::string out;
  for (const char letter : text) {
    if (letter == '\'') {
      out += "'\\''";
      continue;
    }
    if (special.find(letter) != std::string_view::npos) out += '\\';
    out += letter;
  }
  return out;
}

std::string action_of(const std::string& type, const std::vector<CommandRow>& table) {
  const ValueWords values = value_words(type, table);
  std::string words;
  for (const ValueWord& each : values.words) {
    words += (words.empty() ? "" : " ") + quoted(each.word, ":\\ ");
  }
  switch (values.kind) {
    case ValueKind::free:
      return " ";
    case ValueKind::words: {
      if (values.words.front().says.empty()) return fmt::format("({})", words);
      std::string described;
      for (const ValueWord& each : values.words) {
        described += fmt::format("{}{}\\:{}", described.empty() ? "" : " ",
                                 quoted(each.word, ":\\ "), quoted(each.says, ":\\ "));
      }
      return fmt::format("(({}))", described);
    }
    case ValueKind::forms:
      return fmt::format("{{_untrack_form {}}}", words);
    case ValueKind::file:
      return "_files";
    case ValueKind::directory:
      return "_files -/";
    case ValueKind::namespaces:
      return "_untrack_namespace";
  }
  return {};
}

std::string message_of(const std::string& type, const std::vector<CommandRow>& table) {
  return quoted(value_words(type, table).words.empty() ? type : "value", ":\\");
}

std::string specification(const OptionRow& option, const std::vector<CommandRow>& table) {
  std::string names = option.names.front();
  std::string exclude;
  if (option.names.size() > 1) {
    names = fmt::format("{{{}}}", fmt::join(option.names, ","));
    exclude = fmt::format("'({})'", fmt::join(option.names, " "));
  }
  std::string text = option.is_repeated ? "'*'" : exclude;
  text += names;
  if (!option.type.empty() && option.names.size() == 1) text += "=";
  text += fmt::format("'[{}]", quoted(option.help, "[]:\\"));
  if (!option.type.empty())
    text += ":" + message_of(option.type, table) + ":" + action_of(option.type, table);
  return text + "'";
}

std::string arguments_of(const CommandRow& command, const std::vector<CommandRow>& table) {
  std::string text = fmt::format("    {})\n      _arguments -s", command.name);
  for (const OptionRow& option : command.options)
    text += " \\\n        " + specification(option, table);
  if (!command.arguments.empty()) {
    text += fmt::format(" \\\n        '*:{}:{}'", message_of(command.arguments, table),
                        action_of(command.arguments, table));
  }
  return text + "\n      ;;\n";
}

}  // namespace

std::string write_zsh_completion(const std::vector<CommandRow>& table) {
  std::string text(head);
  for (const CommandRow& command : table) {
    text += fmt::format("      '{}:{}'\n", command.name, quoted(command.summary, ":\\"));
  }
  text +=
      "    )\n    _describe -t commands command commands\n    return\n  fi\n  case $words[1] in\n";
  for (const CommandRow& command : table) text += arguments_of(command, table);
  return text + std::string(tail);
}

}  // namespace untrack
