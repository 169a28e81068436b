// What the kernel itself counts of its table.
#include <fmt/format.h>

#include <algorithm>

#include "analysis/pressure/number_text.hpp"
#include "report/pressure/sections.hpp"
#include "report/text_table.hpp"

namespace untrack::pressure_text {

Section counter_section(const Pressure& pressure) {
  if (!pressure.statistics) return {};
  const TableStatistics& statistics = *pressure.statistics;
  TextTable table({Align::left, Align::right, Align::left});
  std::vector<Block> advice;
  bool any_loss = false;
  bool any = false;
  for (const bool losses : {true, false}) {
    for (const TableStatistics::Counter& counter : statistics.counters) {
      const CounterRow* row = counter_row(counter.column, pressure.platform.kernel);
      const bool is_loss = row != nullptr && row->is_loss;
      if (counter.value == 0 || is_loss != losses) continue;
      const std::string name(row != nullptr ? row->name : std::string_view(counter.column));
      table.add({name, with_thousands(counter.value),
                 row != nullptr ? std::string(row->meaning) : "not known here"});
      if (row != nullptr && !row->advice.empty()) {
        advice.push_back({Block::Kind::item, fmt::format("{}: {}.", name, row->advice)});
      }
      any = true;
      any_loss = any_loss || is_loss;
    }
  }
  Section section{fmt::format("Counters of the table ({}: {})", to_text(statistics.source.origin),
                              statistics.source.text),
                  {}};
  if (any) section.blocks.push_back({Block::Kind::table, {}, std::move(table)});
  if (!any_loss) section.blocks.push_back(sentence("No packet was lost to the table."));
  section.blocks.insert(section.blocks.end(), advice.begin(), advice.end());
  if (any) {
    section.blocks.push_back(
        sentence("Since the network namespace began, or the module was loaded in it."));
  }
  return section;
}

}  // namespace untrack::pressure_text
