// Where a script may end before its last line: exit, return, exec, and calls of functions that do
// one of these. What is certain to stand behind an end is not read; what may stand behind one is
// taken only as far as it adds rules, so that neither outcome is forgotten.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "parser/iptables/script/reader.hpp"

namespace untrack::iptables {
namespace {

// `${NAME?words}` and `${NAME:?words}` end the script if NAME has no value.
bool ends_if_unset(const WordPart& part) {
  if (part.kind != PartKind::expansion || !part.text.starts_with("${")) return false;
  const std::size_t end = part.text.find_first_of("?-+=%#/}", 2);
  return end != std::string_view::npos && part.text[end] == '?';
}

}  // namespace

// The function may end the script, and so may every function that calls it.
void ScriptReader::mark_ending(std::string_view function) {
  std::vector<std::string_view> open = {function};
  while (!open.empty()) {
    const std::string_view name = open.back();
    open.pop_back();
    if (!ending_functions_.insert(name).second) continue;
    const auto callers = callers_.find(name);
    if (callers == callers_.end()) continue;
    open.insert(open.end(), callers->second.begin(), callers->second.end());
    callers_.erase(callers);
  }
}

void ScriptReader::leave(const Call& call, const Span& place, bool is_certain) {
  if (call.is_in_subshell) return;
  if (!open_functions_.empty()) {
    mark_ending(open_functions_.back());
    return;
  }
  if (is_certain && !is_in_doubt() && connector_ == TokenKind::semicolon) {
    ends_.has_ended = true;
    ends_.place = place;
    return;
  }
  const bool is_chained_group = !blocks_.empty() && blocks_.back().is_chained;
  const bool is_failure = connector_ == TokenKind::or_if
                              ? !is_in_doubt() && is_chain_of_firewall_
                              : is_chained_group && blocks_.back().is_failure && doubts_ == 1;
  if (has_changed_) ends_.may_have_ended = true;
  pending_ends_.push_back({place, !has_changed_ ? EndKind::guard
                                  : is_failure  ? EndKind::failure
                                                : EndKind::choice});
}

// What a command that was carried out, or its words, say about the end of the script.
void ScriptReader::look_for_end(const Call& call, std::string_view program) {
  for (const std::size_t word : call.words) {
    const Token& token = line_.tokens[word];
    for (std::uint32_t i = 0; i < token.part_count; ++i) {
      if (ends_if_unset(line_.parts[token.first_part + i]))
        return leave(call, span_of(token), false);
    }
  }
  std::size_t first = 0;
  std::string_view name = program;
  if ((program == "builtin" || program == "command") && call.words.size() > 1) {
    name = plain(line_.tokens[call.words[++first]]);
  }
  const bool is_last = first + 1 >= call.words.size();
  if (name == "exit") return leave(call, span_of(call), true);
  // `exec >file` only redirects; `exec COMMAND` never comes back.
  if (name == "exec" && !is_last) return leave(call, span_of(call), true);
  if (name == "return") {
    // Outside of a function it ends a script that another one reads in, and nothing else.
    if (open_[static_cast<std::size_t>(BlockKind::function)] == 0)
      leave(call, span_of(call), false);
    return;
  }
  if (name == "kill") {
    for (std::size_t i = first + 1; i < call.words.size(); ++i) {
      const Token& token = line_.tokens[call.words[i]];
      if (text_.substr(token.begin, token.end - token.begin) == "$$") {
        return leave(call, span_of(call), false);
      }
    }
    return;
  }
  if (name.empty()) return;
  if (ending_functions_.contains(name)) {
    leave(call, span_of(call), false);
  } else if (!open_functions_.empty() && name == plain(line_.tokens[call.words[first]])) {
    callers_[plain(line_.tokens[call.words[first]])].push_back(open_functions_.back());
  }
  if (open_functions_.empty() && has_function_rules_ && functions_.contains(name)) {
    tell_ends();
    has_changed_ = true;
  }
}

// Stands behind an end: counted, so that it is not left out in silence.
void ScriptReader::pass_over(const Call& call) {
  Expansion front;
  const std::size_t next = expand_front(call, 0, &front);
  bool counts = !front.unknown.empty();
  if (!counts && !front.words.empty()) {
    switch (find_program(front.words.front().text).kind) {
      case ProgramKind::iptables:
      case ProgramKind::ip6tables:
      case ProgramKind::restore:
      case ProgramKind::restore6:
      case ProgramKind::ipset:
      case ProgramKind::runs_script:
      case ProgramKind::may_track:
        counts = true;
        break;
      case ProgramKind::prefix:
      case ProgramKind::other:
        counts = names_iptables(call, next);
        break;
      case ProgramKind::listing:
      case ProgramKind::quiet:
      case ProgramKind::declares:
      case ProgramKind::reads:
      case ProgramKind::not_looked_at:
        break;
    }
  }
  if (!counts) return;
  if (ends_.passed_over++ == 0) ends_.first = span_of(call).begin;
}

// What ended in it goes on behind it.
void ScriptReader::leave_subshell(const Block& block) {
  if (block.ends.has_ended) return;
  tell_passed_over();
  ends_ = block.ends;
  if (pending_ends_.size() > block.pending_ends) pending_ends_.resize(block.pending_ends);
}

// At the end of the script, or of the subshell that has ended.
void ScriptReader::tell_passed_over() {
  if (!ends_.has_ended || ends_.passed_over == 0) return;
  outcome_.has_commands = true;
  // Subshells end one behind the other, so that the text is counted through once.
  lines_counted_ += static_cast<std::size_t>(
      std::count(text_.begin() + counted_to_, text_.begin() + ends_.first, '\n'));
  counted_to_ = ends_.first;
  const std::size_t line = lines_counted_ + 1;
  add_note(ruleset_, ends_.place,
           ends_.passed_over == 1
               ? fmt::format("the firewall command behind this, in line {}, never runs", line)
               : fmt::format("the {} firewall commands behind this, from line {} on, never run",
                             ends_.passed_over, line),
           "the shell leaves here", "Remove what is dead, or the end in front of it.");
}

// A firewall command comes: what may have kept the shell from it is worth telling.
void ScriptReader::tell_ends() {
  for (const PendingEnd& end : std::exchange(pending_ends_, {})) {
    switch (end.kind) {
      case EndKind::guard:
        add_note(ruleset_, end.place, "the script may end here, before it changes the firewall",
                 "taken as if it went on");
        break;
      case EndKind::failure:
        if (std::exchange(has_told_failure_, true)) break;
        add_note(ruleset_, end.place, "the script ends here if the command in front fails",
                 "commands are taken to succeed; behind this none removes rules");
        break;
      case EndKind::choice:
        add_not_understood(
            ruleset_, end.place, "the script may end here, in front of further firewall commands",
            "what these add is taken, what they remove is not", std::string(give_what_it_loads));
        break;
    }
  }
}

}  // namespace untrack::iptables
