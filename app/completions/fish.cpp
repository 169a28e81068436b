#include <fmt/format.h>

#include "app/completions/completions.hpp"
#include "app/completions/value_words.hpp"

namespace untrack {
namespace {

constexpr std::string_view head =
    R"(# fish completion of untrack, written by `untrack completions fish`

# Whether the command is this one; without an argument, whether none is there yet.
function __untrack_is
    set -l words (commandline -opc)
    if test (count $argv) -eq 0
        test (count $words) -lt 2
    else
        test (count $words) -ge 2; and test $words[2] = $argv[1]
    end
end

# A form of the report, or a form, = and a file.
function __untrack_form
    set -l word (string replace -r '^--output=' '' -- (commandline -ct))
    if string match -q '*=*' -- $word
        set -l parts (string split -m 1 = -- $word)
        for path in (__fish_complete_path $parts[2])
            printf '%s=%s\n' $parts[1] $path
        end
    else
        printf '%s\n' $argv
    end
end

complete -c untrack -f
complete -c untrack -n __untrack_is -s h -l help -d 'Print the help'
complete -c untrack -n __untrack_is -l version -d 'Print the version'
)";

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char letter : text) {
    if (letter == '\'' || letter == '\\') out += '\\';
    out += letter;
  }
  return out + "'";
}

// What -a takes.
std::string offered(const ValueWords& values) {
  std::string words;
  for (const ValueWord& each : values.words) {
    words += (words.empty() ? "" : " ") + each.word;
    if (!each.says.empty()) words += fmt::format("\\t\"{}\"", each.says);
  }
  return values.kind == ValueKind::forms ? fmt::format("(__untrack_form {})", words) : words;
}

// How the value of an option, or an argument, is completed.
std::string takes(const std::string& type, bool is_option, const std::vector<CommandRow>& table) {
  const ValueWords values = value_words(type, table);
  switch (values.kind) {
    case ValueKind::free:
      return is_option ? " -x" : "";
    case ValueKind::words:
    case ValueKind::forms:
      return (is_option ? " -x -a " : " -a ") + quoted(offered(values));
    case ValueKind::file:
      return is_option ? " -r -F" : " -F";
    case ValueKind::directory:
      return " -x -a '(__fish_complete_directories (commandline -ct))'";
    case ValueKind::namespaces:
      return " -x -a '(for each in /run/netns/*; basename $each; end)'";
  }
  return {};
}

}  // namespace

std::string write_fish_completion(const std::vector<CommandRow>& table) {
  std::string text(head);
  for (const CommandRow& command : table) {
    text += fmt::format("complete -c untrack -n __untrack_is -a {} -d {}\n", command.name,
                        quoted(command.summary));
  }
  for (const CommandRow& command : table) {
    const std::string start = fmt::format("complete -c untrack -n '__untrack_is {}'", command.name);
    text += "\n";
    if (!command.arguments.empty()) text += start + takes(command.arguments, false, table) + "\n";
    for (const OptionRow& option : command.options) {
      text += start;
      for (const std::string& name : option.names) {
        text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      if (!option.type.empty()) text += takes(option.type, true, table);
      text += " -d " + quoted(option.help) + "\n";
    }
  }
  return text;
}

}  // namespace untrack
