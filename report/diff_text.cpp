#include "report/diff_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "analysis/packet/packet_text.hpp"
#include "report/change_words.hpp"
#include "report/diagnostic.hpp"
#include "report/pressure/change_words.hpp"
#include "report/witness_text.hpp"

namespace untrack {
namespace {

Style style_of(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::accepted:
      return Style::warning;
    case ChangeKind::refused:
      return Style::error;
    case ChangeKind::answered:
    case ChangeKind::unanswered:
    case ChangeKind::unknown:
      return Style::note;
  }
  return Style::note;
}

class DiffText {
 public:
  DiffText(const DiffReport& report, const Display& display) : report_(report), display_(display) {}

  std::string write() {
    text_ = wrap(report_.summary, "", "", display_);
    for (const FamilyDifference& family : report_.families) write(family);
    write_pressure();
    write_constructs();
    text_ += not_understood_text(report_.before, "the old ruleset", display_);
    text_ += not_understood_text(report_.after, "the new ruleset", display_);
    return std::move(text_);
  }

 private:
  void line(std::string_view label, std::string_view text) {
    text_ += wrap(text, fmt::format("    {:<9}", label), std::string(13, ' '), display_);
  }

  void write(const FamilyDifference& family) {
    if (!family.difference) {
      text_ += fmt::format("\n{}\n", display_name(family.version));
      line("", "not compared: the limit of the analysis was reached");
      return;
    }
    const Difference& difference = *family.difference;
    if (difference.changes.empty() && difference.tracking.empty() && difference.work.empty() &&
        difference.is_work_compared) {
      return;
    }
    text_ += fmt::format("\n{}\n", paint(Style::strong, display_name(family.version), display_));
    std::optional<ChangeKind> kind;
    for (const ChangeKind next : change_kinds) {
      for (const Change& change : difference.changes) {
        if (change.kind != next) continue;
        if (kind != next) text_ += "  " + paint(style_of(next), heading(next), display_) + "\n";
        kind = next;
        write(change);
      }
    }
    write_work(difference);
    if (!difference.is_complete) line("", "There are more differences than these.");
    for (const bool is_untracked : {true, false}) {
      bool is_first = true;
      for (const TrackingChange& change : difference.tracking) {
        if (change.is_untracked_now != is_untracked) continue;
        if (is_first) text_ += is_untracked ? "  no longer tracked\n" : "  tracked again\n";
        is_first = false;
        std::string_view label = to_text(change.path);
        for (const std::string& region : change.region) {
          line(label, region);
          label = "";
        }
      }
    }
  }

  void write(const Change& change) {
    std::string_view label = to_text(change.path);
    for (const std::string& region : change.region) {
      line(label, region);
      label = "";
    }
    if (const std::string states = states_of(change); !states.empty()) line("", states);
    line("  e.g.",
         to_text(change.witness.packet) + conditions_text(*report_.variables, change.witness));
    const std::string condition = here_text(report_.before, report_.after, change.witness);
    if (!condition.empty()) line("  if", condition);
    line("  was",
         decided_text(report_.before, change.witness.before, change.witness.decided_before));
    line("  now", decided_text(report_.after, change.witness.after, change.witness.decided_after));
  }

  void write_work(const Difference& difference) {
    if (!difference.work.empty()) text_ += fmt::format("  {}\n", work_heading);
    for (const WorkChange& change : difference.work) {
      line(to_text(change.path), to_text(change.packet));
      line("", change.what);
    }
    if (!difference.is_work_compared) line("", work_not_compared);
  }

  void write_pressure() {
    const std::vector<PressureWords> all = pressure_words(report_);
    if (!all.empty()) text_ += fmt::format("\n{}\n", pressure_heading);
    for (const PressureWords& words : all) {
      std::string_view label = words.label;
      for (const std::string& each : words.lines) {
        line(label, each);
        label = "";
      }
    }
  }

  void write_constructs() {
    if (report_.constructs.empty()) return;
    text_ += "\nAround connection tracking\n";
    for (std::size_t i = 0; i < report_.constructs.size();) {
      const ConstructChange& change = report_.constructs[i];
      const ComparedSide& side = change.is_added ? report_.after : report_.before;
      std::size_t count = 0;
      while (i + count < report_.constructs.size() &&
             report_.constructs[i + count].text == change.text &&
             report_.constructs[i + count].is_added == change.is_added) {
        ++count;
      }
      const std::string more = count > 1 ? fmt::format(" and {} more", count - 1) : "";
      line(change.is_added ? "added" : "removed",
           fmt::format("{} ({}{})", change.text, place_of(*side.sources, change.span), more));
      i += count;
    }
  }

  const DiffReport& report_;
  const Display& display_;
  std::string text_;
};

}  // namespace

std::string write_diff_text(const DiffReport& report, const Display& display) {
  return DiffText(report, display).write();
}

}  // namespace untrack
