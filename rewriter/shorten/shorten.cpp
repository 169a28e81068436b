#include "rewriter/shorten/shorten.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>

#include "analysis/walk/reach.hpp"
#include "rewriter/rule_text.hpp"
#include "rewriter/shorten/covers.hpp"

namespace untrack {
namespace {

constexpr std::size_t multiport_slots = 15;  // XT_MULTI_PORTS, linux/netfilter/xt_multiport.h
constexpr char hole = '\x01';

void add(EditSet& edits, Edit edit) {
  if (edits.add(std::move(edit))) throw std::logic_error("edits of a shorter rewrite conflict");
}

// The ports that a rule asks for on one side, and the rule around them.
struct PortUse {
  std::vector<std::pair<Number, std::string>> words;  // by the first port of each
  std::size_t slots = 0;
  std::string frame;  // the rule's text with a hole in it
  // What puts other ports in their place, in the words of multiport.
  std::vector<Edit> cuts;
  Span place;
  std::string behind;  // what follows the new words
};

class Shortener {
 public:
  Shortener(const Ruleset& ruleset, const Sources& sources, IpVersion version,
            const ShortenOptions& options)
      : ruleset_(ruleset), sources_(sources), version_(version), options_(options) {}

  std::vector<Shortening> find() {
    see_changes();
    for (const Chain& chain : ruleset_.chains) {
      if (!ip_versions(ruleset_[chain.table].family).has(version_)) continue;
      if (std::ranges::none_of(chain.rules, [&](RuleId id) { return is_ours(id); })) continue;
      tests_.clear();
      for (const RuleId id : chain.rules) {
        tests_.push_back(tests_of(ruleset_, ruleset_[id], version_));
      }
      is_gone_.assign(chain.rules.size(), false);
      leave_out_covered_earlier(chain);
      leave_out_covered_later(chain);
      leave_out_covered_beyond(chain);
      for (std::size_t i = 0; i < chain.rules.size(); ++i) {
        if (is_gone_[i]) {
          found_.push_back({{RuleText(ruleset_, sources_, chain.rules[i]).removed()}});
        }
      }
      join_ports(chain);
    }
    return std::move(found_);
  }

 private:
  bool is_ours(RuleId id) const { return written_[id.index()] || changed_[id.index()]; }

  void see_changes() {
    written_.assign(ruleset_.rules.size(), false);
    changed_.assign(ruleset_.rules.size(), false);
    for (std::size_t i = 0; i < ruleset_.rules.size(); ++i) {
      const Span& line = ruleset_.rules[i].line;
      // The first change that ends behind the beginning of the line.
      const auto at = std::ranges::partition_point(options_.changes, [&](const Span& change) {
        return change.source < line.source ||
               (change.source == line.source && change.end <= line.begin);
      });
      if (at == options_.changes.end() || at->source != line.source) continue;
      if (at->begin <= line.begin && at->end >= line.end) {
        written_[i] = true;
      } else if (at->begin < line.end) {
        changed_[i] = options_.joins_changed;
      }
    }
  }

  // An earlier rule of the chain takes all of its packets, and does the same with them.
  void leave_out_covered_earlier(const Chain& chain) {
    Covers earlier(version_);
    for (std::size_t i = 0; i < chain.rules.size(); ++i) {
      if (!tests_[i]) continue;
      const RuleId id = chain.rules[i];
      if (written_[id.index()] &&
          earlier.find(id, *tests_[i], [](RuleId) { return true; }).has_value()) {
        is_gone_[i] = true;
      } else {
        earlier.add(id, *tests_[i]);
      }
    }
  }

  // A later one does, and between them stand only rules that do the same.
  void leave_out_covered_later(const Chain& chain) {
    std::size_t begin = 0;
    while (begin < chain.rules.size()) {
      std::size_t end = begin;
      while (end < chain.rules.size() && is_alike(begin, end)) ++end;
      if (end > begin + 1) leave_out_within(chain, begin, end);
      begin = std::max(end, begin + 1);
    }
  }

  bool is_alike(std::size_t first, std::size_t other) const {
    return tests_[first] && tests_[other] && tests_[other]->is_whole &&
           tests_[first]->end == tests_[other]->end;
  }

  void leave_out_within(const Chain& chain, std::size_t begin, std::size_t end) {
    Covers later(version_);
    for (std::size_t i = end; i-- > begin;) {
      if (is_gone_[i]) continue;
      const RuleId id = chain.rules[i];
      if (written_[id.index()] &&
          later.find(id, *tests_[i], [](RuleId) { return true; }).has_value()) {
        is_gone_[i] = true;
      } else {
        later.add(id, *tests_[i]);
      }
    }
  }

  // A later one does, and what stands between them either does the same or is about other
  // protocols.
  void leave_out_covered_beyond(const Chain& chain) {
    constexpr std::size_t farthest = 64;
    for (std::size_t i = 0; i < chain.rules.size(); ++i) {
      if (is_gone_[i] || !tests_[i] || !written_[chain.rules[i].index()]) continue;
      const auto protocol = protocol_of(ruleset_[chain.rules[i]]);
      const std::size_t end = std::min(chain.rules.size(), i + farthest);
      for (std::size_t j = i + 1; protocol && j < end; ++j) {
        if (is_gone_[j]) continue;
        const auto other = protocol_of(ruleset_[chain.rules[j]]);
        if (other && *other != *protocol) continue;
        if (!tests_[j] || tests_[j]->end != tests_[i]->end) break;
        if (tests_[j]->is_whole && covers(*tests_[j], *tests_[i])) {
          is_gone_[i] = true;
          break;
        }
      }
    }
  }

  // The one that it asks for.
  std::optional<Number> protocol_of(const Rule& rule) const {
    for (const RulePart& part : slice(ruleset_.parts, rule.parts)) {
      const auto* match = std::get_if<Match>(&part.what);
      const auto* test = match == nullptr ? nullptr : std::get_if<FieldTest>(match);
      if (test == nullptr || test->field != Field::protocol || test->negated) continue;
      const auto values = slice(ruleset_.intervals, test->values);
      if (values.size() == 1 && values.front().first == values.front().last) {
        return values.front().first;
      }
    }
    return std::nullopt;
  }

  void join_ports(const Chain& chain) {
    for (const Field side : {Field::destination_port, Field::source_port}) {
      std::size_t i = 0;
      while (i < chain.rules.size()) i = join_from(chain, i, side);
    }
  }

  // Joins rule `i` with what follows, as far as it goes; the next one to look at. The rule stands
  // where the last of them stood, behind the comments on all of them.
  std::size_t join_from(const Chain& chain, std::size_t i, Field side) {
    auto use = is_gone_[i] ? std::nullopt : port_use(chain.rules[i], tests_[i], side);
    if (!use) return i + 1;
    std::vector<std::size_t> joined{i};
    std::size_t next = i + 1;
    for (; next < chain.rules.size(); ++next) {
      if (!are_neighbours(chain.rules[next - 1], chain.rules[next])) break;
      if (is_gone_[next]) continue;
      auto more = port_use(chain.rules[next], tests_[next], side);
      if (!more || more->frame != use->frame) break;
      if (use->slots + more->slots > multiport_slots) break;
      more->slots += use->slots;
      more->words.insert(more->words.end(), use->words.begin(), use->words.end());
      use = std::move(more);
      joined.push_back(next);
    }
    if (joined.size() == 1) return i + 1;
    Shortening row;
    for (const std::size_t each : joined) {
      is_gone_[each] = true;
      if (each == joined.back()) continue;
      row.edits.push_back(RuleText(ruleset_, sources_, chain.rules[each]).removed());
    }
    std::ranges::sort(use->words);
    use->words.erase(std::unique(use->words.begin(), use->words.end()), use->words.end());
    std::vector<std::string_view> ports;
    for (const auto& [port, word] : use->words) ports.emplace_back(word);
    row.edits.insert(row.edits.end(), use->cuts.begin(), use->cuts.end());
    row.edits.push_back({use->place, fmt::format("-m multiport --{}ports {}{}",
                                                 side == Field::source_port ? 's' : 'd',
                                                 fmt::join(ports, ","), use->behind)});
    found_.push_back(std::move(row));
    return next;
  }

  // Nothing stands between them, or comments of the rewrite's.
  bool are_neighbours(RuleId one, RuleId other) const {
    const Span& before = ruleset_[one].line;
    const Span& behind = ruleset_[other].line;
    if (before.source != behind.source || before.end > behind.begin) return false;
    if (written_[one.index()] != written_[other.index()]) return false;
    if (before.end == behind.begin) return true;
    if (!written_[one.index()]) return false;
    const std::string_view between = sources_.text({before.source, before.end, behind.begin});
    return between.starts_with('#') && between.find("\n-") == std::string_view::npos &&
           std::ranges::any_of(options_.changes, [&](const Span& change) {
             return change.source == before.source && change.begin <= before.end &&
                    change.end >= behind.begin;
           });
  }

  // None if the rule is not the rewrite's, or asks for nothing that multiport could say there.
  std::optional<PortUse> port_use(RuleId id, const std::optional<RuleTests>& tests, Field side) {
    const Rule& rule = ruleset_[id];
    if (!is_ours(id) || !tests || !tests->is_whole || rule.counters.names_something())
      return std::nullopt;
    const OptionUse* found = nullptr;
    const Construct* of = nullptr;
    for (const Construct& construct : slice(ruleset_.constructs, rule.constructs)) {
      for (const OptionUse& option : slice(ruleset_.options, construct.options)) {
        if (option.row == nullptr || option.row->field != side) continue;
        if (found != nullptr || option.negated) return std::nullopt;
        found = &option;
        of = &construct;
      }
    }
    if (found == nullptr) return std::nullopt;
    PortUse use;
    for (const RulePart& part : slice(ruleset_.parts, rule.parts)) {
      const auto* match = std::get_if<Match>(&part.what);
      const auto* test = match == nullptr ? nullptr : std::get_if<FieldTest>(match);
      if (test == nullptr || test->field != side) continue;
      for (const Interval& range : slice(ruleset_.intervals, test->values)) {
        const bool is_one = range.first == range.last;
        use.slots += is_one ? 1 : 2;
        const auto first = static_cast<std::uint32_t>(range.first);
        use.words.emplace_back(
            range.first, is_one
                             ? fmt::format("{}", first)
                             : fmt::format("{}:{}", first, static_cast<std::uint32_t>(range.last)));
      }
    }
    cut(RuleText(ruleset_, sources_, id), *of, *found, use);
    use.frame = frame_of(rule, use);
    return use;
  }

  void cut(const RuleText& text, const Construct& construct, const OptionUse& option,
           PortUse& use) const {
    const std::string_view words = sources_.text(construct.span);
    const bool is_named = words.starts_with("-m") || words.starts_with("--match");
    if (!is_named) {
      use.place = option.span;
    } else if (construct.options.count == 1) {
      use.cuts = text.without(construct);
      use.place = use.cuts.front().span;
      // The spaces in front of it stay.
      while (use.place.begin < construct.span.begin) ++use.place.begin;
      use.cuts.erase(use.cuts.begin());
    } else {
      use.place = {construct.span.source, construct.span.begin, construct.span.begin};
      use.cuts = {text.without(option)};
      use.behind = " ";
    }
  }

  std::string frame_of(const Rule& rule, const PortUse& use) const {
    EditSet edits;
    for (const Edit& edit : use.cuts) add(edits, edit);
    add(edits, {use.place, std::string(1, hole)});
    std::string frame;
    std::uint32_t copied = rule.text.begin;
    for (const Edit& edit : edits.edits()) {
      frame += sources_.text({rule.text.source, copied, edit.span.begin});
      frame += edit.text;
      copied = edit.span.end;
    }
    frame += sources_.text({rule.text.source, copied, rule.text.end});
    // Spaces at the hole are of no account.
    const std::size_t at = frame.find(hole);
    std::size_t begin = at;
    std::size_t end = at + 1;
    while (begin > 0 && frame[begin - 1] == ' ') --begin;
    while (end < frame.size() && frame[end] == ' ') ++end;
    return frame.substr(0, begin) + hole + frame.substr(end);
  }

  const Ruleset& ruleset_;
  const Sources& sources_;
  IpVersion version_;
  const ShortenOptions& options_;
  RuleSet written_;                              // by RuleId
  RuleSet changed_;                              // by RuleId
  std::vector<std::optional<RuleTests>> tests_;  // of the rules of one chain
  std::vector<bool> is_gone_;                    // likewise
  std::vector<Shortening> found_;
};

// Comments within `change` under which every rule goes.
void remove_headings(const SourceText& source, const Span& change, EditSet& edits) {
  const std::string_view text = source.text();
  std::optional<Span> heading;
  bool has_kept = false;
  bool has_removed = false;
  const auto close = [&] {
    if (heading && has_removed && !has_kept) add(edits, {*heading, ""});
    heading.reset();
    has_kept = has_removed = false;
  };
  std::uint32_t begin = change.begin;
  while (begin < change.end) {
    const std::size_t at = text.find('\n', begin);
    const auto end =
        static_cast<std::uint32_t>(at == std::string_view::npos ? text.size() : at + 1);
    const Span line{change.source, begin, end};
    const std::size_t first = text.find_first_not_of(" \t", begin);
    if (first != std::string_view::npos && text[first] == '#') {
      close();
      heading = line;
    } else if (edits.replaces(line, "")) {
      has_removed = true;
    } else {
      has_kept = true;
    }
    begin = end;
  }
  close();
}

}  // namespace

std::vector<Shortening> find_shortenings(const Ruleset& rewritten, const Sources& sources,
                                         IpVersion version, const ShortenOptions& options) {
  return Shortener(rewritten, sources, version, options).find();
}

EditSet shortened(const Sources& sources, const ShortenOptions& options,
                  std::span<const Shortening> chosen) {
  EditSet edits;
  for (const Shortening& row : chosen) {
    for (const Edit& edit : row.edits) add(edits, edit);
  }
  for (const Span& change : options.changes) remove_headings(sources[change.source], change, edits);
  return edits;
}

}  // namespace untrack
