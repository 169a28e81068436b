#include "report/html/escape.hpp"

#include <gtest/gtest.h>

#include <string>

#include "report/html/line_plan.hpp"
#include "report/html/listing.hpp"
#include "report/html/page.hpp"
#include "report/html/svg.hpp"

namespace untrack::html {
namespace {

std::string coded(std::string_view raw) {
  int column = 0;
  return code(raw, &column);
}

TEST(HtmlText, NothingBecomesMarkup) {
  EXPECT_EQ(
      text("</style><script>alert('x' && \"y\")</script>"),
      "&lt;/style&gt;&lt;script&gt;alert(&#39;x&#39; &amp;&amp; &quot;y&quot;)&lt;/script&gt;");
  EXPECT_EQ(text("&lt;"), "&amp;lt;");
  EXPECT_EQ(text(std::string_view("a\0b", 3)), "a\\x00b");
}

TEST(HtmlText, EveryByteIsHarmless) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string shown = text(std::string(1, static_cast<char>(byte)));
    EXPECT_FALSE(shown.empty()) << byte;
    EXPECT_EQ(shown.find_first_of("<>\"'\n\r"), std::string::npos) << byte;
    for (const char c : shown) {
      EXPECT_GE(static_cast<unsigned char>(c), 0x20) << byte;
      EXPECT_LT(static_cast<unsigned char>(c), 0x7f) << byte;
    }
  }
}

TEST(HtmlText, WhatReordersOrHidesIsSpelled) {
  EXPECT_EQ(text("a\u202eb"), "a\\xe2\\x80\\xaeb");
  EXPECT_EQ(text("\u200b\u2066"), "\\xe2\\x80\\x8b\\xe2\\x81\\xa6");
  EXPECT_EQ(text("\x1b[31m\r\n"), "\\x1b[31m\\x0d\\x0a");
  EXPECT_EQ(text("caf\u00e9 \u4e2d"), "caf\u00e9 \u4e2d");
}

TEST(HtmlCode, SpelledCharactersStandOutFromTheirSpelling) {
  EXPECT_EQ(coded("a\x1b"), "a<b class=\"ctl\">\\x1b</b>");
  EXPECT_EQ(coded("a\\x1b"), "a\\x1b");
  EXPECT_EQ(coded("<b class=\"ctl\">"), "&lt;b class=&quot;ctl&quot;&gt;");
}

TEST(HtmlCode, TabsStopAtEveryEighthColumn) {
  EXPECT_EQ(coded("ab\tc"), "ab      c");
  EXPECT_EQ(coded("\tc"), "        c");
}

TEST(HtmlLine, TheWorstMarkWins) {
  EXPECT_EQ(line_of_code("-A <x> -j", {{3, 6, Severity::note}, {4, 9, Severity::error}}),
            "-A <u class=\"plain\">&lt;</u><u class=\"bad\">x&gt;</u><u class=\"bad\"> -j</u>");
  EXPECT_EQ(line_of_code("ab", {{1, 900, Severity::warning}}), "a<u class=\"caution\">b</u>");
}

TEST(HtmlLine, EndlessLinesAreCut) {
  const std::string shown = line_of_code(std::string(100'000, '<'), {});
  EXPECT_LT(shown.size(), 5'000U);
  EXPECT_NE(shown.find("99,520 further bytes"), std::string::npos);
}

TEST(LinePlan, LongFilesShowWhatIsMarked) {
  std::string rules;
  for (int i = 0; i < 5'000; ++i) rules += "-A INPUT -j ACCEPT\n";
  Sources sources;
  const SourceId long_one = sources.add("a/<x>.rules", rules);
  const SourceId short_one = sources.add("b/<x>.rules", "one\ntwo\n");
  const auto at_line = [&](std::uint32_t line) {
    const std::uint32_t begin = (line - 1) * 19;
    return Span{long_one, begin, begin + 2};
  };
  const LinePlan plan(sources, {long_one, short_one}, {at_line(1), at_line(3), at_line(4000)});
  ASSERT_EQ(plan.ranges(long_one).size(), 2U);
  EXPECT_EQ(plan.ranges(long_one)[0].last, 6U);
  EXPECT_EQ(plan.ranges(long_one)[1].first, 3997U);
  EXPECT_TRUE(plan.shows(long_one, 4003));
  EXPECT_FALSE(plan.shows(long_one, 7));
  EXPECT_TRUE(plan.shows(short_one, 2));
  // Nothing of a path is in an id, and what a link says is escaped.
  EXPECT_EQ(plan.link(at_line(3)), "<a href=\"#s0-3\">a/&lt;x&gt;.rules:3</a>");
  EXPECT_EQ(plan.link(at_line(2000)), "a/&lt;x&gt;.rules:2000");
}

TEST(LinePlan, TheMostImportantComesFirst) {
  std::string rules;
  for (int i = 0; i < 50'000; ++i) rules += "x\n";
  Sources sources;
  const SourceId id = sources.add("x", rules);
  std::vector<Span> marked = {{id, 80'000, 80'001}};
  for (std::uint32_t line = 0; line < 50'000; line += 9) {
    marked.push_back({id, line * 2, line * 2 + 1});
  }
  const LinePlan plan(sources, {id}, marked);
  EXPECT_TRUE(plan.shows(id, 40'001));
  EXPECT_TRUE(plan.shows(id, 1));
  EXPECT_FALSE(plan.shows(id, 49'996));
  std::uint32_t shown = 0;
  for (const LineRange& range : plan.ranges(id)) shown += range.last - range.first + 1;
  EXPECT_LE(shown, 2 * LinePlan::most_lines);
}

TEST(Svg, WordsFitAndAreEscaped) {
  EXPECT_EQ(fitted("KUBE-SVC-ABCDEFGH", 11), "KUBE...EFGH");
  EXPECT_EQ(fitted("short", 11), "short");
  EXPECT_EQ(fitted("\u4e2d\u4e2d\u4e2d\u4e2d", 7), "\u4e2d...\u4e2d");
  Svg svg;
  svg.link({0, 0}, 12, "m", "<script>", "a\"b");
  const std::string picture = svg.finish(10, 10, "x", "", "<t>", "&");
  EXPECT_EQ(picture.find("<script>"), std::string::npos);
  EXPECT_NE(picture.find("href=\"#a&quot;b\""), std::string::npos);
  EXPECT_NE(picture.find("&lt;t&gt;</title>"), std::string::npos);
}

TEST(HtmlPage, FirstSentenceIsTheHeading) {
  const std::string page_text =
      page({"audit", "1.0", {"a<b"}, "It is forced by v1.2 rules. No more. x"}, "");
  EXPECT_NE(page_text.find("<h1>It is forced by v1.2 rules.</h1>"), std::string::npos);
  EXPECT_NE(page_text.find("<p class=\"lead\">No more. x</p>"), std::string::npos);
  EXPECT_NE(page_text.find("<title>untrack audit: a&lt;b</title>"), std::string::npos);
  EXPECT_NE(page_text.find("default-src 'none'; style-src 'unsafe-inline'"), std::string::npos);
}

}  // namespace
}  // namespace untrack::html
