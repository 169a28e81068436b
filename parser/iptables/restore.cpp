#include "parser/iptables/restore.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <vector>

#include "model/catalog/hooks.hpp"
#include "parser/iptables/command.hpp"
#include "parser/iptables/pool_mark.hpp"
#include "parser/iptables/problems.hpp"
#include "parser/iptables/restore_words.hpp"

namespace untrack::iptables {
namespace {

// XT_EXTENSION_MAXNAMELEN - 1, linux/netfilter/x_tables.h.
constexpr std::size_t longest_chain_name = 28;

Family family_of(IpVersion version) {
  return version == IpVersion::ipv4 ? Family::ip : Family::ip6;
}

// "[12:3456]" (xshared.c, 1.8.9: parse_counters).
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

class Reader {
 public:
  Reader(const Document& document, const RestoreOptions& options, Ruleset& ruleset,
         ChainIndex& index)
      : document_(document),
        options_(options),
        ruleset_(ruleset),
        execution_(
            ruleset, index, document.source,
            options.has_header && !options.keeps_old ? Completeness::whole : Completeness::partial),
        limit_(ruleset, document.source) {}

  std::uint32_t read() {
    for (const Line& line : document_.lines) {
      read_line(line);
      limit_.apply();
    }
    if (is_open_) {
      add_error(ruleset_, header_, fmt::format("table {} has no COMMIT", in_quotes(table_name_)),
                "without it iptables-restore does not load this table",
                "Put a line `COMMIT` behind its last rule.");
    }
    execution_.finish();
    limit_.finish();
    return execution_.rule_count();
  }

 private:
  void read_line(const Line& line) {
    text_ = document_.text_of(line);
    span_ = document_.span_of(line);
    if (text_.ends_with("\r\n")) {
      note_carriage_return();
      text_.remove_suffix(2);
    }
    const std::size_t nul = text_.find('\0');
    if (nul != std::string_view::npos) {
      const auto at = span_.begin + static_cast<std::uint32_t>(nul);
      add_error(ruleset_, {span_.source, at, at + 1}, "a NUL byte in the line",
                "iptables-restore reads nothing behind it", "Save the ruleset again.", true);
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

  // The line without blanks and newline around it.
  [[nodiscard]] Span inner_span() const {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t first = text_.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {span_.source, span_.begin, span_.begin};
    const std::size_t last = text_.find_last_not_of(blanks);
    return {span_.source, span_.begin + static_cast<std::uint32_t>(first),
            span_.begin + static_cast<std::uint32_t>(last) + 1};
  }

  void note_carriage_return() {
    if (has_carriage_return_) return;
    has_carriage_return_ = true;
    const std::uint32_t at = span_.end - 2;
    add_error(ruleset_, {span_.source, at, at + 1}, "the lines end in CR LF",
              "iptables-restore takes the CR as part of the last word",
              "Convert the file: sed -i 's/\\r$//' FILE. It was read as if that were done.");
  }

  void blank() {
    if (!options_.has_header || text_.empty() || text_ == "\n" || has_carriage_return_) return;
    add_error(ruleset_, {span_.source, span_.begin, span_.begin + 1}, "a line of blanks only",
              "iptables-restore takes only lines that are quite empty", "Remove the blanks.");
  }

  void comment() {
    if (!options_.has_header || text_.front() == '#') return;
    add_error(ruleset_, inner_span(), "blanks in front of a comment",
              "iptables-restore takes `#` only at the start of a line", "Remove the blanks.");
  }

  void check_first_byte(std::string_view what) {
    if (text_.front() != ' ' && text_.front() != '\t') return;
    add_error(ruleset_, inner_span(), fmt::format("blanks in front of {}", what),
              "iptables-restore takes it only at the start of a line", "Remove the blanks.");
  }

  void split() { split_restore_line(text_, span_, ruleset_, &words_); }

  // The word at `position` of the line behind its first sign, as strtok() of iptables-restore takes
  // it: quotes mean nothing.
  void plain_words() {
    words_.clear();
    constexpr std::string_view blanks = " \t\n\r";
    std::size_t at = text_.find_first_not_of(blanks) + 1;
    while ((at = text_.find_first_not_of(blanks, at)) != std::string_view::npos) {
      std::size_t end = text_.find_first_of(blanks, at);
      if (end == std::string_view::npos) end = text_.size();
      const auto begin = span_.begin + static_cast<std::uint32_t>(at);
      words_.push_back({text_.substr(at, end - at),
                        {span_.source, begin, begin + static_cast<std::uint32_t>(end - at)},
                        true});
      at = end;
    }
  }

  void table_header() {
    check_first_byte("a table");
    if (is_open_) {
      add_error(ruleset_, inner_span(),
                fmt::format("a new table before the COMMIT of table {}", in_quotes(table_name_)),
                "iptables-restore stops here", "Put a line `COMMIT` in front of it.");
    }
    plain_words();
    if (words_.empty()) {
      add_error(ruleset_, inner_span(), "a table without a name",
                "expected a name, as in `*filter`",
                "Name the table: filter, nat, mangle, raw or security.", true);
      return;
    }
    header_ = inner_span();
    const std::string_view name = words_.front().text;
    if (catalog::builtin_chains_of(name).empty()) {
      const std::string hint = did_you_mean(name, catalog::table_names());
      add_error(ruleset_, words_.front().span, fmt::format("no table {}", in_quotes(name)),
                hint.empty() ? "expected filter, nat, mangle, raw or security" : hint,
                "Correct the name; the kernel has only these tables.", true);
    }
    enter(name, header_);
    is_open_ = true;
    bool replaces = false;
    for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
      const TableId table = tables_[static_cast<std::size_t>(version)];
      if (!table.names_something()) continue;
      bool is_seen = false;
      for (const TableId seen : seen_) is_seen = is_seen || seen == table;
      if (!is_seen) {
        seen_.push_back(table);
        if (ruleset_[table].span.empty()) ruleset_.tables[table.index()].span = header_;
      } else if (!options_.keeps_old) {
        execution_.start_over(table);
        replaces = true;
      }
    }
    if (replaces) {
      add_note(ruleset_, header_, fmt::format("table {} stands here again", in_quotes(name)),
               "flushes what stood in it above",
               "Put all rules of the table under one header, or load with iptables-restore -n.");
    }
  }

  void enter(std::string_view name, const Span& place) {
    table_name_ = name;
    tables_ = {};
    for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
      if (!options_.ip_versions.has(version)) continue;
      tables_[static_cast<std::size_t>(version)] =
          execution_.open_table(family_of(version), name, place);
    }
  }

  // Lines that need a table: outside of one they are an error, but are still read.
  void need_table(std::string_view what) {
    if (is_open_) return;
    if (options_.has_header) {
      add_error(ruleset_, inner_span(), fmt::format("{} outside a table", what),
                "expected a table header, as in `*filter`, above it",
                "Put it between `*filter` and `COMMIT`; for a complete file run iptables-save.");
    }
    enter(options_.table, {span_.source, span_.begin, span_.begin});
  }

  void chain_declaration() {
    check_first_byte("a chain declaration");
    need_table("a chain");
    plain_words();
    if (words_.empty()) {
      add_error(ruleset_, inner_span(), "a chain without a name",
                "expected a name and a policy, as in `:INPUT ACCEPT [0:0]`",
                "Complete the line or remove it.");
      return;
    }
    const Word name = words_[0];
    if (name.text.size() > longest_chain_name) {
      add_error(ruleset_, name.span, fmt::format("chain name {} is too long", in_quotes(name.text)),
                fmt::format("{} bytes, at most {}", name.text.size(), longest_chain_name),
                "Shorten the name here and wherever a rule jumps to it.");
    }
    const bool has_policy = words_.size() > 1;
    if (!has_policy) {
      add_error(ruleset_, inner_span(),
                fmt::format("chain {} without a policy", in_quotes(name.text)),
                "expected ACCEPT, DROP, or - for a user chain",
                fmt::format("Write `:{} - [0:0]` for a user chain.", name.text));
    }
    const std::string_view policy = has_policy ? words_[1].text : "-";
    const bool is_policy = policy == "ACCEPT" || policy == "DROP";
    const std::optional<Counters> counters =
        words_.size() > 2 ? parse_counters(words_[2].text) : std::nullopt;
    if (words_.size() > 2 && !counters) {
      add_note(ruleset_, words_[2].span, "counters of another form",
               "expected [packets:bytes], as in [0:0]", "They are taken as zero.");
    }
    bool is_first = true;
    for (const TableId table : tables_) {
      if (!table.names_something()) continue;
      const ChainId known = execution_.find(table, name.text);
      const bool is_base = known.names_something() && ruleset_[known].base.has_value();
      if (is_first && policy != "-" && (!is_base || !is_policy)) {
        wrong_policy(name.text, words_[1], is_base);
      }
      is_first = false;
      const ChainId id = is_base ? known : declare(table, known, name);
      Chain& chain = ruleset_.chains[id.index()];
      if (is_base) {
        chain.span = inner_span();
        if (is_policy) chain.base->policy = policy == "DROP" ? Policy::drop : Policy::accept;
      }
      if (counters) chain.counters = counters;
    }
  }

  void wrong_policy(std::string_view chain, const Word& policy, bool is_base) {
    if (is_base) {
      add_error(ruleset_, policy.span, fmt::format("no policy {}", in_quotes(policy.text)),
                "expected ACCEPT or DROP",
                "For another end, append a rule without a match as the last of the chain.");
    } else {
      add_error(ruleset_, policy.span,
                fmt::format("user chain {} cannot have a policy", in_quotes(chain)), "expected -",
                fmt::format("Write `:{} - [0:0]`.", chain));
    }
  }

  // With -n a user chain that exists is not made again (iptables-restore(8), --noflush); what
  // another file put into it is kept here, for the files of one host are judged together.
  ChainId declare(TableId table, ChainId known, const Word& name) {
    if (known.names_something() && options_.keeps_old) return known;
    return execution_.declare_chain(table, name.text, inner_span());
  }

  void commit() {
    const std::string_view line = text_.substr(0, text_.find('\n'));
    if (line != "COMMIT") {
      add_error(ruleset_, inner_span(), "blanks around COMMIT",
                "iptables-restore takes only the word alone", "Remove the blanks.");
    } else if (text_.size() == line.size() && !has_carriage_return_) {
      add_note(ruleset_, inner_span(), "the last line has no newline",
               "iptables-legacy-restore does not know this COMMIT", "End the file with a newline.");
    }
    if (!is_open_) {
      add_error(ruleset_, inner_span(), "COMMIT outside a table",
                "expected a table header, as in `*filter`, above it", "Remove this line.");
    }
    is_open_ = false;
  }

  void rule() {
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
    run(counters);
  }

  void run(const std::optional<Counters>& counters) {
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
      execution_.run(command, table, span_);
      const bool makes_rule = command.kind == CommandKind::append ||
                              command.kind == CommandKind::insert ||
                              command.kind == CommandKind::replace;
      if (!makes_rule) mark.roll_back(ruleset_);
      if (is_second) drop_repeated(problems, end_of_first);
      is_second = true;
    }
  }

  // A line that serves both families is read twice, and most problems are found twice.
  void drop_repeated(std::size_t first, std::size_t second) {
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

  void other() {
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

  const Document& document_;
  const RestoreOptions& options_;
  Ruleset& ruleset_;
  Execution execution_;
  ProblemLimit limit_;

  std::string_view text_;  // of the line being read
  Span span_;
  std::vector<Word> words_;

  bool is_open_ = false;  // between `*table` and COMMIT
  bool has_carriage_return_ = false;
  std::string_view table_name_;
  Span header_;
  std::array<TableId, 2> tables_;  // by IpVersion; naming nothing where the file is not for it
  std::vector<TableId> seen_;      // tables whose header stood in this file
};

}  // namespace

std::uint32_t read_restore(const Document& document, const RestoreOptions& options,
                           Ruleset& ruleset, ChainIndex& index) {
  return Reader(document, options, ruleset, index).read();
}

}  // namespace untrack::iptables
