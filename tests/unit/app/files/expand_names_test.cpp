#include "app/files/expand_names.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/app/scratch.hpp"

namespace untrack {
namespace {

TEST(ExpandNames, PatternsAreFilesInOrderUnlessTheyAreFiles) {
  const Scratch scratch;
  const std::string root = scratch.path;
  for (const char* name : {"b.v4", "a.v4", "B.v4", "a.v6", "odd[1].v4"}) {
    std::ofstream(std::filesystem::path(root) / name) << "x";
  }
  const auto expanded =
      expand_names({root + "/*.v4", root + "/a.v6", root + "/odd[1].v4", root + "/z*"});
  std::vector<std::string> names;
  for (const ExpandedName& each : expanded) {
    names.push_back(each.name.substr(root.size() + 1) + (each.is_matched ? " matched" : ""));
  }
  const std::vector<std::string> wanted = {"B.v4 matched",
                                           "a.v4 matched",
                                           "b.v4 matched",
                                           "odd[1].v4 matched",
                                           "a.v6",
                                           "odd[1].v4",
                                           "z*"};
  EXPECT_EQ(names, wanted);
}

}  // namespace
}  // namespace untrack
