#include "report/rewrite/rewrite_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/packet/packet_text.hpp"
#include "analysis/pressure/number_text.hpp"
#include "report/certificate_text.hpp"
#include "report/diagnostic.hpp"
#include "report/rewrite/next.hpp"
#include "report/witness_text.hpp"

namespace untrack {
namespace {

std::string location_text(const ComparedSide& side, const Span& span) {
  const Location place = side.sources->locate(span);
  return fmt::format("{}:{}:{}", escape_control((*side.sources)[span.source].path()), place.line,
                     place.column);
}

std::size_t entries_in(const SavedEntries& saved) {
  std::size_t sum = 0;
  for (const SavedEntries::Service& service : saved.services) sum += service.entries;
  return sum;
}

class RewriteText {
 public:
  RewriteText(const RewriteReport& report, const Display& display)
      : report_(report),
        display_(display),
        said_{report.original, report.rewritten, *report.variables, report.assumptions} {}

  std::string write() {
    text_ = wrap(report_.summary, "", "", display_);
    for (const FamilyRewrite& family : report_.families) write(family);
    for (const RewrittenFile& file : report_.files) {
      write(file.in_words.empty() ? file.diff : file.in_words);
    }
    text_ += rewrite_next_text(report_, display_);
    write_proofs();
    text_ += not_understood_text(report_.original, "the ruleset", display_);
    return std::move(text_);
  }

 private:
  void write(const FamilyRewrite& family) {
    const std::string lead =
        fmt::format("\n{}   ", paint(Style::strong, display_name(family.version), display_));
    const std::string rest(7, ' ');
    switch (family.outcome) {
      case RewriteOutcome::rewritten:
        text_ += wrap(fmt::format("rewritten: {} rules before, {} after", family.rules_before,
                                  family.rules_after),
                      lead, rest, display_);
        if (family.is_taken_as_whole) {
          text_ += wrap(taken_as_whole_words, "  ", "  ", display_);
        }
        if (family.saved) write(*family.saved);
        if (!family.refusals.empty()) {
          text_ += wrap("Left tracked:", "  ", "  ", display_);
        }
        break;
      case RewriteOutcome::nothing_to_do:
        text_ += wrap(fmt::format("nothing to do: {}", family.why), lead, rest, display_);
        break;
      case RewriteOutcome::refused:
        text_ += wrap(fmt::format("refused: {}", family.why), lead, rest, display_);
        break;
    }
    constexpr std::size_t shown = 12;
    for (std::size_t i = 0; i < family.refusals.size() && i < shown; ++i) write(family.refusals[i]);
    if (family.refusals.size() > shown) {
      text_ += wrap(fmt::format("and {} more rules", family.refusals.size() - shown), "  ", "    ",
                    display_);
    }
    // Each rule in the way says the same of what could be done instead.
    std::vector<std::string> told;
    for (const Refusal& refusal : family.refusals) {
      if (refusal.instead.empty() || std::ranges::find(told, refusal.instead) != told.end()) {
        continue;
      }
      told.push_back(refusal.instead);
      text_ += wrap(refusal.instead, "  instead: ", "    ", display_);
    }
  }

  void write(const SavedEntries& saved) {
    const std::string colon = entries_in(saved) == 0 ? "" : ":";
    text_ += wrap(saved_words(saved) + colon, "  ", "  ", display_);
    for (const SavedEntries::Service& service : saved.services) {
      if (service.entries == 0) continue;
      std::string what = service.selected_by;
      if (!service.rule.empty()) {
        what += fmt::format("{}{}: {}", what.empty() ? "" : ", ",
                            location_text(report_.original, service.rule),
                            report_.original.sources->text(service.rule));
      }
      text_ += wrap(what, fmt::format("  {:>10}  ", with_thousands(service.entries)),
                    std::string(16, ' '), display_);
    }
  }

  void write(const Refusal& refusal) {
    if (refusal.span.empty()) {
      text_ += wrap(refusal.reason, "  ", "    ", display_);
      return;
    }
    text_ +=
        wrap(refusal.reason, fmt::format("  {}: ", location_text(report_.original, refusal.span)),
             "    ", display_);
    const std::string words = in_one_line(report_.original.sources->text(refusal.span));
    text_ += wrap(words, "      ", "        ", display_);
  }

  void write(const UnifiedDiff& diff) {
    if (diff.empty()) return;
    text_ += fmt::format("\n--- {}\n+++ {}\n", escape_control(diff_name(diff.old_name)),
                         escape_control(diff_name(diff.new_name)));
    for (const Hunk& hunk : diff.hunks) {
      text_ += paint(Style::margin, hunk_header(hunk), display_) + '\n';
      for (const DiffLine& line : hunk.lines) {
        const std::string shown = with_tabs(line.text);
        switch (line.kind) {
          case DiffLineKind::context:
            text_ += ' ' + shown;
            break;
          case DiffLineKind::removed:
            text_ += paint(Style::error, '-' + shown, display_);
            break;
          case DiffLineKind::added:
            text_ += paint(Style::good, '+' + shown, display_);
            break;
        }
        text_ += '\n';
      }
    }
  }

  // Tabs are how many files are indented, and no danger.
  static std::string with_tabs(std::string_view text) {
    std::string shown;
    for (std::size_t at = text.find('\t'); at != std::string_view::npos; at = text.find('\t')) {
      shown += escape_control(text.substr(0, at)) + '\t';
      text.remove_prefix(at + 1);
    }
    return shown + escape_control(text);
  }

  void write_proofs() {
    std::vector<const Certificate*> certificates;
    for (const FamilyRewrite& family : report_.families) {
      if (!family.certificate) continue;
      // Of a text that is not given away, only what failed; its rules are in no file.
      if (family.outcome == RewriteOutcome::rewritten) {
        text_ += certificate_text(said_, *family.certificate, display_);
        certificates.push_back(&*family.certificate);
      } else {
        write_failure(family);
      }
    }
    text_ += assumptions_text(said_, certificates, display_);
  }

  void write_failure(const FamilyRewrite& family) {
    for (const Obligation& obligation : family.certificate->obligations) {
      if (obligation.proof != Proof::failed && obligation.proof != Proof::not_checked) continue;
      if (obligation.id == "O5" && obligation.proof != Proof::failed) continue;
      text_ += wrap(fmt::format("{}: {}", obligation.name, obligation.explanation),
                    fmt::format("  {}  ", obligation.id), "      ", display_);
      if (!obligation.witness) continue;
      text_ += wrap(to_text(obligation.witness->packet) +
                        conditions_text(*report_.variables, *obligation.witness),
                    "      packet ", "             ", display_);
      text_ += wrap(decided_text(report_.original, obligation.witness->before,
                                 obligation.witness->decided_before),
                    "      was    ", "             ", display_);
    }
  }

  const RewriteReport& report_;
  const Display& display_;
  CertifiedSides said_;
  std::string text_;
};

}  // namespace

std::string saved_words(const SavedEntries& saved) {
  // An entry of what this host asked of others looks like one of what it serves.
  const std::string of_table =
      "at most {} of the {} entries of the table that was given are of what is untracked now (it "
      "does not tell which addresses are those of this host)";
  const std::string of_rates =
      "about {} of the {} entries that the given rates keep in the table (with the kernel's own "
      "timeouts) are of what is untracked now";
  return fmt::format(fmt::runtime(saved.is_by_rates ? of_rates : of_table),
                     with_thousands(entries_in(saved)), with_thousands(saved.all));
}

std::string in_one_line(std::string_view text) {
  std::string words(text);
  if (words.find('\n') == std::string::npos) return words;
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\n'; };
  const auto is_more = [&](char a, char b) { return is_space(a) && is_space(b); };
  words.erase(std::unique(words.begin(), words.end(), is_more), words.end());
  std::ranges::replace_if(words, is_space, ' ');
  return words;
}

std::string rewrite_text(const RewriteReport& report, const Display& display) {
  return RewriteText(report, display).write();
}

std::string rewrite_diff(const RewriteReport& report) {
  std::string text;
  for (const RewrittenFile& file : report.files) text += raw_text(file.diff);
  return text;
}

}  // namespace untrack
