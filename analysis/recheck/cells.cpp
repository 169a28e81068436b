// Space: which cells a condition is about, and packets as cells and back.
#include "analysis/recheck/cells.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/recheck/space.hpp"

namespace untrack::boxwise {

std::size_t Space::cell_of(Field field, Number value) const {
  const std::size_t domain = domain_of(field);
  if (!small_[domain].empty()) return small_[domain][static_cast<std::size_t>(value)];
  if (field == Field::mark) {
    Number whole = 0;
    for (const MarkGroup& group : mark_groups_) {
      const auto own = static_cast<std::uint32_t>(value) & group.bits;
      const bool is_named = std::ranges::find(group.values, own) != group.values.end();
      whole |= is_named ? own : group.values.back();
    }
    const auto at = std::ranges::find(first_value_[domain], whole);
    return static_cast<std::size_t>(at - first_value_[domain].begin());
  }
  const auto at = std::ranges::upper_bound(first_value_[domain], value);
  return static_cast<std::size_t>(at - first_value_[domain].begin()) - 1;
}

Number Space::value_of(Field field, std::size_t cell) const {
  return first_value_[domain_of(field)][cell];
}

Words Space::changed_marks(std::span<const std::uint64_t> cells, const MarkChange& change) const {
  Words changed = shape_.none(dimension(Field::mark));
  for (std::size_t cell = 0; cell < shape_.size(dimension(Field::mark)); ++cell) {
    if (!has_cell(cells, cell)) continue;
    const auto before = static_cast<std::uint32_t>(value_of(Field::mark, cell));
    put_cell(changed, cell_of(Field::mark, (before & change.kept) ^ change.turned));
  }
  return changed;
}

std::size_t Space::name_cell(std::string_view name) const {
  if (name.empty()) return 0;
  for (std::size_t i = 1; i < names_.size(); ++i) {
    if (names_[i] == name) return i;
  }
  // One that is not mentioned: the other that has the same beginnings.
  const auto said = [&](std::string_view text) {
    std::vector<bool> all;
    for (const NamePattern& pattern : patterns_) all.push_back(fits(pattern, text));
    return all;
  };
  const std::vector<bool> own = said(name);
  for (std::size_t i = names_.size(); i-- > 1;) {
    if (said(names_[i]) == own) return i;
  }
  throw NotFollowed("an interface whose name is of no kind that the rules tell apart");
}

Words Space::cells(const Condition& condition, const MarkChange& mark) const {
  if (condition.on == Condition::On::free) {
    Words words = shape_.none(dimension_of_free(condition.free));
    put_cell(words, 1);
    return words;
  }
  const std::size_t own = dimension(condition.field);
  Words words = shape_.none(own);
  if (condition.on == Condition::On::name) {
    for (std::size_t cell = 0; cell < names_.size(); ++cell) {
      const bool is_found = std::ranges::any_of(
          condition.names, [&](const NamePattern& pattern) { return fits(pattern, names_[cell]); });
      if (is_found != condition.outside) put_cell(words, cell);
    }
    return words;
  }
  const std::size_t domain = domain_of(condition.field);
  const unsigned width = width_of(condition.field, version_);
  const auto require = [&](bool is_of_one_kind) {
    if (is_of_one_kind) return;
    throw std::logic_error(
        fmt::format("a cell of {} in the recheck is not of one kind", to_text(condition.field)));
  };
  for (std::size_t cell = 0; cell < first_value_[domain].size(); ++cell) {
    Number value = first_value_[domain][cell];
    if (condition.field == Field::mark) {
      value = (static_cast<std::uint32_t>(value) & mark.kept) ^ mark.turned;
    }
    const bool is_true = holds_for(condition, value, width);
    if (is_true) put_cell(words, cell);
    for (std::size_t other = 0; other < small_[domain].size(); ++other) {
      require(small_[domain][other] != cell || holds_for(condition, other, width) == is_true);
    }
    // Whoever cut the cells has to have cut them here.
    const bool is_range = condition.field != Field::mark && !cells_[domain].empty();
    require(!is_range || holds_for(condition, cells_[domain][cell].last, width) == is_true);
  }
  return words;
}

Asked Space::asked(const Question& question, const MarkChange& mark) const {
  Asked asked;
  asked.opposite = question.opposite;
  for (const auto& list : question.any_of) {
    std::vector<std::pair<std::size_t, Words>> cells_of;
    for (const Condition& condition : list) {
      const std::size_t own = condition.on == Condition::On::free
                                  ? dimension_of_free(condition.free)
                                  : dimension(condition.field);
      cells_of.emplace_back(own, cells(condition, mark));
    }
    asked.any_of.push_back(std::move(cells_of));
  }
  return asked;
}

BoxList Space::where(const Question& question) const {
  BoxList list;
  for (const auto& conditions : question.any_of) {
    Box box = shape_.whole();
    bool is_empty = false;
    for (const Condition& condition : conditions) {
      const std::size_t own = condition.on == Condition::On::free
                                  ? dimension_of_free(condition.free)
                                  : dimension(condition.field);
      const Words wanted = cells(condition);
      const auto here = shape_.of(box, own);
      is_empty = is_empty || !overlap(here, wanted);
      for (std::size_t i = 0; i < here.size(); ++i) here[i] &= wanted[i];
    }
    if (!is_empty) list.push_back(std::move(box));
  }
  if (question.opposite) throw std::logic_error("the opposite of a question is no list of boxes");
  return list;
}

Box Space::point_of(const Packet& packet, const std::vector<bool>& free) const {
  Box box = shape_.whole();
  const auto choose = [&](std::size_t own, std::size_t cell) {
    const auto here = shape_.of(box, own);
    std::ranges::fill(here, 0);
    put_cell(here, cell);
  };
  for (std::size_t i = 0; i < field_count; ++i) {
    const auto field = static_cast<Field>(i);
    if (has_no_cells(field)) continue;
    if (is_named(field)) {
      choose(i,
             name_cell(field == Field::in_interface ? packet.in_interface : packet.out_interface));
    } else {
      choose(i, cell_of(field, packet[field]));
    }
  }
  for (FreeId id = 0; id < free_count(); ++id) {
    choose(dimension_of_free(id), id < free.size() && free[id] ? 1 : 0);
  }
  return box;
}

Space::Example Space::example(std::span<const std::size_t> chosen, Path path) const {
  Example example;
  example.packet.version = version_;
  example.packet.path = path;
  for (std::size_t i = 0; i < field_count; ++i) {
    const auto field = static_cast<Field>(i);
    if (has_no_cells(field)) continue;
    if (field == Field::in_interface) {
      example.packet.in_interface = names_[chosen[i]];
    } else if (field == Field::out_interface) {
      example.packet.out_interface = names_[chosen[i]];
    } else {
      example.packet[field] = first_value_[domain_of(field)][chosen[i]];
    }
  }
  for (FreeId id = 0; id < free_count(); ++id) {
    example.free.push_back(chosen[dimension_of_free(id)] == 1);
  }
  return example;
}

}  // namespace untrack::boxwise
