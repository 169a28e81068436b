// Boxes: a set of packets as a few products of value sets, largest first, as a person would
// describe it. The cover is exact where it ends; where it would take too many boxes, what is left
// is said.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "analysis/diagram/diagram.hpp"
#include "analysis/packet/layout.hpp"

namespace untrack {

// What a box asks of one variable: runs of atoms, sorted. Variables that it does not ask are
// absent.
struct BoxSide {
  Diagram::Level level = 0;
  std::vector<std::pair<Diagram::Atom, Diagram::Atom>> runs;
};
using Box = std::vector<BoxSide>;  // by level

struct Cover {
  std::vector<Box> boxes;
  bool is_whole = true;  // false: the set holds more packets than the boxes
};

// Every box lies within the set and is as large as it can be without leaving it. At most `most`.
[[nodiscard]] Cover cover(Diagram& diagram, const Layout& layout, Ref set, std::size_t most);
// The same with boxes that may reach into `room`, which holds the set, where that makes them
// plainer, and that list no values for which an earlier box has the packets already; none of them
// is needless beside the others.
[[nodiscard]] Cover cover_within(Diagram& diagram, const Layout& layout, Ref set, Ref room,
                                 std::size_t most);

[[nodiscard]] Ref set_of(Diagram& diagram, const Box& box);

// One line: "tcp from 203.0.113.0/24 to port 22, in by eth0". `way` decides what goes without
// saying. Names of interfaces come from rulesets; control characters in them are escaped.
[[nodiscard]] std::string to_text(const Box& box, const Layout& layout, Path way);

// The lines of the cover; the last says if there is more.
[[nodiscard]] std::vector<std::string> to_lines(const Cover& cover, const Layout& layout, Path way);

// A range of addresses as a network where it is one, else first-last.
[[nodiscard]] std::string address_range_text(const Interval& range, IpVersion version);
// "syn,ack"; "none".
[[nodiscard]] std::string flags_text(std::uint8_t flags);

}  // namespace untrack
