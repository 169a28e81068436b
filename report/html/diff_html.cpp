#include "report/html/diff_html.hpp"

#include <fmt/format.h>

#include "analysis/packet/packet_text.hpp"
#include "report/audit_report.hpp"
#include "report/change_words.hpp"
#include "report/diagnostic.hpp"
#include "report/html/certificate_html.hpp"
#include "report/html/escape.hpp"
#include "report/html/page.hpp"
#include "report/html/parts.hpp"
#include "report/pressure/change_words.hpp"
#include "report/witness_text.hpp"

namespace untrack {
namespace {

using namespace html;

constexpr std::size_t most_open = 30;

Tone tone_of(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::accepted:
      return Tone::caution;
    case ChangeKind::refused:
      return Tone::bad;
    case ChangeKind::answered:
    case ChangeKind::unanswered:
    case ChangeKind::unknown:
      return Tone::plain;
  }
  return Tone::plain;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string markup;
  for (const std::string& line : lines) {
    markup += fmt::format("{}{}", markup.empty() ? "" : "<br>", text(line));
  }
  return markup;
}

std::string overview(const DiffReport& report) {
  std::string cards;
  for (const FamilyDifference& family : report.families) {
    std::string markup = fmt::format("<div class=\"card\"><h2>{} {} before, {} after</h2>\n",
                                     display_name(family.version),
                                     chip(html::tone_of(family.before), state_word(family.before)),
                                     chip(html::tone_of(family.after), state_word(family.after)));
    if (!family.difference) {
      markup += paragraph("Not compared: the limit of the analysis was reached.");
    } else if (family.difference->is_equivalent) {
      markup += "<p class=\"big\">alike</p>\n<p>Every packet is decided as before.</p>\n";
    } else {
      markup += fmt::format("<p class=\"big\">{}</p>\n",
                            count(family.difference->changes.size(), "difference"));
      for (const ChangeKind kind : change_kinds) {
        const auto number = std::ranges::count(family.difference->changes, kind, &Change::kind);
        if (number == 0) continue;
        markup += chip(tone_of(kind), fmt::format("{} {}", number, heading(kind)));
        markup += ' ';
      }
      if (!family.difference->is_complete) markup += paragraph("There are more than these.");
    }
    cards += markup + "</div>\n";
  }
  if (cards.empty()) return cards;
  return fmt::format(
      "<section id=\"overview\" aria-label=\"Overview\">\n<div class=\"cards\">\n{}</div>"
      "</section>\n",
      cards);
}

std::string changes_of(const DiffReport& report, ChangeKind kind) {
  CardTable table(heading(kind), {"way", "packets", "was", "now", "for example"});
  for (const FamilyDifference& family : report.families) {
    if (!family.difference) continue;
    for (const Change& change : family.difference->changes) {
      if (change.kind != kind) continue;
      const Witness& shown = change.witness;
      std::string region = fmt::format("<code>{}</code>", joined(change.region));
      if (const std::string states = states_of(change); !states.empty()) {
        region += fmt::format("<br><span class=\"soft\">{}</span>", text(states));
      }
      table.add({fmt::format("{} {}", display_name(family.version), to_text(change.path)), region,
                 text(decided_text(report.before, shown.before, shown.decided_before)),
                 text(decided_text(report.after, shown.after, shown.decided_after)),
                 fmt::format("<code>{}</code>{}", text(to_text(shown.packet)),
                             text(conditions_text(*report.variables, shown)))});
    }
  }
  return table.render(most_open);
}

std::string work_of(const DiffReport& report) {
  CardTable table(std::string(work_heading), {"way", "a packet", "what"});
  std::string markup;
  for (const FamilyDifference& family : report.families) {
    if (!family.difference) continue;
    for (const WorkChange& change : family.difference->work) {
      table.add({fmt::format("{} {}", display_name(family.version), to_text(change.path)),
                 fmt::format("<code>{}</code>", text(to_text(change.packet))), text(change.what)});
    }
    if (!family.difference->is_work_compared) markup += paragraph(std::string(work_not_compared));
  }
  return table.render(most_open) + markup;
}

std::string pressure_of(const DiffReport& report) {
  CardTable table(pressure_heading, {"what", "change"});
  for (const PressureWords& words : pressure_words(report)) {
    table.add({words.label, joined(words.lines)});
  }
  return table.render(most_open);
}

std::string constructs_of(const DiffReport& report) {
  CardTable table("Around connection tracking", {"change", "what", "where"});
  for (const ConstructChange& change : report.constructs) {
    const ComparedSide& side = change.is_added ? report.after : report.before;
    // place_of() has it escaped as for a terminal, which a second time changes nothing.
    table.add({change.is_added ? "added" : "removed",
               fmt::format("<code>{}</code>", text(change.text)),
               text(place_of(*side.sources, change.span))});
  }
  return table.render(most_open);
}

std::string tracking_of(const DiffReport& report) {
  CardTable table("Tracking of single flows", {"way", "change", "packets"});
  for (const FamilyDifference& family : report.families) {
    if (!family.difference) continue;
    for (const TrackingChange& change : family.difference->tracking) {
      table.add({fmt::format("{} {}", display_name(family.version), to_text(change.path)),
                 change.is_untracked_now ? chip(Tone::good, "no longer tracked")
                                         : chip(Tone::tracked, "tracked again"),
                 fmt::format("<code>{}</code>", joined(change.region))});
    }
  }
  return table.render(most_open);
}

}  // namespace

std::string write_diff_html(const DiffReport& report, std::string_view tool_version) {
  PageFrame frame{"diff", tool_version, {}, report.summary};
  for (const ComparedSide* side : {&report.before, &report.after}) {
    for (const InputSummary& input : side->ruleset.inputs) {
      frame.inputs.push_back((*side->sources)[input.source].path());
    }
  }
  std::string markup = overview(report);
  for (std::size_t i = 0; i < change_kinds.size(); ++i) {
    markup +=
        section(fmt::format("changes{}", i), as_sentence(std::string(heading(change_kinds[i]))),
                changes_of(report, change_kinds[i]));
  }
  markup += section("work", as_sentence(std::string(work_heading)), work_of(report));
  markup += section("pressure", pressure_heading, pressure_of(report));
  markup += section("constructs", "Around connection tracking", constructs_of(report));
  markup += section("tracking", "Tracking of single flows", tracking_of(report));
  markup +=
      section("old", "Wrong or not understood in the old ruleset", not_understood(report.before));
  markup +=
      section("new", "Wrong or not understood in the new ruleset", not_understood(report.after));
  return page(frame, markup);
}

}  // namespace untrack
