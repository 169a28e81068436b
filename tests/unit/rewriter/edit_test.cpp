#include "rewriter/edit.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace untrack {
namespace {

constexpr SourceId first{0};
constexpr SourceId second{1};

Edit edit(std::uint32_t begin, std::uint32_t end, std::string text, SourceId source = first) {
  return {{source, begin, end}, std::move(text)};
}

class EditSetTest : public testing::Test {
 protected:
  EditSetTest() {
    sources.add("a", "0123456789");
    sources.add("b", std::string("a\r\n\0\xff\nend", 9));
  }
  std::string applied() const { return set.apply(sources, first); }
  void takes(Edit added) { EXPECT_EQ(set.add(std::move(added)), std::nullopt); }
  void refuses(Edit added, const Edit& because) {
    const std::vector<Edit> before = set.edits();
    EXPECT_EQ(set.add(std::move(added)), because);
    EXPECT_EQ(set.edits(), before);
  }

  Sources sources;
  EditSet set;
};

TEST_F(EditSetTest, ChangesNothingWhenEmpty) {
  EXPECT_TRUE(set.empty());
  EXPECT_EQ(applied(), "0123456789");
  takes(edit(3, 3, ""));
  EXPECT_TRUE(set.empty());
}

TEST_F(EditSetTest, ReplacesDeletesAndInsertsWhateverTheOrder) {
  takes(edit(8, 9, ""));
  takes(edit(10, 10, "end"));
  takes(edit(2, 4, "long text"));
  takes(edit(0, 0, "begin"));
  EXPECT_EQ(applied(),
            "begin01long text4567"
            "9end");
  EXPECT_EQ(set.edits(), (std::vector<Edit>{edit(0, 0, "begin"), edit(2, 4, "long text"),
                                            edit(8, 9, ""), edit(10, 10, "end")}));
}

TEST_F(EditSetTest, KeepsEveryOtherByteAndEverySourceApart) {
  takes(edit(1, 1, "X"));
  takes(edit(6, 9, "", second));
  takes(edit(1, 1, "Y", second));
  EXPECT_EQ(applied(), "0X123456789");
  EXPECT_EQ(set.apply(sources, second), std::string("aY\r\n\0\xff\n", 7));
}

TEST_F(EditSetTest, RefusesWhatOverlaps) {
  const Edit there = edit(3, 6, "x");
  takes(there);
  refuses(edit(3, 6, "y"), there);
  refuses(edit(2, 4, ""), there);
  refuses(edit(5, 7, ""), there);
  refuses(edit(4, 5, ""), there);
  refuses(edit(0, 10, ""), there);
  refuses(edit(3, 4, ""), there);
  refuses(edit(4, 4, "in"), there);
  takes(edit(3, 6, "x", second));
}

TEST_F(EditSetTest, TakesAnEqualReplacementOnce) {
  takes(edit(3, 6, ""));
  takes(edit(3, 3, "before"));
  takes(edit(3, 6, ""));
  EXPECT_EQ(applied(), "012before6789");
}

TEST_F(EditSetTest, RefusesToReplaceAroundAnInsertion) {
  const Edit there = edit(5, 5, "x");
  takes(there);
  refuses(edit(4, 6, ""), there);
  refuses(edit(0, 10, ""), there);
}

TEST_F(EditSetTest, SeesAReplacementBehindAnInsertion) {
  takes(edit(2, 5, "x"));
  takes(edit(5, 5, "y"));
  takes(edit(5, 7, "z"));
  takes(edit(2, 2, "w"));
  refuses(edit(1, 3, ""), edit(2, 2, "w"));
  refuses(edit(6, 8, ""), edit(5, 7, "z"));
  EXPECT_EQ(applied(), "01wxyz789");
}

TEST_F(EditSetTest, RefusesTwoInsertionsAtOnePlace) {
  const InsertionGroup group = set.new_group();
  const Edit there = edit(5, 5, "x");
  takes(there);
  refuses(there, there);
  EXPECT_EQ(set.add(edit(5, 5, "y"), group), there);
  EXPECT_EQ(set.add(edit(6, 6, "y"), group), std::nullopt);
  refuses(edit(6, 6, "y"), edit(6, 6, "y"));
  EXPECT_EQ(set.add(edit(6, 6, "y"), set.new_group()), edit(6, 6, "y"));
}

TEST_F(EditSetTest, KeepsTheOrderOfAGroup) {
  const InsertionGroup group = set.new_group();
  takes(edit(5, 6, "!"));
  for (const char* text : {"b", "a", "c"}) {
    EXPECT_EQ(set.add(edit(5, 5, text), group), std::nullopt);
    EXPECT_EQ(set.add(edit(2, 2, text), group), std::nullopt);
  }
  EXPECT_EQ(applied(), "01bac234bac!6789");
}

TEST_F(EditSetTest, TellsWhatIsNewInTheEditedText) {
  takes(edit(1, 3, "abc"));
  takes(edit(5, 6, ""));
  takes(edit(8, 8, "x"));
  EXPECT_EQ(applied(), "0abc3467x89");
  const SourceId id{};
  EXPECT_EQ(set.changed(id), (std::vector<Span>{{id, 1, 4}, {id, 6, 6}, {id, 8, 9}}));
  EXPECT_TRUE(set.replaces({id, 5, 6}, ""));
  EXPECT_FALSE(set.replaces({id, 5, 6}, "x"));
  EXPECT_FALSE(set.replaces({id, 5, 7}, ""));
}

TEST_F(EditSetTest, SaysWhereAnInsertionAheadOfAllStands) {
  takes(edit(0, 0, "abc"));
  takes(edit(5, 6, ""));
  const SourceId id{};
  EXPECT_EQ(set.changed(id), (std::vector<Span>{{id, 0, 3}, {id, 8, 8}}));
}

TEST_F(EditSetTest, ThrowsForWhatNoCallerMayDo) {
  const InsertionGroup group = set.new_group();
  EXPECT_THROW((void)set.add(edit(2, 1, "")), std::logic_error);
  EXPECT_THROW((void)set.add(edit(1, 2, ""), group), std::logic_error);
  takes(edit(9, 11, ""));
  EXPECT_THROW((void)applied(), std::logic_error);
}

}  // namespace
}  // namespace untrack
