#include "parser/iptables/shaped_rules.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <span>
#include <utility>

#include "parser/iptables/restore_reader.hpp"

namespace untrack::iptables {
namespace {

constexpr std::size_t most_slots = 15;
constexpr std::uint8_t most_failures = 4;

bool is_within(const Span& outer, const Span& inner) {
  return outer.source == inner.source && outer.begin <= inner.begin && inner.end <= outer.end;
}

// A part whose meaning is told by numbers and names of chains alone, whatever the line says.
bool has_no_text(const RulePart& part) {
  if (const auto* match = std::get_if<Match>(&part.what)) {
    return std::holds_alternative<FieldTest>(*match) || std::holds_alternative<StateTest>(*match);
  }
  return std::holds_alternative<NatStatement>(std::get<Statement>(part.what));
}

FieldTest* field_test(RulePart& part) {
  auto* const match = std::get_if<Match>(&part.what);
  return match == nullptr ? nullptr : std::get_if<FieldTest>(match);
}

}  // namespace

struct ShapedRules::Values {
  // By slot: by how much what stands behind it is further back than in the first line, modulo 2^32.
  // The first is of the beginning.
  std::array<std::uint32_t, most_slots + 1> shifts;
  std::array<ChainId, most_slots> chains;
  std::optional<Counters> counters;

  [[nodiscard]] std::uint32_t at(const Place& place) const {
    return place.offset + shifts[place.slots];
  }
  [[nodiscard]] Span span(const Places& places, SourceId source) const {
    return {source, at(places.begin), at(places.end)};
  }
};

void ShapedRules::enter(TableId table) {
  if (table == table_ && !models_.empty()) return;
  table_ = table;
  models_.clear();
  models_.resize(shapes_.size());
  last_chain_ = {};
}

bool ShapedRules::wants(std::uint16_t shape) const {
  const Model& model = models_[shape - 1];
  return !model.is_known && model.failures < most_failures;
}

bool ShapedRules::read_values(const ShapedLine& line, Values& values) {
  const LineShape& shape = shapes_[line.id];
  values.shifts[0] = 0;
  for (std::size_t i = 0; i < shape.slots.size(); ++i) {
    const ShapeSlot& slot = shape.slots[i];
    values.shifts[i + 1] = values.shifts[i] + line.slots[i].size - (slot.end - slot.begin);
    if (slot.kind == SlotKind::counters) {
      values.counters = parse_counters(line.slots[i].text_in(line.text));
      if (!values.counters) return false;
    } else if (slot.kind == SlotKind::chain) {
      // Rules of one chain mostly stand together.
      const std::string_view name = line.slots[i].text_in(line.text);
      if (!last_chain_.names_something() || last_name_ != name) {
        last_chain_ = chain_named(name);
        if (!last_chain_.names_something()) return false;
        last_name_ = name;
      }
      values.chains[i] = last_chain_;
    } else if (slot.kind == SlotKind::target) {
      values.chains[i] = chain_named(line.slots[i].text_in(line.text));
      if (!values.chains[i].names_something()) return false;
    }
  }
  return true;
}

PoolRange<Interval> ShapedRules::add_interval(const Interval& interval) {
  ruleset_.intervals.push_back(interval);
  return {static_cast<std::uint32_t>(ruleset_.intervals.size() - 1), 1};
}

PoolRange<Interval> ShapedRules::add_narrow(std::uint32_t first, std::uint32_t last) {
  ruleset_.intervals.push_narrow(first, last);
  return {static_cast<std::uint32_t>(ruleset_.intervals.size() - 1), 1};
}

void ShapedRules::fill(RulePart& part, Change change, const SlotValue& slot, const Named& value) {
  switch (change) {
    case Change::none:
      break;
    case Change::narrow:
      field_test(part)->values = add_narrow(slot.first, slot.second);
      break;
    case Change::address6: {
      Interval address;
      (void)value_of_address6(value.text, address);
      field_test(part)->values = add_interval(address);
      break;
    }
    case Change::interface:
      std::get<NameTest>(std::get<Match>(part.what)).names = {
          static_cast<std::uint32_t>(ruleset_.names.size()), 1};
      ruleset_.names.push_back({value.text, false});
      break;
    case Change::jump: {
      auto& jump = std::get<JumpStatement>(std::get<Statement>(part.what));
      jump.chain_name = value.text;
      jump.chain = value.chain;
      break;
    }
    case Change::translation4: {
      auto& nat = std::get<NatStatement>(std::get<Statement>(part.what));
      nat.addresses = add_narrow(slot.first, slot.first);
      nat.ports = add_narrow(slot.second, slot.second);
      break;
    }
    case Change::translation6: {
      auto& nat = std::get<NatStatement>(std::get<Statement>(part.what));
      Interval address;
      Interval port;
      (void)value_of_translation6(value.text, address, port);
      nat.addresses = add_interval(address);
      nat.ports = add_interval(port);
      break;
    }
  }
}

bool ShapedRules::read(const ShapedLine& shaped) {
  const Model& model = models_[shaped.id - 1];
  if (!model.is_known) return false;
  const LineShape& shape = shapes_[shaped.id];
  Values values;
  if (!read_values(shaped, values)) return false;
  const Span& line = shaped.span;
  // From here on places are of the source.
  for (std::size_t i = 0; i <= shape.slots.size(); ++i) values.shifts[i] += line.begin;
  const char* const source = shaped.text.data() - line.begin;
  const auto text_at = [&](const Text& places, std::string_view same) {
    if (!places) return same;
    const std::uint32_t begin = values.at(places->begin);
    return std::string_view(source + begin, values.at(places->end) - begin);
  };

  Rule rule = model.rule;
  rule.line = line;
  rule.text = values.span(model.text, line.source);
  rule.comment = text_at(model.comment, model.rule.comment);
  if (values.counters) {
    rule.counters = CountersId(ruleset_.counters.size());
    ruleset_.counters.push_back(*values.counters);
  }
  rule.parts.first = static_cast<std::uint32_t>(ruleset_.parts.size());
  rule.constructs.first = static_cast<std::uint32_t>(ruleset_.constructs.size());
  const RuleId rule_id(ruleset_.rules.size());
  const auto first_option = static_cast<std::uint32_t>(ruleset_.options.size());
  for (const PartModel& row : model.parts) {
    RulePart& part = ruleset_.parts.emplace_back(row.part);
    part.place = values.span(row.places, line.source);
    if (part.construct.names_something()) part.construct.value += rule.constructs.first;
    if (row.change == Change::none) continue;
    const SlotValue& slot = shaped.slots[row.slot];
    fill(part, row.change, slot, {slot.text_in(shaped.text), values.chains[row.slot]});
  }
  for (const ConstructModel& row : model.constructs) {
    Construct& construct = ruleset_.constructs.emplace_back(row.construct);
    construct.name = text_at(row.name, row.construct.name);
    construct.span = values.span(row.places, line.source);
    construct.rule = rule_id;
    construct.options.first += first_option;
  }
  for (const OptionModel& row : model.options) {
    OptionUse& option = ruleset_.options.emplace_back(row.option);
    option.name = text_at(row.name, row.option.name);
    option.value = text_at(row.value, row.option.value);
    option.span = values.span(row.places, line.source);
  }
  const ShapeSlot* const first = shape.slots.data();
  for (std::size_t i = 0; i < shape.slots.size(); ++i) {
    if (first[i].kind == SlotKind::chain) rule.chain = values.chains[i];
  }
  execution_.append(rule);
  return true;
}

void ShapedRules::learn(const ShapedLine& line, bool is_good) {
  Model& model = models_[line.id - 1];
  // The first line that is good will do: what matters is the same in all of them.
  Model made;
  if (is_good && make(made, line)) {
    made.is_known = true;
    model = std::move(made);
  } else {
    ++model.failures;
  }
}

bool ShapedRules::make(Model& model, const ShapedLine& shaped) {
  if (shaped.slots.size() > most_slots) return false;
  // The slots of this line, which need not be the first of its shape.
  Values values;
  if (!read_values(shaped, values)) return false;
  const std::string_view text = shaped.text;
  const Span& line = shaped.span;
  bool is_good = true;
  // Offsets are those in the first line of the shape.
  const auto place = [&](std::uint32_t offset) {
    Place found{offset, 0};
    for (std::size_t i = 0; i < shaped.slots.size(); ++i) {
      const SlotValue& slot = shaped.slots[i];
      if (std::uint32_t{slot.begin} + slot.size <= offset) {
        found.slots = static_cast<std::uint32_t>(i) + 1;
      } else if (slot.begin < offset) {
        is_good = false;  // within a slot, and so not at the same place of all lines
      }
    }
    found.offset -= values.shifts[found.slots];
    return found;
  };
  const auto places = [&](const Span& span) {
    is_good = is_good && is_within(line, span);
    return Places{place(span.begin - line.begin), place(span.end - line.begin)};
  };
  const auto text_of = [&](std::string_view part) -> Text {
    const std::less<const char*> before;
    if (part.empty() || before(part.data(), text.data()) ||
        !before(part.data(), text.data() + text.size())) {
      return std::nullopt;
    }
    const auto begin = static_cast<std::uint32_t>(part.data() - text.data());
    return Places{place(begin), place(begin + static_cast<std::uint32_t>(part.size()))};
  };

  const Rule& rule = ruleset_.rules.back();
  model.rule = rule;
  model.text = places(rule.text);
  model.comment = text_of(rule.comment);
  is_good = is_good && rule.line == line && rule.copies == 1 && rule.chain.names_something() &&
            (rule.comment.empty() || model.comment);
  for (const RulePart& part : slice(ruleset_.parts, rule.parts)) {
    PartModel& row = model.parts.emplace_back();
    row.part = part;
    row.places = places(part.span_in(rule));
    if (row.part.construct.names_something()) row.part.construct.value -= rule.constructs.first;
  }
  std::uint32_t first_option = 0;
  bool is_first = true;
  for (const Construct& construct : slice(ruleset_.constructs, rule.constructs)) {
    if (is_first) first_option = construct.options.first;
    is_first = false;
    ConstructModel& row = model.constructs.emplace_back();
    row.construct = construct;
    row.places = places(construct.span);
    row.name = text_of(construct.name);
    row.construct.options.first = static_cast<std::uint32_t>(model.options.size());
    is_good = is_good && construct.options.first == first_option + model.options.size();
    for (const OptionUse& option : slice(ruleset_.options, construct.options)) {
      model.options.push_back(
          {option, places(option.span), text_of(option.name), text_of(option.value)});
    }
  }
  return is_good && assign_slots(model, shaped);
}

// Whether the value of the slot decides just what the part asks for, or does; says how then.
bool ShapedRules::decides(const Model& model, PartModel& decided, SlotKind kind,
                          const SlotValue& slot, std::string_view value) const {
  RulePart& part = decided.part;
  // What else this extension came to must not hold the value in a text of its own.
  if (part.construct.names_something() &&
      std::ranges::any_of(model.parts, [&](const PartModel& row) {
        return row.part.construct == part.construct && !has_no_text(row.part);
      })) {
    return false;
  }
  const auto option = std::ranges::find_if(model.options, [&](const OptionModel& row) {
    return row.value && row.option.value.data() == value.data();
  });
  const auto is_option_of = [&](catalog::ValueType type) {
    return option != model.options.end() && option->option.row != nullptr &&
           option->option.row->type == type && option->option.value.size() == value.size();
  };
  const auto equals = [&](PoolRange<Interval> range, const Interval& wanted) {
    return range.count == 1 && ruleset_.intervals[range.first] == wanted;
  };
  Interval interval{slot.first, slot.second};
  Interval ports{slot.second, slot.second};
  const FieldTest* const test = field_test(part);
  const auto* const statement = std::get_if<Statement>(&part.what);
  const auto* const jump = statement ? std::get_if<JumpStatement>(statement) : nullptr;
  const auto* const nat = statement ? std::get_if<NatStatement>(statement) : nullptr;
  bool is_decided = false;
  if (kind == SlotKind::address4 || kind == SlotKind::address6) {
    const bool is_narrow = kind == SlotKind::address4;
    decided.change = is_narrow ? Change::narrow : Change::address6;
    is_decided = test != nullptr && !part.construct.names_something() &&
                 (is_narrow || value_of_address6(value, interval)) &&
                 equals(test->values, interval);
  } else if (kind == SlotKind::ports) {
    decided.change = Change::narrow;
    is_decided = test != nullptr && is_option_of(catalog::ValueType::port_range) &&
                 equals(test->values, interval);
  } else if (kind == SlotKind::interface) {
    decided.change = Change::interface;
    const auto* const match = std::get_if<Match>(&part.what);
    const auto* const names = match ? std::get_if<NameTest>(match) : nullptr;
    is_decided = names != nullptr && names->names.count == 1 &&
                 ruleset_.names[names->names.first].text == value &&
                 !ruleset_.names[names->names.first].is_prefix;
  } else if (kind == SlotKind::target) {
    decided.change = Change::jump;
    is_decided = jump != nullptr && jump->chain_name == value && jump->chain.names_something();
  } else if (kind == SlotKind::translation4 || kind == SlotKind::translation6) {
    const bool is_narrow = kind == SlotKind::translation4;
    decided.change = is_narrow ? Change::translation4 : Change::translation6;
    if (is_narrow) interval = {slot.first, slot.first};
    is_decided = nat != nullptr && is_option_of(catalog::ValueType::nat_target) &&
                 (is_narrow || value_of_translation6(value, interval, ports)) &&
                 equals(nat->addresses, interval) && equals(nat->ports, ports);
  }
  return is_decided;
}

// Finds for each slot the one part that it decides, and makes sure that it decides just that.
bool ShapedRules::assign_slots(Model& model, const ShapedLine& shaped) {
  const LineShape& shape = shapes_[shaped.id];
  const Rule& rule = model.rule;
  const std::uint32_t line = rule.line.begin;
  std::size_t chains = 0;
  for (std::size_t i = 0; i < shape.slots.size(); ++i) {
    const SlotKind kind = shape.slots[i].kind;
    const SlotValue& slot = shaped.slots[i];
    const std::string_view value = slot.text_in(shaped.text);
    const Span span{rule.line.source, line + slot.begin, line + slot.begin + slot.size};
    if (kind == SlotKind::counters) {
      if (i != 0 || !rule.counters.names_something()) return false;
      continue;
    }
    PartModel* decided = nullptr;
    for (PartModel& row : model.parts) {
      const Span place =
          ruleset_.parts[rule.parts.first + static_cast<std::uint32_t>(&row - model.parts.data())]
              .span_in(rule);
      if (!is_within(place, span)) continue;
      if (decided != nullptr) return false;
      decided = &row;
    }
    if (kind == SlotKind::chain) {
      if (decided != nullptr || chain_named(value) != rule.chain || ++chains > 1) return false;
      continue;
    }
    if (kind == SlotKind::comment || kind == SlotKind::comment_word) {
      // An annotation tests nothing, and its value is found by its place.
      const bool is_option = std::ranges::any_of(model.constructs, [&](const ConstructModel& row) {
        if (row.construct.extension == nullptr ||
            row.construct.extension->role != catalog::Role::annotation) {
          return false;
        }
        const auto options = std::span<const OptionModel>(model.options)
                                 .subspan(row.construct.options.first, row.construct.options.count);
        return std::ranges::any_of(options, [&](const OptionModel& option) {
          return option.value && option.option.value.data() == value.data() &&
                 option.option.value.size() == value.size();
        });
      });
      if (decided != nullptr || !is_option) return false;
      continue;
    }
    if (decided == nullptr || decided->change != Change::none) return false;
    decided->slot = static_cast<std::uint8_t>(i);
    if (!decides(model, *decided, kind, slot, value)) return false;
  }
  // A chain that is named by no slot may be another one, or gone, when the next line is read.
  return std::ranges::none_of(model.parts, [](const PartModel& row) {
    const auto* const statement = std::get_if<Statement>(&row.part.what);
    return statement != nullptr && std::holds_alternative<JumpStatement>(*statement) &&
           row.change != Change::jump;
  });
}

}  // namespace untrack::iptables
