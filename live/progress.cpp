#include "live/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "live/child.hpp"

namespace untrack::live {
namespace {

constexpr auto first_after = std::chrono::seconds(1);
constexpr auto again_after = std::chrono::milliseconds(200);
constexpr std::size_t entries_between = 4096;  // looks at the clock
constexpr std::size_t bar_columns = 30;

void write_all(int descriptor, const std::string& text) {
  // A terminal that is gone is no reason to stop.
  if (write(descriptor, text.data(), text.size()) < 0) return;
}

}  // namespace

Progress::Progress(const char* what, std::size_t expected)
    : what_(what),
      expected_(expected),
      terminal_(parents_terminal()),
      next_(std::chrono::steady_clock::now() + first_after) {}

Progress::~Progress() {
  if (is_shown_) write_all(terminal_, "\r\x1b[K");
}

void Progress::add(std::size_t number) {
  done_ += number;
  if (terminal_ < 0 || done_ < next_look_) return;
  next_look_ = done_ + entries_between;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + again_after;
  show();
}

void Progress::show() {
  is_shown_ = true;
  std::string line = fmt::format("\runtrack: {}: {} entries", what_, done_);
  if (expected_ > 0) {
    const std::size_t filled = std::min(bar_columns, done_ * bar_columns / expected_);
    line = fmt::format("\runtrack: {} [{}{}] {} of {}", what_, std::string(filled, '#'),
                       std::string(bar_columns - filled, ' '), done_, expected_);
  }
  write_all(terminal_, line + "\x1b[K");
}

}  // namespace untrack::live
