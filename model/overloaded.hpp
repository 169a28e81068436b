// Visits a std::variant with one lambda per alternative, so that adding an alternative does not
// compile until every reader has decided what it means for it.
#pragma once

namespace untrack {

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

// clang 14 needs the guide that C++20 makes implicit.
template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

}  // namespace untrack
