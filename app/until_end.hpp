// UntilEnd: a large result of a command, which is left to the system where the process ends behind
// the command (Surroundings::ends_process): to take 100,000 rules and their findings apart piece by
// piece is a twentieth of an audit, and frees nothing that the system does not. Used by commands.
#pragma once

#include <memory>
#include <utility>

#include "app/cli.hpp"

namespace untrack {

template <class Value>
class UntilEnd {
 public:
  UntilEnd(Value value, const Surroundings& surroundings)
      : value_(std::make_unique<const Value>(std::move(value))),
        is_left_(surroundings.ends_process) {}
  UntilEnd(const UntilEnd&) = delete;
  UntilEnd& operator=(const UntilEnd&) = delete;
  ~UntilEnd() {
    static const Value* kept = nullptr;  // so that no tool takes it for lost
    if (is_left_) kept = value_.release();
    (void)kept;
  }

  [[nodiscard]] const Value& operator*() const { return *value_; }

 private:
  std::unique_ptr<const Value> value_;
  bool is_left_;
};

}  // namespace untrack
