#include "report/attribution_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "analysis/pressure/number_text.hpp"
#include "model/address_text.hpp"
#include "model/catalog/protocols.hpp"
#include "report/text_table.hpp"

namespace untrack {
namespace {

constexpr std::size_t most_shares = 20;

std::string percent(std::size_t part, std::size_t all) {
  return percent_text(static_cast<double>(part) / static_cast<double>(all));
}

std::string name_of(const Admitting& by, const Ruleset& ruleset, const Sources& sources) {
  if (by.rule.names_something()) {
    const Span span = ruleset[by.rule].text;
    return fmt::format("{}:{}", sources[span.source].path(), sources.locate(span).line);
  }
  if (by.chain.names_something()) return fmt::format("policy {}", ruleset[by.chain].name);
  return fmt::format("no chain filters ({})", to_text(by.path));
}

std::string names_of(const Share& share, const Ruleset& ruleset, const Sources& sources) {
  std::vector<std::string> names;
  for (const Admitting& by : share.by) {
    std::string name = name_of(by, ruleset, sources);
    // A rule of two ways is one rule.
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names.size() == 1 ? names.front() : fmt::format("one of {}", fmt::join(names, ", "));
}

std::string need_text(const Share& share, unsigned entry_bytes) {
  if (!share.need) return "";
  if (*share.need != Need::free) return std::string(to_text(*share.need));
  return fmt::format("free: {} back",
                     bytes_text(static_cast<double>(share.count.entries) * entry_bytes));
}

void add_row(TextTable& table, const std::string& name, const EntryCount& count, std::size_t all,
             const std::string& need) {
  if (count.entries == 0) return;
  table.add({name, with_thousands(count.entries), percent(count.entries, all),
             percent(count.assured, count.entries), percent(count.unreplied, count.entries), need});
}

std::string tops_of(const Attribution& attribution) {
  std::string text;
  for (const TopService& each : attribution.services) {
    std::string name(catalog::protocol_name(each.protocol));
    if (name.empty()) name = fmt::format("protocol {}", each.protocol);
    if (each.port != 0) name += fmt::format("/{}", each.port);
    text += fmt::format("{}{} {}", text.empty() ? "most to " : ", ", name,
                        percent(each.entries, attribution.all.entries));
  }
  std::string sources;
  for (const TopSource& each : attribution.sources) {
    sources += fmt::format("{}{} {}", sources.empty() ? "; most from " : ", ",
                           address_text(each.address, each.version),
                           percent(each.entries, attribution.all.entries));
  }
  return text + sources;
}

// Sentences about what the table does not say by itself.
std::string remarks_of(const Attribution& attribution) {
  std::string text;
  std::size_t unless_refused = 0;
  bool is_several = false;
  for (const Share& share : attribution.shares) {
    unless_refused += share.unless_refused;
    is_several = is_several || share.by.size() > 1;
  }
  if (unless_refused > 0) {
    text += fmt::format(
        "{} of them might also be refused, by what an entry does not tell (interfaces, marks, "
        "rates): they are counted for what alone lets them in, as long as the rules are those of "
        "then. ",
        with_thousands(unless_refused));
  }
  if (is_several) {
    text +=
        "\"One of\": an entry does not tell which; the host's addresses (--address, "
        "or a snapshot) leave fewer. ";
  }
  if (attribution.refused.entries > 0) {
    text +=
        "No rule: older rules let them in, or a helper's expectation, or they were picked up in "
        "midstream. ";
  }
  if (attribution.unjudged.entries > 0) {
    text += "Not judged: no rules of their family were given, or a part of them. ";
  }
  return text;
}

}  // namespace

Span span_of(const Admitting& by, const Ruleset& ruleset) {
  if (by.rule.names_something()) return ruleset[by.rule].text;
  return by.chain.names_something() ? ruleset[by.chain].span : Span{};
}

std::size_t free_entries(const Attribution& attribution) {
  std::size_t free = 0;
  for (const Share& share : attribution.shares) {
    if (share.need == Need::free) free += share.count.entries;
  }
  return free;
}

AttributionSection attribution_section(const Attribution& attribution, const Ruleset& ruleset,
                                       const Sources& sources, unsigned entry_bytes) {
  const std::size_t all = attribution.all.entries;
  if (all == 0) return {TextTable({}), {"The table that was given has no entry."}};
  TextTable table(
      {Align::left, Align::right, Align::right, Align::right, Align::right, Align::left});
  table.add({"Entries admitted by", "entries", "share", "assured", "unreplied", "untracking"});
  EntryCount rest;
  for (std::size_t i = 0; i < attribution.shares.size(); ++i) {
    const Share& share = attribution.shares[i];
    if (i >= most_shares) {
      rest.entries += share.count.entries;
      rest.assured += share.count.assured;
      rest.unreplied += share.count.unreplied;
      continue;
    }
    add_row(table, "  " + names_of(share, ruleset, sources), share.count, all,
            need_text(share, entry_bytes));
  }
  add_row(table,
          fmt::format("  {} more",
                      attribution.shares.size() - std::min(most_shares, attribution.shares.size())),
          rest, all, "");
  add_row(table, "  no rule", attribution.refused, all, "");
  add_row(table, "  not known", attribution.unknown, all, "");
  add_row(table, "  not judged", attribution.unjudged, all, "");
  AttributionSection section{std::move(table), {}};
  section.sentences.push_back(fmt::format("{} {}: {}.", with_thousands(all),
                                          all == 1 ? "entry" : "entries", tops_of(attribution)));
  if (const std::size_t free = free_entries(attribution); free > 0) {
    section.sentences.push_back(fmt::format("Free to untrack: {} of them, {} back.",
                                            with_thousands(free),
                                            bytes_text(static_cast<double>(free) * entry_bytes)));
  }
  if (std::string remarks = remarks_of(attribution); !remarks.empty()) {
    section.sentences.push_back(std::move(remarks));
  }
  return section;
}

std::string write_attribution(const Attribution& attribution, const Ruleset& ruleset,
                              const Sources& sources, unsigned entry_bytes,
                              const Display& display) {
  const AttributionSection section =
      attribution_section(attribution, ruleset, sources, entry_bytes);
  const bool has_entries = !section.table.rows().empty();
  std::string text = section.table.render("", display);
  const std::string_view lead = has_entries ? "  " : "";
  for (const std::string& sentence : section.sentences) text += wrap(sentence, lead, lead, display);
  return text;
}

}  // namespace untrack
