#include "report/diagnostic.hpp"

#include <gtest/gtest.h>

namespace untrack {
namespace {

Span span_of(const Sources& sources, SourceId source, std::string_view words) {
  const auto begin = static_cast<std::uint32_t>(sources[source].text().find(words));
  return {source, begin, begin + static_cast<std::uint32_t>(words.size())};
}

Problem problem_at(const Span& span, std::string message, std::string label = {},
                   std::string cure = {}) {
  Problem problem;
  problem.span = span;
  problem.message = std::move(message);
  problem.label = std::move(label);
  problem.cure = std::move(cure);
  return problem;
}

TEST(RenderProblem, UnderlinesTheWords) {
  Sources sources;
  const SourceId id =
      sources.add("rules.v4", "*filter\n-A INPUT -p tcp --dport htpp -j ACCEPT\nCOMMIT\n");
  EXPECT_EQ(render_problem(
                sources,
                problem_at(span_of(sources, id, "htpp"), "not a port or service name: \"htpp\"",
                           "did you mean \"http\" (80)?", "write the port number"),
                {false, 80}),
            "rules.v4:2:25: error: not a port or service name: \"htpp\"\n"
            " 2 | -A INPUT -p tcp --dport htpp -j ACCEPT\n"
            "   |                         ^^^^ did you mean \"http\" (80)?\n"
            "   = write the port number\n");
}

TEST(RenderProblem, CountsColumnsBehindTabsAndWideCharacters) {
  Sources sources;
  const SourceId id = sources.add("a", "\t-A 日本 X\n");
  EXPECT_EQ(render_problem(sources, problem_at(span_of(sources, id, "X"), "m"), {false, 80}),
            "a:1:12: error: m\n"
            " 1 |         -A 日本 X\n"
            "   |                 ^\n");
}

TEST(RenderProblem, EscapesHostileText) {
  Sources sources;
  const SourceId id = sources.add("a\x1b]0;x", "-A \x1b[2J X\n");
  EXPECT_EQ(
      render_problem(sources, problem_at(span_of(sources, id, "X"), "bad \"\x1b[2J\"", "no \x07"),
                     {false, 80}),
      "a\\x1b]0;x:1:9: error: bad \"\\x1b[2J\"\n"
      " 1 | -A \\x1b[2J X\n"
      "   |            ^ no \\x07\n");
}

TEST(RenderProblem, PointsAtAnEmptySpanAndAtTheEndOfTheText) {
  Sources sources;
  const SourceId id = sources.add("a", "*filter");
  EXPECT_EQ(render_problem(sources, problem_at({id, 7, 7}, "no COMMIT"), {false, 80}),
            "a:1:8: error: no COMMIT\n"
            " 1 | *filter\n"
            "   |        ^\n");
  const SourceId empty = sources.add("b", "");
  EXPECT_EQ(render_problem(sources, problem_at({empty, 0, 0}, "empty"), {false, 80}),
            "b:1:1: error: empty\n"
            " 1 |\n"
            "   | ^\n");
}

TEST(RenderProblem, CutsALongLineAroundTheUnderline) {
  Sources sources;
  const SourceId id =
      sources.add("a", std::string(500, 'x') + "HERE" + std::string(500, 'y') + "\n");
  const std::string text =
      render_problem(sources, problem_at(span_of(sources, id, "HERE"), "m"), {false, 45});
  EXPECT_EQ(text,
            "a:1:501: error: m\n"
            " 1 | ...xxxxxxxxxxxxxHEREyyyyyyyyyyyyyyyyy...\n"
            "   |                 ^^^^\n");
}

TEST(RenderProblem, CutsAnUnderlineWiderThanTheDisplay) {
  Sources sources;
  const SourceId id = sources.add("a", "-A " + std::string(200, 'x') + "\n");
  EXPECT_EQ(render_problem(sources, problem_at({id, 3, 203}, "m", "label"), {false, 45}),
            "a:1:4: error: m\n"
            " 1 | -A xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...\n"
            "   |    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
            "   |    label\n");
}

TEST(RenderProblem, ShowsTheLinesOfASpanThatContinues) {
  Sources sources;
  const SourceId id = sources.add("a.sh", "iptables -A INPUT \\\n  -p tcp \\\n  -j DROP\nls\n");
  EXPECT_EQ(render_problem(sources, problem_at({id, 0, 41}, "m", "label"), {false, 80}),
            "a.sh:1:1: error: m\n"
            " 1 | iptables -A INPUT \\\n"
            "   | ^^^^^^^^^^^^^^^^^^^\n"
            " 2 |   -p tcp \\\n"
            "   |   ^^^^^^^^\n"
            " 3 |   -j DROP\n"
            "   |   ^^^^^^^ label\n");
}

TEST(RenderProblem, LeavesOutTheMiddleOfALongSpan) {
  Sources sources;
  const SourceId id = sources.add("a", "one\ntwo\nthree\nfour\nfive\n");
  EXPECT_EQ(render_problem(sources, problem_at({id, 0, 23}, "m"), {false, 80}),
            "a:1:1: error: m\n"
            " 1 | one\n"
            "   | ^^^\n"
            " 2 | two\n"
            "   | ^^^\n"
            " . |\n"
            " 5 | five\n"
            "   | ^^^^\n");
}

TEST(Render, PutsTheHeadingFirstAndTheNotesLast) {
  Sources sources;
  const SourceId id = sources.add("r", "-A INPUT -m state --state NEW -j ACCEPT\n-P INPUT DROP\n");
  Diagnostic diagnostic;
  diagnostic.heading = "error[UT301]";
  diagnostic.message = "this match forces connection tracking";
  diagnostic.span = span_of(sources, id, "-m state --state NEW");
  diagnostic.label = "loads xt_conntrack";
  diagnostic.places = {{span_of(sources, id, "-P INPUT DROP"), "the policy"}};
  diagnostic.notes = {"why it is so, in words that need more than one line of this width", "do it"};
  EXPECT_EQ(render(sources, diagnostic, {false, 60}),
            "error[UT301]: this match forces connection tracking\n"
            "  --> r:1:10\n"
            "   |\n"
            " 1 | -A INPUT -m state --state NEW -j ACCEPT\n"
            "   |          ^^^^^^^^^^^^^^^^^^^^ loads xt_conntrack\n"
            "   |\n"
            " 2 | -P INPUT DROP\n"
            "   | ^^^^^^^^^^^^^ the policy\n"
            "   |\n"
            "   = why it is so, in words that need more than one line of\n"
            "     this width\n"
            "   = do it\n");
}

}  // namespace
}  // namespace untrack
