#include "report/recheck_text.hpp"

#include <fmt/format.h>

#include "analysis/packet/packet_text.hpp"

namespace untrack {
namespace {

std::string_view shown(RecheckResult result) {
  switch (result) {
    case RecheckResult::rechecked:
      return "rechecked";
    case RecheckResult::refused:
      return "REFUSED";
    case RecheckResult::not_rechecked:
      return "not rechecked";
    case RecheckResult::no_claim:
      return "no claim";
  }
  return {};
}

Style style_of(RecheckResult result) {
  switch (result) {
    case RecheckResult::rechecked:
      return Style::good;
    case RecheckResult::refused:
      return Style::error;
    case RecheckResult::not_rechecked:
      return Style::warning;
    case RecheckResult::no_claim:
      return Style::margin;
  }
  return Style::margin;
}

std::string_view claimed(Proof proof) {
  switch (proof) {
    case Proof::proven:
      return "proven";
    case Proof::proven_under_assumptions:
      return "proven if assumed";
    case Proof::failed:
      return "failed";
    case Proof::not_applicable:
      return "does not apply";
    case Proof::not_checked:
      return "not checked";
  }
  return {};
}

std::string joined(const std::vector<std::string>& paths) {
  std::string text;
  for (const std::string& path : paths) text += (text.empty() ? "" : ", ") + path;
  return text;
}

}  // namespace

std::string write_recheck_text(const RecheckReport& report, const Display& display) {
  std::string text = wrap(report.summary, "", "", display) + "\n";
  const auto line = [&](std::string_view name, const std::string& what) {
    text += wrap(what, fmt::format("  {:<11}", name), std::string(13, ' '), display);
  };
  line("original", joined(report.original));
  line("rewritten", fmt::format("{}, {}", joined(report.rewritten), to_text(report.mode)));
  std::string assumed;
  for (const Assumption id : report.assumptions) {
    assumed += (assumed.empty() ? "" : ", ") + std::string(row_of(id).name);
  }
  line("assumed", assumed.empty() ? "nothing" : assumed);
  for (const std::string& why : report.refused) {
    text += wrap(why, paint(Style::error, "  REFUSED", display) + "    ", std::string(13, ' '),
                 display);
  }
  if (!report.why_not.empty()) line("why not", report.why_not);
  for (const RecheckedFamily& family : report.families) {
    text += fmt::format("\n{}\n", display_name(family.version));
    for (const RecheckedClaim& row : family.claims) {
      text += wrap(row.why,
                   fmt::format("  {} {:<18} {} ", escape_control(row.id), claimed(row.claimed),
                               paint(style_of(row.result), fmt::format("{:<13}", shown(row.result)),
                                     display)),
                   std::string(38, ' '), display);
      if (row.packet) {
        text += fmt::format("{}{}\n", std::string(38, ' '), to_text(*row.packet));
      }
    }
    if (family.tried > 0) {
      text +=
          wrap(fmt::format("{} packets out of the boxes, chosen at random, were followed rule by "
                           "rule, and decided alike",
                           family.tried),
               "  = ", "    ", display);
    }
  }
  return text;
}

}  // namespace untrack
