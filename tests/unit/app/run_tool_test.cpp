#include "app/run_tool.hpp"

#include <gtest/gtest.h>

#include <csignal>

#include "tests/unit/app/fake_tools.hpp"

namespace untrack {
namespace {

using std::chrono::milliseconds;

class RunTool : public testing::Test {
 protected:
  test::FakeTools tools;

  ToolRun run(const std::string& script, const std::vector<std::string>& arguments = {},
              std::string_view input = {}, const ToolLimits& limits = {}) {
    tools.add("tool", script);
    return run_tool(tools.folder() + "/tool", arguments, input, ToolNetwork::shared, limits);
  }
};

TEST_F(RunTool, GivesArgumentsAsTheyAreAndTheInput) {
  const ToolRun done = run("printf '<%s>' \"$@\"; cat; echo err >&2; exit 3",
                           {"a b", "$(touch x); `y`", "", "*"}, "the input\n");
  EXPECT_EQ(done.end, ToolEnd::exited);
  EXPECT_EQ(done.status, 3);
  EXPECT_EQ(done.output, "<a b><$(touch x); `y`><><*>the input\nerr\n");
}

TEST_F(RunTool, GivesNothingOfTheEnvironmentAway) {
  setenv("UNTRACK_SECRET", "1", 1);  // NOLINT(concurrency-mt-unsafe): one thread
  EXPECT_EQ(run("echo \"<$UNTRACK_SECRET>\"").output, "<>\n");
}

TEST_F(RunTool, TakesAnyInput) {
  const std::string much(3000000, 'x');
  EXPECT_EQ(run("wc -c", {}, much).output, "3000000\n");
  // Nobody reads it.
  EXPECT_EQ(run("exit 0", {}, much).status, 0);
}

TEST_F(RunTool, BoundsTheOutputAndLetsTheProgramGoOn) {
  const ToolRun done =
      run("head -c 3000000 /dev/zero; exit 5", {}, {}, {milliseconds(20000), 1000});
  EXPECT_EQ(done.end, ToolEnd::exited);
  EXPECT_EQ(done.status, 5);
  EXPECT_EQ(done.output.size(), 1000U);
}

TEST_F(RunTool, EndsWhatTakesTooLong) {
  for (const char* script : {"sleep 60", "trap '' TERM INT; sleep 60 & wait",
                             "exec >&- 2>&-; sleep 60", "while :; do echo more; done"}) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(run(script, {}, {}, {milliseconds(200), 1000}).end, ToolEnd::timed_out) << script;
    EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(10000)) << script;
  }
}

TEST_F(RunTool, WaitsForNothingThatIsLeftBehindAndEndsIt) {
  const auto begin = std::chrono::steady_clock::now();
  const ToolRun done = run("sleep 60 & echo $!; exit 0");
  EXPECT_EQ(done.end, ToolEnd::exited);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(10000));
  // Gone, or dead and waiting for init; a signal takes its time.
  const std::string path = "/proc/" + std::to_string(std::stol(done.output)) + "/stat";
  std::string stat;
  do {
    stat = test::read_text(path);
  } while (!stat.empty() && stat.find(") Z ") == std::string::npos &&
           std::chrono::steady_clock::now() - begin < milliseconds(10000));
  EXPECT_TRUE(stat.empty() || stat.find(") Z ") != std::string::npos) << stat;
}

TEST_F(RunTool, TellsOtherEnds) {
  const ToolRun killed = run("kill -9 $$");
  EXPECT_EQ(killed.end, ToolEnd::killed);
  EXPECT_EQ(killed.status, SIGKILL);
  const ToolRun none = run_tool(tools.folder() + "/none", {}, {}, ToolNetwork::shared);
  EXPECT_EQ(none.end, ToolEnd::not_started);
  EXPECT_EQ(none.status, ENOENT);
}

// Where it may be made: nothing but lo is in it, and that is down.
TEST_F(RunTool, HasANetworkOfItsOwn) {
  tools.add("tool", "cat /proc/net/dev | tail -n +3 | cut -d: -f1 | tr -d ' '");
  const ToolRun done = run_tool(tools.folder() + "/tool", {}, {}, ToolNetwork::own);
  if (done.end == ToolEnd::no_network) GTEST_SKIP() << "network namespaces need root";
  EXPECT_EQ(done.end, ToolEnd::exited);
  EXPECT_NE(done.output.find("lo\n"), std::string::npos);
  EXPECT_EQ(done.output.find("eth"), std::string::npos);
}

}  // namespace
}  // namespace untrack
