#include "parser/nft/json/value.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <string>

#include "parser/nft/token_stream.hpp"

namespace untrack::nft {
namespace {

class Json : public testing::Test {
 protected:
  JsonValue read(std::string_view text) {
    return read_json(SourceId{}, text, [&](std::string kept) -> std::string_view {
      return kept_.emplace_back(std::move(kept));
    });
  }
  // "message at BEGIN-END", or "" for what is read.
  std::string error(std::string_view text) {
    try {
      (void)read(text);
    } catch (const SyntaxError& error) {
      return error.message + " (" + error.label + ") at " + std::to_string(error.span.begin) + "-" +
             std::to_string(error.span.end);
    }
    return {};
  }

 private:
  std::deque<std::string> kept_;
};

TEST_F(Json, ValuesKnowWhereTheyStand) {
  const std::string_view text = R"( {"a": [1, -2.5e3, "x"], "b": {"c": null}, "d": true} )";
  const JsonValue value = read(text);
  ASSERT_EQ(value.kind, JsonKind::object);
  EXPECT_EQ(text.substr(value.span.begin, value.span.size()), text.substr(1, text.size() - 2));
  ASSERT_EQ(value.children.size(), 3U);
  const JsonValue& array = value.children[0];
  EXPECT_EQ(array.key, "a");
  EXPECT_EQ(text.substr(array.span.begin, array.span.size()), R"([1, -2.5e3, "x"])");
  ASSERT_EQ(array.children.size(), 3U);
  EXPECT_EQ(array.children[0].kind, JsonKind::number);
  EXPECT_EQ(array.children[1].text, "-2.5e3");
  EXPECT_EQ(array.children[2].text, "x");
  EXPECT_EQ(text.substr(array.children[2].span.begin, array.children[2].span.size()), "\"x\"");
  ASSERT_NE(value.find("b"), nullptr);
  ASSERT_NE(value.find("b")->find("c"), nullptr);
  EXPECT_EQ(value.find("b")->find("c")->kind, JsonKind::null);
  EXPECT_TRUE(value.find("d")->is_true());
  EXPECT_EQ(value.find("e"), nullptr);
  EXPECT_EQ(array.find("a"), nullptr);
}

TEST_F(Json, OfTwoMembersOfOneNameTheLastCounts) {
  EXPECT_EQ(read(R"({"a": "1", "a": "2"})").text_of("a"), "2");
}

TEST_F(Json, EmptyContainers) {
  EXPECT_TRUE(read("[]").children.empty());
  EXPECT_TRUE(read(" { } ").children.empty());
  EXPECT_EQ(read(R"([{}, [], ""])").children.size(), 3U);
}

TEST_F(Json, Escapes) {
  EXPECT_EQ(read(R"("\"\\\/\b\f\n\r\t")").text, "\"\\/\b\f\n\r\t");
  EXPECT_EQ(read(R"("\u0041\u00e4\u20ac\ud83d\ude00")").text,
            "A\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_EQ(read(R"({"\u0061": 1})").children[0].key, "a");
}

TEST_F(Json, EscapesThatStandForNothingAreRefused) {
  for (const std::string_view text :
       {R"("\u0000")", R"("\ud83d")", R"("\ud83dx")", R"("\ude00")", R"("\ud83d\u0041")"}) {
    EXPECT_NE(error(text).find("stands for no character"), std::string::npos) << text;
  }
}

TEST_F(Json, ErrorsSayWhere) {
  EXPECT_EQ(error(""), "the JSON ends too early (expected a value) at 0-0");
  EXPECT_EQ(error("[1, 2"), "the JSON ends too early (expected , or ] in the array) at 5-5");
  EXPECT_EQ(error("[1 2]"), "not JSON (expected , or ] in the array) at 3-4");
  EXPECT_EQ(error("[1,]"), "not JSON (expected a value behind the ,) at 3-4");
  EXPECT_EQ(error(R"({"a" 1})"), "not JSON (expected : behind the name) at 5-6");
  EXPECT_EQ(error(R"({"a": })"), "not JSON (expected a value behind the :) at 6-7");
  EXPECT_EQ(error(R"({"a": 1,})"), "not JSON (expected a name in quotes behind the ,) at 8-9");
  EXPECT_EQ(error(R"({"a": 1 "b": 2})"), "not JSON (expected , or } in the object) at 8-9");
  EXPECT_EQ(error("{} {}"), "not JSON (expected nothing behind the value) at 3-4");
  EXPECT_EQ(error("\"a\nb\""),
            "not JSON (expected a character of a string, or \" at its end) at 2-3");
  EXPECT_EQ(error(R"("\x")"), "not JSON (expected an escape of JSON behind the \\) at 2-3");
  EXPECT_EQ(error("\"\xff\""),
            "not JSON (expected a character of a string, or \" at its end) at 1-2");
}

TEST_F(Json, NestingHasAnEnd) {
  const std::string open(100'000, '[');
  EXPECT_NE(error(open).find("more levels"), std::string::npos);
  EXPECT_EQ(error(std::string(100, '[') + std::string(100, ']')), "");
}

TEST_F(Json, EveryStartOfATextIsRefusedAndNotMore) {
  const std::string text = R"({"nftables": [{"a": [1, true, null, "\u00e4"]}]})";
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_NE(error(text.substr(0, size)), "") << size;
  }
  EXPECT_EQ(error(text), "");
}

}  // namespace
}  // namespace untrack::nft
