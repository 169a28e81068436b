#include "analysis/recheck/space.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "analysis/program/destinations.hpp"
#include "analysis/recheck/cells.hpp"

namespace untrack::boxwise {
namespace {

// More would make every box large; what has them is not for this code.
constexpr std::size_t most_cells = 4096;
constexpr std::size_t longest_name = 15;  // IFNAMSIZ less its end, linux/if.h

bool looks_at_all(const Condition& condition, unsigned width) {
  if (width > 32) return true;
  const std::uint32_t all = width == 32 ? ~0U : (1U << width) - 1;
  return (condition.bits & all) == all;
}

Number last_of(unsigned width) { return width >= 128 ? ~Number{0} : (Number{1} << width) - 1; }

}  // namespace

Space::Space(std::span<const Program* const> programs, const std::vector<Question>& also)
    : version_(programs.front()->version()), variables_(programs.front()->variables()) {
  for (const Program* program : programs) collect(*program);
  for (const Question& question : also) collect(question);
  cut_names();
  cut_marks();
  cut_numbers();
  std::vector<std::size_t> sizes(field_count, 1);
  for (std::size_t i = 0; i < field_count; ++i) {
    const auto field = static_cast<Field>(i);
    if (has_no_cells(field)) continue;
    sizes[i] = is_named(field) ? names_.size() : first_value_[domain_of(field)].size();
  }
  sizes.insert(sizes.end(), variables_.size(), 2);
  for (const std::size_t size : sizes) {
    if (size > most_cells) {
      throw TooLarge(fmt::format("one field has {} cells, more than {}", size, most_cells));
    }
  }
  shape_ = Shape(sizes);
  mirror_icmp();
}

void Space::collect(const Condition& condition) {
  if (condition.on == Condition::On::free) return;
  if (condition.on == Condition::On::name) {
    patterns_.insert(patterns_.end(), condition.names.begin(), condition.names.end());
    return;
  }
  if (condition.field == Field::mark) mark_masks_.push_back(condition.bits);
  conditions_[domain_of(condition.field)].push_back(condition);
}

void Space::collect(const Question& question) {
  for (const auto& list : question.any_of) {
    for (const Condition& condition : list) collect(condition);
  }
}

// Where it leads is told apart from all else.
void Space::collect(const NatStatement& nat, const Ruleset& ruleset) {
  for (const Interval& range : slice(ruleset.intervals, nat.addresses)) {
    collect(in_range(Field::destination_address, range));
  }
  for (const Interval& range : slice(ruleset.intervals, nat.ports)) {
    collect(in_range(Field::destination_port, range));
  }
}

void Space::collect(const Program& program) {
  const Ruleset& ruleset = program.ruleset();
  // The state decides nothing about where fields are cut, but for whether a test asks any.
  const auto collect_part = [&](std::uint32_t part) {
    const auto& what = ruleset.parts[part].what;
    if (std::holds_alternative<Match>(what)) {
      collect(question_of(program, part, {}));
    } else if (const auto* map = std::get_if<VerdictMapStatement>(&std::get<Statement>(what))) {
      if (program.kind(part) != PartKind::statement) return;
      const SetTest& key = ruleset[*map].key;
      collect(has_key(program, key));
      const std::size_t count = ruleset[key.set].element_count();
      for (const CtState state : {CtState::invalid, CtState::new_, CtState::established,
                                  CtState::related, CtState::untracked}) {
        for (std::size_t i = 0; i < count; ++i) {
          collect(element_of(program, key, i, {true, state}));
        }
        if (std::ranges::find(key.fields, Field::ct_state) == key.fields.end()) break;
      }
    } else if (const auto* mark = std::get_if<MarkStatement>(&std::get<Statement>(what))) {
      mark_masks_.push_back(mark->mask);
      mark_changes_.push_back(*mark);
    } else if (saves_mark(std::get<Statement>(what))) {
      Condition any = in_range(Field::mark, {});  // what is saved counts, asked for or not
      any.values.clear();
      collect(any);
    } else if (const auto* nat = std::get_if<NatStatement>(&std::get<Statement>(what))) {
      collect(*nat, ruleset);
    }
  };
  const auto collect_set_states = [&](std::uint32_t part) {
    const auto* match = std::get_if<Match>(&ruleset.parts[part].what);
    const auto* test = match == nullptr ? nullptr : std::get_if<SetTest>(match);
    if (test == nullptr || program.kind(part) != PartKind::test) return;
    for (const CtState state :
         {CtState::new_, CtState::established, CtState::related, CtState::untracked}) {
      collect(question_of(program, part, {true, state}));
    }
  };
  for (const Table& table : ruleset.tables) {
    if (table.is_dormant || !ip_versions(table.family).has(version_)) continue;
    for (const ChainId chain : table.chains) {
      for (const RuleId rule : ruleset[chain].rules) {
        const auto parts = ruleset[rule].parts;
        for (std::uint32_t i = 0; i < parts.count; ++i) {
          collect_part(parts.first + i);
          collect_set_states(parts.first + i);
        }
      }
    }
  }
}

// No interface; each name that is mentioned; for each beginning another name that has it, and
// belongs to no longer one; a name that nothing mentions.
void Space::cut_names() {
  names_ = {"", "lo"};
  const auto add = [&](const std::string& name) {
    if (std::ranges::find(names_, name) == names_.end()) names_.push_back(name);
  };
  for (const NamePattern& pattern : patterns_) {
    if (!pattern.is_prefix) add(std::string(pattern.text));
  }
  // What tells two names apart that are not mentioned is which beginnings they have.
  const auto is_other = [&](const std::string& name) {
    return !name.empty() && name.size() <= longest_name &&
           std::ranges::find(names_, name) == names_.end();
  };
  const std::vector<std::string> mentioned = names_;
  std::set<std::string> beginnings{""};
  for (const NamePattern& pattern : patterns_) {
    if (pattern.is_prefix) beginnings.insert(std::string(pattern.text));
  }
  std::vector<std::string> others;
  for (const std::string& beginning : beginnings) {
    const auto is_of_longer = [&](const std::string& name) {
      return std::ranges::any_of(beginnings, [&](const std::string& longer) {
        return longer.size() > beginning.size() && name.starts_with(longer);
      });
    };
    std::vector<std::string> tries{beginning};
    for (const char a : std::string_view("0123456789abcdefghijklmnopqrstuvwxyz_")) {
      tries.push_back(beginning + a);
      for (const char b : std::string_view("0123456789abcdefghijklmnopqrstuvwxyz")) {
        tries.push_back(beginning + a + b);
      }
    }
    const auto found = std::ranges::find_if(
        tries, [&](const std::string& name) { return is_other(name) && !is_of_longer(name); });
    if (found != tries.end()) {
      others.push_back(*found);
    } else if (beginning.size() < longest_name) {
      throw TooLarge("more names of interfaces than can be told apart here");
    }
  }
  names_.insert(names_.end(), others.begin(), others.end());
}

// What is set, and what becomes of a value whose bits are turned round (--xor-mark): whatever is
// done to a value that is not named leaves it so, and a change of one that is leads to another.
void Space::name_changed_marks(MarkGroup& group) const {
  const auto add = [&](std::uint32_t value) {
    if (std::ranges::find(group.values, value) == group.values.end()) group.values.push_back(value);
  };
  for (const MarkStatement& change : mark_changes_) {
    if ((change.mask & group.bits) == group.bits) add(change.value & group.bits);
  }
  for (std::size_t i = 0; i < group.values.size(); ++i) {
    if (group.values.size() > most_cells) throw TooLarge("too many marks to tell apart");
    for (const MarkStatement& change : mark_changes_) {
      add(group.values[i] ^ (change.value & ~change.mask & group.bits));
    }
  }
}

void Space::cut_marks() {
  std::map<std::vector<bool>, std::uint32_t> alike;  // bits, by the masks that they are in
  for (unsigned bit = 0; bit < 32; ++bit) {
    std::vector<bool> in;
    for (const std::uint32_t mask : mark_masks_) in.push_back((mask >> bit & 1U) != 0);
    if (std::ranges::find(in, true) != in.end()) alike[in] |= std::uint32_t{1} << bit;
  }
  const auto domain = domain_of(Field::mark);
  std::vector<Number> combined{0};
  for (const auto& [in, bits] : alike) {
    // What nobody asks is all one.
    const bool is_asked = std::ranges::any_of(
        conditions_[domain],
        [&, own = bits](const Condition& condition) { return (condition.bits & own) != 0; });
    if (!is_asked) continue;
    MarkGroup group{bits, {}, false};
    for (const Condition& condition : conditions_[domain]) {
      for (const Interval& point : condition.values) {
        if (point.first != point.last) throw NotFollowed("a range of marks");
        const auto value = static_cast<std::uint32_t>(point.first) & bits;
        if (std::ranges::find(group.values, value) == group.values.end()) {
          group.values.push_back(value);
        }
      }
    }
    name_changed_marks(group);
    std::uint32_t value = 0;
    do {
      group.has_other = std::ranges::find(group.values, value) == group.values.end();
      if (group.has_other) group.values.push_back(value);
      value = (value - bits) & bits;  // the next value of these bits
    } while (!group.has_other && value != 0);
    std::vector<Number> more;
    for (const Number start : combined) {
      for (const std::uint32_t one : group.values) more.push_back(start | one);
    }
    if (more.size() > most_cells) throw TooLarge("too many marks to tell apart");
    combined = std::move(more);
    mark_groups_.push_back(std::move(group));
  }
  first_value_[domain] = std::move(combined);
}

void Space::cut_numbers() {
  for (std::size_t domain = 0; domain < field_count; ++domain) {
    const auto field = static_cast<Field>(domain);
    if (has_no_cells(field) || is_named(field) || domain_of(field) != domain) continue;
    if (!first_value_[domain].empty()) continue;  // marks
    const unsigned width = width_of(field, version_);
    if (width <= 8) {
      cut_small(domain, width);
      continue;
    }
    std::set<Number> starts{0};
    // Translation in a table of inet may lead to an address of the other family.
    const auto cut = [&](const Interval& range) {
      if (range.first > last_of(width)) return;
      starts.insert(range.first);
      if (range.last < last_of(width)) starts.insert(range.last + 1);
    };
    for (const Condition& condition : conditions_[domain]) {
      if (!looks_at_all(condition, width)) {
        throw NotFollowed(fmt::format("some bits of {}", to_text(field)));
      }
      for (const Interval& range : condition.values) cut(range);
    }
    if (field == Field::icmp_type_code) {
      // A request and its reply are to be cut alike.
      for (const IcmpQuery& query : icmp_queries(version_)) {
        const Number request = Number{query.request} * 256;
        const Number reply = Number{query.reply} * 256;
        cut({request, request + 255});
        cut({reply, reply + 255});
        std::set<Number> more;
        for (const Number start : starts) {
          if (start >= request && start <= request + 255) more.insert(start - request + reply);
          if (start >= reply && start <= reply + 255) more.insert(start - reply + request);
        }
        starts.merge(more);
      }
    }
    for (auto at = starts.begin(); at != starts.end(); ++at) {
      const auto next = std::next(at);
      cells_[domain].push_back({*at, next == starts.end() ? last_of(width) : *next - 1});
      first_value_[domain].push_back(*at);
    }
  }
}

// All values one by one; those of which every condition says the same are one cell.
void Space::cut_small(std::size_t domain, unsigned width) {
  std::map<std::vector<bool>, std::size_t> known;
  for (std::size_t value = 0; value < (std::size_t{1} << width); ++value) {
    std::vector<bool> said;
    for (const Condition& condition : conditions_[domain]) {
      said.push_back(holds_for(condition, value, width));
    }
    const auto [at, is_new] = known.try_emplace(std::move(said), known.size());
    if (is_new) first_value_[domain].push_back(value);
    small_[domain].push_back(at->second);
  }
}

void Space::mirror_icmp() {
  for (const Number first : first_value_[domain_of(Field::icmp_type_code)]) {
    Number mirrored = first;
    for (const IcmpQuery& query : icmp_queries(version_)) {
      if (first / 256 == query.request) mirrored = Number{query.reply} * 256 + first % 256;
      if (first / 256 == query.reply) mirrored = Number{query.request} * 256 + first % 256;
    }
    icmp_mirror_.push_back(cell_of(Field::icmp_type_code, mirrored));
  }
}

}  // namespace untrack::boxwise
