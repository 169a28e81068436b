#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "analysis/pressure/number_text.hpp"
#include "report/pressure/sections.hpp"
#include "report/text_table.hpp"

namespace untrack::pressure_text {
namespace {

std::string depth_text(double mean) {
  return fmt::format("mean {:.1f} tuples per bucket, {} deeper than 8", mean,
                     share_of_buckets(share_deeper_than(mean, 8)));
}

std::string outcome_text(const FloodResult& flood) {
  switch (flood.outcome) {
    case FloodOutcome::fills:
      return duration_text(flood.seconds);
    case FloodOutcome::may_fill:
      return "not surely";
    case FloodOutcome::never:
      return "never";
  }
  return {};
}

// Of many the listing has made places again; a few may as well have ended between two readings.
std::string expired_words(const Pressure& pressure) {
  constexpr std::uint64_t come_and_go = 100;
  constexpr double worth_telling = 0.05;
  const auto expired = static_cast<double>(pressure.expired);
  if (pressure.expired <= come_and_go || expired < worth_telling * pressure.entries) return {};
  return fmt::format(
      " {} of them had expired and only waited to be collected: listing them has taken them out.",
      with_thousands(pressure.expired));
}

// The tables of other namespaces, which may be the ones that are full.
std::string elsewhere_words(const Pressure& pressure) {
  constexpr std::size_t shown = 5;
  if (!pressure.users) return {};
  for (const ConntrackUser& user : *pressure.users) {
    if (user.what != conntrack_user::namespaces || user.state != ConntrackUser::State::used) {
      continue;
    }
    std::string words = " In others:";
    for (std::size_t i = 0; i < user.details.size() && i < shown; ++i) {
      words += fmt::format("{} {}", i == 0 ? "" : ",", user.details[i]);
    }
    if (user.details.size() > shown) {
      words += fmt::format(" and {} more", user.details.size() - shown);
    }
    return words + " (--live --netns NAME or PID looks there).";
  }
  return {};
}

// What was not looked at, or could not be.
std::string not_seen_words(const Pressure& pressure) {
  if (!pressure.users) {
    return " Not seen: nftables rules, other network namespaces, tc, Open vSwitch, IPVS, the "
           "module parameter enable_hooks.";
  }
  std::string names;
  for (const ConntrackUser& user : *pressure.users) {
    if (user.state != ConntrackUser::State::not_known) continue;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", user.what);
  }
  return names.empty() ? "" : fmt::format(" Not seen: {}.", names);
}

}  // namespace

std::string count_text(double value) {
  return with_thousands(static_cast<std::uint64_t>(std::llround(value)));
}

std::string share_of_buckets(double share) {
  if (share >= 0.05) return percent_text(share) + " of the buckets";
  if (share < 1e-6) return "less than 1 bucket in a million";
  return fmt::format("1 bucket in {}", count_text(1 / share));
}

std::string section(std::string_view title, const Display& display) {
  return "\n" + paint(Style::strong, title, display) + "\n";
}

std::string section_text(const Section& section, const Display& display) {
  if (section.title.empty()) return {};
  std::string text = pressure_text::section(section.title, display);
  for (const Block& block : section.blocks) {
    switch (block.kind) {
      case Block::Kind::sentence:
        text += wrap(block.words, indent, indent, display);
        break;
      case Block::Kind::item:
        text += wrap(block.words, indent, "    ", display);
        break;
      case Block::Kind::table:
        text += block.table.render(indent, display);
        break;
      case Block::Kind::lines:
        text += "\n" + block.table.render(indent, display);
        break;
      case Block::Kind::commands:
        text += fmt::format("{}{}\n", indent, block.words);
        for (const std::string& command : block.commands) text += "    " + command + "\n";
        break;
    }
  }
  return text;
}

std::string headline(const Pressure& pressure) {
  const std::string max = with_thousands(pressure.max.value);
  const auto free = static_cast<double>(pressure.max.value) - pressure.entries;
  switch (pressure.entries_from) {
    case EntriesFrom::nothing:
      if (pressure.has_no_table) {
        return fmt::format(
            "There is no table: {} is not loaded, and nothing is tracked. What stands below is "
            "what it would be.",
            boot_files(pressure.platform.kernel).module);
      }
      return fmt::format(
          "The table holds {} entries. How full it gets is not known: give --rate, --profile or "
          "--count.",
          max);
    case EntriesFrom::count: {
      const std::string full =
          pressure.is_full() ? "full" : percent_text(pressure.occupancy()) + " full";
      if (!pressure.listed_of_more) {
        return fmt::format("The table is {}: {} of {} entries.{}", full,
                           count_text(pressure.entries), max, expired_words(pressure));
      }
      return fmt::format(
          "The table is {}: {} of {} (nf_conntrack_count). The list given has {} of them: shares "
          "are not known.",
          full, count_text(pressure.entries), max, with_thousands(*pressure.listed_of_more));
    }
    case EntriesFrom::loads:
      if (free < 0) {
        return fmt::format(
            "The table would overflow: this load wants {} entries, the table holds {}. From {} "
            "after a start on, entries are thrown out or new flows are dropped.",
            count_text(pressure.entries), max,
            duration_text(static_cast<double>(pressure.max.value) / pressure.total_rate));
      }
      return fmt::format(
          "The table would be {} full: {} of {} entries. The same load once more would fill it in "
          "{}.",
          percent_text(pressure.occupancy()), count_text(pressure.entries), max,
          duration_text(free / pressure.total_rate));
  }
  return {};
}

// What the ruleset says about all this, one sentence a family.
std::string dead_lines(const Pressure& pressure, const Display& display) {
  if (!pressure.is_dead()) return {};
  const std::uint64_t there = pressure.count ? pressure.count->value : 0;
  std::string words =
      "This tuning is dead: nothing in the ruleset makes the kernel track connections, so ";
  words += there == 0
               ? "the table stays empty whatever stands below."
               : fmt::format(
                     "nothing adds entries. The {} that {} there {} of older rules, or of "
                     "somebody who is not seen here.",
                     with_thousands(there), there == 1 ? "is" : "are", there == 1 ? "is" : "are");
  return wrap(words + not_seen_words(pressure), "", "", display);
}

std::string tracking_lines(const Pressure& pressure, const Display& display) {
  if (!pressure.tracking) return {};
  if (pressure.is_dead()) return {};  // dead_lines says it
  std::string text;
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    const FamilyTracking& family = (*pressure.tracking)[version];
    std::string line = fmt::format("{}: ", display_name(version));
    if (!pressure.rules_given.has(version)) {
      line += "no rules were given";
    } else {
      switch (family.state) {
        case TrackingState::forced: {
          const std::size_t number = family.forced_by.size();
          line += number == 0 ? "tracking is forced"
                              : fmt::format("tracking is forced by {} {}", number,
                                            number == 1 ? "construct" : "constructs");
          break;
        }
        case TrackingState::not_forced:
          line += "nothing in the ruleset forces tracking: it adds no entries";
          break;
        case TrackingState::unknown:
          line += fmt::format("whether tracking is forced is not known: {}", family.why);
          break;
      }
    }
    text += wrap(line, indent, "        ", display);
  }
  for (const ConntrackUser* user : pressure.users_here()) {
    text += wrap(fmt::format("used without a rule here: {} ({})", user->what,
                             fmt::join(user->details, ", ")),
                 indent, "        ", display);
  }
  if (!pressure.users_here().empty()) return text;
  const auto adds_none = [&](IpVersion version) {
    return !pressure.rules_given.has(version) ||
           (*pressure.tracking)[version].state == TrackingState::not_forced;
  };
  if (pressure.rules_given.empty() || !adds_none(IpVersion::ipv4) || !adds_none(IpVersion::ipv6)) {
    return text;
  }
  std::string dead;
  if (pressure.rules_given != IpVersions::both()) {
    dead = "If the rules of the other family force none either, this tuning is dead.";
  }
  if (pressure.module_alone_tracks()) {
    dead =
        "This tuning is dead only if nothing loads the module: before 4.10 it tracks everything as "
        "soon as it is loaded.";
  }
  text += wrap(dead, indent, indent, display);
  return text;
}

std::string finding_lines(const Pressure& pressure, const Display& display) {
  std::string text;
  for (const PressureFinding& finding : pressure.findings) {
    const Style style = finding.row->severity == Severity::error ? Style::error : Style::warning;
    const std::string heading =
        fmt::format("{}[{}]", to_text(finding.row->severity), finding.row->name);
    text += paint(style, heading, display) + ": " + escape_control(finding.message) + "\n";
  }
  return text;
}

Section load_section(const Pressure& pressure) {
  if (pressure.loads.empty()) return {};
  TextTable table({Align::left, Align::right, Align::right, Align::right, Align::left});
  table.add({"load", "rate", "lives", "entries", "where the time goes"});
  for (const LoadEntries& load : pressure.loads) {
    const auto timeout = load.seconds - load.load.life;
    std::string where = fmt::format("{} {}", duration_text(timeout), load.ending->where);
    if (load.load.life > 0) {
      where.insert(0, fmt::format("{} in use + ", duration_text(load.load.life)));
    }
    table.add({std::string(load.load.protocol), rate_text(load.load.rate),
               duration_text(load.seconds), count_text(load.entries), where});
  }
  table.add({"if nothing is evicted", "", "", count_text(pressure.entries),
             fmt::format("the table holds {}", with_thousands(pressure.max.value))});
  Section section{"Load (estimated: rate x time in the table)", {with_head(std::move(table))}};
  if (pressure.late_entries > 0) {
    section.blocks.push_back(
        sentence(fmt::format("Expired entries count until a look-up meets them or the collector "
                             "passes, up to {} later (up to 17 s, measured on 6.18): at worst {} "
                             "more.",
                             duration_text(collector_lag(pressure.platform.kernel)),
                             count_text(pressure.late_entries))));
  }
  return section;
}

Section table_section(const Pressure& pressure) {
  TextTable table({Align::left, Align::left});
  const double entry = pressure.entry_bytes();
  const auto max = static_cast<double>(pressure.max.value);
  const double buckets = pressure.table_bytes();
  if (pressure.entries_from != EntriesFrom::nothing) {
    const double standing = std::min(pressure.entries, max);
    table.add({"memory", fmt::format("{} buckets + {} entries", bytes_text(buckets),
                                     bytes_text(standing * entry))});
    table.add({"depth", depth_text(pressure.mean_now)});
  }
  table.add({"when full", fmt::format("{} = {} buckets + {} entries; {}",
                                      bytes_text(buckets + max * entry), bytes_text(buckets),
                                      bytes_text(max * entry), depth_text(pressure.mean_full))});
  const std::uint64_t plain = pressure.entry_bytes_plain.value;
  const std::uint64_t extended = pressure.entry_bytes_extended.value;
  std::string size = fmt::format("{} bytes, stands in two buckets (original and reply)", plain);
  if (pressure.extension.of == BlockOf::matched_entries) {
    size = fmt::format(
        "{} bytes, {} where a rule gives it an extension block; here {}, stands in two buckets",
        plain, extended, pressure.entry_bytes());
  } else if (plain != extended) {
    size = fmt::format("{} bytes, {} with an extension block; here {}, stands in two buckets",
                       plain, extended, pressure.entry_bytes());
  }
  table.add({"an entry", std::move(size)});
  table.add({"with NAT", fmt::format("{} more, since nf_nat hashes sources into as many buckets",
                                     bytes_text(buckets))});
  if (const ChainCapRow* cap = chain_cap(pressure.platform.kernel)) {
    const double refused = share_refused(pressure.mean_full, *cap);
    table.add({"chain limit",
               fmt::format("{} to {} tuples; when full, {} of new flows are refused by it",
                           cap->least, cap->most,
                           refused < 1e-6 ? "less than 1 in a million"
                                          : fmt::format("1 in {}", count_text(1 / refused)))});
  }
  if (pressure.count && pressure.entries_from == EntriesFrom::loads) {
    table.add({"now", fmt::format("{} entries ({})", with_thousands(pressure.count->value),
                                  pressure.count->source.text)});
  }
  return {"Table",
          {{Block::Kind::table, {}, std::move(table)},
           sentence("Max and buckets are the host's; each network namespace is held to max by its "
                    "own count." +
                    elsewhere_words(pressure))}};
}

std::vector<std::string> relief_commands(const Pressure& pressure) {
  const bool is_now = pressure.entries_from == EntriesFrom::count && pressure.is_full();
  return is_now ? pressure.advice.now : std::vector<std::string>();
}

std::string relief_lines(const Pressure& pressure, const Display& display) {
  const std::vector<std::string> commands = relief_commands(pressure);
  if (commands.empty()) return {};
  std::string text = wrap(relief_words, "", "", display);
  for (const std::string& command : commands) text += "    " + command + "\n";
  return text;
}

Section flood_section(const Pressure& pressure) {
  // Of a full table every row says 0 s.
  if (pressure.entries_from == EntriesFrom::count && pressure.is_full()) return {};
  std::vector<Align> columns{Align::left};
  std::vector<std::string> head{"full after"};
  for (const double rate : pressure.flood_rates) {
    columns.push_back(Align::right);
    head.push_back(rate_text(rate));
  }
  columns.push_back(Align::left);
  head.emplace_back("an entry lives");
  TextTable table(columns);
  table.add(head);
  bool any_may = false;
  for (std::size_t row = 0; row < flood_rows().size(); ++row) {
    std::vector<std::string> cells{std::string(flood_rows()[row].title)};
    for (std::size_t rate = 0; rate < pressure.flood_rates.size(); ++rate) {
      any_may = any_may || pressure.flood(row, rate).outcome == FloodOutcome::may_fill;
      cells.push_back(outcome_text(pressure.flood(row, rate)));
    }
    const Quantity& life = of(pressure.timeouts, flood_rows()[row].timeout);
    cells.push_back(duration_text(static_cast<double>(life.value)));
    table.add(cells);
  }
  Section section{"Flood of new flows (estimated)", {with_head(std::move(table))}};
  if (any_may) {
    section.blocks.push_back(
        sentence("Not surely: expiry keeps up, but expired entries still count until the collector "
                 "has passed."));
  }
  const EvictionRow& eviction = eviction_row(pressure.platform.kernel);
  std::string when_full = fmt::format(
      "When full, each new flow throws out one that is not ASSURED, your users' handshakes and "
      "unanswered requests among them; the kernel searches {}.",
      eviction.what);
  const auto max = static_cast<double>(pressure.max.value);
  const double assured = std::min(max, pressure.entries - pressure.evictable_entries);
  if (pressure.entries_from == EntriesFrom::loads) {
    const auto missed = share_without_victim(
        max - assured, static_cast<double>(pressure.buckets.value), pressure.platform.kernel);
    if (missed && *missed > 1e-6) {
      when_full += fmt::format(" It finds none for {} of them, whose packets are dropped.",
                               *missed >= 0.05 ? percent_text(*missed)
                                               : fmt::format("1 in {}", count_text(1 / *missed)));
    }
  }
  section.blocks.push_back(sentence(std::move(when_full)));
  section.blocks.push_back(sentence(
      fmt::format("Full of connections: every new flow is dropped (\"{}: table full, dropping "
                  "packet\"), the established ones go on.",
                  boot_files(pressure.platform.kernel).module)));
  return section;
}

}  // namespace untrack::pressure_text
