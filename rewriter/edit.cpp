#include "rewriter/edit.hpp"

#include <iterator>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace untrack {

std::optional<Edit> EditSet::add(Edit edit) {
  if (edit.span.end < edit.span.begin) throw std::logic_error("edit: a span ends before it begins");
  return edit.span.empty() ? insert(std::move(edit), std::nullopt) : replace(std::move(edit));
}

std::optional<Edit> EditSet::add(Edit edit, InsertionGroup group) {
  if (!edit.span.empty()) throw std::logic_error("edit: only insertions have a group");
  return insert(std::move(edit), group);
}

std::optional<Edit> EditSet::insert(Edit edit, std::optional<InsertionGroup> group) {
  if (edit.text.empty()) return std::nullopt;
  const std::uint32_t at = edit.span.begin;
  const Place place{edit.span.source, at, false};
  const auto next = edits_.lower_bound(place);
  if (next != edits_.end() && next->first == place) {
    Entry& there = next->second;
    if (!group || there.group != group) return there.edit;
    there.edit.text += edit.text;
    return std::nullopt;
  }
  if (next != edits_.begin()) {
    // Whatever begins further ahead ends before this one begins.
    const Edit& before = std::prev(next)->second.edit;
    if (before.span.source == edit.span.source && before.span.end > at) return before;
  }
  edits_.emplace_hint(next, place, Entry{std::move(edit), group});
  return std::nullopt;
}

std::optional<Edit> EditSet::replace(Edit edit) {
  const Place place{edit.span.source, edit.span.begin, true};
  const auto next = edits_.lower_bound(place);
  if (next != edits_.end()) {
    const Edit& there = next->second.edit;
    if (there == edit) return std::nullopt;
    if (there.span.source == edit.span.source && there.span.begin < edit.span.end) return there;
  }
  // An insertion at the same begin hides the edit before it, which then ends there or earlier.
  if (next != edits_.begin()) {
    const Edit& before = std::prev(next)->second.edit;
    if (before.span.source == edit.span.source && before.span.end > edit.span.begin) return before;
  }
  edits_.emplace_hint(next, place, Entry{std::move(edit), std::nullopt});
  return std::nullopt;
}

std::vector<Edit> EditSet::edits() const {
  std::vector<Edit> all;
  all.reserve(edits_.size());
  for (const auto& [place, entry] : edits_) all.push_back(entry.edit);
  return all;
}

bool EditSet::replaces(const Span& span, std::string_view text) const {
  const auto at = edits_.find(Place{span.source, span.begin, true});
  return at != edits_.end() && at->second.edit.span == span && at->second.edit.text == text;
}

std::vector<Span> EditSet::changed(SourceId source) const {
  std::vector<Span> spans;
  std::int64_t shift = 0;
  for (auto at = edits_.lower_bound(Place{source, 0, false});
       at != edits_.end() && std::get<SourceId>(at->first) == source; ++at) {
    const Edit& edit = at->second.edit;
    const auto begin = static_cast<std::uint32_t>(edit.span.begin + shift);
    spans.push_back({source, begin, begin + static_cast<std::uint32_t>(edit.text.size())});
    shift += static_cast<std::int64_t>(edit.text.size()) - edit.span.size();
  }
  return spans;
}

std::string EditSet::apply(const Sources& sources, SourceId source) const {
  const std::string_view text = sources[source].text();
  std::string edited;
  edited.reserve(text.size());
  std::size_t copied = 0;
  for (auto at = edits_.lower_bound(Place{source, 0, false});
       at != edits_.end() && std::get<SourceId>(at->first) == source; ++at) {
    const Edit& edit = at->second.edit;
    if (edit.span.end > text.size()) throw std::logic_error("edit: a span beyond the text");
    edited += text.substr(copied, edit.span.begin - copied);
    edited += edit.text;
    copied = edit.span.end;
  }
  edited += text.substr(copied);
  return edited;
}

}  // namespace untrack
