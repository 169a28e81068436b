#include "app/progress.hpp"

#include <fmt/format.h>

#include <ostream>
#include <utility>

namespace untrack {

namespace {
constexpr auto between = std::chrono::milliseconds(100);
}

Progress::Progress(std::string what, std::size_t count, const Surroundings& surroundings)
    : what_(std::move(what)),
      count_(count),
      err_(surroundings.err_is_terminal ? &surroundings.err : nullptr),
      shown_(std::chrono::steady_clock::now()) {}

Progress::~Progress() {
  if (width_ > 0) *err_ << '\r' << std::string(width_, ' ') << '\r' << std::flush;
}

void Progress::step() {
  const std::lock_guard lock(mutex_);
  ++done_;
  const auto now = std::chrono::steady_clock::now();
  if (err_ == nullptr || now - shown_ < between) return;
  shown_ = now;
  const std::string line = fmt::format("untrack: {} {} of {}", what_, done_, count_);
  width_ = line.size();
  *err_ << '\r' << line << std::flush;
}

}  // namespace untrack
