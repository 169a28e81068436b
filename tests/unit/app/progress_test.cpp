#include "app/progress.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <thread>

namespace untrack {
namespace {

std::string shown(bool is_terminal) {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  Surroundings surroundings{in, out, err, false, std::nullopt, {}};
  surroundings.err_is_terminal = is_terminal;
  {
    Progress progress("audited", 3, surroundings);
    for (int i = 0; i < 3; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(60));
      progress.step();
    }
  }
  EXPECT_EQ(out.str(), "");
  return err.str();
}

TEST(Progress, IsForTerminalsAloneAndWipesItsLine) {
  EXPECT_EQ(shown(false), "");
  const std::string line = shown(true);
  EXPECT_NE(line.find("\runtrack: audited 2 of 3"), std::string::npos) << line;
  EXPECT_TRUE(line.ends_with('\r')) << line;
}

}  // namespace
}  // namespace untrack
