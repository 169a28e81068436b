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

// The rows of the table; handshakes have a column where there are any.
class Rows {
 public:
  explicit Rows(const EntryCount& all)
      : all_(all.entries), has_half_open_(all.half_open > 0), table_(columns()) {
    std::vector<std::string> head{"Entries admitted by", "entries", "share", "assured",
                                  "unreplied"};
    if (has_half_open_) head.emplace_back("half-open");
    head.emplace_back("untracking");
    table_.add(std::move(head));
  }

  void add(const std::string& name, const EntryCount& count, const std::string& need) {
    if (count.entries == 0) return;
    std::vector<std::string> row{name, with_thousands(count.entries), percent(count.entries, all_),
                                 percent(count.assured, count.entries),
                                 percent(count.unreplied, count.entries)};
    if (has_half_open_) row.push_back(percent(count.half_open, count.entries));
    row.push_back(need);
    table_.add(std::move(row));
  }

  [[nodiscard]] TextTable take() { return std::move(table_); }

 private:
  [[nodiscard]] std::vector<Align> columns() const {
    std::vector<Align> columns(has_half_open_ ? 7 : 6, Align::right);
    columns.front() = Align::left;
    columns.back() = Align::left;
    return columns;
  }

  std::size_t all_;
  bool has_half_open_;
  TextTable table_;
};

std::string service_name(const TopService& service) {
  std::string name(catalog::protocol_name(service.protocol));
  if (name.empty()) name = fmt::format("protocol {}", service.protocol);
  if (service.port != 0) name += fmt::format("/{}", service.port);
  return name;
}

std::string tops_of(const Attribution& attribution) {
  std::string text;
  for (const TopService& each : attribution.services) {
    text += fmt::format("{}{} {}", text.empty() ? "most to " : ", ", service_name(each),
                        percent(each.entries, attribution.all.entries));
  }
  // Of many that are alike the first five say nothing.
  constexpr double least_share = 0.001;
  const auto is_much = [&](const TopSource& each) {
    return static_cast<double>(each.entries) >=
           least_share * static_cast<double>(attribution.all.entries);
  };
  if (std::ranges::none_of(attribution.sources, is_much)) {
    return text + "; no source has more than 0.1 %";
  }
  std::string sources;
  for (const TopSource& each : attribution.sources) {
    if (!is_much(each)) break;
    sources += fmt::format("{}{} {}", sources.empty() ? "; most from " : ", ",
                           address_text(each.address, each.version),
                           percent(each.entries, attribution.all.entries));
  }
  return text + sources;
}

// Where most of the table is handshakes to one service.
std::string half_open_words(const Attribution& attribution) {
  const std::optional<TopService>& service = attribution.half_open;
  if (!service || service->entries * 2 <= attribution.all.entries) return {};
  return fmt::format(
      "Most are half-open handshakes to one service: {} of {} to {}. That is how a SYN flood "
      "looks, or a service that does not keep up.",
      with_thousands(service->entries), with_thousands(attribution.all.entries),
      service_name(*service));
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
  Rows table(attribution.all);
  EntryCount rest;
  for (std::size_t i = 0; i < attribution.shares.size(); ++i) {
    const Share& share = attribution.shares[i];
    if (i >= most_shares) {
      rest.entries += share.count.entries;
      rest.assured += share.count.assured;
      rest.unreplied += share.count.unreplied;
      rest.half_open += share.count.half_open;
      continue;
    }
    table.add("  " + names_of(share, ruleset, sources), share.count, need_text(share, entry_bytes));
  }
  table.add(fmt::format("  {} more", attribution.shares.size() -
                                         std::min(most_shares, attribution.shares.size())),
            rest, "");
  table.add("  no rule", attribution.refused, "");
  table.add("  not known", attribution.unknown, "");
  table.add("  not judged", attribution.unjudged, "");
  AttributionSection section{table.take(), {}};
  section.sentences.push_back(fmt::format("{} {}: {}.", with_thousands(all),
                                          all == 1 ? "entry" : "entries", tops_of(attribution)));
  if (std::string words = half_open_words(attribution); !words.empty()) {
    section.sentences.push_back(std::move(words));
  }
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
