// TextRef: a std::string_view in 12 bytes, for the nodes of a Ruleset, of which there are many. It
// turns into a std::string_view wherever one is wanted, and is made of one. Inputs are limited to
// 4 GiB - 1 bytes (source_text.hpp), and so is every text that a ruleset keeps. Used by model/;
// other folders take texts of rules as std::string_view.
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string_view>

namespace untrack {

class TextRef {
 public:
  TextRef() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): a TextRef is meant to be given a string_view.
  TextRef(std::string_view text)
      : data_(text.data()), size_(static_cast<std::uint32_t>(text.size())) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  TextRef(const char* text) : TextRef(std::string_view(text)) {}

  // NOLINTNEXTLINE(google-explicit-constructor)
  operator std::string_view() const { return {data_, size_}; }
  [[nodiscard]] std::string_view view() const { return {data_, size_}; }

  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const char* data() const { return data_; }
  [[nodiscard]] bool starts_with(std::string_view text) const { return view().starts_with(text); }
  [[nodiscard]] bool ends_with(std::string_view text) const { return view().ends_with(text); }
  [[nodiscard]] std::size_t find(std::string_view text) const { return view().find(text); }
  [[nodiscard]] std::size_t find(char letter) const { return view().find(letter); }
  [[nodiscard]] std::string_view substr(std::size_t from,
                                        std::size_t count = std::string_view::npos) const {
    return view().substr(from, count);
  }

  template <std::convertible_to<std::string_view> Text>
  friend bool operator==(const TextRef& a, const Text& b) {
    return a.view() == std::string_view(b);
  }
  friend std::ostream& operator<<(std::ostream& out, const TextRef& text) {
    return out << text.view();
  }

 private:
  // Aligned as its neighbours are, so that it takes no more than it holds.
  const char* data_ = nullptr;
  std::uint32_t size_ = 0;
} __attribute__((packed, aligned(4)));

static_assert(sizeof(TextRef) == 12);

// A text in 8 bytes, for what few rules have and many would have to make room for: it stands where
// Ruleset::short_form() has put it. Empty where it was given none.
class KeptText {
 public:
  KeptText() = default;
  explicit KeptText(const std::string_view* text) : text_(text) {}

  // NOLINTNEXTLINE(google-explicit-constructor): it is a text, wherever it stands.
  operator std::string_view() const { return view(); }
  [[nodiscard]] std::string_view view() const {
    return text_ == nullptr ? std::string_view() : *text_;
  }
  [[nodiscard]] bool empty() const { return view().empty(); }

  template <std::convertible_to<std::string_view> Text>
  friend bool operator==(const KeptText& a, const Text& b) {
    return a.view() == std::string_view(b);
  }
  friend std::ostream& operator<<(std::ostream& out, const KeptText& text) {
    return out << text.view();
  }

 private:
  const std::string_view* text_ = nullptr;
} __attribute__((packed, aligned(4)));

static_assert(sizeof(KeptText) == 8);

}  // namespace untrack
