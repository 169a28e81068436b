#include "report/terminal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace untrack {
namespace {

constexpr int tab_width = 8;

struct CodePoint {
  char32_t value = 0;
  std::size_t bytes = 0;
};

// Decodes strictly: overlong forms, surrogates and values beyond U+10FFFF are no characters
// (RFC 3629, section 3).
std::optional<CodePoint> decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return CodePoint{lead, 1};
  std::size_t bytes = 0;
  char32_t value = 0;
  char32_t least = 0;
  if (lead >= 0xc2 && lead <= 0xdf) {
    bytes = 2, value = lead & 0x1fU, least = 0x80;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    bytes = 3, value = lead & 0x0fU, least = 0x800;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    bytes = 4, value = lead & 0x07U, least = 0x10000;
  } else {
    return std::nullopt;
  }
  if (text.size() < bytes) return std::nullopt;
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return std::nullopt;
    value = (value << 6U) | (byte(i) & 0x3fU);
  }
  if (value < least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
    return std::nullopt;
  }
  return CodePoint{value, bytes};
}

struct Block {
  char32_t first;
  char32_t last;
};

template <std::size_t size>
bool contains(const std::array<Block, size>& blocks, char32_t value) {
  return std::any_of(blocks.begin(), blocks.end(), [value](const Block& block) {
    return value >= block.first && value <= block.last;
  });
}

// Unicode 15, general categories Cc and Cf and the line separators: characters that move, reorder
// or hide other text. A tab is handled by the caller.
constexpr std::array<Block, 14> dangerous = {{{0x0000, 0x001f},
                                              {0x007f, 0x009f},
                                              {0x00ad, 0x00ad},
                                              {0x061c, 0x061c},
                                              {0x115f, 0x1160},
                                              {0x17b4, 0x17b5},
                                              {0x180b, 0x180f},
                                              {0x200b, 0x200f},
                                              {0x2028, 0x202e},
                                              {0x2060, 0x206f},
                                              {0x3164, 0x3164},
                                              {0xfeff, 0xfeff},
                                              {0xfff0, 0xfffb},
                                              {0xe0000, 0xe0fff}}};

constexpr std::array<Block, 7> combining = {{{0x0300, 0x036f},
                                             {0x0483, 0x0489},
                                             {0x0591, 0x05bd},
                                             {0x1ab0, 0x1aff},
                                             {0x1dc0, 0x1dff},
                                             {0x20d0, 0x20ff},
                                             {0xfe00, 0xfe0f}}};

// Unicode 15, East Asian Width W and F, and emoji, which terminals draw two columns wide.
constexpr std::array<Block, 12> wide = {{{0x1100, 0x115e},
                                         {0x2e80, 0x303e},
                                         {0x3041, 0x33ff},
                                         {0x3400, 0x4dbf},
                                         {0x4e00, 0x9fff},
                                         {0xa000, 0xa4cf},
                                         {0xac00, 0xd7a3},
                                         {0xf900, 0xfaff},
                                         {0xfe30, 0xfe6f},
                                         {0xff00, 0xff60},
                                         {0x1f300, 0x1faff},
                                         {0x20000, 0x3fffd}}};

std::string spell_bytes(std::string_view bytes) {
  std::string spelled;
  for (const char byte : bytes) {
    spelled += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
  }
  return spelled;
}

// Nearly every character of a ruleset; no table has to be asked about it.
bool is_printable_ascii(char c) { return c >= 0x20 && c < 0x7f; }

// Select Graphic Rendition codes (ECMA-48, 8.3.117).
std::string_view code_of(Style style) {
  switch (style) {
    case Style::error:
      return "1;31";
    case Style::warning:
      return "1;33";
    case Style::note:
      return "1;36";
    case Style::strong:
      return "1";
    case Style::margin:
      return "34";
    case Style::good:
      return "1;32";
  }
  return "0";
}

}  // namespace

Cell next_cell(std::string_view text, int column) {
  if (is_printable_ascii(text[0])) return {std::string(1, text[0]), 1, 1};
  if (text[0] == '\t') {
    const int columns = tab_width - column % tab_width;
    return {std::string(static_cast<std::size_t>(columns), ' '), 1, columns};
  }
  const std::optional<CodePoint> found = decode(text);
  if (!found || contains(dangerous, found->value)) {
    const std::size_t bytes = found ? found->bytes : 1;
    return {spell_bytes(text.substr(0, bytes)), bytes, static_cast<int>(bytes) * 4};
  }
  int columns = 1;
  if (contains(combining, found->value)) columns = 0;
  if (contains(wide, found->value)) columns = 2;
  return {std::string(text.substr(0, found->bytes)), found->bytes, columns};
}

std::string escape_control(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  while (!text.empty()) {
    if (is_printable_ascii(text[0])) {
      escaped += text[0];
      text.remove_prefix(1);
    } else if (text[0] == '\t') {
      escaped += "\\x09";
      text.remove_prefix(1);
    } else {
      const Cell cell = next_cell(text);
      escaped += cell.text;
      text.remove_prefix(cell.bytes);
    }
  }
  return escaped;
}

int columns_of(std::string_view text) {
  int columns = 0;
  while (!text.empty()) {
    if (text[0] == '\t') {
      columns += 4;
      text.remove_prefix(1);
      continue;
    }
    const Cell cell = next_cell(text);
    columns += cell.columns;
    text.remove_prefix(cell.bytes);
  }
  return columns;
}

std::string paint(Style style, std::string_view text, const Display& display) {
  if (!display.colour || text.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code_of(style), text);
}

namespace {

// Of text that may hold the colours that paint() puts around it.
int columns_without_colour(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    const std::size_t begin = std::min(text.find('\x1b'), text.size());
    plain += text.substr(0, begin);
    text.remove_prefix(begin);
    const std::size_t end = text.find('m');
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return columns_of(plain);
}

}  // namespace

std::string wrap(std::string_view text, std::string_view first, std::string_view rest,
                 const Display& display) {
  const int margin = columns_of(rest);
  const int room = std::max(20, display.width - margin);
  std::string lines(first);
  int column = std::max(0, columns_without_colour(first) - margin);
  bool is_begun = false;  // a word stands on the line
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (text.empty()) break;
    const std::string_view word = text.substr(0, text.find(' '));
    const int columns = columns_of(word);
    if (is_begun && column + 1 + columns > room) {
      lines += '\n';
      lines += rest;
      column = 0;
      is_begun = false;
    }
    if (is_begun) {
      lines += ' ';
      ++column;
    }
    lines += escape_control(word);
    column += columns;
    is_begun = true;
    text.remove_prefix(word.size());
  }
  lines += '\n';
  return lines;
}

}  // namespace untrack
