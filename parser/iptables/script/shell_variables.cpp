#include "parser/iptables/script/shell_variables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace untrack::iptables {
namespace {

constexpr std::string_view blanks = " \t\r\n";

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t at = 0;
  while ((at = text.find_first_not_of(blanks, at)) != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(blanks, at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

// {a,b} and {1..9} of bash; `{}` and `{a}` stand for themselves.
bool has_brace_expansion(std::string_view literal) {
  const std::size_t open = literal.find('{');
  if (open == std::string_view::npos) return false;
  const std::size_t close = literal.find('}', open);
  if (close == std::string_view::npos) return false;
  const std::string_view inside = literal.substr(open, close - open);
  return inside.find(',') != std::string_view::npos || inside.find("..") != std::string_view::npos;
}

}  // namespace

std::optional<std::string> program_of_substitution(std::string_view text) {
  if (text.starts_with("$(") && text.ends_with(')')) {
    text = text.substr(2, text.size() - 3);
  } else if (text.size() > 1 && text.front() == '`' && text.back() == '`') {
    text = text.substr(1, text.size() - 2);
  } else {
    return std::nullopt;
  }
  std::vector<std::string_view> words = split(text);
  std::erase_if(words, [](std::string_view word) {
    return word.starts_with("2>") || word.starts_with(">") || word == "/dev/null";
  });
  if (words.empty()) return std::nullopt;
  const std::string_view asked = words.front().substr(words.front().rfind('/') + 1);
  std::size_t first = 1;
  if (asked == "command" || asked == "type") {
    if (words.size() < 2 || !words[1].starts_with('-')) return std::nullopt;
    first = 2;
  } else if (asked != "which") {
    return std::nullopt;
  }
  if (words.size() != first + 1) return std::nullopt;
  const std::string_view program = words[first];
  if (program.find_first_of("$`\"'|;&<>()*?") != std::string_view::npos) return std::nullopt;
  return std::string(program);
}

void ShellVariables::assign(std::string_view name, std::string value) {
  if (value.size() > longest_value) return forget(name);
  variables_.insert_or_assign(std::string(name), Variable{true, std::move(value)});
}

void ShellVariables::forget(std::string_view name) {
  variables_.insert_or_assign(std::string(name), Variable{});
}

ShellVariables::Knowledge ShellVariables::knowledge_of(std::string_view name) const {
  const auto found = variables_.find(std::string(name));
  if (found == variables_.end()) return Knowledge::never_assigned;
  return found->second.is_known ? Knowledge::known : Knowledge::unknown;
}

bool ShellVariables::value_of_part(const WordPart& part, std::string* value) const {
  if (part.kind == PartKind::parameter) {
    const auto found = variables_.find(std::string(part.text));
    if (found == variables_.end() || !found->second.is_known) return false;
    *value = found->second.value;
    return true;
  }
  // ${NAME:-word}: NAME's value where it is known and not empty.
  constexpr std::string_view defaults[] = {":-", ":=", "-", "="};
  if (part.text.starts_with("${") && part.text.ends_with('}')) {
    const std::string_view inside = part.text.substr(2, part.text.size() - 3);
    for (const std::string_view sign : defaults) {
      const std::size_t at = inside.find(sign);
      if (at == std::string_view::npos) continue;
      const auto found = variables_.find(std::string(inside.substr(0, at)));
      if (found == variables_.end() || !found->second.is_known) return false;
      if (found->second.value.empty()) return false;
      *value = found->second.value;
      return true;
    }
    return false;
  }
  const std::optional<std::string> program = program_of_substitution(part.text);
  if (program) *value = *program;
  return program.has_value();
}

void ShellVariables::expand(const ShellLine& line, const Token& token, SourceId source,
                            std::string_view base, Ruleset& ruleset, Expansion* result) {
  const Span span{source, token.begin, token.end};
  const std::string_view written = base.substr(token.begin, token.end - token.begin);
  if (token.part_count == 1) {
    const WordPart& part = line.parts[token.first_part];
    if (part.kind == PartKind::literal && part.text == written && !has_brace_expansion(written)) {
      result->words.push_back({written, span, true});
      return;
    }
  }
  std::string word;
  bool is_word = false;
  const auto finish = [&] {
    if (is_word) result->words.push_back({ruleset.keep(std::move(word)), span, false});
    word.clear();
    is_word = false;
  };
  for (std::uint32_t i = 0; i < token.part_count; ++i) {
    const WordPart& part = line.parts[token.first_part + i];
    if (part.kind == PartKind::literal || part.kind == PartKind::escape) {
      const bool is_literal = part.kind == PartKind::literal && !part.is_quoted;
      if (is_literal && has_brace_expansion(part.text) && result->unknown.empty()) {
        result->unknown = part.text;
      }
      word += part.text;
      is_word = true;
      continue;
    }
    std::string value;
    const bool is_known = value_of_part(part, &value);
    expanded_ += value.size();
    // Where IFS is set, unquoted values split at other signs than blanks.
    const bool may_split = !part.is_quoted && knowledge_of("IFS") != Knowledge::never_assigned &&
                           value.find_first_of(" \t\n,:;|/") != std::string::npos;
    if (!is_known || may_split || expanded_ > most_expanded(base)) {
      if (result->unknown.empty()) {
        result->is_too_much = is_known && expanded_ > most_expanded(base);
        result->unknown = part.kind == PartKind::parameter
                              ? ruleset.keep(fmt::format("${}", part.text))
                              : part.text;
        if (part.kind == PartKind::parameter) result->unknown_variable = part.text;
      }
      is_word = true;
      continue;
    }
    if (part.is_quoted) {
      word += value;
      is_word = true;
      continue;
    }
    // Field splitting (POSIX.1-2017, Shell Command Language, 2.6.5) at the default IFS.
    for (std::size_t at = 0; at < value.size(); ++at) {
      if (blanks.find(value[at]) != std::string_view::npos) {
        finish();
      } else {
        word += value[at];
        is_word = true;
      }
    }
  }
  finish();
}

bool ShellVariables::value_of(const ShellLine& line, const Token& token, std::size_t skip,
                              std::string* value) const {
  value->clear();
  for (std::uint32_t i = 0; i < token.part_count; ++i) {
    const WordPart& part = line.parts[token.first_part + i];
    if (part.kind == PartKind::literal || part.kind == PartKind::escape) {
      const std::size_t cut = std::min(skip, part.text.size());
      *value += part.text.substr(cut);
      skip -= cut;
      continue;
    }
    std::string piece;
    if (!value_of_part(part, &piece)) return false;
    if (value->size() + piece.size() > longest_value) return false;
    *value += piece;
  }
  return true;
}

}  // namespace untrack::iptables
