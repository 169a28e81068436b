#include <utility>

#include "parser/iptables/execution.hpp"

namespace untrack::iptables {

RuleId RuleOrder::at(std::size_t position) const {
  if (position < front_.size()) return front_[front_.size() - 1 - position];
  return back_[position - front_.size() + skipped_];
}

void RuleOrder::insert(std::size_t position, RuleId rule) {
  // An append to an empty order goes to the back, or a chain built with -A would be reversed
  // storage.
  if (position == size()) {
    // As many as fit into the smallest piece of memory; chains of a few rules are the most.
    constexpr std::size_t few = 4;
    if (back_.capacity() == 0) back_.reserve(few);
    back_.push_back(rule);
  } else if (position <= front_.size()) {
    front_.insert(front_.end() - static_cast<std::ptrdiff_t>(position), rule);
  } else {
    back_.insert(back_.begin() + static_cast<std::ptrdiff_t>(position - front_.size() + skipped_),
                 rule);
  }
}

void RuleOrder::replace(std::size_t position, RuleId rule) {
  if (position < front_.size()) {
    front_[front_.size() - 1 - position] = rule;
  } else {
    back_[position - front_.size() + skipped_] = rule;
  }
}

void RuleOrder::erase(std::size_t position) {
  if (position < front_.size()) {
    front_.erase(front_.end() - 1 - static_cast<std::ptrdiff_t>(position));
  } else if (position == front_.size()) {
    ++skipped_;
  } else {
    back_.erase(back_.begin() + static_cast<std::ptrdiff_t>(position - front_.size() + skipped_));
  }
}

void RuleOrder::move_to(std::vector<RuleId>& into) {
  if (into.empty() && front_.empty() && skipped_ == 0) {
    into = std::move(back_);
  } else {
    into.reserve(into.size() + size());
    for (std::size_t i = 0; i < size(); ++i) into.push_back(at(i));
  }
  clear();
}

void RuleOrder::clear() {
  front_.clear();
  back_.clear();
  skipped_ = 0;
}

}  // namespace untrack::iptables
