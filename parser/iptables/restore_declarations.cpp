#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/catalog/hooks.hpp"
#include "parser/iptables/restore_reader.hpp"

namespace untrack::iptables {
namespace {

// XT_EXTENSION_MAXNAMELEN - 1, linux/netfilter/x_tables.h.
constexpr std::size_t longest_chain_name = 28;

Problem replaced(std::string_view table, const Span& header) {
  return {ProblemKind::note,
          header,
          fmt::format("table {} stands here again", in_quotes(table)),
          "flushes what stood in it above",
          "Put all rules of the table under one header, or load with iptables-restore -n.",
          false};
}

}  // namespace

void RestoreReader::note_carriage_return() {
  if (has_carriage_return_) return;
  has_carriage_return_ = true;
  const std::uint32_t at = span_.end - 2;
  add_error(ruleset_, {span_.source, at, at + 1}, "the lines end in CR LF",
            "iptables-restore takes the CR as part of the last word",
            "Convert the file: sed -i 's/\\r$//' FILE. It was read as if that were done.");
}

void RestoreReader::blank() {
  if (!options_.has_header || text_.empty() || text_ == "\n" || has_carriage_return_) return;
  add_error(ruleset_, {span_.source, span_.begin, span_.begin + 1}, "a line of blanks only",
            "iptables-restore takes only lines that are quite empty", "Remove the blanks.");
}

void RestoreReader::comment() {
  if (!options_.has_header || text_.front() == '#') return;
  add_error(ruleset_, inner_span(), "blanks in front of a comment",
            "iptables-restore takes `#` only at the start of a line", "Remove the blanks.");
}

void RestoreReader::check_first_byte(std::string_view what) {
  if (text_.front() != ' ' && text_.front() != '\t') return;
  add_error(ruleset_, inner_span(), fmt::format("blanks in front of {}", what),
            "iptables-restore takes it only at the start of a line", "Remove the blanks.");
}

void RestoreReader::plain_words() {
  words_.clear();
  // A look at each byte: find_first_of() asks memchr() for each, and a file has many chains.
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  const std::size_t size = text_.size();
  std::size_t at = 0;
  const auto skip_blanks = [&] {
    while (at < size && is_blank(text_[at])) ++at;
  };
  skip_blanks();
  if (at < size) ++at;  // the sign
  for (skip_blanks(); at < size; skip_blanks()) {
    const std::size_t begin = at;
    while (at < size && !is_blank(text_[at])) ++at;
    words_.push_back({text_.substr(begin, at - begin),
                      {span_.source, span_.begin + static_cast<std::uint32_t>(begin),
                       span_.begin + static_cast<std::uint32_t>(at)},
                      true});
  }
}

void RestoreReader::table_header() {
  check_first_byte("a table");
  if (is_open_) {
    add_error(ruleset_, inner_span(),
              fmt::format("a new table before the COMMIT of table {}", in_quotes(table_name_)),
              "iptables-restore stops here", "Put a line `COMMIT` in front of it.");
  }
  plain_words();
  if (words_.empty()) {
    add_error(ruleset_, inner_span(), "a table without a name", "expected a name, as in `*filter`",
              "Name the table: filter, nat, mangle, raw or security.", true);
    header_ = inner_span();
    enter(options_.table, header_);
    is_open_ = true;
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
  // Tables are looked up one by one. Of so many none but the first few can be real, and each has
  // its error; the others need no table of their own.
  constexpr std::size_t most_tables = 1'000;
  const bool is_known = !catalog::builtin_chains_of(name).empty();
  enter(is_known || ruleset_.tables.size() < most_tables ? name : options_.table, header_);
  is_open_ = true;
  std::optional<std::size_t> first_line;
  for (const TableId table : tables_) {
    if (!table.names_something()) continue;
    const auto seen = std::ranges::find(seen_, table, &Seen::table);
    if (seen != seen_.end()) {
      if (!options_.keeps_old) first_line = seen->line;
      continue;
    }
    seen_.push_back({table, line_number_});
    if (ruleset_[table].span.empty()) ruleset_.tables[table.index()].span = header_;
    if (options_.is_embedded && !options_.keeps_old) execution_.start_over(table);
  }
  if (first_line) enter_again(name, *first_line);
}

// Without -n, which only the command line of iptables-restore can tell, the first copy goes. In a
// script that command line is known.
void RestoreReader::enter_again(std::string_view name, std::size_t first_line) {
  bool may_force = false;
  for (const TableId table : tables_) {
    if (!table.names_something()) continue;
    may_force = may_force || execution_.forces_tracking(table) != Execution::Forces::no;
    execution_.start_over(table);
    ruleset_.tables[table.index()].stands_twice = true;
  }
  if (may_force && !options_.is_embedded) {
    doubts_.push_back({ruleset_.problems.size(), name, tables_});
    add_not_understood(
        ruleset_, header_,
        fmt::format("table {} stands here again; what it held from line {} on may force tracking",
                    in_quotes(name), first_line),
        "flushes them, but with -n both are loaded",
        "Put all rules of the table under one header, or give the output of iptables-save.", true);
  } else {
    ruleset_.problems.push_back(replaced(name, header_));
  }
}

// Where the last copy forces tracking, too, the verdict is the same with and without -n.
void RestoreReader::settle_doubts() {
  for (const Doubt& doubt : doubts_) {
    if (doubt.problem >= ruleset_.problems.size()) continue;  // left out beyond the limit
    const bool is_settled = std::ranges::all_of(doubt.tables, [&](TableId table) {
      return !table.names_something() ||
             execution_.forces_tracking(table) == Execution::Forces::yes;
    });
    if (!is_settled) continue;
    Problem& problem = ruleset_.problems[doubt.problem];
    problem = replaced(doubt.name, problem.span);
  }
}

void RestoreReader::enter(std::string_view name, const Span& place) {
  table_name_ = name;
  tables_ = {};
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    if (!options_.ip_versions.has(version)) continue;
    tables_[static_cast<std::size_t>(version)] =
        execution_.open_table(family_of(version), name, place);
  }
}

void RestoreReader::need_table(std::string_view what) {
  if (is_open_) return;
  if (options_.has_header) {
    add_error(ruleset_, inner_span(), fmt::format("{} outside a table", what),
              "expected a table header, as in `*filter`, above it",
              "Put it between `*filter` and `COMMIT`; for a complete file run iptables-save.");
  }
  enter(options_.table, {span_.source, span_.begin, span_.begin});
}

void RestoreReader::chain_declaration() {
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
  const Span inner = inner_span();
  bool is_first = true;
  for (const TableId table : tables_) {
    if (!table.names_something()) continue;
    const auto [known, is_new] = execution_.declare_new(table, name.text, inner);
    const bool is_base = ruleset_[known].base.has_value();
    if (is_first && policy != "-" && (!is_base || !is_policy)) {
      wrong_policy(name.text, words_[1], is_base);
    }
    is_first = false;
    const ChainId id = is_base || is_new ? known : declare_again(table, known, name);
    Chain& chain = ruleset_.chains[id.index()];
    if (is_base) {
      chain.span = inner;
      if (is_policy) chain.base->policy = policy == "DROP" ? Policy::drop : Policy::accept;
    }
    if (counters) chain.counters = counters;
  }
}

void RestoreReader::wrong_policy(std::string_view chain, const Word& policy, bool is_base) {
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

ChainId RestoreReader::declare_again(TableId table, ChainId known, const Word& name) {
  if (options_.keeps_old) return known;
  return execution_.declare_chain(table, name.text, inner_span());
}

// Such a file is made for a table that is there already (measured, 1.8.9: under legacy INPUT keeps
// the policy DROP that it had, under nft it gets ACCEPT).
void RestoreReader::note_missing_policies() {
  bool is_first = true;
  for (const TableId table : tables_) {
    if (!table.names_something() || ruleset_[table].is_partial) continue;
    const auto has_none = [&](ChainId id) {
      return ruleset_[id].base && ruleset_[id].span.empty() && execution_.is_filled(id);
    };
    const std::vector<ChainId>& chains = ruleset_[table].chains;
    // The built-in ones come first.
    const auto end = std::ranges::find_if(chains, [&](ChainId id) { return !ruleset_[id].base; });
    const auto at = std::find_if(chains.begin(), end, has_none);
    if (at == end) continue;
    ruleset_.tables[table.index()].is_partial = true;
    if (!std::exchange(is_first, false)) continue;
    const std::string_view chain = ruleset_[*at].name;
    add_note(ruleset_, header_,
             fmt::format("no policy of chain {}, which gets rules", in_quotes(chain)),
             "iptables-legacy-restore leaves the policy as it is, iptables-nft-restore sets ACCEPT",
             fmt::format("Write `:{} DROP [0:0]` or `:{} ACCEPT [0:0]` below; without it the table "
                         "is taken for a part of a larger one.",
                         chain, chain));
  }
}

void RestoreReader::commit() {
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
  } else {
    note_missing_policies();
  }
  is_open_ = false;
}

}  // namespace untrack::iptables
