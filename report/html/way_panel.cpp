#include "report/html/way_panel.hpp"

#include <fmt/format.h>

#include "report/html/parts.hpp"
#include "report/terminal.hpp"

namespace untrack::html {
namespace {

constexpr double pad = 10;
constexpr double row = 18;
constexpr double name_size = 13;
constexpr double small_size = 11.5;
constexpr double gap = 7;
constexpr double column = small_size * 0.61;

class Panel {
 public:
  Panel(Svg& svg, Point at, double width, const AuditReport& report, const LinePlan& plan)
      : svg_(svg),
        left_(at.x + pad),
        width_(width - 2 * pad),
        y_(at.y),
        report_(report),
        plan_(plan) {}

  // The ground of a box has to be drawn ahead of what stands on it, and its height is known
  // behind; so it is drawn twice, the first time into nothing.
  void draw(const HookWay& way) {
    y_ += 26;
    svg_.text({left_, y_ - 6}, 14, "h", to_text(way.hook));
    if (way.stations.empty()) {
      svg_.text({left_, y_ + 12}, 12, "s", "no chains");
      y_ += 20;
    }
    for (const Station& station : way.stations) {
      const double top = y_;
      Svg nowhere;
      Svg& real = svg_;
      Panel measure(nowhere, {left_ - pad, top}, width_ + 2 * pad, report_, plan_);
      measure.draw(station);
      const double height = measure.y_ - top;
      ground(real, station, top, height);
      draw(station);
      y_ += gap;
    }
    if (way.further > 0) {
      y_ += row - gap;
      svg_.text({left_, y_}, small_size, "s",
                fmt::format("and {} more", count(way.further, "base chain")));
      y_ += gap;
    }
    y_ += pad - gap;
  }

  [[nodiscard]] double end() const { return y_; }

 private:
  [[nodiscard]] double inner() const { return left_ + 14; }
  [[nodiscard]] double right() const { return left_ + width_ - 8; }

  void ground(Svg& svg, const Station& station, double top, double height) const {
    const bool is_chain = station.kind == Station::Kind::chain;
    const std::string colour(colour_of(station.seen));
    const bool is_dashed = station.seen == Seen::not_known;
    svg.rect({left_, top}, width_, height,
             is_chain ? "box" : fmt::format("i{0} l{0}{1}", colour, is_dashed ? " dash" : ""), 4);
    if (!is_chain) return;
    if (station.seen == Seen::mixed) {
      svg.rect({left_, top}, 5, height / 2, "ft");
      svg.rect({left_, top + height / 2}, 5, height - height / 2, "fg");
    } else {
      svg.rect({left_, top}, 5, height, "f" + colour);
    }
  }

  void draw(const Station& station) {
    switch (station.kind) {
      case Station::Kind::tracking:
        title("connection tracking", false, "priority -200", {});
        line(station.seen == Seen::not_known ? "it is not known whether it is registered"
                                             : "looks each packet up in its table");
        break;
      case Station::Kind::confirming:
        title("connection tracking", false, "last", {});
        line("new entries go into the table");
        break;
      case Station::Kind::chain:
        draw_chain(station);
        break;
    }
    y_ += 5;
  }

  void title(const std::string& name, bool is_code, const std::string& at_right,
             const std::string& id) {
    y_ += row + 2;
    const double room = right() - inner() - (static_cast<double>(at_right.size()) + 1) * column;
    svg_.link({inner(), y_ - 4}, name_size, is_code ? "m" : "h",
              fitted(name, columns_in(room, name_size)), id);
    svg_.text({right(), y_ - 4}, small_size, "s", at_right, "end");
  }

  void line(std::string_view words) {
    y_ += row - 1;
    svg_.text({inner(), y_ - 5}, small_size, "s", words);
  }

  void draw_chain(const Station& station) {
    const Chain& chain = report_.ruleset[station.chain];
    const Table& table = report_.ruleset[chain.table];
    std::string name = fmt::format("{} {}", table.name, chain.name);
    if (table.language == Language::nft) name.insert(0, fmt::format("{} ", to_text(table.family)));
    const std::string priority = fmt::format("priority {}", station.priority);
    title(name, true, priority, id_of(station.chain));
    y_ += row - 1;
    const std::string rules = chain.rules.empty() ? "no rules" : count(chain.rules.size(), "rule");
    svg_.text({inner(), y_ - 5}, small_size, "s",
              fmt::format("{}, policy {}", rules, to_text(chain.base->policy)));
    svg_.text({right(), y_ - 5}, small_size, fmt::format("h f{}", colour_of(station.seen)),
              word_of(station.seen), "end");
    if (station.is_nat && !chain.rules.empty()) line("sees first packets of flows only");
    draw_marks(station.marks, inner());
    for (const CalledChain& called : station.called) draw_called(called);
    if (station.further == 0) return;
    line(fmt::format("and {} more, with {}", count(station.further, "chain"),
                     count(station.further_rules, "rule")));
  }

  void draw_called(const CalledChain& called) {
    const Chain& chain = report_.ruleset[called.chain];
    y_ += row;
    const double at = inner() + 14;
    svg_.curve(fmt::format("{},{} {},{} {},{}", coordinate(inner() + 2), coordinate(y_ - 15),
                           coordinate(inner() + 2), coordinate(y_ - 8), coordinate(inner() + 10),
                           coordinate(y_ - 8)),
               "way");
    const std::string rules = count(chain.rules.size(), "rule");
    const double room = right() - at - (static_cast<double>(rules.size()) + 1) * column;
    svg_.link({at, y_ - 4}, small_size, "m", fitted(chain.name, columns_in(room, small_size)),
              id_of(called.chain));
    svg_.text({right(), y_ - 4}, small_size, "s", rules, "end");
    draw_marks(called.marks, at);
  }

  [[nodiscard]] std::string id_of(ChainId id) const {
    const Chain& chain = report_.ruleset[id];
    if (!chain.rules.empty()) return plan_.id_of(report_.ruleset[chain.rules.front()].text);
    return chain.span.empty() ? std::string() : plan_.id_of(chain.span);
  }

  void draw_marks(const MarkedRules& marks, double at) {
    draw_lines("forces tracking", "fb", 122, marks.forcing, at);
    draw_lines("NOTRACK", "fg", 92, marks.notrack, at);
  }

  // The lines of marked rules, as many as there is room for.
  void draw_lines(std::string_view label, std::string_view colour, double width,
                  const std::vector<Span>& spans, double at) {
    if (spans.empty()) return;
    y_ += row - 1;
    svg_.rect({at, y_ - 13}, 8, 8, colour, label == "NOTRACK" ? 4 : 0);
    svg_.text({at + 13, y_ - 5}, small_size, fmt::format("h {}", colour), label);
    double x = at + 13 + width - 13;
    if (plan_.listed().size() > 1) {
      const std::string name = fitted(plan_.name(spans.front().source), 12);
      svg_.text({x, y_ - 5}, small_size, "s m", name);
      x += (static_cast<double>(columns_of(name)) + 1) * column;
    }
    for (std::size_t i = 0; i < spans.size(); ++i) {
      const std::string line = fmt::format("{}", plan_.sources().locate(spans[i]).line);
      const std::string rest = fmt::format("+{}", spans.size() - i);
      const double needed = (static_cast<double>(line.size()) + 1) * column;
      const bool is_last = i + 1 == spans.size();
      const double kept = is_last ? 0 : (static_cast<double>(rest.size()) + 1) * column;
      if (x + needed + kept > right() + column) {
        svg_.text({x, y_ - 5}, small_size, "s m", rest);
        return;
      }
      svg_.link({x, y_ - 5}, small_size, "m", line, plan_.id_of(spans[i]));
      x += needed;
    }
  }

  Svg& svg_;
  double left_;
  double width_;
  double y_;
  const AuditReport& report_;
  const LinePlan& plan_;
};

}  // namespace

std::string_view word_of(Seen seen) {
  switch (seen) {
    case Seen::not_yet:
      return "no state yet";
    case Seen::tracked:
      return "tracked";
    case Seen::mixed:
      return "in part tracked";
    case Seen::untracked:
      return "untracked";
    case Seen::not_known:
      return "not known";
  }
  return {};
}

std::string_view colour_of(Seen seen) {
  switch (seen) {
    case Seen::not_yet:
      return "p";
    case Seen::tracked:
    case Seen::mixed:
      return "t";
    case Seen::untracked:
      return "g";
    case Seen::not_known:
      return "c";
  }
  return {};
}

double draw_panel(Svg& svg, Point at, double width, const HookWay& way, const AuditReport& report,
                  const LinePlan& plan) {
  Svg nowhere;
  Panel measure(nowhere, at, width, report, plan);
  measure.draw(way);
  const double height = measure.end() - at.y;
  svg.rect(at, width, height, "panel", 6);
  Panel panel(svg, at, width, report, plan);
  panel.draw(way);
  return height;
}

}  // namespace untrack::html
