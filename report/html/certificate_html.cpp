#include "report/html/certificate_html.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/packet/packet_text.hpp"
#include "report/html/escape.hpp"
#include "report/html/flow_section.hpp"
#include "report/html/parts.hpp"
#include "report/witness_text.hpp"

namespace untrack::html {
namespace {

constexpr std::size_t most_problems = 200;
constexpr std::size_t most_listed = 20;

std::string joined(const std::vector<std::string>& lines) {
  std::string markup;
  for (const std::string& line : lines) {
    markup += fmt::format("{}{}", markup.empty() ? "" : "<br>", text(line));
  }
  return markup;
}

std::string exposure_of(const CertifiedSides& said, const Certificate& certificate) {
  if (certificate.exposure.empty()) {
    const bool is_listed =
        std::ranges::all_of(certificate.obligations, [](const Obligation& obligation) {
          return obligation.id != "O3" || obligation.proof != Proof::not_checked;
        });
    return is_listed ? paragraph("Nothing is exposed that was not before.") : std::string();
  }
  CardTable table("Exposure", {"kind", "way", "packets", "for example"});
  std::vector<ExposureKind> kinds;
  for (const Exposure& row : certificate.exposure) {
    kinds.push_back(row.kind);
    table.add({fmt::format("<code class=\"kind\">{}</code>", to_text(row.kind)),
               std::string(to_text(row.path)), fmt::format("<code>{}</code>", joined(row.region)),
               fmt::format("<code>{}</code>{}", text(to_text(row.witness.packet)),
                           text(conditions_text(said.variables, row.witness)))});
  }
  return paragraph("Exposed, and not before:") + table.render() + exposure_names(std::move(kinds));
}

std::string outbound_line(const OutboundProfile& profile, std::size_t index) {
  const Span& span = profile.flows[index].span;
  return fmt::format("{}:{}: {}", profile.sources[span.source].path(),
                     profile.sources.locate(span).line, profile.sources.text(span));
}

}  // namespace

std::string witness(const CertifiedSides& said, const Witness& witness) {
  std::string markup =
      fmt::format("<dl class=\"names\">\n<dt>packet</dt><dd>{}</dd>\n",
                  text(to_text(witness.packet) + conditions_text(said.variables, witness)));
  markup += fmt::format("<dt>was</dt><dd>{}</dd>\n<dt>now</dt><dd>{}</dd>\n",
                        text(decided_text(said.original, witness.before, witness.decided_before)),
                        text(decided_text(said.rewritten, witness.after, witness.decided_after)));
  if (witness.original_state != witness.rewritten_state) {
    markup += fmt::format(
        "<dt>states</dt><dd>the original sees it as {}, the rewritten ruleset as {}</dd>\n",
        to_text(witness.original_state), to_text(witness.rewritten_state));
  }
  return markup + "</dl>\n";
}

std::string certificate(const CertifiedSides& said, const Certificate& certificate) {
  const auto state = [](bool is_tracked) {
    return is_tracked ? chip(Tone::tracked, "tracked") : chip(Tone::good, "not tracked");
  };
  std::string markup =
      fmt::format("<h3>{} {} before, {} after</h3>\n", display_name(certificate.version),
                  state(certificate.tracked_before), state(certificate.tracked_after));
  CardTable table("Obligations", {"obligation", "holds", "of this ruleset"});
  for (const Obligation& obligation : certificate.obligations) {
    std::string words = text(as_sentence(obligation.explanation));
    if (obligation.witness) words += witness(said, *obligation.witness);
    table.add({fmt::format("<b>{}</b> {}", obligation.id, text(obligation.name)),
               chip(tone_of(obligation.proof), proof_word(obligation.proof)), words});
  }
  markup += table.render() + exposure_of(said, certificate);
  if (!certificate.refused_outbound.empty()) {
    std::vector<std::string> lines;
    for (const std::size_t index : certificate.refused_outbound) {
      lines.push_back(outbound_line(*said.assumptions.outbound, index));
    }
    markup += paragraph(refused_outbound_words) + code_block(lines);
  }
  if (!certificate.lost_reject_answers.empty()) {
    markup += paragraph(lost_answers_words) + code_block(certificate.lost_reject_answers);
  }
  if (!certificate.changed_packets.empty()) {
    markup += paragraph(changed_packets_words) + code_block(certificate.changed_packets);
  }
  return markup;
}

std::string assumed(const CertifiedSides& said,
                    const std::vector<const Certificate*>& certificates) {
  if (!rest_on_assumptions(certificates)) return {};
  std::string markup = assumption_names(said.assumptions, bearing_assumptions(said));
  if (!said.assumptions.outbound) return markup;
  const OutboundProfile& profile = *said.assumptions.outbound;
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < std::min(profile.flows.size(), most_listed); ++i) {
    lines.push_back(outbound_line(profile, i));
  }
  if (profile.flows.size() > most_listed) {
    lines.push_back(fmt::format("and {} more", profile.flows.size() - most_listed));
  }
  return markup + paragraph("What this host starts, as it was listed:") + code_block(lines);
}

std::string not_understood(const ComparedSide& side) {
  std::string items;
  std::size_t found = 0;
  for (const Problem& problem : side.ruleset.problems) {
    if (problem.kind == ProblemKind::note) continue;
    if (++found > most_problems) continue;
    const Location place = side.sources->locate(problem.span);
    items += fmt::format("<li><code>{}:{}:{}</code> {}</li>\n",
                         text((*side.sources)[problem.span.source].path()), place.line,
                         place.column, text(problem.message));
  }
  if (found > most_problems) {
    items += fmt::format("<li>and {} more</li>\n", found - most_problems);
  }
  return items.empty() ? items : fmt::format("<ul>\n{}</ul>\n", items);
}

}  // namespace untrack::html
