// Where text is: the bytes of one input and half-open byte spans into them.
// Everything that points into a ruleset (model nodes, problems, findings, edits) uses Span; line
// and column are computed only when something is printed. A SourceText never changes and never
// moves, so a std::string_view into it stays valid as long as its Sources lives.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace untrack {

// Index of a SourceText within its Sources, in the order in which the inputs were named.
enum class SourceId : std::uint32_t {};

// Bytes [begin, end) of one source. An empty span is a place between two bytes.
struct Span {
  SourceId source{};
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  [[nodiscard]] bool empty() const { return begin == end; }
  [[nodiscard]] std::uint32_t size() const { return end - begin; }
  friend auto operator<=>(const Span&, const Span&) = default;
};

// A span whose source is known from elsewhere.
struct TextPlace {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  TextPlace() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): a TextPlace is meant to be given a Span.
  TextPlace(const Span& span) : begin(span.begin), end(span.end) {}
};

// The smallest span that holds both, which must lie in one source.
[[nodiscard]] Span cover(const Span& first, const Span& second);

// A place as people read it: lines and columns count from 1, columns in bytes; end_column is the
// column behind the last byte.
struct Location {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::uint32_t end_line = 1;
  std::uint32_t end_column = 1;

  friend auto operator<=>(const Location&, const Location&) = default;
};

// One input, byte for byte as it was read. Inputs are limited to 4 GiB - 1 bytes (Span is 32 bit).
class SourceText {
 public:
  // `path` is the name as the user gave it ("-" for standard input); it is printed, never opened.
  SourceText(std::string path, std::string text);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] std::string_view text(const Span& span) const;
  [[nodiscard]] Location locate(const Span& span) const;
  // Line `line` (from 1) without its newline; empty beyond the last line.
  [[nodiscard]] std::string_view line(std::uint32_t line) const;
  [[nodiscard]] std::uint32_t line_count() const;

 private:
  [[nodiscard]] std::uint32_t line_of(std::uint32_t offset) const;  // index from 0

  std::string path_;
  std::string text_;
  std::vector<std::uint32_t> line_starts_;
};

// All inputs of one run. Owns the texts; ids are dense and in the order of `add`.
class Sources {
 public:
  SourceId add(std::string path, std::string text);
  [[nodiscard]] const SourceText& operator[](SourceId id) const;
  [[nodiscard]] std::size_t size() const { return texts_.size(); }
  [[nodiscard]] std::string_view text(const Span& span) const;
  [[nodiscard]] Location locate(const Span& span) const;

 private:
  std::vector<std::unique_ptr<const SourceText>> texts_;
};

}  // namespace untrack
