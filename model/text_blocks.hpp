// TextBlocks: a text that may be too long to be held, read once, from its beginning, a block at a
// time. Made by app/ and live/ of files, pipes and the running kernel, read by parser/conntrack.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace untrack {

class TextBlocks {
 public:
  TextBlocks() = default;
  TextBlocks(const TextBlocks&) = delete;
  TextBlocks& operator=(const TextBlocks&) = delete;
  virtual ~TextBlocks() = default;

  // Puts some bytes at the beginning of `into`, which is not empty; 0: this is the end.
  [[nodiscard]] virtual std::size_t read(std::span<char> into) = 0;
  // Behind the end: why it came too soon; empty: all has been read.
  [[nodiscard]] virtual std::string why_cut() const { return {}; }
};

// A text that is there, and what is to be read behind it, if anything.
class HeldText : public TextBlocks {
 public:
  explicit HeldText(std::string text, std::shared_ptr<TextBlocks> rest = nullptr)
      : text_(std::move(text)), rest_(std::move(rest)) {}

  [[nodiscard]] std::size_t read(std::span<char> into) override {
    const std::size_t size = std::min(into.size(), text_.size() - at_);
    if (size == 0) return rest_ ? rest_->read(into) : 0;
    std::copy_n(text_.begin() + static_cast<std::ptrdiff_t>(at_), size, into.begin());
    at_ += size;
    return size;
  }
  [[nodiscard]] std::string why_cut() const override { return rest_ ? rest_->why_cut() : ""; }

 private:
  std::string text_;
  std::size_t at_ = 0;
  std::shared_ptr<TextBlocks> rest_;
};

}  // namespace untrack
