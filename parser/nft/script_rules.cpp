// Rules of a script: where each stands, its handle, and what is kept of one that cannot be read.
#include <algorithm>
#include <charconv>

#include "parser/nft/script_reader.hpp"
#include "parser/pool_mark.hpp"

namespace untrack::nft {

RuleText ScriptReader::rule_text(std::size_t first) const {
  RuleText text;
  text.text = in_.span_since(first);
  const std::string_view all = in_.source_text();
  std::size_t begin = all.rfind('\n', text.text.begin == 0 ? 0 : text.text.begin - 1);
  begin = begin == std::string_view::npos || text.text.begin == 0 ? 0 : begin + 1;
  const std::size_t end = std::min(all.find('\n', text.text.end), all.size());
  const auto is_blank = [&](std::size_t from, std::size_t to) {
    return all.substr(from, to - from).find_first_not_of(" \t\r") == std::string_view::npos;
  };
  text.line = text.text;
  const std::string_view behind = all.substr(text.text.end, end - text.text.end);
  const bool stands_alone = is_blank(begin, text.text.begin) &&
                            (is_blank(text.text.end, end) ||
                             behind.substr(behind.find_first_not_of(" \t")).starts_with('#'));
  if (stands_alone) {
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
    in_.skip_statement();
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

}  // namespace untrack::nft
