// ReadingTooLarge: memory ran out while an input was read. Thrown by parse() in the place of
// std::bad_alloc, with the place up to which the input fitted; nothing is known of its ruleset
// then. Used by whoever tells the user.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <utility>

namespace untrack {

class ReadingTooLarge : public std::bad_alloc {
 public:
  ReadingTooLarge(std::string path, std::uint32_t line, std::size_t size)
      : path_(std::move(path)), line_(line), size_(size) {}
  [[nodiscard]] const char* what() const noexcept override {
    return "memory ran out while an input was read";
  }

  [[nodiscard]] const std::string& path() const { return path_; }  // as the user gave it
  // Where the last rule, set, chain or table stands that was kept, from 1.
  [[nodiscard]] std::uint32_t line() const { return line_; }
  [[nodiscard]] std::size_t size() const { return size_; }  // bytes of the input

 private:
  std::string path_;
  std::uint32_t line_;
  std::size_t size_;
};

}  // namespace untrack
