#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "analysis/pressure/number_text.hpp"
#include "report/pressure/sections.hpp"
#include "report/text_table.hpp"

namespace untrack::pressure_text {

std::string by_timeout_words(const Pressure& pressure) {
  if (!pressure.by_timeout) return {};
  const TimeoutCounts& counts = *pressure.by_timeout;
  std::uint64_t all = 0;
  std::vector<std::size_t> most;
  for (std::size_t i = 0; i < timeout_count; ++i) {
    all += counts.entries[i];
    if (counts.entries[i] > 0) most.push_back(i);
  }
  constexpr std::size_t shown = 4;
  std::ranges::stable_sort(most, std::ranges::greater{},
                           [&](std::size_t i) { return counts.entries[i]; });
  if (most.size() > shown) most.resize(shown);
  std::string text;
  for (const std::size_t i : most) {
    const double share = static_cast<double>(counts.entries[i]) / static_cast<double>(all);
    text += fmt::format("{}{} {} ({})", text.empty() ? "By timeout: " : ", ",
                        row_of(static_cast<Timeout>(i)).name, percent_text(share),
                        duration_text(static_cast<double>(pressure.timeouts[i].value)));
  }
  return text.empty() ? text : text + ".";
}

Section timeout_section(const Pressure& pressure) {
  if (pressure.timeout_effects.empty()) return {};
  const bool has_entries = std::ranges::any_of(
      pressure.timeout_effects, [](const TimeoutEffect& effect) { return effect.entries > 0; });
  std::vector<Align> columns(has_entries ? 7 : 6, Align::right);
  columns.front() = columns.back() = Align::left;
  TextTable table(columns);
  std::vector<std::string> head{"timeout", "seconds", "table bears",
                                "lower",   "saves",   "at the price that"};
  if (has_entries) head.insert(head.begin() + 2, "entries");
  table.add(std::move(head));
  for (const TimeoutEffect& effect : pressure.timeout_effects) {
    std::vector<std::string> row{
        std::string(row_of(effect.lowering->timeout).name),
        with_thousands(effect.seconds),
        rate_text(effect.bears >= 10 ? std::floor(effect.bears) : effect.bears),
        with_thousands(effect.lowering->seconds),
        effect.entries > 0 ? count_text(effect.saves) : "-",
        std::string(effect.lowering->price)};
    if (has_entries) row.insert(row.begin() + 2, count_text(effect.entries));
    table.add(std::move(row));
  }
  std::string words =
      "Table bears: new flows that end in this state, until max is reached. Lower: examples, not "
      "advice.";
  if (!pressure.loads.empty()) {
    words += " Saves: entries of the load above.";
  } else if (has_entries) {
    words +=
        " Entries: of the list. Saves: those that have been silent for longer, unless rules give "
        "them a timeout of their own; a new timeout holds for an entry from its next packet on.";
  }
  return {"Timeouts", {with_head(std::move(table)), sentence(std::move(words))}};
}

Section advice_section(const Pressure& pressure) {
  const Advice& advice = pressure.advice;
  TextTable depths(
      {Align::right, Align::right, Align::right, Align::right, Align::right, Align::left});
  depths.add({"per bucket", "buckets", "take", "all when full", "mean", "deeper than 8"});
  for (const DepthChoice& choice : advice.choices) {
    depths.add({fmt::format("{}{}", choice.depth == advice.depth ? "> " : "", choice.depth),
                with_thousands(choice.buckets),
                bytes_text(static_cast<double>(choice.bucket_bytes)),
                bytes_text(static_cast<double>(choice.full_bytes)),
                fmt::format("{:.1f}", choice.mean), share_of_buckets(choice.deeper_than_8)});
  }
  Section section{
      fmt::format("Advice: max {}, {} per bucket", with_thousands(advice.max), advice.depth),
      {sentence("max " + advice.max_why + "."), with_head(std::move(depths)),
       sentence("Each look-up walks a bucket; the old rule of thumb of 8 entries means 16 tuples. "
                "Shallower costs a few percent of the entries' memory.")}};
  if (advice.takes_much_of_ram()) {
    const std::string takes = bytes_text(static_cast<double>(advice.chosen().full_bytes));
    const std::string ram = bytes_text(static_cast<double>(*advice.ram));
    section.blocks.push_back(sentence(
        advice.exceeds_ram()
            ? fmt::format("Do not write this: when full, such a table takes {}, and there are {} "
                          "of memory; it is never swapped. Shorter timeouts, fewer tracked flows "
                          "(untrack rewrite --mode notrack) or more memory have to come first.",
                          takes, ram)
            : fmt::format("Mind the memory: when full, such a table takes {} of {}, and it is "
                          "never swapped.",
                          takes, ram)));
  }
  if (advice.items.empty() && advice.exceeds_ram()) return section;
  if (advice.items.empty()) {
    section.blocks.push_back(sentence("Nothing to change: max and buckets are there already."));
    return section;
  }
  TextTable lines({Align::left, Align::left});
  for (const AdviceItem& item : advice.items) {
    for (const WriteLine& write : item.write) lines.add({write.path, write.line});
  }
  section.blocks.push_back({Block::Kind::lines, {}, std::move(lines)});
  const auto add_item = [&](std::string words) {
    section.blocks.push_back({Block::Kind::item, std::move(words)});
  };
  for (const AdviceItem& item : advice.items) {
    add_item(fmt::format("{}: {}.", item.setting, item.why));
  }
  const BootFilesRow& files = boot_files(pressure.platform.kernel);
  add_item(fmt::format("{}: {}.", files.load_path, files.load_why));
  add_item(
      fmt::format("Where {} is built into the kernel, hashsize stands on its command line "
                  "instead: {}.hashsize=N.",
                  files.module, files.module));
  if (relief_commands(pressure).empty()) {
    Block now{Block::Kind::commands, "until the next boot:"};
    now.commands = advice.now;
    section.blocks.push_back(std::move(now));
  } else {
    section.blocks.push_back(sentence("Until the next boot: the commands at the top."));
  }
  return section;
}

Section origin_section(const Pressure& pressure) {
  TextTable table({Align::left, Align::right, Align::left, Align::left});
  const auto add = [&](std::string name, std::string value, const Source& source) {
    table.add(
        {std::move(name), std::move(value), std::string(to_text(source.origin)), source.text});
  };
  add("kernel", to_text(pressure.platform.kernel), pressure.kernel_source);
  if (pressure.ram) {
    add("RAM", bytes_text(static_cast<double>(pressure.ram->value)), pressure.ram->source);
  }
  add("max", with_thousands(pressure.max.value), pressure.max.source);
  add("buckets", with_thousands(pressure.buckets.value), pressure.buckets.source);
  if (pressure.count) add("count", with_thousands(pressure.count->value), pressure.count->source);
  add("bytes per entry", with_thousands(pressure.entry_bytes_plain.value),
      pressure.entry_bytes_plain.source);
  add("extension block",
      pressure.extension.is_used()
          ? with_thousands(pressure.entry_bytes_extended.value - pressure.entry_bytes_plain.value)
          : "not counted",
      pressure.extension.source);
  // Timeouts that were read get a line each where they differ from the kernel's own; the others
  // share.
  const KernelVersion& kernel = pressure.platform.kernel;
  std::size_t from_kernel = 0;
  std::size_t read_alike = 0;
  for (std::size_t i = 0; i < timeout_count; ++i) {
    const Quantity& timeout = pressure.timeouts[i];
    const auto id = static_cast<Timeout>(i);
    if (timeout.source.origin == Origin::kernel_default) {
      ++from_kernel;
    } else if (timeout.value == default_seconds(id, kernel)) {
      ++read_alike;
    } else {
      add(std::string(row_of(id).name), with_thousands(timeout.value) + " s", timeout.source);
    }
  }
  const auto add_rest = [&](std::size_t number, Origin origin, std::string text) {
    if (number == 0) return;
    add("timeouts", number == timeout_count ? "all" : fmt::format("{} more", number),
        {origin, std::move(text)});
  };
  const Origin read_origin =
      pressure.kernel_source.origin == Origin::measured ? Origin::measured : Origin::given;
  add_rest(read_alike, read_origin,
           fmt::format("read, and as kernel {} has them", to_text(kernel)));
  add_rest(from_kernel, Origin::kernel_default, fmt::format("kernel {}", to_text(kernel)));
  return {"Where the numbers come from", {{Block::Kind::table, {}, std::move(table)}}};
}

}  // namespace untrack::pressure_text
