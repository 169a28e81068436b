// Names with values, from a child process to its parent: how work that runs in another network
// namespace (live/child.hpp) hands back more than one text. Used by live/.
#pragma once

#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace untrack::live {

// Neither holds a NUL byte: /proc has none in what is read here.
inline void print_record(std::string_view name, std::string_view value) {
  std::fwrite(name.data(), 1, name.size(), stdout);
  std::fputc('\0', stdout);
  std::fwrite(value.data(), 1, value.size(), stdout);
  std::fputc('\0', stdout);
}

inline void each_record(std::string_view text,
                        const std::function<void(std::string name, std::string value)>& use) {
  const auto next = [&] {
    const std::string_view word = text.substr(0, text.find('\0'));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    return std::string(word);
  };
  while (!text.empty()) {
    std::string name = next();
    use(std::move(name), next());
  }
}

}  // namespace untrack::live
