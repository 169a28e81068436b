#include "report/explain_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "analysis/packet/packet_text.hpp"
#include "report/diagnostic.hpp"

namespace untrack {
namespace {

std::string_view past(Decision decision) {
  switch (decision) {
    case Decision::accept:
      return "accepted";
    case Decision::drop:
      return "dropped";
    case Decision::reject:
      return "rejected";
    case Decision::elsewhere:
      return "on another way";
    case Decision::unknown:
      return "not known";
  }
  return {};
}

Style style_of(Decision decision) {
  switch (decision) {
    case Decision::accept:
      return Style::good;
    case Decision::drop:
    case Decision::reject:
      return Style::error;
    case Decision::elsewhere:
    case Decision::unknown:
      return Style::note;
  }
  return Style::note;
}

class ExplainText {
 public:
  ExplainText(const ExplainReport& report, const Display& display, bool verbose)
      : report_(report), display_(display), verbose_(verbose) {}

  std::string write() {
    for (std::size_t i = 0; i < report_.packets.size(); ++i) {
      if (i > 0) text_ += "\n";
      write(report_.packets[i]);
    }
    for (const Problem& problem : report_.ruleset.problems) {
      if (problem.kind != ProblemKind::note) {
        text_ += "\n" + render_problem(*report_.sources, problem, display_);
      }
    }
    return std::move(text_);
  }

 private:
  // What goes ahead of the decision; empty: nothing.
  std::string translated(const Explained& packet) const {
    if (!packet.translation) return {};
    // Backends that are drawn by lot, for one.
    bool is_chosen = false;
    for (const ExplainStep& step : packet.steps) {
      is_chosen = is_chosen || !step.asked.empty();
      if (place_of(*report_.sources, step.span) == packet.translation->rule) break;
    }
    const bool is_sent_on =
        packet.translation->way == Path::forward && packet.packet.path != Path::forward;
    return fmt::format("translated to {}{}{}: ", packet.translation->to,
                       is_chosen ? " (as chosen below)" : "", is_sent_on ? " and forwarded" : "");
  }

  void paragraph(std::string_view words, std::string_view first, std::size_t indent) {
    text_ += wrap(words, first, std::string(indent, ' '), display_);
  }

  void write(const Explained& packet) {
    text_ += paint(Style::strong, escape_control(to_text(packet.packet)), display_) + "\n";
    if (packet.is_of_other_family) {
      paragraph(
          fmt::format("the rules given are not those of {}, where others may decide; as far as "
                      "these say:",
                      display_name(packet.packet.version)),
          "  " + paint(Style::note, "not known", display_) + ": ", 4);
    }
    if (packet.decision == Decision::elsewhere) {
      text_ += "  " + paint(Style::note, "takes another way", display_) +
               ": it is put together with other fragments, or routed elsewhere, before these rules "
               "see it\n";
    } else if (packet.is_cut) {
      paragraph(
          "it meets more rules than are followed, since chains call each other so often or so deep",
          "  " + paint(Style::note, "not known", display_) + ": ", 4);
    } else if (packet.routes.size() > 1) {
      write_routes(packet);
    } else if (packet.decision == Decision::unknown) {
      paragraph(
          translated(packet) +
              fmt::format("a rule asks for {}; if it stays as it was, {} decides", packet.guessed,
                          packet.decided_by.empty() ? "no rule" : packet.decided_by),
          "  " + paint(Style::note, "not known", display_) + ": ", 4);
    } else if (packet.cases.size() > 1) {
      write_cases(packet);
    } else {
      const std::string decision =
          paint(style_of(packet.decision), past(packet.decision), display_);
      text_ += fmt::format("  {}{}{}\n", escape_control(translated(packet)), decision,
                           packet.decided_by.empty() ? ": no rule refuses it"
                                                     : " by " + escape_control(packet.decided_by));
    }
    if (packet.is_for_any_mark) {
      paragraph("rules leave its mark open, and decide alike whatever it is", "  any mark: ", 4);
    }
    write_assumed(packet);
    text_ += "\n";
    std::size_t skipped = 0;
    const ExplainStep* before = nullptr;
    for (std::size_t i = 0; i < packet.steps.size(); ++i) {
      const ExplainStep& step = packet.steps[i];
      if (i == packet.steps_before_conntrack) {
        flush(skipped);
        write_state(packet);
        before = nullptr;
      }
      const bool is_same_chain = before != nullptr && before->hook == step.hook &&
                                 before->table == step.table && before->chain == step.chain;
      if (!is_same_chain) {
        flush(skipped);
        paragraph(fmt::format("{} {}", step.table, step.chain),
                  fmt::format("  {:<12}", to_text(step.hook)), 14);
      }
      before = &step;
      if (!step.matched && step.asked.empty() && !verbose_) {
        ++skipped;
        continue;
      }
      flush(skipped);
      write(step);
    }
    flush(skipped);
    if (packet.steps.size() == packet.steps_before_conntrack) write_state(packet);
    if (packet.is_translated && !packet.translation) {
      paragraph("a NAT rule applies; where it leads to another way, the rules of that way decide",
                "  note        ", 14);
    }
  }

  // What is left out of the packet in one line: "no state: new".
  void write_assumed(const Explained& packet) {
    constexpr std::string_view lead = "no ";
    constexpr std::string_view colon = ": ";
    std::vector<std::string> left_out;
    for (const std::string& each : packet.assumed) {
      const std::size_t end = each.find(colon);
      if (!each.starts_with(lead) || end == std::string::npos) continue;
      left_out.push_back(fmt::format("{} {}", each.substr(lead.size(), end - lead.size()),
                                     each.substr(end + colon.size())));
    }
    if (!left_out.empty()) {
      paragraph(fmt::format("{}", fmt::join(left_out, ", ")), "  assumed, since not given: ", 11);
    }
    for (const std::string& each : packet.assumed) {
      if (each.starts_with(lead) && each.find(colon) != std::string::npos) continue;
      paragraph(each, "  assumed: ", 11);
    }
  }

  void flush(std::size_t& skipped) {
    if (skipped > 0) {
      text_ += fmt::format("      {} rule{} not match\n", skipped, skipped == 1 ? " does" : "s do");
    }
    skipped = 0;
  }

  void write_state(const Explained& packet) {
    if (packet.state_why.empty()) return;
    const std::string state = packet.state.empty() ? "" : packet.state + ", ";
    paragraph(state + packet.state_why, "  conntrack   ", 14);
  }

  void write(const ExplainStep& step) {
    if (!step.rule.names_something()) {
      text_ += fmt::format("      policy {}\n", step.action);
      return;
    }
    paragraph(fmt::format("{}  {}", place_of(*report_.sources, step.span),
                          report_.sources->text(step.span)),
              "      ", 10);
    if (step.matched) {
      paragraph(step.action, "          -> ", 13);
    } else {
      paragraph(step.failed, step.asked.empty() ? "          no: " : "          taken as no: ",
                step.asked.empty() ? 14 : 23);
    }
    for (const std::string& asked : step.asked) {
      paragraph("a packet does not tell whether \"" + asked + "\" holds", "          ", 10);
    }
  }

  std::string words_of(const ExplainCase& found) {
    std::vector<std::string> words;
    for (const ExplainCondition& condition : found.conditions) {
      const Span& use = condition.first_use;
      words.push_back(fmt::format(
          "\"{}\" ({}:{}) {}", condition.text, (*report_.sources)[use.source].path(),
          report_.sources->locate(use).line, condition.holds ? "holds" : "does not hold"));
    }
    return fmt::format("{} if {}", past(found.decision), fmt::join(words, " and "));
  }

  static std::string decided(const ExplainedRoute& route) {
    return fmt::format("{}{}", past(route.decision),
                       route.decided_by.empty() ? "" : " by " + route.decided_by);
  }

  // Of two that end differently, one of named interfaces: in one sentence.
  static std::string in_one_sentence(const std::vector<ExplainedRoute>& routes) {
    if (routes.size() != 2) return {};
    const bool is_first_other = routes.front().leaves_by.back() == "another";
    const ExplainedRoute& named = is_first_other ? routes.back() : routes.front();
    const ExplainedRoute& other = is_first_other ? routes.front() : routes.back();
    const bool is_plain = named.cases.size() <= 1 && other.cases.size() <= 1;
    if (!is_plain || other.leaves_by.back() != "another") return {};
    return fmt::format("{} if it leaves by {}, else {}", decided(named),
                       fmt::join(named.leaves_by, " or "), decided(other));
  }

  // By where it leaves.
  void write_routes(const Explained& packet) {
    constexpr std::size_t most = 8;
    const std::string shown = packet.routes.front().leaves_by.front();
    const std::string sentence = in_one_sentence(packet.routes);
    if (!sentence.empty()) {
      paragraph(translated(packet) + sentence, "  ", 4);
      paragraph(fmt::format("as it leaves by {}", shown), "  shown: ", 9);
      return;
    }
    paragraph(translated(packet) + (packet.decision == Decision::unknown
                                        ? "it depends on where it leaves"
                                        : std::string(past(packet.decision))),
              "  ", 4);
    for (std::size_t i = 0; i < packet.routes.size() && i < most; ++i) {
      const ExplainedRoute& route = packet.routes[i];
      const std::string by = fmt::format("by {}", fmt::join(route.leaves_by, ", "));
      if (route.cases.size() > 1) {
        for (const ExplainCase& found : route.cases) {
          paragraph(words_of(found), "    " + escape_control(by) + ": ", 6);
        }
      } else {
        paragraph(decided(route), "    " + escape_control(by) + ": ", 6);
      }
    }
    if (packet.routes.size() > most) {
      text_ += fmt::format("    and {} more\n", packet.routes.size() - most);
    }
    paragraph(fmt::format("as it leaves by {}", shown), "  shown: ", 9);
  }

  // A packet does not tell how it ends: each way, and what it takes.
  void write_cases(const Explained& packet) {
    if (packet.cases.size() == 2 && packet.has_all_cases &&
        packet.cases.front().conditions.size() == 1) {
      paragraph(fmt::format("{}, else {}", words_of(packet.cases.front()),
                            past(packet.cases.back().decision)),
                "  ", 4);
      return;
    }
    for (const ExplainCase& found : packet.cases) paragraph(words_of(found), "  ", 4);
    if (!packet.has_all_cases) text_ += "  and more ways, not tried\n";
  }

  const ExplainReport& report_;
  const Display& display_;
  bool verbose_;
  std::string text_;
};

}  // namespace

std::string write_explain_text(const ExplainReport& report, const Display& display, bool verbose) {
  return ExplainText(report, display, verbose).write();
}

}  // namespace untrack
