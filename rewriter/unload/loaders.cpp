#include "rewriter/unload/loaders.hpp"

#include <algorithm>
#include <optional>

namespace untrack {
namespace {

// The chains that iptables makes itself; a recogniser's pattern must never be asked about them.
bool is_built_in(const Chain& chain) { return chain.base.has_value(); }

// A `#` line at the top of the text that begins with `header`; empty if there is none.
std::string_view header_line(std::string_view text, std::string_view header) {
  constexpr std::size_t looked_at = 1024;
  text = text.substr(0, looked_at);
  while (text.starts_with('#')) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    line.remove_prefix(std::min(line.find_first_not_of("# "), line.size()));
    if (line.starts_with(header)) return line;
  }
  return {};
}

}  // namespace

bool matches_any(std::string_view patterns, std::string_view name) {
  while (!patterns.empty()) {
    const std::size_t blank = patterns.find(' ');
    std::string_view pattern = patterns.substr(0, blank);
    if (pattern.ends_with('*')) {
      pattern.remove_suffix(1);
      if (name.starts_with(pattern)) return true;
    } else if (name == pattern) {
      return true;
    }
    if (blank == std::string_view::npos) return false;
    patterns.remove_prefix(blank + 1);
  }
  return false;
}

std::vector<Loader> find_loaders(const Sources& sources, const Ruleset& ruleset) {
  const auto rows = loader_rows();
  std::vector<std::optional<Loader>> found(rows.size());
  for (const Chain& chain : ruleset.chains) {
    if (is_built_in(chain)) continue;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!found[i] && matches_any(rows[i].chains, chain.name)) {
        found[i] = Loader{&rows[i], chain.name, chain.span};
      }
    }
  }
  for (const Rule& rule : ruleset.rules) {
    if (rule.comment.empty()) continue;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!found[i] && !rows[i].comment.empty() && rule.comment.starts_with(rows[i].comment)) {
        found[i] = Loader{&rows[i], rule.comment, rule.text};
      }
    }
  }
  for (const InputSummary& input : ruleset.inputs) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (found[i] || rows[i].header.empty()) continue;
      const std::string_view line = header_line(sources[input.source].text(), rows[i].header);
      if (!line.empty()) found[i] = Loader{&rows[i], line, Span{input.source, 0, 0}};
    }
  }
  std::vector<Loader> loaders;
  for (const std::optional<Loader>& loader : found) {
    if (loader) loaders.push_back(*loader);
  }
  return loaders;
}

}  // namespace untrack
