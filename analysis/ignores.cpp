#include "analysis/ignores.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "analysis/check.hpp"
#include "model/spelling.hpp"
#include "model/trimmed.hpp"

namespace untrack {
namespace {

constexpr std::string_view keyword = "untrack:";
constexpr std::string_view blanks = " \t\r";

// Takes the word at the front, up to a blank or one of `ends`.
std::string_view take_word(std::string_view& text, std::string_view ends) {
  text = trimmed(text);
  std::size_t length = 0;
  while (length < text.size() && blanks.find(text[length]) == std::string_view::npos &&
         ends.find(text[length]) == std::string_view::npos) {
    ++length;
  }
  const std::string_view word = text.substr(0, length);
  text.remove_prefix(length);
  return word;
}

// Where a comment begins in a line of a script, a save file or nft; npos: nowhere before `most`.
std::size_t comment_of(std::string_view line, std::size_t most) {
  char quote = 0;
  for (std::size_t i = 0; i < most; ++i) {
    const char c = line[i];
    if (quote != 0) {
      if (c == '\\' && quote == '"') {
        ++i;
      } else if (c == quote) {
        quote = 0;
      }
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '#') {
      return i;
    }
  }
  return std::string_view::npos;
}

// The quote that is open at the end of the text; 0: none is.
char quote_before(std::string_view text) {
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quote == 0) {
      if (text[i] == '"' || text[i] == '\'') quote = text[i];
    } else if (text[i] == '\\' && quote == '"') {
      ++i;
    } else if (text[i] == quote) {
      quote = 0;
    }
  }
  return quote;
}

class Finder {
 public:
  Finder(const Ruleset& ruleset, const Sources& sources) : ruleset_(ruleset), sources_(sources) {}

  Ignores find() {
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      const std::string_view text = sources_[SourceId(static_cast<std::uint32_t>(i))].text();
      if (text.find(keyword) != std::string_view::npos) with_ignores_.insert(i);
    }
    if (with_ignores_.empty()) return {};
    sort_rules();
    for (const std::size_t i : with_ignores_) {
      look_at_lines(SourceId(static_cast<std::uint32_t>(i)));
    }
    for (const Span& rule : rules_) look_at_rule(rule);
    std::ranges::sort(ignores_.list, {}, &Ignore::span);
    std::ranges::sort(ignores_.faults, {}, &IgnoreFault::span);
    return std::move(ignores_);
  }

 private:
  void sort_rules() {
    for (const Rule& rule : ruleset_.rules) {
      const auto source = static_cast<std::size_t>(rule.text.source);
      if (!rule.text.empty() && with_ignores_.contains(source)) {
        rules_.push_back(rule.text);
        if (trimmed(rule.comment).starts_with(keyword)) commented_.insert(rule.text);
      }
    }
    std::ranges::sort(rules_);
    const auto repeated = std::unique(rules_.begin(), rules_.end());
    rules_.erase(repeated, rules_.end());
  }

  void look_at_lines(SourceId source) {
    const std::string_view text = sources_[source].text();
    std::size_t at = text.find(keyword);
    while (at != std::string_view::npos) {
      const std::size_t newline = text.rfind('\n', at);
      const std::size_t begin = at == 0 || newline == std::string_view::npos ? 0 : newline + 1;
      const std::size_t end = std::min(text.find('\n', at), text.size());
      look_at_line(source, begin, end, at);
      at = text.find(keyword, end);
    }
  }

  // `at`: the first of its keywords.
  void look_at_line(SourceId source, std::size_t begin, std::size_t end, std::size_t at) {
    constexpr int most_keywords = 8;  // others may stand between quotes
    const std::string_view line = sources_[source].text().substr(begin, end - begin);
    for (int i = 0; i < most_keywords && at < end; ++i) {
      const std::size_t sign = comment_of(line, at - begin);
      const bool is_first_word = sign != std::string_view::npos &&
                                 trimmed(line.substr(sign + 1, at - begin - sign - 1)).empty();
      if (is_first_word) {
        const bool is_alone = trimmed(line.substr(0, sign)).empty();
        read(span_of(source, at, end),
             is_alone ? next_of(source, end) : rule_at(source, begin, end));
        return;
      }
      at = sources_[source].text().find(keyword, at + 1);
    }
  }

  // In a file the comment stands between quotes, or is a single word; in JSON it has escapes.
  void look_at_rule(const Span& rule) {
    if (!commented_.contains(rule)) return;
    const std::string_view text = sources_.text(rule);
    const std::size_t at = text.find(keyword);
    if (at == std::string_view::npos) return;
    const char quote = quote_before(text.substr(0, at));
    const std::size_t end = std::min(
        quote != 0 ? text.find(quote, at) : text.find_first_of(" \t\r\n", at), text.size());
    read(span_of(rule.source, rule.begin + at, rule.begin + end), rule);
  }

  static Span span_of(SourceId source, std::size_t begin, std::size_t end) {
    return {source, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
  }

  // The rule, or the line, below the comments that end at `end`. Comments upon comments have one
  // answer, which is looked for once.
  Span next_of(SourceId source, std::size_t end) {
    const std::string_view text = sources_[source].text();
    std::size_t begin = std::min(end + 1, text.size());
    if (last_source_ == source && begin > last_from_ && begin <= last_line_) {
      return last_about_;
    }
    last_source_ = source;
    last_from_ = begin;
    while (begin < text.size()) {
      end = std::min(text.find('\n', begin), text.size());
      const std::string_view line = trimmed(text.substr(begin, end - begin));
      if (!line.empty() && !line.starts_with('#')) break;
      begin = std::min(end + 1, text.size());
    }
    last_line_ = begin;
    last_about_ = begin < text.size() ? rule_at(source, begin, end) : span_of(source, begin, begin);
    return last_about_;
  }

  // The line, and the rest of a rule that begins in it or goes on in it.
  [[nodiscard]] Span rule_at(SourceId source, std::size_t begin, std::size_t end) const {
    Span about = span_of(source, begin, end);
    auto rule = std::ranges::upper_bound(rules_, Span{source, about.end, about.end});
    while (rule != rules_.begin()) {
      --rule;
      if (rule->source != source || rule->end <= about.begin) break;
      about.begin = std::min(about.begin, rule->begin);
      about.end = std::max(about.end, rule->end);
    }
    return about;
  }

  void fault(const Span& span, std::string message, std::string label) {
    ignores_.faults.push_back({span, std::move(message), std::move(label)});
  }

  void read(const Span& span, const Span& about) {
    std::string_view rest = trimmed(sources_.text(span)).substr(keyword.size());
    Ignore ignore{span, about, {}, {}, false};
    const std::string_view order = take_word(rest, "[");
    if (order == "ignore-file") {
      ignore.is_of_file = true;
    } else if (order != "ignore") {
      fault(span, fmt::format("not understood: \"untrack: {}\"", order),
            "untrack: ignore CODE REASON");
      return;
    }
    if (!read_checks(span, rest, ignore)) return;
    ignore.reason = trimmed(rest);
    while (ignore.reason.starts_with("--") || ignore.reason.starts_with(':')) {
      ignore.reason = trimmed(ignore.reason.substr(ignore.reason.starts_with(':') ? 1 : 2));
    }
    if (ignore.reason.empty()) {
      fault(span, "an ignore without a reason", "why is the finding as it should be?");
      return;
    }
    ignores_.list.push_back(std::move(ignore));
  }

  // "UT301,UT203 " or "[UT301, UT203] ".
  bool read_checks(const Span& span, std::string_view& rest, Ignore& ignore) {
    rest = trimmed(rest);
    std::string_view codes;
    if (rest.starts_with('[')) {
      const std::size_t end = rest.find(']');
      if (end == std::string_view::npos) {
        fault(span, "an ignore with an open bracket", "] is missing");
        return false;
      }
      codes = rest.substr(1, end - 1);
      rest.remove_prefix(end + 1);
    } else {
      codes = take_word(rest, "");
    }
    while (!codes.empty()) {
      const std::size_t comma = std::min(codes.find(','), codes.size());
      if (!read_check(span, trimmed(codes.substr(0, comma)), ignore)) return false;
      codes.remove_prefix(std::min(comma + 1, codes.size()));
    }
    if (ignore.checks.empty()) {
      fault(span, "an ignore without the code of a check", "untrack: ignore CODE REASON");
      return false;
    }
    return true;
  }

  bool read_check(const Span& span, std::string_view word, Ignore& ignore) {
    const CheckInfo* check = find_check(word);
    if (check == nullptr) {
      Nearest meant(word);
      for (const CheckInfo* each : all_checks()) {
        meant.offer(each->code);
        meant.offer(each->name);
      }
      fault(span, fmt::format("no check: \"{}\"", word),
            meant.best().empty() ? "untrack: ignore CODE REASON"
                                 : fmt::format("did you mean {}?", meant.best()));
      return false;
    }
    if (!may_be_ignored(*check)) {
      fault(span, fmt::format("{} {} cannot be ignored", check->code, check->name),
            "it must stay visible");
      return false;
    }
    if (std::ranges::find(ignore.checks, check) == ignore.checks.end()) {
      ignore.checks.push_back(check);
    }
    return true;
  }

  const Ruleset& ruleset_;
  const Sources& sources_;
  std::set<std::size_t> with_ignores_;   // sources
  std::vector<Span> rules_;              // of these, sorted
  std::set<Span> commented_;             // those whose comment is one
  std::optional<SourceId> last_source_;  // of next_of
  std::size_t last_from_ = 0;
  std::size_t last_line_ = 0;
  Span last_about_;
  Ignores ignores_;
};

}  // namespace

Ignores find_ignores(const Ruleset& ruleset, const Sources& sources) {
  return Finder(ruleset, sources).find();
}

bool may_be_ignored(const CheckInfo& check) {
  return !check.code.starts_with("UT9") && check.code != "UT101" && check.code != "UT104" &&
         check.code != "UT105";
}

std::vector<std::optional<std::size_t>> match_ignores(const Ignores& ignores,
                                                      const std::vector<Finding>& findings) {
  constexpr int most_around = 16;  // ignores whose places overlap
  std::vector<std::optional<std::size_t>> matched(findings.size());
  if (ignores.list.empty()) return matched;
  // By source and check; those about a whole text are few, however often they are written.
  using Key = std::pair<SourceId, const CheckInfo*>;
  std::map<Key, std::vector<std::size_t>> by_check;
  std::map<Key, std::size_t> of_files;
  for (std::size_t i = 0; i < ignores.list.size(); ++i) {
    const Ignore& ignore = ignores.list[i];
    for (const CheckInfo* check : ignore.checks) {
      if (ignore.is_of_file) {
        of_files.try_emplace({ignore.span.source, check}, i);
      } else {
        by_check[{ignore.span.source, check}].push_back(i);
      }
    }
  }
  const auto begin_of = [&](std::size_t i) { return ignores.list[i].about.begin; };
  for (auto& [key, list] : by_check) std::ranges::stable_sort(list, {}, begin_of);
  for (std::size_t f = 0; f < findings.size(); ++f) {
    const Finding& finding = findings[f];
    const Key key{finding.span.source, finding.check};
    if (const auto list = by_check.find(key); list != by_check.end()) {
      auto at = std::ranges::upper_bound(list->second, finding.span.begin, {}, begin_of);
      for (int i = 0; i < most_around && at != list->second.begin(); ++i) {
        if (ignores.list[*--at].about.end > finding.span.begin) matched[f] = *at;
      }
    }
    if (const auto file = of_files.find(key); !matched[f] && file != of_files.end()) {
      matched[f] = file->second;
    }
  }
  return matched;
}

}  // namespace untrack
