#include "report/html/pressure_plots.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/pressure/number_text.hpp"
#include "report/html/escape.hpp"
#include "report/html/svg.hpp"
#include "report/pressure/sections.hpp"

namespace untrack::html {
namespace {

constexpr double width = 440;
constexpr double height = 270;
constexpr double left = 62;
constexpr double right = 12;
constexpr double top = 24;
constexpr double bottom = 40;
constexpr double size = 11.5;

constexpr double plot_width = width - left - right;
constexpr double tall = 440;  // of the plot that stands beside two others
constexpr double plot_height = height - top - bottom;

std::string count_text(double value) { return pressure_text::count_text(value); }

std::string figure(std::string_view heading, const std::string& picture, std::string_view words) {
  return fmt::format("<figure>\n<h3>{}</h3>\n{}<figcaption>{}</figcaption>\n</figure>\n",
                     text(heading), picture, text(words));
}

// Seconds at the axis, far enough apart to be read on a logarithmic scale.
struct TimeMark {
  double seconds;
  std::string_view name;
};
constexpr std::array<TimeMark, 10> time_marks{{{0.01, "10 ms"},
                                               {0.1, "100 ms"},
                                               {1, "1 s"},
                                               {10, "10 s"},
                                               {60, "1 min"},
                                               {600, "10 min"},
                                               {3600, "1 h"},
                                               {36000, "10 h"},
                                               {432000, "5 days"},
                                               {2592000, "30 days"}}};

class TimePlot {
 public:
  explicit TimePlot(const Pressure& pressure)
      : pressure_(pressure), max_(static_cast<double>(pressure.max.value)) {
    // In a table that the load alone fills, a flood makes no difference.
    if (pressure.entries < max_) floods_ = pressure.flood_rates;
    // Until the slowest of what is drawn stands still.
    for (const LoadEntries& load : pressure.loads) last_ = std::max(last_, load.seconds);
    for (std::size_t i = 0; i < floods_.size(); ++i) {
      last_ = std::max(last_, seconds_until_still(i) * 1.6);
    }
    last_ = std::min(last_, time_marks.back().seconds);
    // The fastest flood needs some room of its own.
    for (std::size_t i = 0; i < floods_.size(); ++i) {
      while (seconds_until_still(i) < 4 * first_ && first_ > time_marks.front().seconds) {
        first_ /= 10;
      }
    }
  }

  std::string draw() {
    axes();
    std::string words = "Estimated.";
    if (pressure_.entries_from == EntriesFrom::loads) {
      curve(
          [this](double seconds) {
            double entries = 0;
            for (const LoadEntries& load : pressure_.loads) {
              entries += load.load.rate * std::min(seconds, load.seconds);
            }
            return entries;
          },
          "curve lt");
      words += fmt::format(
          " Under the load alone, from an empty table on: {} entries once it stands still.",
          count_text(pressure_.entries));
    }
    constexpr std::array styles = {"curve lg dots", "curve lc dash", "curve lb"};
    for (std::size_t i = 0; i < floods_.size(); ++i) {
      const double rate = floods_[i];
      const double life = life_of_flood();
      curve([&, rate, life](double seconds) { return occupied() + rate * std::min(seconds, life); },
            styles[i % styles.size()]);
      const FloodResult& flood = pressure_.flood(0, i);
      words += fmt::format(" {} of {}: {}.",
                           i > 0            ? "One"
                           : occupied() > 0 ? "A flood on top of it"
                                            : "A flood",
                           rate_text(rate),
                           flood.outcome == FloodOutcome::fills
                               ? "full after " + duration_text(flood.seconds)
                           : flood.outcome == FloodOutcome::may_fill
                               ? "full, perhaps, since expired entries count for a while"
                               : "never full");
    }
    legend(styles);
    const std::string said = words;
    return figure("Entries over time",
                  svg_.finish(width, height_, "plot-time", "", "Entries over time", said), words);
  }

 private:
  // What stands in the table all the while.
  [[nodiscard]] double occupied() const { return std::min(pressure_.entries, max_); }
  [[nodiscard]] double life_of_flood() const {
    return static_cast<double>(of(pressure_.timeouts, flood_rows().front().timeout).value);
  }
  [[nodiscard]] double seconds_until_still(std::size_t rate) const {
    const FloodResult& flood = pressure_.flood(0, rate);
    return flood.outcome == FloodOutcome::fills ? flood.seconds : life_of_flood();
  }

  [[nodiscard]] double x_of(double seconds) const {
    return left +
           plot_width * std::log10(std::max(seconds / first_, 1.0)) / std::log10(last_ / first_);
  }
  [[nodiscard]] double y_of(double entries) const {
    return top + tall * (1 - std::min(entries, highest()) / highest());
  }
  [[nodiscard]] double highest() const { return max_ * 1.1; }

  void axes() {
    for (const double part : {0.0, 0.25, 0.5, 0.75}) {
      const double y = y_of(max_ * part);
      svg_.line({left, y}, {width - right, y}, part == 0 ? "axis" : "grid");
      svg_.text({left - 8, y + 4}, size, "s", count_text(max_ * part), "end");
    }
    for (const TimeMark& mark : time_marks) {
      if (mark.seconds < first_ * 0.99) continue;
      if (mark.seconds > last_) break;
      const double x = x_of(mark.seconds);
      svg_.line({x, top}, {x, top + tall}, "grid");
      svg_.text({x, top + tall + 18}, size, "s", mark.name, x < left + 1 ? "start" : "middle");
    }
    const double y = y_of(max_);
    svg_.line({left, y}, {width - right, y}, "lb dash");
    svg_.text({left - 8, y + 4}, size, "h fb", count_text(max_), "end");
    svg_.text({left, y - 7}, size, "h fb", "max: the table is full");
  }

  // Up to the top of the table, where it stops.
  template <class Entries>
  void curve(Entries entries, std::string_view classes) {
    std::string points;
    double before = 0;
    for (int i = 0; i <= steps; ++i) {
      const double seconds = first_ * std::pow(last_ / first_, static_cast<double>(i) / steps);
      double now = entries(seconds);
      double at = seconds;
      if (now > max_) {
        if (before >= max_) break;
        at = crossing(entries, seconds, i);
        now = max_;
      }
      points += fmt::format("{}{},{}", points.empty() ? "" : " ", coordinate(x_of(at)),
                            coordinate(y_of(now)));
      before = now;
      if (now >= max_) break;
    }
    svg_.curve(points, classes);
  }

  template <class Entries>
  [[nodiscard]] double crossing(Entries entries, double seconds, int step) const {
    double low = step == 0 ? 0 : seconds / std::pow(last_ / first_, 1.0 / steps);
    double high = seconds;
    for (int i = 0; i < 40; ++i) {
      const double middle = (low + high) / 2;
      (entries(middle) > max_ ? high : low) = middle;
    }
    return high;
  }

  template <class Styles>
  void legend(const Styles& styles) {
    double x = left;
    double y = top + tall + bottom - 2;
    const auto entry = [&](std::string_view style, const std::string& name) {
      const double needed = 44 + static_cast<double>(name.size()) * size * 0.6;
      if (x > left && x + needed > width) {
        x = left;
        y += 20;
      }
      svg_.curve(fmt::format("{},{} {},{}", coordinate(x), coordinate(y - 4), coordinate(x + 26),
                             coordinate(y - 4)),
                 style);
      svg_.text({x + 32, y}, size, "s", name);
      x += needed;
    };
    if (pressure_.entries_from == EntriesFrom::loads) entry("curve lt", "the load");
    for (std::size_t i = 0; i < floods_.size(); ++i) {
      entry(styles[i % styles.size()], "flood of " + rate_text(floods_[i]));
    }
    height_ = y + 6;
  }

  const Pressure& pressure_;
  static constexpr int steps = 96;
  double max_;
  std::vector<double> floods_;  // that are drawn
  double first_ = 1;            // seconds at the ends of the axis
  double last_ = 60;
  double height_ = 0;
  Svg svg_;
};

// Of a bucket that holds `mean` tuples on average, as in analysis/pressure/depth.hpp.
double share_of_depth(double mean, unsigned depth) {
  const double at_least = depth == 0 ? 1.0 : share_deeper_than(mean, depth - 1);
  return std::max(0.0, at_least - share_deeper_than(mean, depth));
}

}  // namespace

std::string time_plot(const Pressure& pressure) { return TimePlot(pressure).draw(); }

std::string depth_plot(const Pressure& pressure) {
  const bool has_now = pressure.entries_from != EntriesFrom::nothing;
  const double deepest_mean = std::max(pressure.mean_full, has_now ? pressure.mean_now : 0.0);
  const auto last = static_cast<unsigned>(
      std::clamp(std::ceil(deepest_mean + 4 * std::sqrt(deepest_mean) + 1), 6.0, 40.0));
  double highest = 0;
  for (unsigned depth = 0; depth <= last; ++depth) {
    highest = std::max(highest, share_of_depth(pressure.mean_full, depth));
    if (has_now) highest = std::max(highest, share_of_depth(pressure.mean_now, depth));
  }
  Svg svg;
  const auto y_of = [&](double share) { return top + plot_height * (1 - share / highest / 1.05); };
  for (const double part : {0.0, 0.5, 1.0}) {
    const double y = y_of(highest * part);
    svg.line({left, y}, {width - right, y}, part == 0 ? "axis" : "grid");
    svg.text({left - 8, y + 4}, size, "s", fmt::format("{:.0f} %", highest * part * 100), "end");
  }
  const double step = plot_width / (last + 1);
  const double bar = step * (has_now ? 0.4 : 0.7);
  for (unsigned depth = 0; depth <= last; ++depth) {
    const double x = left + step * depth + step * 0.1;
    const double base = top + plot_height;
    if (has_now) {
      const double y = y_of(share_of_depth(pressure.mean_now, depth));
      svg.rect({x, y}, bar, base - y, "ft");
    }
    const double y = y_of(share_of_depth(pressure.mean_full, depth));
    svg.rect({x + (has_now ? bar : 0), y}, bar, base - y, "fc");
    if (last <= 14 || depth % 5 == 0) {
      svg.text({x + step * 0.4, base + 16}, size, "s", fmt::format("{}", depth), "middle");
    }
  }
  double x = left;
  const double y = height - 2;
  if (has_now) {
    svg.rect({x, y - 10}, 10, 10, "ft");
    svg.text({x + 15, y}, size, "s", fmt::format("expected: mean {:.1f}", pressure.mean_now));
    x += 150;
  }
  svg.rect({x, y - 10}, 10, 10, "fc");
  svg.text({x + 15, y}, size, "s", fmt::format("full: mean {:.1f}", pressure.mean_full));
  std::string words =
      fmt::format("Share of buckets by the tuples in them. When full, {} deeper than 8.",
                  pressure_text::share_of_buckets(share_deeper_than(pressure.mean_full, 8)));
  return figure("Depth of the buckets",
                svg.finish(width, height + 6, "plot-depth", "", "Depth of the buckets", words),
                words);
}

std::string memory_plot(const Pressure& pressure) {
  struct Bar {
    std::string name;
    double buckets;
    double entries;
  };
  const double entry = pressure.entry_bytes();
  const auto max = static_cast<double>(pressure.max.value);
  std::vector<Bar> bars;
  if (pressure.entries_from != EntriesFrom::nothing) {
    bars.push_back({"expected", pressure.table_bytes(), std::min(pressure.entries, max) * entry});
  }
  bars.push_back({"full", pressure.table_bytes(), max * entry});
  for (const DepthChoice& choice : pressure.advice.choices) {
    if (choice.depth != pressure.advice.depth || pressure.advice.items.empty()) continue;
    bars.push_back({"as advised, full", static_cast<double>(choice.bucket_bytes),
                    static_cast<double>(choice.full_bytes - choice.bucket_bytes)});
  }
  double most = 1;
  for (const Bar& bar : bars) most = std::max(most, bar.buckets + bar.entries);
  Svg svg;
  double y = 6;
  for (const Bar& bar : bars) {
    svg.text({0, y + 12}, size, "h", bar.name);
    svg.text(
        {width, y + 12}, size, "s",
        fmt::format("{} buckets + {} entries", bytes_text(bar.buckets), bytes_text(bar.entries)),
        "end");
    const double buckets = width * bar.buckets / most;
    const double entries = width * bar.entries / most;
    svg.rect({0, y + 19}, width, 18, "ip", 3);
    svg.rect({0, y + 19}, std::max(1.0, buckets), 18, "fc");
    svg.rect({buckets, y + 19}, std::max(1.0, entries), 18, "ft");
    y += 58;
  }
  svg.rect({0, y - 4}, 10, 10, "fc");
  svg.text({15, y + 6}, size, "s", "buckets");
  svg.rect({90, y - 4}, 10, 10, "ft");
  svg.text({105, y + 6}, size, "s", "entries");
  const std::string words = fmt::format(
      "Memory of the kernel, which is never swapped. An entry takes {} bytes; max is {} entries, "
      "{} with its buckets.",
      pressure.entry_bytes(), with_thousands(pressure.max.value),
      bytes_text(pressure.table_bytes() + max * entry));
  return figure("Memory", svg.finish(width, y + 12, "plot-memory", "", "Memory", words), words);
}

}  // namespace untrack::html
