// A listing that comes in blocks is the listing that comes at once.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "parser/conntrack/entries.hpp"

namespace untrack {
namespace {

// Gives so many bytes at a time, and may break off.
class Slow : public TextBlocks {
 public:
  Slow(std::string text, std::size_t step, std::string why = {})
      : text_(std::move(text)), step_(step), why_(std::move(why)) {}
  std::size_t read(std::span<char> into) override {
    const std::size_t size = std::min({into.size(), step_, text_.size() - at_});
    std::copy_n(text_.begin() + static_cast<std::ptrdiff_t>(at_), size, into.begin());
    at_ += size;
    return size;
  }
  std::string why_cut() const override { return why_; }

 private:
  std::string text_;
  std::size_t step_, at_ = 0;
  std::string why_;
};

std::string line(int port) {
  return "udp 17 29 src=192.0.2.1 dst=192.0.2.2 sport=" + std::to_string(port) +
         " dport=53 src=192.0.2.2 dst=192.0.2.1 sport=53 dport=" + std::to_string(port) + "\n";
}

TEST(ConntrackBlocks, are_read_as_the_whole_is) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += i % 10 == 3 ? "udp nonsense\n" : line(i + 1);
  text += "udp 17 29 src=192.0.2.1 dst=192.0.2.2 sport=99 dport=53";  // without an end
  for (const std::size_t step : {1U, 7U, 100U, 100'000U}) {
    Slow slow(text, step);
    Sources sources;
    std::vector<std::uint16_t> ports;
    const auto problems = each_conntrack_entry(
        slow, "table", sources, [&](const ConntrackEntry& entry, std::string_view of) {
          EXPECT_EQ(of.substr(0, 4), "udp ");
          EXPECT_EQ(of.find('\n'), std::string_view::npos);
          ports.push_back(entry.source_port);
        });
    ASSERT_EQ(ports.size(), 37U);
    EXPECT_EQ(ports.back(), 99);
    ASSERT_EQ(problems.size(), 4U);
    for (std::size_t i = 0; i < problems.size(); ++i) {
      const Location at = sources.locate(problems[i].span);
      EXPECT_EQ(at.line, 10 * i + 4);
      EXPECT_EQ(at.column, 5U);
      EXPECT_EQ(sources[problems[i].span.source].line(at.line), "udp nonsense");
    }
  }
}

TEST(ConntrackBlocks, that_break_off_are_no_smaller_table) {
  Slow slow(line(1), 10, "Input/output error");
  Sources sources;
  const auto problems =
      each_conntrack_entry(slow, "table", sources, [](const ConntrackEntry&, std::string_view) {});
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].message, "the listing could not be read to its end: Input/output error");
  EXPECT_EQ(sources.locate(problems[0].span).line, 1U);  // the end of what was read
}

TEST(ConntrackBlocks, a_line_without_end_ends_the_reading) {
  HeldText held(line(1) + std::string(3'000'000, 'x') + "\n" + line(2));
  Sources sources;
  std::size_t count = 0;
  const auto problems = each_conntrack_entry(
      held, "table", sources, [&](const ConntrackEntry&, std::string_view) { ++count; });
  EXPECT_EQ(count, 1U);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].message, "a line that is too long for an entry");
  EXPECT_LT(sources[problems[0].span.source].text().size(), 1000U);
}

}  // namespace
}  // namespace untrack
