#include "parser/iptables/shape_slots.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <random>
#include <string>

namespace untrack::iptables {
namespace {

// The twin: what iptables itself asks.
std::optional<Number> as_the_library_reads_it(const std::string& text) {
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return std::nullopt;
  Number number = 0;
  for (const unsigned char byte : bytes) number = number << 8U | byte;
  return number;
}

TEST(AddressesOfShapes, AreThoseOfTheLibrary) {
  std::mt19937 dice(1);
  std::size_t taken = 0;
  std::size_t refused = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text;
    const std::size_t groups = dice() % 10;
    for (std::size_t k = 0; k < groups; ++k) {
      constexpr std::array<const char*, 8> words = {"0",    "1",     "aF", "2001",
                                                    "0db8", "12345", "",   "ffff"};
      // Mostly what is good: eight groups of nonsense are hardly ever an address.
      text += words[dice() % 5 == 0 ? dice() % words.size() : dice() % 5];
      if (k + 1 < groups || dice() % 8 == 0) text += dice() % 6 == 0 ? "::" : ":";
    }
    if (dice() % 10 == 0) text.insert(0, "::");
    if (dice() % 50 == 0 && !text.empty()) text[dice() % text.size()] = "g.% "[dice() % 4];
    Interval read;
    const bool is_taken = value_of_address6(text, read);
    const auto wanted = as_the_library_reads_it(text);
    // Bytes with dots between them are left to who reads word by word.
    ASSERT_EQ(is_taken, wanted && text.find('.') == std::string::npos) << text;
    ++(is_taken ? taken : refused);
    if (!is_taken) continue;
    ASSERT_TRUE(read == (Interval{*wanted, *wanted})) << text;
  }
  EXPECT_GT(taken, 10'000U);
  EXPECT_GT(refused, 10'000U);
}

TEST(AddressesOfShapes, MayBeNetworks) {
  Interval read;
  ASSERT_TRUE(value_of_address6("2001:db8::1/32", read));
  const Number host = (Number{1} << 96U) - 1;
  EXPECT_TRUE(read == (Interval{Number{0x20010db8} << 96U, (Number{0x20010db8} << 96U) + host}));
  ASSERT_TRUE(value_of_address6("::/0", read));
  EXPECT_TRUE(read == (Interval{0, ~Number{0}}));
  ASSERT_TRUE(value_of_address6("::1/128", read));
  EXPECT_TRUE(read == (Interval{1, 1}));
  for (const char* const wrong : {"::1/129", "::1/", "::1/01", "::1/a", "::1/64 ", "/64", ""}) {
    EXPECT_FALSE(value_of_address6(wrong, read)) << wrong;
  }
}

}  // namespace
}  // namespace untrack::iptables
