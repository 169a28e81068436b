// Commands: the lines of a script outside of braces. After nft(8), "RULESET" to "RULES".
#include "parser/nft/script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/catalog/nft_expressions.hpp"
#include "parser/nft/script_reader.hpp"
#include "parser/nft/syntax_problem.hpp"
#include "parser/nft/unread_variable.hpp"
#include "parser/nft/values.hpp"

namespace untrack::nft {
namespace {

constexpr std::array families = {Family::ip,  Family::ip6,    Family::inet,
                                 Family::arp, Family::bridge, Family::netdev};

// Read and passed over: they show, or set counters back.
constexpr std::string_view other_commands = "list reset monitor export describe";
constexpr std::string_view object_words =
    "table chain rule set map element flowtable counter quota limit ct synproxy secmark meter";

}  // namespace

ScriptOutcome read_script(SourceId source, Dialect dialect, const IncludedTexts& included,
                          Ruleset& ruleset, RulesetBuilder& builder) {
  builder.begin_input(source, included.sources[source].text());
  return ScriptReader(source, dialect, included, ruleset, builder).read();
}

ScriptOutcome ScriptReader::read() {
  report_carriage_return();
  read_items([this] { read_command(); });
  limit_.finish();
  return {has_commands_, std::move(read_)};
}

void ScriptReader::report_carriage_return() {
  const auto first = in_.first_carriage_return();
  if (!first) return;
  ruleset_.problems.push_back({ProblemKind::error,
                               {in_.source(), *first, *first + 1},
                               "a carriage return",
                               "nft refuses it; the first of them",
                               "End the lines as Unix does: `sed -i 's/\\r$//' FILE`.",
                               false});
}

void ScriptReader::read_items(const std::function<void()>& read_item) {
  for (;;) {
    in_.skip_separators();
    if (in_.is_at_end()) return;
    const std::size_t first = in_.position();
    try {
      read_item();
    } catch (const SyntaxError& error) {
      recover(first);
      report(error, in_.span_since(first));
    }
    limit_.apply();
  }
}

// Goes on behind the command, and at least one token further.
void ScriptReader::recover(std::size_t first) {
  if (in_.position() == first) in_.next();
  in_.skip_statement();
  if (in_.is_symbol("}")) in_.next();
}

void ScriptReader::report(const SyntaxError& error, const Span& whole) {
  constexpr std::array<std::string_view, 2> more_words = {"include", "import"};
  ruleset_.problems.push_back(
      syntax_problem(error, in_.source_text().substr(whole.begin, whole.size()), more_words));
}

bool ScriptReader::is_family(std::string_view word) {
  return std::ranges::any_of(families, [&](Family family) { return to_text(family) == word; });
}

Family ScriptReader::read_family() {
  for (const Family family : families) {
    if (in_.accept_word(to_text(family))) return family;
  }
  return Family::ip;
}

ScriptReader::Name ScriptReader::read_name(std::string_view what) {
  if (in_.is_symbol("$")) in_.fail(what, "nft takes no variable for it.");
  refuse_reserved();
  const Token token = in_.expect_name(what);
  constexpr std::size_t longest = 255;  // NFT_NAME_MAXLEN - 1
  if (in_.text(token).size() > longest) {
    throw SyntaxError{in_.span(token), "a name of more than 255 bytes", "nft refuses it",
                      "Name it otherwise.", true};
  }
  return {in_.text(token), in_.span(token)};
}

void ScriptReader::refuse_reserved() const {
  const std::string_view word = in_.word();
  const bool is_number = !word.empty() && word.front() >= '0' && word.front() <= '9';
  if (!is_number && !catalog::has_word(catalog::nft_reserved_words, word)) return;
  throw SyntaxError{
      in_.span(in_.peek()), fmt::format("\"{}\" is no name", word),
      is_number ? "a name begins with a letter" : "it is a word of the language; nft refuses it",
      "Name it otherwise.", true};
}

TableId ScriptReader::read_table_name(Family family) {
  const Name name = read_name("the name of a table");
  return builder_.table(family, name.text, name.span);
}

void ScriptReader::end_statement() {
  if (!in_.is_at_end_of_statement()) in_.fail("the end of the command");
  check_separator();
}

void ScriptReader::open_block_below() {
  const std::size_t first = in_.position();
  in_.skip_newlines();
  if (in_.position() == first) return;
  if (!in_.is_symbol("{")) return in_.rewind(first);
  ruleset_.problems.push_back({ProblemKind::error, in_.span(in_.peek()),
                               "\"{\" is not expected here", "expected it in the line above",
                               "Write it at the end of that line.", false});
}

void ScriptReader::check_separator() {
  if (in_.is_at_separator()) return;
  ruleset_.problems.push_back({ProblemKind::error, in_.span(in_.peek()),
                               fmt::format("{} is not expected here", in_.found_here()),
                               "expected ; or the end of the line",
                               "Write ; in front of it, or a new line.", false});
}

void ScriptReader::read_command() {
  if (dialect_ == Dialect::commands) {
    in_.accept_symbol("/");
    const std::string_view program = in_.word();
    if (program.substr(program.rfind('/') + 1) != "nft") {
      throw SyntaxError{in_.span(in_.peek()), "not a call of nft", "passed over",
                        "Give what it adds to the ruleset as further inputs.", false};
    }
    in_.next();
    while (in_.accept_symbol("-")) in_.expect_word("an option");
  }
  if (read_definition()) return;
  if (in_.is_word("include")) return read_include([this] { read_command(); });
  const std::string_view word = in_.word();
  Action action = Action::add;
  if (word == "add" || word == "create") {
    in_.next();
  } else if (word == "insert") {
    in_.next();
    action = Action::insert;
  } else if (word == "replace") {
    in_.next();
    action = Action::replace;
  } else if (word == "delete" || word == "destroy") {
    in_.next();
    action = Action::remove;
  } else if (word == "flush") {
    return read_flush();
  } else if (word == "rename") {
    return read_rename();
  } else if (catalog::has_word(other_commands, word)) {
    has_commands_ = true;
    return in_.skip_statement();
  } else if (word == "import") {
    has_commands_ = true;
    throw SyntaxError{in_.span(in_.peek()), fmt::format("{} is not followed", word),
                      "what it brings in or changes is not known",
                      "Give the output of `nft list ruleset` once it was carried out.", false};
  }
  const std::string_view object = in_.word();
  if (!catalog::has_word(object_words, object)) {
    in_.fail("a command, such as \"table inet filter { ... }\" or \"add rule ...\"");
  }
  has_commands_ = true;
  read_object(action, object);
}

void ScriptReader::read_object(Action action, std::string_view word) {
  if (word == "table") return read_table_command(action);
  if (word == "chain") return read_chain_command(action);
  if (word == "rule") return read_rule_command(action);
  if (word == "set" || word == "meter") return read_set_command(action, SetKind::nft_set);
  if (word == "map") return read_set_command(action, SetKind::nft_map);
  if (word == "element") return read_element_command(action);
  return read_object_command(action, word);
}

// define NAME = VALUE, redefine, undefine
bool ScriptReader::read_definition() {
  const std::string_view word = in_.word();
  if (word != "define" && word != "redefine" && word != "undefine") return false;
  has_commands_ = true;
  in_.next();
  refuse_reserved();
  const Token name = in_.expect_word("the name of a variable");
  if (word == "undefine") {  // nft does not mind that it is none
    (void)variables_.undefine(in_.text(name));
    end_statement();
    return true;
  }
  in_.expect_symbol("=", "behind the name of a variable");
  in_.skip_newlines();
  Node value;
  try {
    value = expressions_.read_value(ExpressionReader::Selectors::yes);
    if (!in_.is_at_end_of_statement()) in_.fail("the end of the command");
  } catch (const SyntaxError&) {
    // Who uses it is told that, and not that there is none.
    (void)variables_.define(in_.text(name), unread_variable(in_.span(name)), true);
    throw;
  }
  if (!variables_.define(in_.text(name), std::move(value), word == "redefine")) {
    throw SyntaxError{in_.span(name),
                      fmt::format("variable \"{}\" is defined twice", in_.text(name)),
                      "nft refuses it", "Write redefine, or leave one of them out.", true};
  }
  end_statement();
  return true;
}

void ScriptReader::read_flush() {
  has_commands_ = true;
  in_.next();
  if (in_.accept_word("ruleset")) {
    const bool has_family = is_family(in_.word());
    builder_.flush_ruleset(has_family ? std::optional(read_family()) : std::nullopt);
    return end_statement();
  }
  const std::string_view object = in_.text(in_.expect_word("ruleset, table, chain, set or map"));
  const Family family = read_family();
  const TableId table = read_table_name(family);
  if (object == "table") {
    builder_.flush_table(table);
  } else if (object == "chain") {
    const Name name = read_name("the name of a chain");
    if (const auto chain = builder_.find_chain(table, name.text)) builder_.flush_chain(*chain);
  } else if (object == "set" || object == "map" || object == "meter") {
    const Name name = read_name("the name of a set");
    if (const auto set = builder_.find_set(table, name.text)) builder_.forget_elements(*set);
  } else {
    in_.fail("ruleset, table, chain, set or map");
  }
  end_statement();
}

// rename chain [FAMILY] TABLE CHAIN NAME
void ScriptReader::read_rename() {
  has_commands_ = true;
  in_.next();
  if (!in_.accept_word("chain")) in_.fail("chain", "Nothing else has another name.");
  const Family family = read_family();
  const TableId table = read_table_name(family);
  const ChainId chain = existing_chain(table, read_name("the name of a chain"));
  const Name name = read_name("the new name of the chain");
  end_statement();
  if (!builder_.rename_chain(chain, name.text)) {
    throw SyntaxError{name.span, fmt::format("there is a chain \"{}\" already", name.text),
                      "nft refuses it", "", true};
  }
}

void ScriptReader::refuse_handle(std::string_view what) {
  if (!in_.is_word("handle") || !plain_number(in_.word(1))) return;
  throw SyntaxError{in_.span(in_.peek()), fmt::format("which {} this deletes is not known", what),
                    "nothing here says which one has that handle",
                    "Name it, or give the output of `nft list ruleset` once it was carried out.",
                    false};
}

void ScriptReader::read_table_command(Action action) {
  in_.next();
  const Family family = read_family();
  if (action == Action::remove) {
    refuse_handle("table");
    const Name name = read_name("the name of a table");
    if (const auto table = builder_.find_table(family, name.text)) builder_.delete_table(*table);
    return end_statement();
  }
  const TableId table = read_table_name(family);
  open_block_below();
  if (!in_.is_symbol("{")) return end_statement();
  read_table_block(table);
  check_separator();
}

void ScriptReader::read_chain_command(Action action) {
  in_.next();
  const Family family = read_family();
  const TableId table = read_table_name(family);
  if (action == Action::remove) refuse_handle("chain");
  const Name name = read_name("the name of a chain");
  if (action == Action::remove) {
    if (const auto chain = builder_.find_chain(table, name.text)) builder_.delete_chain(*chain);
    return end_statement();
  }
  const ChainId chain = builder_.chain(table, name.text, name.span);
  open_block_below();
  if (!in_.is_symbol("{")) return end_statement();
  read_chain_block(chain);
  check_separator();
}

void ScriptReader::read_element_command(Action action) {
  in_.next();
  const Family family = read_family();
  const TableId table = read_table_name(family);
  const Name name = read_name("the name of a set");
  const Node elements = in_.is_symbol("$") ? expressions_.read_variable() : expressions_.read_set();
  const auto set = builder_.find_set(table, name.text);
  if (set && action == Action::remove) {
    builder_.forget_elements(*set);
  } else if (set) {
    set_ = {};
    try {
      check_elements(ruleset_.sets[set->index()], elements);
      builder_.add_elements(*set, elements);
    } catch (const SyntaxError&) {
      builder_.doubt_elements(*set);
      throw;
    }
  } else {
    ruleset_.problems.push_back({ProblemKind::note, name.span,
                                 fmt::format("no set \"{}\" in these inputs", name.text), "",
                                 "Give the file that declares it, too.", false});
  }
  end_statement();
}

void ScriptReader::read_set_command(Action action, SetKind kind) {
  in_.next();
  const Family family = read_family();
  const TableId table = read_table_name(family);
  if (action == Action::remove) refuse_handle("set");
  const Name name = read_name("the name of a set");
  if (action == Action::remove) {
    if (const auto set = builder_.find_set(table, name.text)) builder_.delete_set(*set);
    return end_statement();
  }
  const SetId set = builder_.set(table, name.text, kind, name.span);
  open_block_below();
  if (!in_.is_symbol("{")) return end_statement();
  read_set_block(set);
  check_separator();
}

void ScriptReader::read_object_command(Action action, std::string_view kind) {
  in_.next();
  std::string_view type;
  if (kind == "ct") type = in_.text(in_.expect_word("helper, timeout or expectation"));
  const Family family = read_family();
  const TableId table = read_table_name(family);
  if (action == Action::remove) {
    refuse_handle("object");
    delete_declared_object(table, kind == "ct" ? type : kind);
    return end_statement();
  }
  read_declared_object(table, kind == "ct" ? type : kind, true);
}

}  // namespace untrack::nft
