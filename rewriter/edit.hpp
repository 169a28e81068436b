// Edit: replaces the bytes of one span; an empty span inserts, an empty text deletes. What rewrites
// and fixes are made of. EditSet: edits that can all be made, whatever the order in which they were
// found. Used by rewrites; guarantees that every byte outside of the spans stays as it is.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "model/source_text.hpp"

namespace untrack {

struct Edit {
  Span span;
  std::string text;
  friend bool operator==(const Edit&, const Edit&) = default;
};

// Insertions that belong together: at one place they stand in the order in which they were added.
enum class InsertionGroup : std::uint32_t {};

// Edits of any number of sources, none of which conflict. Two edits conflict if
// - both replace a byte of the source, unless they are equal: then they are one edit,
// - one inserts between two bytes that the other replaces, or
// - both insert at one place, unless they are of one group: nobody said which comes first.
// An insertion at the edge of a replaced span does not conflict: it stands before or behind it.
class EditSet {
 public:
  // A group that no insertion is in yet.
  [[nodiscard]] InsertionGroup new_group() { return InsertionGroup{groups_++}; }

  // The edit of this set that `edit` conflicts with; then the set is as before. nullopt: added.
  // An edit of an empty span with an empty text changes nothing and is not kept. A span that ends
  // before it begins is std::logic_error. Logarithmic in the number of edits.
  [[nodiscard]] std::optional<Edit> add(Edit edit);
  // The same for an insertion of a group; std::logic_error if its span is not empty.
  [[nodiscard]] std::optional<Edit> add(Edit edit, InsertionGroup group);

  // In the order of the text, the insertions of one place as one. None touches a byte of another.
  [[nodiscard]] std::vector<Edit> edits() const;
  [[nodiscard]] bool empty() const { return edits_.empty(); }
  // Exactly this span gives way to this text.
  [[nodiscard]] bool replaces(const Span& span, std::string_view text) const;
  // Where the edited text of `source` has something new, as spans of the edited text, sorted; empty
  // ones where something is gone.
  [[nodiscard]] std::vector<Span> changed(SourceId source) const;

  // The text of `source` with its edits made. std::logic_error if a span ends beyond its end.
  [[nodiscard]] std::string apply(const Sources& sources, SourceId source) const;

 private:
  // Sorts an insertion before what is replaced at the same place.
  using Place = std::tuple<SourceId, std::uint32_t, bool>;
  struct Entry {
    Edit edit;
    std::optional<InsertionGroup> group;
  };

  [[nodiscard]] std::optional<Edit> insert(Edit edit, std::optional<InsertionGroup> group);
  [[nodiscard]] std::optional<Edit> replace(Edit edit);

  std::map<Place, Entry> edits_;
  std::uint32_t groups_ = 0;
};

}  // namespace untrack
