#include "report/html/way_picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "report/html/escape.hpp"
#include "report/html/parts.hpp"
#include "report/html/svg.hpp"
#include "report/html/way_panel.hpp"
#include "report/html/ways.hpp"

namespace untrack::html {
namespace {

constexpr double label_size = 12;
constexpr double above = 34;  // room for an arrow and its label

class Picture {
 public:
  Picture(const AuditReport& report, const LinePlan& plan, const Ways& ways)
      : report_(report), plan_(plan), ways_(ways) {}

  std::string wide(std::string_view id) {
    constexpr double column = 352;
    constexpr double between = 62;
    constexpr double second = column + between;
    constexpr double third = 2 * second;
    constexpr double middle = column / 2;
    double y = 0;
    svg_.text({middle + 10, y + 13}, label_size, "s", "packets arrive");
    svg_.text({third + middle + 10, y + 13}, label_size, "s", "packets leave");
    const double top = above;
    const Box ingress = panel(Hook::ingress, {0, top}, column);
    const Box egress = panel(Hook::egress, {third, top}, column);
    const double extra = std::max(ingress.bottom, egress.bottom);
    y = extra > 0 ? extra + above : top;
    const Box prerouting = panel(Hook::prerouting, {0, y}, column);
    const Box forward = panel(Hook::forward, {second, y}, column);
    const Box postrouting = panel(Hook::postrouting, {third, y}, column);
    down(middle, 0, ingress.bottom > 0 ? ingress.top : prerouting.top, "");
    if (ingress.bottom > 0) down(middle, ingress.bottom, prerouting.top, "");
    if (egress.bottom > 0) {
      up(third + middle, postrouting.top, egress.bottom, "");
      up(third + middle, egress.top, 2, "");
    } else {
      up(third + middle, postrouting.top, 2, "");
    }
    across(column, second, y + 44, "through");
    across(second + column, third, y + 44, "");
    const double lower =
        std::max({prerouting.bottom, forward.bottom, postrouting.bottom}) + above + 6;
    const Box input = panel(Hook::input, {0, lower}, column);
    const Box output = panel(Hook::output, {third, lower}, column);
    down(middle, prerouting.bottom, lower, "to this host");
    up(third + middle, lower, postrouting.bottom, "from this host");
    constexpr double host = 200;
    const double at = second + (column - host) / 2;
    host_box({at, lower + 18}, host);
    across(column, at, lower + 44, "");
    across(at + host, third, lower + 44, "");
    return svg_.finish(third + column, std::max(input.bottom, output.bottom) + 2, id, "wide",
                       title(), description());
  }

  // Two rails: at the left past forward to input, at the right from forward to postrouting.
  std::string narrow(std::string_view id) {
    constexpr double width = 370;
    constexpr double rail = 14;
    constexpr double column = width - 2 * rail;
    constexpr double middle = width / 2;
    svg_.text({middle + 10, 13}, label_size, "s", "packets arrive");
    double y = 0;
    for (const Hook hook : {Hook::ingress, Hook::prerouting}) {
      if (find_hook(ways_, hook) == nullptr) continue;
      down(middle, y, y + above, "");
      y = panel(hook, {rail, y + above}, column).bottom;
    }
    const double fork = y;
    down(middle, y, y + above, "through");
    const Box forward = panel(Hook::forward, {rail, y + above}, column);
    const Box input = panel(Hook::input, {rail, forward.bottom + above}, column);
    svg_.text({rail + 12, forward.bottom + above - 12}, label_size, "s", "to this host");
    svg_.arrow({{rail + 20, fork},
                {rail + 20, fork + 12},
                {4, fork + 12},
                {4, input.top + 14},
                {rail, input.top + 14}});
    y = input.bottom;
    down(middle, y, y + above, "");
    host_box({middle - 90, y + above}, 180);
    y += above + 52;
    down(middle, y, y + above, "from this host");
    const Box output = panel(Hook::output, {rail, y + above}, column);
    y = output.bottom;
    down(middle, y, y + above, "");
    const Box postrouting = panel(Hook::postrouting, {rail, y + above}, column);
    svg_.arrow({{width - rail, forward.top + 14},
                {width - 4, forward.top + 14},
                {width - 4, postrouting.top + 14},
                {width - rail, postrouting.top + 14}});
    y = postrouting.bottom;
    if (find_hook(ways_, Hook::egress) != nullptr) {
      down(middle, y, y + above, "");
      y = panel(Hook::egress, {rail, y + above}, column).bottom;
    }
    down(middle, y, y + above, "packets leave");
    return svg_.finish(width, y + above + 2, id, "narrow", title(), description());
  }

  [[nodiscard]] std::string title() const {
    return fmt::format("The way of {} packets", display_name(ways_.versions));
  }

 private:
  struct Box {
    double top = 0;
    double bottom = 0;  // 0: there is none
  };

  Box panel(Hook hook, Point at, double width) {
    const HookWay* way = find_hook(ways_, hook);
    if (way == nullptr) return {};
    return {at.y, at.y + draw_panel(svg_, at, width, *way, report_, plan_)};
  }

  void host_box(Point at, double width) {
    svg_.rect(at, width, 52, "box", 26);
    svg_.text({at.x + width / 2, at.y + 31}, 13, "h", "this host", "middle");
  }

  void down(double x, double from, double to, std::string_view label) {
    svg_.arrow({{x, from}, {x, to}});
    if (!label.empty()) svg_.text({x + 10, (from + to) / 2 + 4}, label_size, "s", label);
  }

  void up(double x, double from, double to, std::string_view label) {
    svg_.arrow({{x, from}, {x, to}});
    if (!label.empty()) svg_.text({x + 10, (from + to) / 2 + 4}, label_size, "s", label);
  }

  void across(double from, double to, double y, std::string_view label) {
    svg_.arrow({{from, y}, {to, y}});
    if (!label.empty()) {
      svg_.text({(from + to) / 2 - 3, y - 8}, label_size, "s", label, "middle");
    }
  }

  // For those who do not see it: hook by hook, what stands there.
  [[nodiscard]] std::string description() const {
    std::string said;
    for (const HookWay& way : ways_.hooks) {
      said += fmt::format("{}{}:", said.empty() ? "" : "; ", to_text(way.hook));
      std::size_t listed = 0;
      for (const Station& station : way.stations) {
        said += listed++ == 0 ? " " : ", ";
        if (station.kind != Station::Kind::chain) {
          said += "connection tracking";
          continue;
        }
        const Chain& chain = report_.ruleset[station.chain];
        said += fmt::format("{} {} ({})", report_.ruleset[chain.table].name, chain.name,
                            word_of(station.seen));
      }
      if (listed == 0) said += " nothing";
    }
    return said + ".";
  }

  const AuditReport& report_;
  const LinePlan& plan_;
  const Ways& ways_;
  Svg svg_;
};

std::string said_of(const Ways& ways) {
  const std::string names = display_name(ways.versions);
  switch (ways.state) {
    case TrackingState::forced:
      return fmt::format(
          "Since a rule forces it, connection tracking stands in the way of every {} packet, at "
          "priority -200 of prerouting and output.",
          names);
    case TrackingState::not_forced:
      return fmt::format(
          "No rule here forces tracking of {} packets: connection tracking has no place on their "
          "way, "
          "unless something that is not seen here puts it there.",
          names);
    case TrackingState::unknown:
      return fmt::format(
          "It is not known whether connection tracking stands in the way of {} packets.", names);
  }
  return {};
}

std::string legend_of(const Ways& ways) {
  constexpr std::array<std::pair<Seen, Tone>, 5> all = {{{Seen::not_yet, Tone::plain},
                                                         {Seen::tracked, Tone::tracked},
                                                         {Seen::mixed, Tone::tracked},
                                                         {Seen::untracked, Tone::good},
                                                         {Seen::not_known, Tone::caution}}};
  constexpr std::array<std::string_view, 5> meanings = {
      "in front of connection tracking", "each packet has an entry, or makes one",
      "NOTRACK takes some packets out, the others have entries",
      "no rule makes the kernel keep entries", "what is loaded is not known"};
  std::string markup;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Seen seen = all[i].first;
    const bool occurs = std::ranges::any_of(ways.hooks, [seen](const HookWay& way) {
      return std::ranges::any_of(way.stations, [seen](const Station& station) {
        return station.kind == Station::Kind::chain && station.seen == seen;
      });
    });
    if (!occurs) continue;
    markup += fmt::format(" {} {}.", chip(all[i].second, word_of(seen)), text(meanings[i]));
  }
  return markup;
}

std::string elsewhere_of(const Ways& ways, const LinePlan& plan) {
  constexpr std::size_t most = 20;
  if (ways.elsewhere.empty()) return {};
  std::string links;
  for (std::size_t i = 0; i < ways.elsewhere.size() && i < most; ++i) {
    links += (i == 0 ? "" : ", ") + plan.link(ways.elsewhere[i]);
  }
  if (ways.elsewhere.size() > most) {
    links += fmt::format(" and {} more", ways.elsewhere.size() - most);
  }
  return fmt::format(
      "<p>Outside of the picture, in chains that no packet comes to or that are folded, and in "
      "declarations, {} <b>tracking</b>, too: {}.</p>\n",
      ways.elsewhere.size() == 1 ? "one forces" : "these force", links);
}

}  // namespace

std::string way_pictures(const AuditReport& report, const LinePlan& plan) {
  const std::vector<Ways> found = find_ways(report);
  std::string markup;
  for (std::size_t i = 0; i < found.size(); ++i) {
    Picture wide(report, plan, found[i]);
    Picture narrow(report, plan, found[i]);
    if (found.size() > 1) markup += fmt::format("<h3>{}</h3>\n", display_name(found[i].versions));
    markup +=
        fmt::format("<figure>\n{}{}<figcaption>{}{}</figcaption>\n</figure>\n",
                    wide.wide(fmt::format("way{}w", i)), narrow.narrow(fmt::format("way{}n", i)),
                    text(said_of(found[i])), legend_of(found[i]));
    markup += elsewhere_of(found[i], plan);
  }
  if (markup.empty()) return markup;
  for (const std::string& said : not_on_the_way(report)) markup += paragraph(said);
  return markup;
}

}  // namespace untrack::html
