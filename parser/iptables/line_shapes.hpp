// LineShapes: which lines of a save file are the same but for addresses, ports, names of chains and
// interfaces, and comments. Large files have few such shapes; what reading the first line of one
// came to tells what it comes to for the others (shaped_rules.hpp). Used by parser/parse.cpp and
// the readers of save files. It knows letters alone, nothing of what they mean: a line of a shape
// may still be wrong.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "parser/iptables/document.hpp"
#include "parser/iptables/shape_slots.hpp"

namespace untrack::iptables {

// Bytes [begin, end) of the first line of a shape that may be others in other lines.
struct ShapeSlot {
  SlotKind kind{};
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

struct LineShape {
  std::string_view line;  // the first one, without its newline
  std::vector<ShapeSlot> slots;
};

class LineShapes {
 public:
  // Enough for any file that has shapes; the lines beyond are read word by word.
  static constexpr std::size_t most = 4'000;

  // Writes the shape of each line of rules into Line::shape; 0 where it has none: blanks or quotes
  // at other places than iptables-save puts them, or the limits. `document.text` is kept, as views.
  explicit LineShapes(Document& document);

  // What stands in the slots of the lines that have a shape, line by line in the order of the
  // document, as many for each as its shape has slots.
  [[nodiscard]] const std::vector<SlotValue>& values() const { return values_; }

  [[nodiscard]] const LineShape& operator[](std::uint16_t shape) const {
    return shapes_[shape - 1];
  }
  [[nodiscard]] std::size_t size() const { return shapes_.size(); }

 private:
  // A word that is the same in all lines, and what may stand behind it.
  struct Literal {
    std::string_view word;
    std::uint32_t next = 0;
    // Of a short word, and the blank behind it: the bytes that it is told by at one look.
    std::uint64_t bytes = 0;
    std::uint64_t mask = 0;  // 0: a longer one
  };
  struct Here;
  [[nodiscard]] static Literal literal(std::string_view word, std::uint32_t next);
  struct Node {
    Literal first;                   // next 0: none
    std::vector<Literal> more;       // the others
    SlotKinds kinds;                 // what the word in front lets stand here
    std::uint32_t next[2] = {0, 0};  // behind a slot, by kind in `kinds`
    std::uint16_t shape = 0;         // of the line that ends here
  };

  [[nodiscard]] std::uint16_t find(std::string_view line);
  std::uint16_t add(std::string_view line);
  std::uint32_t add_literal(std::uint32_t node, std::string_view word);

  const char* readable_;  // the end of the text
  std::vector<Node> nodes_;
  std::vector<LineShape> shapes_;
  std::vector<SlotValue> values_;
};

}  // namespace untrack::iptables
