#include "parser/iptables/script/script.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "parser/iptables/script/reader.hpp"

namespace untrack::iptables {
namespace {

LineKind kind_of(const ShellLine& line) {
  if (!line.tokens.empty()) return LineKind::command;
  return line.is_comment ? LineKind::comment : LineKind::blank;
}

}  // namespace

ScriptOutcome read_script(SourceId source, std::string_view text, Ruleset& ruleset,
                          Execution& execution, Ipsets& ipsets, RestoreText* commands) {
  return ScriptReader(source, text, ruleset, execution, ipsets, commands).read();
}

ScriptOutcome ScriptReader::read() {
  outcome_.document.source = source_;
  outcome_.document.text = text_;
  ShellLines lines(text_);
  while (lines.next(&line_)) {
    outcome_.document.lines.push_back({kind_of(line_), 0, line_.begin, line_.end});
    read_line();
    limit_.apply();
  }
  while (!blocks_.empty()) {
    const Block& block = blocks_.back();
    // Behind the end of a script anything may stand: it is not read.
    if (!ends_.has_ended && (block.kind != BlockKind::group || block.taken + block.left > 0)) {
      add_error(ruleset_, block.head, "this is never closed",
                "the shell stops with an error at the end of the script",
                "Add the word that closes it: fi, done, esac or }.", block.left > 0);
    }
    close(block.kind, 0);
    limit_.apply();
  }
  tell_passed_over();
  limit_.finish();
  return std::move(outcome_);
}

std::string_view ScriptReader::plain(const Token& token) const {
  if (token.kind != TokenKind::word || token.part_count != 1) return {};
  const WordPart& part = line_.parts[token.first_part];
  return part.kind == PartKind::literal && !part.is_quoted ? part.text : std::string_view();
}

bool ScriptReader::is_in_doubt() const { return doubts_ > 0; }

void ScriptReader::read_line() {
  if (line_.is_too_deep && ends_.has_ended) return;
  if (line_.is_too_deep) {
    add_not_understood(ruleset_, {source_, line_.begin, line_.end},
                       "brackets are nested too deep to follow", "from here on nothing is read",
                       std::string(give_what_it_loads), true);
    outcome_.has_commands = true;
    return;
  }
  const std::vector<Token>& tokens = line_.tokens;
  is_alone_ = std::ranges::none_of(tokens, [](const Token& token) {
    return token.kind != TokenKind::word && token.kind != TokenKind::redirection &&
           token.kind != TokenKind::here_document;
  });
  if (!tokens.empty()) {
    // `||` at the end of a line connects to the next one that is not empty.
    if (!is_continued_) connector_ = TokenKind::semicolon;
    is_alone_ = is_alone_ && !is_continued_;
    const TokenKind last = tokens.back().kind;
    is_continued_ =
        last == TokenKind::and_if || last == TokenKind::or_if || last == TokenKind::pipe;
  }
  std::size_t at = 0;
  while (at < tokens.size()) {
    const Token& token = tokens[at];
    if (!blocks_.empty() && blocks_.back().expects_pattern) {
      at = skip_pattern(at);
      continue;
    }
    switch (token.kind) {
      case TokenKind::word:
        at = read_word(at);
        break;
      case TokenKind::end_of_case:
        if (!blocks_.empty() && blocks_.back().kind == BlockKind::choice) {
          blocks_.back().expects_pattern = true;
        }
        ++at;
        break;
      case TokenKind::semicolon:
      case TokenKind::and_if:
      case TokenKind::or_if:
      case TokenKind::pipe:
        connector_ = token.kind;
        ++at;
        break;
      case TokenKind::open_round:
        open(pending_function_.empty() ? BlockKind::group : BlockKind::function, token);
        ++at;
        break;
      case TokenKind::close_round:
        // One that closes no `(` belongs to what is not followed: arithmetic, arrays.
        if (!blocks_.empty() && blocks_.back().is_round) close(blocks_.back().kind, at + 1);
        ++at;
        break;
      case TokenKind::redirection:
      case TokenKind::here_document:
        at += 2;
        break;
    }
  }
  if (line_.is_unclosed && !ends_.has_ended) {
    add_error(ruleset_, {source_, line_.begin, line_.end},
              "a quote, bracket or here-document is never closed",
              "it goes on to the end of the script", "Close it where it should end.", true);
  }
}

// `pattern | pattern)`; what follows is commands again.
std::size_t ScriptReader::skip_pattern(std::size_t at) {
  for (; at < line_.tokens.size(); ++at) {
    const Token& token = line_.tokens[at];
    if (plain(token) == "esac") {
      close(BlockKind::choice, at + 1);
      return at + 1;
    }
    if (token.kind == TokenKind::close_round) {
      blocks_.back().expects_pattern = false;
      return at + 1;
    }
  }
  return at;
}

std::size_t ScriptReader::read_word(std::size_t at) {
  const Token& token = line_.tokens[at];
  const std::string_view word = plain(token);
  if (word == "then" || word == "do" || word == "else" || word == "elif") {
    connector_ = TokenKind::semicolon;
    return at + 1;
  }
  if (word == "!") return at + 1;
  if (word == "if") {
    open(BlockKind::condition, token);
    return at + 1;
  }
  if (word == "while" || word == "until") {
    open(BlockKind::loop, token);
    return at + 1;
  }
  if (word == "for" || word == "select") return open_loop(at);
  if (word == "case") return open_choice(at);
  if (word == "fi") return close(BlockKind::condition, at + 1), at + 1;
  if (word == "done") return close(BlockKind::loop, at + 1), at + 1;
  if (word == "esac") return close(BlockKind::choice, at + 1), at + 1;
  if (word == "}") {
    close_brace(at + 1);
    return at + 1;
  }
  if (word == "{") {
    open(pending_function_.empty() ? BlockKind::group : BlockKind::function, token);
    return at + 1;
  }
  if (open_function(&at)) return at;
  return simple_command(at);
}

// `NAME ()` or `function NAME [()]`; the body is a block that follows.
bool ScriptReader::open_function(std::size_t* at) {
  const std::vector<Token>& tokens = line_.tokens;
  const auto is_kind = [&](std::size_t i, TokenKind kind) {
    return i < tokens.size() && tokens[i].kind == kind;
  };
  const std::string_view word = plain(tokens[*at]);
  if (word == "function" && is_kind(*at + 1, TokenKind::word)) {
    pending_function_ = plain(tokens[*at + 1]);
    *at += 2;
    if (is_kind(*at, TokenKind::open_round) && is_kind(*at + 1, TokenKind::close_round)) *at += 2;
    return true;
  }
  if (!word.empty() && is_kind(*at + 1, TokenKind::open_round) &&
      is_kind(*at + 2, TokenKind::close_round)) {
    pending_function_ = word;
    *at += 3;
    return true;
  }
  return false;
}

std::size_t ScriptReader::open_loop(std::size_t at) {
  const std::vector<Token>& tokens = line_.tokens;
  open(BlockKind::loop, tokens[at]);
  ++at;
  if (at < tokens.size()) variables_.forget(plain(tokens[at]));
  const bool is_arithmetic = at < tokens.size() && tokens[at].kind == TokenKind::open_round;
  while (at < tokens.size() && (is_arithmetic || tokens[at].kind != TokenKind::semicolon) &&
         plain(tokens[at]) != "do") {
    blocks_.back().head.end = tokens[at].end;
    ++at;
  }
  return at;
}

std::size_t ScriptReader::open_choice(std::size_t at) {
  const std::vector<Token>& tokens = line_.tokens;
  open(BlockKind::choice, tokens[at]);
  while (at < tokens.size() && plain(tokens[at]) != "in") ++at;
  blocks_.back().expects_pattern = true;
  return std::min(at + 1, tokens.size());
}

std::size_t ScriptReader::simple_command(std::size_t at) {
  const std::vector<Token>& tokens = line_.tokens;
  Call call;
  for (; at < tokens.size(); ++at) {
    const Token& token = tokens[at];
    if (token.kind == TokenKind::redirection) {
      call.reads_file =
          call.reads_file || text_.substr(token.begin, token.end - token.begin) == "<";
      ++at;
    } else if (token.kind == TokenKind::here_document) {
      call.here_document = &token;
      ++at;
    } else if (token.kind == TokenKind::open_round && !call.words.empty() &&
               tokens[call.words.back()].end == token.begin) {
      // NAME=(...): an array; its words are no commands.
      while (at < tokens.size() && tokens[at].kind != TokenKind::close_round) ++at;
    } else if (token.kind == TokenKind::word) {
      call.words.push_back(at);
    } else {
      break;
    }
  }
  if (call.words.empty()) return at;
  const bool is_chained = connector_ == TokenKind::and_if || connector_ == TokenKind::or_if;
  // Only commands of the firewall are taken to succeed: anything else may be a test.
  call.is_doubtful = is_chained && !is_chain_of_firewall_;
  // A function's rules come when it is called, which may be behind a flush that stands below it.
  call.is_additive = is_in_doubt() || connector_ == TokenKind::or_if || call.is_doubtful ||
                     ends_.may_have_ended || has_function_rules_;
  call.is_in_subshell = connector_ == TokenKind::pipe || is_subshell_behind(at);
  const bool continues_chain = is_chained && is_chain_of_firewall_;
  run(call);
  is_chain_of_firewall_ = (has_taken_ || has_succeeded_) && (!is_chained || continues_chain);
  return at;
}

}  // namespace untrack::iptables
