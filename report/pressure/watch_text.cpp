// What became of the table while it was watched.
#include <fmt/format.h>

#include "analysis/pressure/number_text.hpp"
#include "report/pressure/sections.hpp"
#include "report/text_table.hpp"

namespace untrack::pressure_text {

Section watch_section(const Pressure& pressure) {
  if (!pressure.watched) return {};
  const Watched& watched = *pressure.watched;
  TextTable table({Align::left, Align::right, Align::right, Align::left});
  table.add({"", "then", "a second", ""});
  const auto rate = [&](std::uint64_t number) {
    return number == 0 ? std::string("0") : rate_text(watched.per_second(number));
  };
  if (const auto growth = watched.growth()) {
    const bool grows = *growth >= 0;
    table.add({"entries", with_thousands(*watched.count_after),
               *growth == 0 ? "0" : (grows ? "+" : "-") + rate_text(grows ? *growth : -*growth),
               fmt::format("{} before", with_thousands(*watched.count_before))});
  }
  if (watched.made && watched.gone) {
    table.add({"new entries", with_thousands(*watched.made), rate(*watched.made),
               "at least: what began and ended in between is not seen"});
    table.add({"entries gone", with_thousands(*watched.gone), rate(*watched.gone),
               "at least, in the same way"});
  }
  for (const bool losses : {true, false}) {
    for (const Watched::Growth& growth : watched.counters) {
      const CounterRow* row = counter_row(growth.column, pressure.platform.kernel);
      const bool is_loss = row != nullptr && row->is_loss;
      if (is_loss != losses || (growth.more == 0 && !is_loss)) continue;
      table.add({std::string(row != nullptr ? row->name : std::string_view(growth.column)),
                 with_thousands(growth.more), rate(growth.more), ""});
    }
  }
  Section section{fmt::format("Watched for {:.1f} s (measured: two readings)", watched.seconds),
                  {}};
  section.blocks.push_back({Block::Kind::table, {}, std::move(table)});
  const auto say = [&](std::string words) { section.blocks.push_back(sentence(std::move(words))); };
  if (!watched.made) {
    say("The rate of new entries is not known: kernels since about 4.9 do not count them, and the "
        "entries could not be listed twice.");
  }
  if (const auto full = watched.seconds_to_full(pressure.max.value)) {
    say(fmt::format("If it goes on so, the table is full in {}.", duration_text(*full)));
  } else if (watched.growth()) {
    say("It did not grow.");
  }
  for (const std::string& each : watched.not_read) say("Not read: " + each + ".");
  return section;
}

}  // namespace untrack::pressure_text
