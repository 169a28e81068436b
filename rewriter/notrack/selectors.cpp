#include "rewriter/notrack/selectors.hpp"

#include <algorithm>
#include <charconv>

#include "analysis/facts.hpp"

namespace untrack {
namespace {

constexpr Number last_port = 65535;

std::optional<std::uint32_t> number_of(std::string_view digits) {
  std::uint32_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [at, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || at != end) return std::nullopt;
  return value;
}

std::optional<Interval> ports_of(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto first = number_of(text.substr(0, colon));
  const auto last = colon == std::string_view::npos ? first : number_of(text.substr(colon + 1));
  if (!first || !last || *first == 0 || *first > *last || *last > last_port) return std::nullopt;
  return Interval{*first, *last};
}

std::optional<Selector> read_ports(std::string_view word) {
  Selector selector;
  selector.kind = Selector::Kind::port;
  std::string_view rest = word;
  if (rest.starts_with("tcp/")) selector.protocol = ip_protocol::tcp;
  if (rest.starts_with("udp/")) selector.protocol = ip_protocol::udp;
  if (selector.protocol != 0) rest.remove_prefix(4);
  const auto ports = ports_of(rest);
  if (!ports) return std::nullopt;
  selector.ports = *ports;
  return selector;
}

std::optional<Selector> read_line(std::string_view word) {
  const std::size_t colon = word.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const auto line = number_of(word.substr(colon + 1));
  if (!line || *line == 0) return std::nullopt;
  Selector selector;
  selector.kind = Selector::Kind::line;
  selector.line = *line;
  if (word.substr(0, colon) != "line") selector.text = word.substr(0, colon);
  return selector;
}

std::optional<Selector> read_text(std::string_view word, std::string_view prefix,
                                  Selector::Kind kind) {
  if (word.size() == prefix.size()) return std::nullopt;
  Selector selector;
  selector.kind = kind;
  selector.text = word.substr(prefix.size());
  return selector;
}

bool has_comment(const Ruleset& ruleset, const Rule& rule, std::string_view text) {
  for (const Construct& construct : slice(ruleset.constructs, rule.constructs)) {
    for (const OptionUse& option : slice(ruleset.options, construct.options)) {
      if (option.row != nullptr && option.row->name == "comment" &&
          option.value.find(text) != std::string_view::npos) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

std::optional<Selector> read_selector(std::string_view word) {
  std::optional<Selector> selector;
  if (word.starts_with("if:")) {
    selector = read_text(word, "if:", Selector::Kind::interface);
  } else if (word.starts_with("comment:")) {
    selector = read_text(word, "comment:", Selector::Kind::comment);
  } else {
    selector = read_ports(word);
    const bool is_port = word.starts_with("tcp/") || word.starts_with("udp/");
    if (!selector && !is_port) selector = read_line(word);
  }
  if (selector) selector->word = word;
  return selector;
}

std::vector<Interval> translated_low_ports(const Ruleset& ruleset) {
  std::vector<Interval> ports;
  for (const Rule& rule : ruleset.rules) {
    const auto* nat = find_statement<NatStatement>(ruleset, rule);
    if (nat == nullptr) continue;
    for (const Interval& range : slice(ruleset.intervals, nat->ports)) {
      const Interval low{std::max(range.first, low_ports.first),
                         std::min(range.last, low_ports.last)};
      if (low.first <= low.last) ports.push_back(low);
    }
  }
  return ports;
}

Distinctions distinctions_for(const Selection& selection, const Ruleset& ruleset) {
  Distinctions all;
  if (selection.only.empty()) {
    all.ranges.emplace_back(Field::destination_port, low_ports);
    for (const Interval& ports : translated_low_ports(ruleset)) {
      all.ranges.emplace_back(Field::destination_port, ports);
    }
  }
  for (const auto* selectors : {&selection.only, &selection.except}) {
    for (const Selector& selector : *selectors) {
      if (selector.kind == Selector::Kind::port) {
        all.ranges.emplace_back(Field::destination_port, selector.ports);
      } else if (selector.kind == Selector::Kind::interface) {
        all.names.push_back({selector.text, false});
      }
    }
  }
  return all;
}

bool selects(const Selector& selector, const Ruleset& ruleset, const Sources& sources,
             RuleId rule) {
  if (!rule.names_something()) return false;
  if (selector.kind == Selector::Kind::comment) {
    return has_comment(ruleset, ruleset[rule], selector.text);
  }
  if (selector.kind != Selector::Kind::line) return false;
  const Span& text = ruleset[rule].text;
  return sources.locate(text).line == selector.line &&
         (selector.text.empty() || sources[text.source].path() == selector.text);
}

std::string why_none(const Selector& selector, const Ruleset& ruleset, const Sources& sources) {
  using Kind = Selector::Kind;
  switch (selector.kind) {
    case Kind::port:
      return "no flow to that port is permitted";
    case Kind::interface:
      return "no flow is permitted that comes in or goes out there";
    case Kind::line:
    case Kind::comment:
      break;
  }
  for (std::size_t i = 0; i < ruleset.rules.size(); ++i) {
    if (selects(selector, ruleset, sources, RuleId(i))) {
      return "the rule there is none that accepts the first packets of flows";
    }
  }
  return selector.kind == Kind::line ? "no rule stands in that line"
                                     : "no rule has a comment with these words";
}

}  // namespace untrack
