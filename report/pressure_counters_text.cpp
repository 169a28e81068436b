// What the kernel itself counts of its table, as text.
#include <fmt/format.h>

#include <algorithm>

#include "analysis/pressure/number_text.hpp"
#include "report/pressure_sections.hpp"
#include "report/text_table.hpp"

namespace untrack::pressure_text {

std::string counter_lines(const Pressure& pressure, const Display& display) {
  if (!pressure.statistics) return {};
  const TableStatistics& statistics = *pressure.statistics;
  TextTable table({Align::left, Align::right, Align::left});
  std::string advice;
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
        advice += wrap(fmt::format("{}: {}.", name, row->advice), indent, "      ", display);
      }
      any = true;
      any_loss = any_loss || is_loss;
    }
  }
  std::string text =
      section(fmt::format("Counters of the table ({}: {})", to_text(statistics.source.origin),
                          escape_control(statistics.source.text)),
              display);
  if (any) text += table.render(indent, display);
  if (!any_loss) text += wrap("No packet was lost to the table.", indent, indent, display);
  if (any) {
    text += advice + wrap("Since the network namespace began, or the module was loaded in it.",
                          indent, indent, display);
  }
  return text;
}

}  // namespace untrack::pressure_text
