// Statements that hand packets or words of them on: log and queue, as nft(8), "STATEMENTS", gives
// their forms.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "model/catalog/nft_expressions.hpp"
#include "parser/nft/statements.hpp"
#include "parser/nft/values.hpp"

namespace untrack::nft {
namespace {

using catalog::has_word;

constexpr std::string_view log_levels = "emerg alert crit err warn notice info debug audit";

}  // namespace

// all, skuid, ether, ip options, tcp sequence,options
void StatementReader::read_log_flags() {
  const std::string_view word = in_.word();
  if (!has_word("all tcp ip skuid ether", word)) in_.fail("all, tcp, ip, skuid or ether");
  in_.next();
  if (word != "tcp" && word != "ip") return;
  const std::string_view known = word == "tcp" ? "sequence options" : "options";
  do {
    if (!has_word(known, in_.word())) {
      in_.fail(word == "tcp" ? "sequence or options" : "options");
    }
    in_.next();
  } while (word == "tcp" && in_.accept_symbol(","));
}

void StatementReader::read_log_option(std::string_view word) {
  if (word == "flags") return read_log_flags();
  if (word == "prefix") {
    const bool is_number = plain_number(in_.word()).has_value();
    constexpr std::size_t longest = 127;  // NF_LOG_PREFIXLEN - 1
    if (in_.text(in_.peek()).size() > longest) in_.fail("a text of at most 127 bytes");
    if (in_.is_quoted()) {
      in_.next();
    } else if (is_number || in_.expect_word("a text").kind != TokenKind::word) {
      in_.fail("a text");
    }
    return;
  }
  if (word != "level") return expect_number();
  const std::string_view level = in_.text(in_.peek());
  if ((!in_.is_quoted() && in_.word().empty()) || !has_word(log_levels, level)) {
    in_.fail(fmt::format("one of {}", log_levels));
  }
  in_.next();
}

Node StatementReader::read_log(std::size_t first) {
  in_.next();
  // Those of the kernel's log, and those of a group of nfnetlink (src/evaluate.c,
  // stmt_evaluate_log).
  constexpr std::array options = {"prefix", "level",   "flags",
                                  "group",  "snaplen", "queue-threshold"};
  bool is_of_log = false;
  bool is_of_group = false;
  bool has_more = false;
  bool is_audit = false;
  for (;;) {
    const auto* const option = std::ranges::find(options, in_.word());
    if (option == options.end()) break;
    const std::size_t at = in_.position();
    const std::string_view word = in_.text(in_.next());
    is_audit = is_audit || (word == "level" && in_.is_word("audit"));
    read_log_option(word);
    has_more = has_more || word != "level";
    is_of_log = is_of_log || word == "level" || word == "flags";
    is_of_group = is_of_group || has_word("group snaplen queue-threshold", word);
    if ((is_of_log && is_of_group) || (is_audit && has_more)) {
      throw SyntaxError{in_.span_since(at),
                        is_audit ? "an option beside level audit"
                                 : "level or flags of the kernel's log, and options of a group",
                        "nft refuses it", "Leave one of them out.", true};
    }
  }
  return statement(first, "log");
}

// Numbers of queues have 16 bits, and fanout is over a range.
void StatementReader::check_queue(const std::vector<Node>& arguments, bool has_expression) const {
  const Node* number = nullptr;
  bool has_fanout = false;
  for (const Node& each : arguments) {
    if (each.text == "number") number = &each.children[0];
    has_fanout = has_fanout || each.text == "fanout";
  }
  if (number == nullptr) return;
  const auto refuse = [&](std::string_view message) {
    throw SyntaxError{number->span, std::string(message), "nft refuses it", "", true};
  };
  const auto check = [&](const Node& value) {
    const auto plain = plain_number(value.text);
    constexpr Number largest = 65535;
    if (!plain || *plain > largest) refuse("not the number of a queue");
  };
  const bool is_range = number->kind == NodeKind::range;
  if (number->kind == NodeKind::symbol) check(*number);
  if (is_range) {
    for (const Node& end : number->children) check(end);
    if (plain_number(number->children[0].text) > plain_number(number->children[1].text)) {
      refuse("a range that ends before it begins");
    }
  }
  const bool is_selector = number->kind == NodeKind::selector;
  const bool is_number = number->text.starts_with("numgen ") ||
                         number->text.starts_with("jhash ") || number->text.starts_with("symhash ");
  const bool is_computed = number->kind == NodeKind::map || is_selector;
  if ((is_computed && !has_expression) || (is_selector && !is_number)) {
    refuse("not the number of a queue");
  }
  if (has_fanout && number->kind == NodeKind::symbol) refuse("fanout over one queue");
}

// queue [flags F] [num N[-M] | to VALUE] [bypass][,fanout]
Node StatementReader::read_queue(std::size_t first) {
  constexpr std::string_view flags = "bypass fanout";
  in_.next();
  std::vector<Node> arguments;
  const bool has_flags = in_.accept_word("flags");
  if (has_flags && !has_word(flags, in_.word())) in_.fail("bypass or fanout");
  read_flags(arguments, flags);
  if (has_flags && !in_.is_word("num") && !in_.is_word("to")) in_.fail("num or to");
  const std::size_t at = in_.position();
  const bool is_of_value = in_.is_word("to");
  if (in_.accept_word("num") || in_.accept_word("to")) {
    std::vector<Node> number;
    number.push_back(expressions_.read_part(ExpressionReader::Selectors::yes));
    arguments.push_back(argument(at, "number", std::move(number)));
  }
  read_flags(arguments, flags);
  check_queue(arguments, is_of_value);
  return statement(first, "queue", std::move(arguments));
}

}  // namespace untrack::nft
