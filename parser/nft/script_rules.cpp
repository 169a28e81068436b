// Rules of a script: where each stands, its handle, and what is kept of one that cannot be read.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "parser/nft/script_reader.hpp"
#include "parser/nft/values.hpp"
#include "parser/pool_mark.hpp"

namespace untrack::nft {

RuleText ScriptReader::rule_text(std::size_t first) const {
  RuleText text;
  text.text = in_.span_since(first);
  const std::string_view all = in_.source_text();
  text.line = text.text;
  // No look at the rest of the line: a line can hold all rules there are.
  constexpr std::string_view blanks = " \t\r";
  const std::size_t before = all.substr(0, text.text.begin).find_last_not_of(blanks);
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  const std::size_t behind = std::min(all.find_first_not_of(blanks, text.text.end), all.size());
  const bool begins_line = begin == 0 || all[begin - 1] == '\n';
  const bool ends_line = behind == all.size() || all[behind] == '\n' || all[behind] == '#';
  if (begins_line && ends_line) {
    const std::size_t end = std::min(all.find('\n', behind), all.size());
    text.line = {text.text.source, static_cast<std::uint32_t>(begin),
                 static_cast<std::uint32_t>(std::min(end + 1, all.size()))};
  }
  text.handle = handle_behind(text.text.end);
  return text;
}

// `# handle 12`, as `nft -a` prints it.
std::uint64_t ScriptReader::handle_behind(std::uint32_t end) const {
  std::string_view rest = in_.source_text().substr(end, 40);
  rest = rest.substr(0, rest.find('\n'));
  constexpr std::string_view mark = "# handle ";
  const std::size_t at = rest.find(mark);
  if (at == std::string_view::npos) return 0;
  rest.remove_prefix(at + mark.size());
  std::uint64_t handle = 0;
  std::from_chars(rest.data(), rest.data() + rest.size(), handle);
  return handle;
}

void ScriptReader::read_rule(ChainId chain, const RulePlace& place, std::size_t first) {
  rule_table_ = ruleset_.chains[chain.index()].table;
  const auto give_up = [&](const SyntaxError& error) {
    in_.skip_statement_since(first);
    const RuleText text = rule_text(first);
    report(error, text.text);
    builder_.add_opaque_rule(chain, text);
  };
  std::vector<Node> statements;
  try {
    statements = statements_.read_rule();
    end_statement();
  } catch (const SyntaxError& error) {
    return give_up(error);
  }
  const PoolMark mark(ruleset_);
  try {
    builder_.add_rule(chain, place, statements, rule_text(first));
  } catch (const SyntaxError& error) {
    mark.roll_back(ruleset_);
    give_up(error);
  }
}

// handle N, position N, index N
std::optional<RulePlace> ScriptReader::read_place(Action action) {
  using Kind = RulePlace::Kind;
  RulePlace place;
  place.kind = action == Action::insert ? Kind::first : Kind::last;
  for (const std::string_view word : {"handle", "position", "index"}) {
    if (!in_.accept_word(word)) continue;
    const Token number = in_.expect_word("a number");
    const auto value = plain_number(in_.text(number));
    if (!value) in_.fail("a number");
    place.kind = action == Action::insert    ? Kind::before
                 : action == Action::replace ? Kind::instead
                                             : Kind::behind;
    if (word == "index") {
      place.index = static_cast<std::size_t>(*value);
    } else {
      place.handle = static_cast<std::uint64_t>(*value);
    }
  }
  return place;
}

ChainId ScriptReader::existing_chain(TableId table, const Name& name) {
  if (const auto chain = builder_.find_chain(table, name.text)) return *chain;
  // Other commands may have made it on the host.
  ruleset_.tables[table.index()].is_partial = true;
  ruleset_.problems.push_back(
      {ProblemKind::note, name.span, fmt::format("no chain \"{}\" in these inputs", name.text), "",
       "It is taken to exist on the host; give the file that makes it, too.", false});
  return builder_.chain(table, name.text, name.span);
}

void ScriptReader::read_rule_command(Action action) {
  const std::size_t first = in_.position() - 1;
  in_.next();
  const Family family = read_family();
  const TableId table = read_table_name(family);
  const ChainId chain = existing_chain(table, read_name("the name of a chain"));
  const bool needs_handle = action == Action::remove || action == Action::replace;
  if (needs_handle && !in_.is_word("handle")) in_.fail("handle");
  const auto place = read_place(action);
  if (action != Action::remove && in_.is_at_end_of_statement()) in_.fail("a statement");
  if (action == Action::remove) {
    if (!builder_.delete_rule(chain, *place)) {
      // It may be one of those that stand here without their handles.
      ruleset_.problems.push_back({ProblemKind::not_understood, in_.span_since(first),
                                   "which rule this deletes is not known",
                                   "no rule here has that handle or index",
                                   "Handles are known from `nft -a list ruleset` alone: give that, "
                                   "once it was carried out.",
                                   false});
    }
    return end_statement();
  }
  read_rule(chain, *place, first);
}

}  // namespace untrack::nft
