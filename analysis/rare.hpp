// Rare: a std::optional for what few of many have: where there is none it takes 8 bytes. Used for
// what is known of rules, by RuleId (shadows.hpp, redundancy.hpp).
#pragma once

#include <memory>
#include <utility>

namespace untrack {

template <class Value>
class Rare {
 public:
  Rare() = default;
  Rare(Rare&&) noexcept = default;
  Rare& operator=(Rare&&) noexcept = default;
  Rare(const Rare& other) : value_(other ? std::make_unique<Value>(*other) : nullptr) {}
  Rare& operator=(const Rare& other) {
    if (this != &other) *this = Rare(other);
    return *this;
  }
  ~Rare() = default;

  Rare& operator=(Value value) {
    value_ = std::make_unique<Value>(std::move(value));
    return *this;
  }
  void reset() { value_.reset(); }

  [[nodiscard]] bool has_value() const { return value_ != nullptr; }
  explicit operator bool() const { return has_value(); }
  // As of a std::optional: only where there is one.
  [[nodiscard]] const Value& operator*() const { return *value_; }
  [[nodiscard]] Value& operator*() { return *value_; }
  [[nodiscard]] const Value* operator->() const { return value_.get(); }
  [[nodiscard]] Value* operator->() { return value_.get(); }

 private:
  std::unique_ptr<Value> value_;
};

}  // namespace untrack
