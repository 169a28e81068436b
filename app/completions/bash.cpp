#include <fmt/format.h>

#include "app/completions/completions.hpp"
#include "app/completions/value_words.hpp"

namespace untrack {
namespace {

// readline hands over `--output=sarif=x` as five words; what is offered replaces only the last.
constexpr std::string_view head =
    R"(# bash completion of untrack, written by `untrack completions bash`

_untrack() {
  local IFS=$'\n' i piece break joined=0 word current option command kind values options arguments
  local -a line=("${COMP_WORDS[0]}")
  COMPREPLY=()
  for ((i = 1; i <= COMP_CWORD; i++)); do
    piece=${COMP_WORDS[i]}
    if [[ $piece == [=:] || $joined == 1 ]] && ((${#line[@]} > 1)); then
      line[${#line[@]}-1]+=$piece
    else
      line+=("$piece")
    fi
    if [[ $piece == [=:] ]]; then joined=1; else joined=0; fi
  done
  current=${line[${#line[@]}-1]}
  option=
  if ((${#line[@]} > 2)); then option=${line[${#line[@]}-2]}; fi
  if [[ $current == --*=* ]]; then
    option=${current%%=*}
    word=${current#*=}
  else
    word=$current
  fi
  command=
  if ((${#line[@]} > 2)); then command=${line[1]}; fi
  _untrack_table
  if [[ $kind == flag ]]; then
    if [[ $current == -* ]]; then
      mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
      return
    fi
    option=
    _untrack_table
    kind=$arguments
  fi
  break=
  case $kind in
    words) mapfile -t COMPREPLY < <(compgen -W "$values" -- "$word") ;;
    forms)
      if [[ $word == *=* ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "${word#*=}")
        return
      fi
      mapfile -t COMPREPLY < <(compgen -W "$values" -- "$word")
      ;;
    files)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      ;;
    directories)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -d -- "$word")
      ;;
    namespaces)
      for piece in /run/netns/*; do
        [[ -e $piece && ${piece##*/} == "$word"* ]] && COMPREPLY+=("${piece##*/}")
      done
      ;;
  esac
  if [[ $word == *:* && $COMP_WORDBREAKS == *:* ]]; then
    break=${word%"${word##*:}"}
    COMPREPLY=("${COMPREPLY[@]#"$break"}")
  fi
}

# By $command and $option: $kind of the value (flag: it takes none), $values that it can be, and of the
# command its $options and the kind of its $arguments.
_untrack_table() {
  kind=flag
  values=
  options=$'--help'
  arguments=none
)";

std::string_view name_of(ValueKind kind) {
  switch (kind) {
    case ValueKind::free:
      return "none";
    case ValueKind::words:
      return "words";
    case ValueKind::forms:
      return "forms";
    case ValueKind::file:
      return "files";
    case ValueKind::directory:
      return "directories";
    case ValueKind::namespaces:
      return "namespaces";
  }
  return {};
}

template <typename Words>
std::string lines(const Words& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : "\\n") + word;
  return "$'" + text + "'";
}

std::string lines_of(const ValueWords& values) {
  std::vector<std::string> words;
  words.reserve(values.words.size());
  for (const ValueWord& each : values.words) words.push_back(each.word);
  return lines(words);
}

std::string table_of(const CommandRow& command, const std::vector<CommandRow>& table) {
  std::vector<std::string> options;
  std::string values;
  for (const OptionRow& option : command.options) {
    options.insert(options.end(), option.names.begin(), option.names.end());
    if (option.type.empty()) continue;
    const ValueWords words = value_words(option.type, table);
    values +=
        fmt::format("        {}) kind={}", fmt::join(option.names, " | "), name_of(words.kind));
    if (!words.words.empty()) values += fmt::format(" values={}", lines_of(words));
    values += " ;;\n";
  }
  std::string text = fmt::format("    {})\n      options={}\n", command.name, lines(options));
  if (!values.empty()) text += "      case $option in\n" + values + "      esac\n";
  if (!command.arguments.empty()) {
    const ValueWords words = value_words(command.arguments, table);
    text += fmt::format("      arguments={}\n", name_of(words.kind));
    if (!words.words.empty()) {
      text += fmt::format("      [[ $kind == flag ]] && values={}\n", lines_of(words));
    }
  }
  return text + "      ;;\n";
}

}  // namespace

std::string write_bash_completion(const std::vector<CommandRow>& table) {
  std::string text(head);
  std::vector<std::string> names;
  names.reserve(table.size());
  for (const CommandRow& command : table) names.push_back(command.name);
  text += "  case $command in\n";
  text += fmt::format(
      "    '')\n      options=$'--help\\n--version'\n      arguments=words\n      values={}\n      "
      ";;\n",
      lines(names));
  for (const CommandRow& command : table) text += table_of(command, table);
  return text + "  esac\n}\n\ncomplete -F _untrack untrack\n";
}

}  // namespace untrack
