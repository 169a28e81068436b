#include "report/html/rewrite_html.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/packet/packet_text.hpp"
#include "analysis/pressure/number_text.hpp"
#include "report/diagnostic.hpp"
#include "report/html/certificate_html.hpp"
#include "report/html/escape.hpp"
#include "report/html/page.hpp"
#include "report/html/parts.hpp"
#include "report/html/side_by_side.hpp"
#include "report/rewrite/next.hpp"
#include "report/rewrite/rewrite_text.hpp"
#include "report/witness_text.hpp"

namespace untrack {
namespace {

using namespace html;

constexpr std::size_t most_open = 40;

Tone tone_of(RewriteOutcome outcome) {
  switch (outcome) {
    case RewriteOutcome::rewritten:
      return Tone::good;
    case RewriteOutcome::nothing_to_do:
      return Tone::plain;
    case RewriteOutcome::refused:
      return Tone::caution;
  }
  return Tone::plain;
}

std::string_view word_of(RewriteOutcome outcome) {
  switch (outcome) {
    case RewriteOutcome::rewritten:
      return "rewritten";
    case RewriteOutcome::nothing_to_do:
      return "nothing to do";
    case RewriteOutcome::refused:
      return "refused";
  }
  return {};
}

class RewriteHtml {
 public:
  explicit RewriteHtml(const RewriteReport& report)
      : report_(report),
        said_{report.original, report.rewritten, *report.variables, report.assumptions} {}

  std::string write() {
    std::string cards;
    for (const FamilyRewrite& family : report_.families) cards += card(family);
    std::string markup;
    if (!cards.empty()) {
      markup = fmt::format(
          "<section id=\"overview\" aria-label=\"Overview\">\n<div class=\"cards\">\n{}</div>"
          "</section>\n",
          cards);
    }
    std::string refusals, saved, proofs, changes;
    std::vector<const Certificate*> certificates;
    for (const FamilyRewrite& family : report_.families) {
      refusals += refusals_of(family);
      if (family.saved) saved += saved_by(family);
      if (!family.certificate) continue;
      if (family.outcome == RewriteOutcome::rewritten) {
        proofs += certificate(said_, *family.certificate);
        certificates.push_back(&*family.certificate);
      } else {
        proofs += failure_of(family);
      }
    }
    for (const RewrittenFile& file : report_.files) {
      changes += side_by_side(file.in_words.empty() ? file.diff : file.in_words);
    }
    markup += section("refusals", "What stands in the way", refusals);
    markup += section("saved", "Entries that are no longer in the table", saved);
    markup += section("changes", "Before and after", changes);
    markup += section("certificate", "What is proven", proofs);
    markup += section("assumed", "What is assumed", assumed(said_, certificates));
    markup += section("next", "What to do next", code_block(lines_of(next())));
    markup += section("limits", "Wrong or not understood", not_understood(report_.original));
    return markup;
  }

 private:
  [[nodiscard]] std::string next() const {
    // Unbroken: the page wraps it to its own width.
    std::string words = rewrite_next_text(report_, {false, 1'000'000});
    const std::size_t first = words.find_first_not_of('\n');
    return first == std::string::npos ? std::string() : words.substr(first);
  }

  static std::string card(const FamilyRewrite& family) {
    std::string markup =
        fmt::format("<div class=\"card\"><h2>{} {}</h2>\n", display_name(family.version),
                    chip(tone_of(family.outcome), word_of(family.outcome)));
    if (family.outcome == RewriteOutcome::rewritten) {
      markup += fmt::format("<p class=\"big\">{} before, {} after</p>\n",
                            count(family.rules_before, "rule"), with_thousands(family.rules_after));
      if (family.is_taken_as_whole) markup += paragraph(taken_as_whole_words);
    } else {
      markup += paragraph(as_sentence(family.why) + ".");
    }
    return markup + "</div>\n";
  }

  [[nodiscard]] std::string refusals_of(const FamilyRewrite& family) const {
    if (family.refusals.empty()) return {};
    CardTable table("Refusals", {"where", "rule", "why"});
    std::vector<std::string> instead;
    for (const Refusal& refusal : family.refusals) {
      const bool has_place = !refusal.span.empty();
      const Sources& sources = *report_.original.sources;
      table.add({has_place ? text(fmt::format("{}:{}", sources[refusal.span.source].path(),
                                              sources.locate(refusal.span).line))
                           : std::string(),
                 has_place
                     ? fmt::format("<code>{}</code>", text(in_one_line(sources.text(refusal.span))))
                     : std::string(),
                 text(as_sentence(refusal.reason))});
      if (!refusal.instead.empty() &&
          std::ranges::find(instead, refusal.instead) == instead.end()) {
        instead.push_back(refusal.instead);
      }
    }
    std::string markup =
        fmt::format("<h3>{}{}</h3>\n", display_name(family.version),
                    family.outcome == RewriteOutcome::rewritten ? ": left tracked" : "");
    markup += table.render(most_open);
    for (const std::string& words : instead) markup += paragraph("Instead: " + words + ".");
    return markup;
  }

  [[nodiscard]] std::string saved_by(const FamilyRewrite& family) const {
    CardTable table("Services", {"entries", "service"}, {Align::right, Align::left});
    for (const SavedEntries::Service& service : family.saved->services) {
      if (service.entries == 0) continue;
      std::string what = text(service.selected_by);
      if (!service.rule.empty()) {
        what += fmt::format("{}{}: <code>{}</code>", what.empty() ? "" : ", ",
                            place_in_html(service.rule),
                            text(report_.original.sources->text(service.rule)));
      }
      table.add({with_thousands(service.entries), what});
    }
    return paragraph(as_sentence(saved_words(*family.saved))) + table.render(most_open);
  }

  [[nodiscard]] std::string place_in_html(const Span& span) const {
    const Sources& sources = *report_.original.sources;
    return text(fmt::format("{}:{}", sources[span.source].path(), sources.locate(span).line));
  }

  // Of a text that is not given away, what failed.
  [[nodiscard]] std::string failure_of(const FamilyRewrite& family) const {
    CardTable table("Obligations that do not hold", {"obligation", "holds", "of this ruleset"});
    for (const Obligation& obligation : family.certificate->obligations) {
      if (obligation.proof != Proof::failed && obligation.proof != Proof::not_checked) continue;
      if (obligation.id == "O5" && obligation.proof != Proof::failed) continue;
      std::string words = text(as_sentence(obligation.explanation));
      if (obligation.witness) {
        const Witness& shown = *obligation.witness;
        words += fmt::format(
            "<dl class=\"names\"><dt>packet</dt><dd>{}</dd><dt>was</dt><dd>{}</dd></dl>",
            text(to_text(shown.packet) + conditions_text(*report_.variables, shown)),
            text(decided_text(report_.original, shown.before, shown.decided_before)));
      }
      table.add({fmt::format("<b>{}</b> {}", obligation.id, text(obligation.name)),
                 chip(html::tone_of(obligation.proof), proof_word(obligation.proof)), words});
    }
    if (table.empty()) return {};
    return fmt::format("<h3>{}: why nothing is given</h3>\n{}", display_name(family.version),
                       table.render());
  }

  const RewriteReport& report_;
  CertifiedSides said_;
};

}  // namespace

std::string write_rewrite_html(const RewriteReport& report, std::string_view tool_version) {
  const std::string mode = fmt::format("rewrite --mode {}", to_text(report.mode));
  PageFrame frame{mode, tool_version, {}, report.summary};
  for (const RewrittenFile& file : report.files) frame.inputs.push_back(file.path);
  return page(frame, RewriteHtml(report).write());
}

}  // namespace untrack
