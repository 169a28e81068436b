#include "parser/iptables/restore_text.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "model/catalog/hooks.hpp"
#include "parser/iptables/document.hpp"
#include "parser/iptables/restore_words.hpp"
#include "parser/iptables/script/script.hpp"
#include "parser/recognise.hpp"

namespace untrack::iptables {
namespace {

// As iptables-save quotes: add_param_to_argv() of iptables 1.8.9 takes it apart again.
std::string quoted(std::string_view word) {
  const bool is_plain = !word.empty() && std::ranges::none_of(word, [](char c) {
    return c == ' ' || c == '\t' || c == '"' || c == '\'' || c == '\\';
  });
  if (is_plain) return std::string(word);
  std::string text = "\"";
  for (const char c : word) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

// How many words at `at` say which table, or how long to wait.
std::size_t left_out(const std::vector<Word>& words, std::size_t at) {
  constexpr std::array<std::string_view, 2> table = {"-t", "--table"};
  constexpr std::array<std::string_view, 4> wait = {"-w", "--wait", "-W", "--wait-interval"};
  const std::string_view word = words[at].text;
  if (is_one_of(word, table)) return std::min<std::size_t>(2, words.size() - at);
  if (is_one_of(word, wait)) {
    const std::string_view next = at + 1 < words.size() ? words[at + 1].text : std::string_view();
    return !next.empty() && next.front() >= '0' && next.front() <= '9' ? 2 : 1;
  }
  const bool is_joined = word.starts_with("--table=") || word.starts_with("--wait=") ||
                         word.starts_with("--wait-interval=") ||
                         (word.starts_with("-t") && word.size() > 2);
  return is_joined ? 1 : 0;
}

// The chain that a call names behind one of the options; empty: it has none of them.
std::string_view chain_behind(std::span<const std::string_view> options,
                              const std::vector<Word>& words) {
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (is_one_of(words[i].text, options)) return words[i + 1].text;
  }
  return {};
}

}  // namespace

void RestoreText::add(IpVersion version, std::string_view table, const std::vector<Word>& words) {
  if (version != version_) return;
  auto at = std::ranges::find(tables_, table, &Table::name);
  if (at == tables_.end()) at = tables_.insert(at, {std::string(table), {}, {}});
  constexpr std::array<std::string_view, 2> making = {"-N", "--new-chain"};
  constexpr std::array<std::string_view, 4> taking = {"-F", "--flush", "-X", "--delete-chain"};
  if (const auto made = chain_behind(making, words); !made.empty()) at->chains.emplace_back(made);
  const std::string_view gone = chain_behind(taking, words);
  const auto builtin = catalog::builtin_chains_of(table);
  if (!gone.empty() && !gone.starts_with('-') &&
      std::ranges::find(builtin, gone, &catalog::BuiltinChain::chain) == builtin.end() &&
      std::ranges::find(at->chains, gone) == at->chains.end()) {
    return;
  }
  std::string line;
  for (std::size_t i = 0; i < words.size();) {
    if (const std::size_t count = left_out(words, i); count > 0) {
      i += count;
      continue;
    }
    if (words[i].text.find_first_of(std::string_view("\n\0", 2)) != std::string_view::npos) {
      give_up();
    }
    if (!line.empty()) line += ' ';
    line += quoted(words[i++].text);
  }
  at->lines += line + '\n';
}

std::optional<std::string> RestoreText::take() {
  if (!is_whole_) return std::nullopt;
  std::string text;
  for (const Table& table : tables_) text += "*" + table.name + "\n" + table.lines + "COMMIT\n";
  return text;
}

std::optional<std::string> restore_text_of_script(SourceId source, std::string_view text,
                                                  IpVersion version) {
  Ruleset ruleset;
  ChainIndex index;
  Ipsets ipsets(ruleset);
  Execution execution(ruleset, index, source, Completeness::partial);
  RestoreText commands(version);
  (void)read_script(source, text, ruleset, execution, ipsets, &commands);
  return commands.take();
}

std::optional<std::string> restore_text_of_listing(SourceId source, std::string_view text,
                                                   IpVersion version) {
  Ruleset ruleset;
  const Document document = read_lines(source, text);
  const std::string usual(guess_table(document));
  RestoreText commands(version);
  std::vector<Word> words;
  for (const Line& line : document.lines) {
    if (line.kind != LineKind::rule && line.kind != LineKind::chain_declaration) continue;
    if (!split_restore_line(document.text_of(line), document.span_of(line), ruleset, &words)) {
      commands.give_up();
    }
    std::string_view table = usual;
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
      if (words[i].text == "-t" || words[i].text == "--table") table = words[i + 1].text;
    }
    commands.add(version, table, words);
  }
  return commands.take();
}

}  // namespace untrack::iptables
