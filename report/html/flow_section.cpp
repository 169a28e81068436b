#include "report/html/flow_section.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "report/certificate_text.hpp"
#include "report/html/escape.hpp"
#include "report/html/parts.hpp"
#include "report/html/svg.hpp"

namespace untrack::html {
namespace {

constexpr std::size_t most_open = 15;
constexpr std::array all_needs = {Need::free, Need::priced, Need::bound};

std::string_view colour_of(Need need) {
  switch (need) {
    case Need::free:
      return "fg";
    case Need::priced:
      return "fc";
    case Need::bound:
      return "ft";
  }
  return {};
}

std::array<std::size_t, 3> counts_of(const AuditReport& report) {
  std::array<std::size_t, 3> counts{};
  for (const FlowTable& table : report.flows) {
    for (const FlowRow& row : table.rows) ++counts[static_cast<std::size_t>(row.need)];
  }
  return counts;
}

std::string cost_of(const AuditReport& report, const LinePlan& plan, const FlowRow& row) {
  switch (row.need) {
    case Need::free:
      return "nothing";
    case Need::priced: {
      std::string markup;
      for (const ExposureKind kind : row.exposure) {
        if (is_harmless(kind)) continue;
        markup += fmt::format("{}<code>{}</code>", markup.empty() ? "" : ", ", to_text(kind));
      }
      return markup;
    }
    case Need::bound: {
      if (!row.bound_by.names_something()) return "not possible";
      const Construct& construct = report.ruleset[row.bound_by];
      return fmt::format("not possible: <code>{}</code> ({})", text(display_name(construct)),
                         plan.link(construct.span));
    }
  }
  return {};
}

std::string admitted_by(const AuditReport& report, const LinePlan& plan, const FlowRow& row) {
  if (row.rule.names_something()) return plan.link(report.ruleset[row.rule].text);
  if (!row.chain.names_something()) return "no chain";
  const Chain& chain = report.ruleset[row.chain];
  const std::string words = fmt::format("policy {}", chain.name);
  return chain.span.empty() ? text(words) : plan.link(chain.span, words);
}

}  // namespace

std::string flow_counts(const AuditReport& report) {
  const std::array<std::size_t, 3> counts = counts_of(report);
  const std::size_t all = counts[0] + counts[1] + counts[2];
  if (all == 0) return {};
  Svg bar;
  constexpr double width = 300;
  double x = 0;
  for (const Need need : all_needs) {
    const auto number = static_cast<double>(counts[static_cast<std::size_t>(need)]);
    const double part = width * number / static_cast<double>(all);
    if (part > 0) bar.rect({x, 0}, std::max(part - 2, 1.0), 10, colour_of(need), 2);
    x += part;
  }
  const std::string said = fmt::format("{} free to untrack, {} at a price, {} bound to tracking",
                                       counts[0], counts[1], counts[2]);
  return fmt::format("<p class=\"big\">{}</p>\n{}<p>{} {} {}</p>\n",
                     fmt::format("{} flow class{}", all, all == 1 ? "" : "es"),
                     bar.finish(width, 10, "flowbar", "", "Flow classes", said),
                     chip(Tone::good, fmt::format("{} free to untrack", counts[0])),
                     chip(Tone::caution, fmt::format("{} at a price", counts[1])),
                     chip(Tone::tracked, fmt::format("{} bound to tracking", counts[2])));
}

std::string exposure_names(std::vector<ExposureKind> kinds) {
  std::ranges::sort(kinds);
  kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
  std::string markup;
  for (const ExposureKind kind : kinds) {
    markup += fmt::format("<dt>{}</dt><dd>{}</dd>\n", to_text(kind), text(description(kind)));
  }
  return markup.empty() ? markup : fmt::format("<dl class=\"names\">\n{}</dl>\n", markup);
}

std::string assumption_names(const Assumptions& assumptions, const std::vector<Assumption>& list) {
  std::string markup;
  for (const Assumption id : list) {
    markup += fmt::format("<dt>{}</dt><dd>{}</dd>\n", text(row_of(id).name),
                          text(assumption_words(assumptions, id)));
  }
  return markup.empty() ? markup : fmt::format("<dl class=\"names\">\n{}</dl>\n", markup);
}

std::string flow_table(const AuditReport& report, const LinePlan& plan) {
  const bool names_family = report.families.size() > 1;
  CardTable table("Flow classes", {"way", "flows", "admitted by", "state", "untracking costs"});
  std::vector<ExposureKind> kinds;
  std::string markup;
  for (const FlowTable& flows : report.flows) {
    for (const FlowRow& row : flows.rows) {
      std::string lines;
      for (const std::string& line : row.flows) {
        lines += fmt::format("{}{}", lines.empty() ? "" : "<br>", text(line));
      }
      std::string way(to_text(row.path));
      if (names_family) way.insert(0, fmt::format("{} ", display_name(flows.version)));
      table.add({text(way), fmt::format("<code>{}</code>", lines), admitted_by(report, plan, row),
                 chip(tone_of(row.need), to_text(row.need)), cost_of(report, plan, row)});
      if (row.need != Need::priced) continue;
      std::ranges::copy_if(row.exposure, std::back_inserter(kinds),
                           [](ExposureKind kind) { return !is_harmless(kind); });
    }
  }
  markup += table.render(most_open) + exposure_names(std::move(kinds));
  for (const FlowTable& flows : report.flows) {
    if (flows.is_whole()) continue;
    const bool has_none = !flows.not_known.empty();
    markup += paragraph(fmt::format("{} flow classes {}: {}.", display_name(flows.version),
                                    has_none ? "are not known" : "may be more than these",
                                    has_none ? flows.not_known : flows.incomplete));
  }
  if (table.empty()) return markup;
  const std::string assumed = assumption_names(report.assumed, report.assumed.list());
  return assumed.empty() ? markup : markup + folded("What is assumed", assumed);
}

}  // namespace untrack::html
