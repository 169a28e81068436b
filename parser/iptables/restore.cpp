#include "parser/iptables/restore.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "parser/iptables/command.hpp"
#include "parser/iptables/restore_reader.hpp"
#include "parser/iptables/restore_words.hpp"
#include "parser/pool_mark.hpp"

namespace untrack::iptables {

std::optional<Counters> parse_counters(std::string_view text) {
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  Counters counters;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const char* const middle = text.data() + colon;
  const char* const end = text.data() + text.size();
  const auto packets = std::from_chars(text.data(), middle, counters.packets);
  const auto bytes = std::from_chars(middle + 1, end, counters.bytes);
  if (packets.ec != std::errc() || packets.ptr != middle) return std::nullopt;
  if (bytes.ec != std::errc() || bytes.ptr != end) return std::nullopt;
  return counters;
}

namespace {

template <class Pool>
void reserve_more(Pool& pool, std::size_t count) {
  const std::size_t wanted = pool.size() + count;
  if (wanted > pool.capacity()) pool.reserve(std::max(wanted, 2 * pool.capacity()));
}

// What a rule of usual length takes. Growing the pools step by step would copy them several times
// and touch twice the memory, which is a third of the time for large files.
void reserve_pools(const Document& document, Ruleset& ruleset, Execution& execution) {
  const auto lines_of = [&](LineKind kind) {
    return static_cast<std::size_t>(std::ranges::count(document.lines, kind, &Line::kind));
  };
  const std::size_t count = lines_of(LineKind::rule);
  const std::size_t chains = lines_of(LineKind::chain_declaration);
  reserve_more(ruleset.chains, chains);
  // Each table has a few; to copy what there is for each would be dear.
  constexpr std::size_t many = 1'000;
  if (chains > many) execution.expect_chains(chains);
  reserve_more(ruleset.rules, count);
  reserve_more(ruleset.parts, 6 * count);
  reserve_more(ruleset.constructs, 3 * count);
  reserve_more(ruleset.options, 3 * count);
  reserve_more(ruleset.intervals, 4 * count);
}

}  // namespace

void RestoreReader::read() {
  reserve_pools(document_, ruleset_, execution_);
  for (const Line& line : document_.lines) {
    constexpr std::size_t often = 64;
    if (line_number_ % often == 0) ask_for_pages();
    ++line_number_;
    read_line(line);
    limit_.apply();
  }
  if (is_open_) {
    add_error(ruleset_, header_, fmt::format("table {} has no COMMIT", in_quotes(table_name_)),
              "without it iptables-restore does not load this table",
              "Put a line `COMMIT` behind its last rule.");
  }
  settle_doubts();
  limit_.finish();
}

void RestoreReader::ask_for_pages() {
  pages_[0].follow(ruleset_.parts);
  pages_[1].follow(ruleset_.constructs);
  pages_[2].follow(ruleset_.options);
  pages_[3].follow(ruleset_.rules);
  pages_[4].follow(ruleset_.intervals.memory());
  pages_[5].follow(ruleset_.chains);
}

void RestoreReader::read_line(const Line& line) {
  text_ = document_.text_of(line);
  span_ = document_.span_of(line);
  if (shaped_) {
    if (line.shape != 0) return shaped_rule(line.shape);
    shaped_->forget_chain();
  }
  if (text_.ends_with("\r\n")) {
    note_carriage_return();
    text_.remove_suffix(2);
  }
  const std::size_t nul = text_.find('\0');
  if (nul != std::string_view::npos) {
    const auto at = span_.begin + static_cast<std::uint32_t>(nul);
    add_error(ruleset_, {span_.source, at, at + 1}, "a NUL byte in the line",
              "iptables-restore reads nothing behind it", "Save the ruleset again.", true);
    text_ = text_.substr(0, nul);
    if (text_.find_first_not_of(" \t\r") == std::string_view::npos) return;
  }
  switch (line.kind) {
    case LineKind::blank:
      return blank();
    case LineKind::comment:
      return comment();
    case LineKind::table_header:
      return table_header();
    case LineKind::chain_declaration:
      return chain_declaration();
    case LineKind::commit:
      return commit();
    case LineKind::rule:
      return rule();
    case LineKind::command:
    case LineKind::other:
      return other();
  }
}

Span RestoreReader::inner_span() const {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text_.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {span_.source, span_.begin, span_.begin};
  const std::size_t last = text_.find_last_not_of(blanks);
  return {span_.source, span_.begin + static_cast<std::uint32_t>(first),
          span_.begin + static_cast<std::uint32_t>(last) + 1};
}

void RestoreReader::split() { split_restore_line(text_, span_, ruleset_, &words_); }

void RestoreReader::rule() {
  need_table("a rule");
  std::optional<Counters> counters;
  std::size_t skip = text_.find_first_not_of(" \t");
  if (text_[skip] == '[') {
    const std::size_t close = text_.find(']');
    if (close == std::string_view::npos) {
      add_error(ruleset_, inner_span(), "counters that do not end",
                "expected [packets:bytes] in front of the rule",
                "Remove the counters or close the bracket.", true);
      return;
    }
    counters = parse_counters(text_.substr(skip, close + 1 - skip));
    if (!counters) {
      const auto begin = span_.begin + static_cast<std::uint32_t>(skip);
      add_error(ruleset_,
                {span_.source, begin, span_.begin + static_cast<std::uint32_t>(close) + 1},
                "counters of another form", "expected [packets:bytes], as in [0:0]",
                "Remove the counters or write [0:0].");
    }
    skip = close + 1;
  }
  Span rest = span_;
  rest.begin += static_cast<std::uint32_t>(skip);
  if (!split_restore_line(text_.substr(skip), rest, ruleset_, &words_)) {
    add_note(ruleset_, inner_span(), "a quote that is not closed",
             "iptables-restore takes the rest of the line as one word, newline included",
             "Close the quote.");
  }
  cut_comment();
  check_variables();
  run(counters);
}

// Lines of a shape have no NUL, no CR and no blanks around them.
void RestoreReader::shaped_rule(std::uint16_t shape) {
  const std::span<const SlotValue> slots = shaped_->next(shape);
  const TableId first = tables_[0];
  const TableId second = tables_[1];
  if (!is_open_ || first.names_something() == second.names_something()) return rule();
  shaped_->enter(first.names_something() ? first : second);
  ShapedRules::ShapedLine line{shape, text_, span_, slots};
  if (line.text.ends_with('\n')) line.text.remove_suffix(1);
  if (shaped_->read(line)) return;
  if (!shaped_->wants(shape)) return rule();
  const std::size_t problems = ruleset_.problems.size();
  const std::size_t rules = ruleset_.rules.size();
  rule();
  shaped_->learn(line, ruleset_.problems.size() == problems && ruleset_.rules.size() == rules + 1);
}

void RestoreReader::check_variables() {
  for (std::size_t i = 1; i < words_.size(); ++i) {
    const std::string_view word = words_[i].text;
    const std::string_view option = words_[i - 1].text;
    const bool is_free_text = option == "--comment" || option.ends_with("-prefix") ||
                              option.ends_with("string") || option == "-j" || option == "-A";
    if (word.size() < 2 || word[0] != '$' || !words_[i].is_verbatim || is_free_text) continue;
    const char next = word[1];
    const bool is_name =
        next == '{' || next == '_' || (next >= 'A' && next <= 'Z') || (next >= 'a' && next <= 'z');
    if (!is_name) continue;
    add_error(ruleset_, words_[i].span, fmt::format("a variable: {}", in_quotes(word)),
              "iptables-restore takes it as it stands",
              "Write its value, or make the file a shell script of iptables commands.");
  }
}

void RestoreReader::cut_comment() {
  for (std::size_t i = 1; i < words_.size(); ++i) {
    if (words_[i].text != "#" || words_[i - 1].text == "--comment") continue;
    add_error(ruleset_, cover(words_[i].span, words_.back().span), "a comment behind a rule",
              "iptables-restore takes `#` only at the start of a line",
              "Put the comment on a line of its own, or write -m comment --comment TEXT.");
    words_.resize(i);
    return;
  }
}

void RestoreReader::run(const std::optional<Counters>& counters) {
  const std::size_t problems = ruleset_.problems.size();
  bool is_second = false;
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    TableId table = tables_[static_cast<std::size_t>(version)];
    if (!table.names_something()) continue;
    const std::size_t end_of_first = ruleset_.problems.size();
    const PoolMark mark(ruleset_);
    Command command = read_command(words_, {version, table_name_}, ruleset_);
    if (!command.only.has(version)) {
      mark.roll_back(ruleset_);
      ruleset_.problems.resize(end_of_first);
      continue;
    }
    if (command.table && !is_open_) {
      table = execution_.open_table(family_of(version), *command.table, command.table_span);
    } else if (command.table) {
      add_error(ruleset_, command.table_span, "-t in a line of a save file",
                fmt::format("the table is {}", in_quotes(table_name_)),
                "Remove it; `*table` above says where the rule goes.");
    }
    if (counters) command.counters = counters;
    execution_.run(command, table, span_, options_.is_additive);
    const bool makes_rule = command.kind == CommandKind::append ||
                            command.kind == CommandKind::insert ||
                            command.kind == CommandKind::replace;
    if (!makes_rule) mark.roll_back(ruleset_);
    if (is_second) drop_repeated(problems, end_of_first);
    is_second = true;
  }
}

void RestoreReader::drop_repeated(std::size_t first, std::size_t second) {
  std::vector<Problem>& all = ruleset_.problems;
  std::size_t kept = second;
  for (std::size_t i = second; i < all.size(); ++i) {
    bool is_known = false;
    for (std::size_t j = first; j < second && !is_known; ++j) {
      is_known = all[j].span == all[i].span && all[j].message == all[i].message;
    }
    if (!is_known) std::swap(all[kept++], all[i]);
  }
  all.resize(kept);
}

void RestoreReader::other() {
  const Span inner = inner_span();
  split();
  const std::string_view first = words_.empty() ? std::string_view() : words_.front().text;
  const bool is_call = first.find("tables") != std::string_view::npos;
  const bool may_be_rule = is_call || text_.find(" -j") != std::string_view::npos ||
                           text_.find("-A ") != std::string_view::npos ||
                           text_.find("-I ") != std::string_view::npos;
  add_error(ruleset_, inner,
            is_call ? fmt::format("a call of {} in a save file", in_quotes(first))
                    : "not a line that iptables-restore knows",
            "expected `*table`, `:CHAIN POLICY`, a rule with -A, `COMMIT` or a comment",
            is_call ? "Remove the program's name, or keep commands in a script of their own."
                    : "Remove the line, or put `#` in front of it.",
            may_be_rule);
  if (is_call && words_.size() > 1) {
    words_.erase(words_.begin());
    need_table("a rule");
    run(std::nullopt);
  }
}

void read_restore(const Document& document, const RestoreOptions& options, Ruleset& ruleset,
                  Execution& execution, const LineShapes* shapes) {
  RestoreReader(document, options, ruleset, execution, shapes).read();
}

}  // namespace untrack::iptables
