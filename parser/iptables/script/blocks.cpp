// What has a beginning and an end in a script: branches, loops, functions, groups.
#include <fmt/format.h>

#include <algorithm>

#include "parser/iptables/script/reader.hpp"

namespace untrack::iptables {

void ScriptReader::open(BlockKind kind, const Token& token) {
  Block block;
  block.kind = kind;
  block.head = span_of(token);
  block.is_round = token.kind == TokenKind::open_round;
  block.name = pending_function_;
  block.ends = ends_;
  block.is_subshell = block.is_round || connector_ == TokenKind::pipe;
  if (kind == BlockKind::group) {
    block.is_chained = connector_ == TokenKind::and_if || connector_ == TokenKind::or_if;
    block.is_failure = connector_ == TokenKind::or_if && is_chain_of_firewall_;
  }
  block.pending_ends = pending_ends_.size();
  // The block as a whole is connected to what stands in front, not its first command.
  connector_ = TokenKind::semicolon;
  if (block.is_doubtful()) ++doubts_;
  if (kind == BlockKind::function) open_functions_.push_back(block.name);
  if (kind == BlockKind::function && !pending_function_.empty()) functions_.insert(block.name);
  pending_function_ = {};
  ++open_[static_cast<std::size_t>(kind)];
  blocks_.push_back(block);
}

// Closes up to the nearest block of the kind; a closing word without one is left alone.
// `at`: the token behind the closing word.
void ScriptReader::close(BlockKind kind, std::size_t at) {
  if (open_[static_cast<std::size_t>(kind)] == 0) return;
  while (true) {
    const Block block = blocks_.back();
    blocks_.pop_back();
    --open_[static_cast<std::size_t>(block.kind)];
    if (block.is_doubtful()) --doubts_;
    if (block.kind == BlockKind::function) open_functions_.pop_back();
    if (block.is_subshell || (block.kind == kind && is_subshell_behind(at))) {
      leave_subshell(block);
    }
    if (block.is_doubtful() && !is_in_doubt()) {
      report_block(block);
    } else if (!blocks_.empty()) {
      blocks_.back().taken += block.taken;
      blocks_.back().left += block.left;
    }
    if (block.kind == kind) return;
  }
}

// What ends in front of the token is a part of a pipeline, or runs in the background: an exit in it
// does not end the script.
bool ScriptReader::is_subshell_behind(std::size_t at) const {
  const std::vector<Token>& tokens = line_.tokens;
  while (at < tokens.size() && (tokens[at].kind == TokenKind::redirection ||
                                tokens[at].kind == TokenKind::here_document)) {
    at += 2;
  }
  if (at >= tokens.size()) return false;
  const Token& token = tokens[at];
  return token.kind == TokenKind::pipe ||
         (token.kind == TokenKind::semicolon &&
          text_.substr(token.begin, token.end - token.begin) == "&");
}

// `}` ends the nearest group or function body.
void ScriptReader::close_brace(std::size_t at) {
  if (open_[static_cast<std::size_t>(BlockKind::group)] +
          open_[static_cast<std::size_t>(BlockKind::function)] ==
      0) {
    return;
  }
  while (blocks_.back().kind != BlockKind::group && blocks_.back().kind != BlockKind::function) {
    close(blocks_.back().kind, at);
  }
  close(blocks_.back().kind, at);
}

void ScriptReader::report_block(const Block& block) {
  if (block.taken + block.left == 0) return;
  std::string message;
  std::string_view if_it_ran;
  switch (block.kind) {
    case BlockKind::condition:
    case BlockKind::group:
      message = "a condition decides whether firewall commands run";
      if_it_ran = "their rules are taken as if it held";
      break;
    case BlockKind::loop:
      message = "a loop around firewall commands is not followed";
      if_it_ran = "their rules are taken once";
      break;
    case BlockKind::choice:
      message = "a case decides which firewall commands run";
      if_it_ran = "the rules of all its branches are taken";
      break;
    case BlockKind::function:
      message = fmt::format("the function {} runs firewall commands and is not followed",
                            in_quotes(block.name));
      if_it_ran = "their rules are taken as if it were called";
      break;
  }
  const std::string label = block.left == 0
                                ? std::string(if_it_ran)
                                : fmt::format("{} of {} commands in it could not be read",
                                              block.left, block.taken + block.left);
  add_not_understood(ruleset_, block.head, std::move(message), label,
                     std::string(give_what_it_loads), block.left > 0);
}

}  // namespace untrack::iptables
