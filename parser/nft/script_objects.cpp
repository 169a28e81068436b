// Flowtables and objects. After nft(8), "FLOWTABLES" and "STATEFUL OBJECTS"; which lines ask for a
// separator behind them is as `nft -c` of 1.0.6 has it (measured).
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "model/catalog/nft_expressions.hpp"
#include "model/catalog/nft_symbols.hpp"
#include "parser/nft/script_reader.hpp"
#include "parser/nft/values.hpp"

namespace untrack::nft {
namespace {

// Objects that conntrack knows of, by the word behind `ct`, or their own.
std::string_view extension_of(std::string_view kind) {
  if (kind == "helper") return "ct helper";
  if (kind == "timeout") return "ct timeout";
  if (kind == "expectation") return "ct expectation";
  if (kind == "synproxy") return "synproxy";
  return {};
}

// A line of an object: a word and what stands behind it.
enum class Operand : std::uint8_t { none, number, time, word, any };
struct ObjectLine {
  std::string_view kind;
  std::string_view word;
  Operand operand;
};
constexpr ObjectLine object_lines[] = {
    {"helper", "l3proto", Operand::word},       {"timeout", "protocol", Operand::word},
    {"timeout", "l3proto", Operand::word},      {"timeout", "policy", Operand::any},
    {"expectation", "protocol", Operand::word}, {"expectation", "dport", Operand::number},
    {"expectation", "timeout", Operand::time},  {"expectation", "size", Operand::number},
    {"expectation", "l3proto", Operand::word},  {"synproxy", "mss", Operand::number},
    {"synproxy", "wscale", Operand::number},    {"synproxy", "timestamp", Operand::none},
    {"synproxy", "sack-perm", Operand::none},   {"flowtable", "hook", Operand::any},
    {"flowtable", "devices", Operand::any},     {"flowtable", "flags", Operand::any},
    {"flowtable", "counter", Operand::none},
};

std::string words_in(std::string_view kind) {
  std::string words;
  for (const ObjectLine& line : object_lines) {
    if (line.kind == kind) words += std::string(line.word) + ' ';
  }
  if (kind == "counter") words = "packets ";
  if (kind == "quota") words = "over until ";
  if (kind == "limit") words = "rate ";
  if (kind == "helper") words = "type " + words;
  return words + "comment";
}

}  // namespace

// One line, or a part of one.
void ScriptReader::read_object_item(std::string_view kind) {
  const std::string_view word = in_.word();
  if (in_.accept_word("comment")) {
    if (!in_.is_quoted() && in_.word().empty()) in_.fail("a comment");
    in_.next();
    return;
  }
  if (kind == "quota" || kind == "limit") {
    (void)statements_.read_rate_body(kind, in_.position());
    return;
  }
  if (kind == "secmark") {
    in_.next();
    return;
  }
  if (kind == "counter" && in_.accept_word("packets")) {
    const auto read_number = [&] {
      if (!plain_number(in_.word())) in_.fail("a number");
      in_.next();
    };
    read_number();
    if (!in_.accept_word("bytes")) in_.fail("bytes");
    return read_number();
  }
  if (kind == "helper" && in_.accept_word("type")) {
    if (!in_.is_quoted()) in_.fail("the name of a helper, in quotes");
    in_.next();
    if (!in_.accept_word("protocol")) in_.fail("protocol");
    if (!in_.is_word("tcp") && !in_.is_word("udp")) in_.fail("tcp or udp");
    in_.next();
    return;
  }
  const auto* const line = std::ranges::find_if(
      object_lines, [&](const ObjectLine& each) { return each.kind == kind && each.word == word; });
  if (line == std::end(object_lines)) in_.fail(fmt::format("one of {}", words_in(kind)));
  in_.next();
  switch (line->operand) {
    case Operand::none:
      return;
    case Operand::number:
      if (!plain_number(in_.word())) in_.fail("a number");
      break;
    case Operand::time:
      if (!time_in_ms(in_.word())) in_.fail("a time");
      break;
    case Operand::word:
      in_.expect_word("a word");
      return;
    case Operand::any:
      return read_object_operand(kind, word);
  }
  in_.next();
}

void ScriptReader::read_object_operand(std::string_view kind, std::string_view word) {
  if (kind == "flowtable" && word == "hook") {
    if (!in_.accept_word("ingress")) in_.fail("ingress");
    if (!in_.accept_word("priority")) in_.fail("priority");
    const bool is_word = !in_.word().empty() && !plain_number(in_.word());
    if (is_word && !in_.is_word("filter")) in_.fail("a number or filter");
    (void)read_priority(Family::netdev, Hook::ingress);
    return;
  }
  if (word == "flags") {
    if (!in_.accept_word("offload")) in_.fail("offload");
    return;
  }
  in_.expect_symbol("=", fmt::format("behind {}", word));
  in_.skip_newlines();
  (void)expressions_.read_part();
}

void ScriptReader::read_object_body(std::string_view kind) {
  in_.expect_symbol("{", "at the begin of an object");
  const bool is_free = catalog::has_word("counter quota limit secmark", kind);
  bool has_lines = false;
  for (;;) {
    in_.skip_separators();
    if (in_.is_at_end()) in_.fail("} at the end of the object");
    if (in_.accept_symbol("}")) break;
    const std::size_t first = in_.position();
    has_lines = true;
    try {
      const bool is_count = in_.is_word("counter");
      read_object_item(kind);
      if (!is_free && !is_count && kind != "synproxy") check_separator();
      if (kind == "synproxy" && in_.is_symbol("}")) check_separator();
    } catch (const SyntaxError& error) {
      in_.skip_statement_since(first);
      report(error, in_.span_since(first));
    }
  }
  if (!has_lines && catalog::has_word("helper limit secmark expectation", kind)) {
    ruleset_.problems.push_back({ProblemKind::error, in_.span_since(in_.position() - 1),
                                 fmt::format("nothing in this {}", kind), "nft refuses it",
                                 fmt::format("Give it one of {}.", words_in(kind)), false});
  }
}

void ScriptReader::delete_declared_object(TableId table, std::string_view kind) {
  const Name name = read_name("the name of an object");
  builder_.delete_object(table, extension_of(kind), name.text);
}

void ScriptReader::read_declared_object(TableId table, std::string_view kind, bool is_command) {
  constexpr std::string_view known =
      "flowtable counter quota limit secmark synproxy helper timeout expectation";
  if (!catalog::has_word(known, kind)) in_.fail(fmt::format("one of {}", known));
  const std::size_t first = in_.position() - 1;
  const Name name = read_name("the name of an object");
  open_block_below();
  const bool has_short_form = is_command && catalog::has_word("counter quota limit secmark", kind);
  if (in_.is_symbol("{") || !has_short_form) {
    if (!in_.is_symbol("{") && kind == "flowtable" && is_command) return end_statement();
    read_object_body(kind);
  } else if (kind != "counter" || !in_.is_at_end_of_statement()) {
    read_object_item(kind);
  }
  check_separator();
  if (kind != "counter") {
    const Span span = in_.span_since(first);
    std::string_view words = in_.source_text().substr(span.begin, span.size());
    // What a variable stands for is said somewhere else in the text.
    if (words.find('$') != std::string_view::npos) words = in_.source_text();
    builder_.note_declaration(table, name.text, words);
  }
  if (const std::string_view extension = extension_of(kind); !extension.empty()) {
    builder_.add_object(table, extension, name.text, in_.span_since(first));
  }
}

}  // namespace untrack::nft
