#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "parser/iptables/script/reader.hpp"

namespace untrack::iptables {
namespace {

constexpr std::string_view cure_for_unknown =
    "Assign it in the script, or give the output of iptables-save instead.";

bool is_name(std::string_view text) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// "NAME" of a word NAME=..., else empty. `length`: of what stands in front of the value.
std::string_view assigned_name(std::string_view literal, std::size_t* length) {
  const std::size_t sign = literal.find('=');
  if (sign == std::string_view::npos || sign == 0) return {};
  *length = sign + 1;
  const std::string_view name = literal.substr(0, sign - (literal[sign - 1] == '+' ? 1 : 0));
  return is_name(name) ? name : std::string_view();
}

// An option that gives a chain rules: only what is left out of these can hide tracking.
bool may_add(std::string_view word) {
  constexpr std::array adding = {"-A", "-I", "-R", "--append", "--insert", "--replace"};
  constexpr std::array others = {"-D", "-F", "-X", "-Z", "-L", "-S", "-P", "-N", "-E", "-C"};
  return std::ranges::find(adding, word) != adding.end() ||
         std::ranges::find(others, word) == others.end();
}

bool is_command_option(std::string_view word) {
  constexpr std::string_view letters = "AIDRNPFXZELSC";
  return (word.size() == 2 && word[0] == '-' && letters.find(word[1]) != std::string_view::npos) ||
         word == "-t" || word == "--append" || word == "--insert";
}

}  // namespace

Span ScriptReader::span_of(const Call& call) const {
  return {source_, line_.tokens[call.words.front()].begin, line_.tokens[call.words.back()].end};
}

// A firewall command runs, or may: what it finds behind itself later cannot be forgotten.
void ScriptReader::changes() {
  tell_ends();
  has_taken_ = true;
  (open_functions_.empty() ? has_changed_ : has_function_rules_) = true;
}

void ScriptReader::took() {
  changes();
  outcome_.has_commands = true;
  if (!blocks_.empty()) ++blocks_.back().taken;
}

// Inside a branch, loop or function the block's own report speaks for all that is in it.
void ScriptReader::not_read(const Call& call, std::string message, std::string label,
                            std::string cure, bool may_track) {
  changes();
  outcome_.has_commands = true;
  if (!is_in_doubt()) {
    add_not_understood(ruleset_, span_of(call), std::move(message), std::move(label),
                       std::move(cure), may_track);
  } else if (may_track) {
    ++blocks_.back().left;
  } else {
    ++blocks_.back().taken;
  }
}

// Its name, or options that only it has together: an alias, or a function of another file.
bool ScriptReader::names_iptables(const Call& call, std::size_t next) const {
  bool adds = false;
  bool jumps = false;
  for (std::size_t i = next; i < call.words.size(); ++i) {
    const Token& token = line_.tokens[call.words[i]];
    const std::string_view written = text_.substr(token.begin, token.end - token.begin);
    if (written.find("iptables") != std::string_view::npos ||
        written.find("ip6tables") != std::string_view::npos) {
      return true;
    }
    adds = adds || written == "-A" || written == "-I" || written == "--append" ||
           written == "--insert";
    jumps = jumps || written == "-j" || written == "-g" || written == "--jump";
  }
  return adds && jumps;
}

void ScriptReader::assign(const Token& token, std::string_view name) {
  std::size_t skip = 0;
  const std::string_view literal = line_.parts[token.first_part].text;
  assigned_name(literal, &skip);
  std::string value;
  const bool appends = skip > 1 && literal[skip - 2] == '+';
  // What a branch or loop assigns may or may not be what the commands behind it see.
  if (appends || is_in_doubt() || connector_ == TokenKind::and_if ||
      connector_ == TokenKind::or_if || !variables_.value_of(line_, token, skip, &value)) {
    variables_.forget(name);
  } else {
    variables_.assign(name, std::move(value));
  }
}

// Returns how many words in front are assignments; carries them out if no command follows.
std::size_t ScriptReader::assignments(const Call& call) {
  const auto name_of = [&](std::size_t i) {
    const Token& token = line_.tokens[call.words[i]];
    const WordPart& part = line_.parts[token.first_part];
    std::size_t length = 0;
    return part.kind == PartKind::literal && !part.is_quoted ? assigned_name(part.text, &length)
                                                             : std::string_view();
  };
  std::size_t count = 0;
  while (count < call.words.size() && !name_of(count).empty()) ++count;
  if (count == call.words.size()) {
    for (std::size_t i = 0; i < count; ++i) assign(line_.tokens[call.words[i]], name_of(i));
  }
  return count;
}

// `OUT=$(iptables -A INPUT ...)`: what a substitution runs is not read. Listings are harmless.
void ScriptReader::check_substitutions(const Call& call) {
  for (const std::size_t word : call.words) {
    const Token& token = line_.tokens[word];
    for (std::uint32_t i = 0; i < token.part_count; ++i) {
      const WordPart& part = line_.parts[token.first_part + i];
      if (part.kind != PartKind::expansion || program_of_substitution(part.text)) continue;
      const bool is_firewall = part.text.find("tables") != std::string_view::npos ||
                               part.text.find('$', 1) != std::string_view::npos;
      const auto has = [&](std::string_view option) {
        return part.text.find(option) != std::string_view::npos;
      };
      if (!is_firewall || !(has(" -A") || has(" -I") || has(" -R") || has("-restore") ||
                            has(" --append") || has(" --insert") || has(" --replace"))) {
        continue;
      }
      not_read(call, "a firewall command inside a command substitution", "it is not read",
               "Write the command on a line of its own.", true);
      return;
    }
  }
}

// The program is the first word that is left after expansion: `$SUDO iptables` with SUDO empty.
// Returns the word behind it.
std::size_t ScriptReader::expand_front(const Call& call, std::size_t next, Expansion* front) {
  while (front->words.empty() && front->unknown.empty() && next < call.words.size()) {
    variables_.expand(line_, line_.tokens[call.words[next]], source_, text_, ruleset_, front);
    ++next;
  }
  return next;
}

void ScriptReader::run(Call& call) {
  has_taken_ = false;
  has_succeeded_ = false;
  if (ends_.has_ended) return pass_over(call);
  check_substitutions(call);
  std::size_t next = assignments(call);
  if (next == call.words.size()) return look_for_end(call, {});
  call.words.erase(call.words.begin(), call.words.begin() + static_cast<std::ptrdiff_t>(next));
  Expansion front;
  next = expand_front(call, 0, &front);
  if (!front.unknown.empty()) {
    unknown_program(call, front);
  } else if (!front.words.empty()) {
    if (functions_.contains(front.words.front().text)) doubt_function(call, front.words.front());
    run_program(call, front.words, next);
  }
  look_for_end(call, front.unknown.empty() && !front.words.empty() ? front.words.front().text
                                                                   : std::string_view());
}

void ScriptReader::unknown_program(const Call& call, const Expansion& expansion) {
  const std::string_view second =
      call.words.size() > 1 ? plain(line_.tokens[call.words[1]]) : std::string_view();
  const bool is_assigned =
      !expansion.unknown_variable.empty() && variables_.knowledge_of(expansion.unknown_variable) !=
                                                 ShellVariables::Knowledge::never_assigned;
  std::string label = is_assigned ? "assigned to something that is not known here"
                      : expansion.unknown_variable.empty() ? "its result is not known"
                                                           : "never assigned in this script";
  if (is_command_option(second)) {
    not_read(call,
             fmt::format("a firewall command whose program {} is not known", expansion.unknown),
             std::move(label), "Assign it: IPT=/sbin/iptables.", may_add(second));
  } else {
    not_read(call, fmt::format("which program {} is, is not known", expansion.unknown),
             std::move(label), std::string(cure_for_unknown), true);
  }
}

// Behind the options and assignments of the first program, as of `sudo`, the real one stands.
void ScriptReader::run_prefixed(Call& call, const std::vector<Word>& front, std::size_t next) {
  const std::string_view name = front.front().text;
  std::vector<Word> rest(front.begin() + 1, front.end());
  Expansion expansion;
  while (next < call.words.size() && expansion.unknown.empty()) {
    while (!rest.empty() && (rest.front().text.starts_with('-') ||
                             rest.front().text.find('=') != std::string_view::npos)) {
      const bool has_value = rest.front().text == "-u" || rest.front().text == "-n";
      if (name == "command" && !rest.front().text.starts_with("-p")) return;
      rest.erase(rest.begin());
      if (has_value && base_name(name) != "sudo" && !rest.empty()) rest.erase(rest.begin());
    }
    if (!rest.empty()) break;
    variables_.expand(line_, line_.tokens[call.words[next]], source_, text_, ruleset_, &expansion);
    ++next;
    rest.insert(rest.end(), expansion.words.begin(), expansion.words.end());
    expansion.words.clear();
  }
  if (!expansion.unknown.empty()) return unknown_program(call, expansion);
  if (rest.empty() || rest.front().text.starts_with('-')) return;
  if (backend_of(name) != Backend::as_set_up) {
    for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
      note_backend(call, version, front.front());
    }
  }
  run_program(call, rest, next);
}

void ScriptReader::run_program(Call& call, const std::vector<Word>& front, std::size_t next) {
  const std::string_view name = front.front().text;
  const Program program = find_program(name);
  switch (program.kind) {
    case ProgramKind::iptables:
      run_iptables(call, IpVersion::ipv4, front, next);
      break;
    case ProgramKind::ip6tables:
      run_iptables(call, IpVersion::ipv6, front, next);
      break;
    case ProgramKind::restore:
      run_restore(call, IpVersion::ipv4, front, next);
      break;
    case ProgramKind::restore6:
      run_restore(call, IpVersion::ipv6, front, next);
      break;
    case ProgramKind::ipset:
      run_ipset(call, front, next);
      break;
    case ProgramKind::prefix:
      return run_prefixed(call, front, next);
    case ProgramKind::listing:
      break;
    case ProgramKind::quiet:
      has_succeeded_ = name == "echo" || name == "printf";
      break;
    case ProgramKind::declares:
      declare(call, next);
      break;
    case ProgramKind::reads:
      forget(call, next);
      break;
    case ProgramKind::runs_script: {
      const std::string_view file =
          next < call.words.size() ? plain(line_.tokens[call.words[next]]) : std::string_view();
      // Libraries of init scripts: functions for messages and daemons.
      if (file == "/lib/lsb/init-functions" || file.ends_with("/init.d/functions")) break;
      not_read(call, fmt::format("{} runs commands that are not read", in_quotes(name)),
               std::string(program.why),
               "Put its lines into this script, or give the output of iptables-save instead.",
               true);
      break;
    }
    case ProgramKind::not_looked_at:
    case ProgramKind::may_track:
      once(call, program);
      break;
    case ProgramKind::other:
      if (name.starts_with('-') && is_command_option(name)) {
        if (!has_told_options_) {
          has_told_options_ = true;
          add_error(ruleset_, front.front().span, "commands without a program",
                    "expected iptables or ip6tables in front of the options",
                    "They are read as commands of iptables; check that no variable was lost.");
        }
        std::vector<Word> with_program = front;
        with_program.insert(with_program.begin(), front.front());
        run_iptables(call, IpVersion::ipv4, with_program, next);
        return;
      }
      if (base_name(name) == "ip") {
        run_ip(call, next);
      } else if (name.starts_with('*') || name == "COMMIT" ||
                 (name.starts_with(':') && name != ":")) {
        not_read(call, fmt::format("a line of a save file in a script: {}", in_quotes(name)),
                 "the shell does not know it",
                 "Put it into a here-document of iptables-restore, or into a file of its own.",
                 true);
      } else if (!functions_.contains(name) && names_iptables(call, next)) {
        not_read(call, fmt::format("{} may run an iptables command", in_quotes(name)),
                 "not known here", "Write the command itself into the script.", true);
      }
      break;
  }
}

void ScriptReader::declare(const Call& call, std::size_t next) {
  for (; next < call.words.size(); ++next) {
    const Token& token = line_.tokens[call.words[next]];
    std::size_t length = 0;
    const WordPart& part = line_.parts[token.first_part];
    const std::string_view name = part.kind == PartKind::literal && !part.is_quoted
                                      ? assigned_name(part.text, &length)
                                      : std::string_view();
    if (!name.empty()) assign(token, name);
  }
}

void ScriptReader::forget(const Call& call, std::size_t next) {
  for (; next < call.words.size(); ++next) {
    const std::string_view name = plain(line_.tokens[call.words[next]]);
    if (is_name(name)) variables_.forget(name);
  }
}

bool ScriptReader::expand_rest(const Call& call, std::size_t next, std::string_view program,
                               std::vector<Word>* words) {
  Expansion expansion;
  for (std::size_t i = next; i < call.words.size(); ++i) {
    variables_.expand(line_, line_.tokens[call.words[i]], source_, text_, ruleset_, &expansion);
  }
  words->insert(words->end(), expansion.words.begin(), expansion.words.end());
  if (expansion.unknown.empty()) return true;
  bool adds = true;
  for (const Word& word : *words) adds = adds && may_add(word.text);
  // A deletion or flush that is left out leaves more rules standing, never fewer.
  const bool is_variable = !expansion.unknown_variable.empty();
  const bool is_assigned = is_variable && variables_.knowledge_of(expansion.unknown_variable) !=
                                              ShellVariables::Knowledge::never_assigned;
  not_read(call,
           fmt::format("the value of {} in this {} command is not known",
                       in_quotes(expansion.unknown), program),
           expansion.is_too_much ? "the values of variables come to more than 1 MiB and four times "
                                   "the script, or to more than 16 MiB"
           : is_assigned         ? "assigned to something that is not known here"
           : is_variable         ? "never assigned in this script"
                                 : "only the shell can say what it becomes",
           std::string(cure_for_unknown), adds);
  return false;
}

}  // namespace untrack::iptables
