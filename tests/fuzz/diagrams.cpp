// libFuzzer target: the bytes are a program of operations on diagrams of five small levels; each
// result is held against the table of its values, and equal functions must be one reference.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "analysis/diagram/diagram.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using untrack::require;

using untrack::Diagram;
using untrack::Ref;
using Packet = std::array<Diagram::Atom, 5>;

constexpr Packet sizes{3, 4, 1, 2, 5};
constexpr std::size_t count = 120;  // of all packets
constexpr std::size_t most_steps = 60;

struct Table {
  std::array<std::uint32_t, count> values{};
  Ref ref = Diagram::no;
  bool is_set = true;
};

Packet packet_of(std::size_t index) {
  Packet packet{};
  for (std::size_t level = sizes.size(); level-- > 0;) {
    packet[level] = static_cast<Diagram::Atom>(index % sizes[level]);
    index /= sizes[level];
  }
  return packet;
}

std::size_t index_of(const Packet& packet) {
  std::size_t index = 0;
  for (std::size_t level = 0; level < sizes.size(); ++level) {
    index = index * sizes[level] + packet[level];
  }
  return index;
}

class Machine {
 public:
  Machine(const unsigned char* bytes, std::size_t size) : at_(bytes), end_(bytes + size) {
    tables_.push_back({{}, Diagram::no, true});
    Table yes{{}, Diagram::yes, true};
    yes.values.fill(1);
    tables_.push_back(yes);
  }

  void run() {
    for (std::size_t step = 0; step < most_steps && at_ != end_; ++step) {
      Table made = next();
      for (std::size_t i = 0; i < count; ++i) {
        const Packet packet = packet_of(i);
        require(d_.evaluate(made.ref, packet) == made.values[i], "a value");
      }
      for (const Table& other : tables_) {
        require((other.values == made.values) == (other.ref == made.ref), "one function, one node");
      }
      tables_.push_back(made);
    }
  }

 private:
  std::size_t below(std::size_t limit) { return at_ == end_ ? 0 : *at_++ % limit; }
  const Table& any() { return tables_[below(tables_.size())]; }
  // Of the latest that are sets, since `no` and `yes` say little.
  const Table& set() {
    for (std::size_t back = below(tables_.size()); back < tables_.size(); ++back) {
      if (tables_[tables_.size() - 1 - back].is_set) return tables_[tables_.size() - 1 - back];
    }
    return tables_[1];
  }
  template <class Value>
  Table tabulated(Ref ref, bool is_set, Value&& value) {
    Table made{{}, ref, is_set};
    for (std::size_t i = 0; i < count; ++i) made.values[i] = value(i);
    return made;
  }

  Table next() {
    switch (below(10)) {
      case 0:
        return interval();
      case 1:
      case 2:
        return of_sets();
      case 3: {
        const Table c = set();
        const Table a = any();
        const Table b = any();
        return tabulated(d_.ite(c.ref, a.ref, b.ref), a.is_set && b.is_set, [&](std::size_t i) {
          return c.values[i] != 0 ? a.values[i] : b.values[i];
        });
      }
      case 4: {
        const Table a = any();
        const Table b = any();
        const auto hole = static_cast<std::uint32_t>(below(4));
        return tabulated(d_.fill(a.ref, hole, b.ref), a.is_set && b.is_set, [&](std::size_t i) {
          return a.values[i] == hole ? b.values[i] : a.values[i];
        });
      }
      case 5: {
        const Table a = any();
        const Table b = any();
        return tabulated(d_.agree(a.ref, b.ref, 3), false, [&](std::size_t i) {
          return a.values[i] == b.values[i] ? a.values[i] : 3;
        });
      }
      case 6: {
        const Table a = any();
        const auto value = static_cast<std::uint32_t>(below(4));
        return tabulated(d_.where(a.ref, value), true,
                         [&](std::size_t i) { return a.values[i] == value ? 1U : 0U; });
      }
      case 7: {
        const Table a = any();
        return tabulated(d_.relabel(a.ref, {{0, 2}, {1, 0}, {2, 1}}), false, [&](std::size_t i) {
          return a.values[i] < 3 ? (a.values[i] + 2) % 3 : a.values[i];
        });
      }
      case 8:
        return fixed();
      default:
        return without();
    }
  }

  Table interval() {
    const auto level = static_cast<Diagram::Level>(below(sizes.size()));
    auto first = static_cast<Diagram::Atom>(below(sizes[level]));
    auto last = static_cast<Diagram::Atom>(below(sizes[level]));
    if (last < first) std::swap(first, last);
    return tabulated(d_.interval(level, first, last), true, [&](std::size_t i) {
      const Diagram::Atom atom = packet_of(i)[level];
      return atom >= first && atom <= last ? 1U : 0U;
    });
  }

  Table of_sets() {
    const Table a = set();
    const Table b = set();
    bool meet = false;
    bool is_within = true;
    for (std::size_t i = 0; i < count; ++i) {
      meet = meet || (a.values[i] & b.values[i]) != 0;
      is_within = is_within && a.values[i] <= b.values[i];
    }
    require(d_.intersects(a.ref, b.ref) == meet, "intersects");
    require(d_.implies(a.ref, b.ref) == is_within, "implies");
    const std::size_t operation = below(3);
    const Ref ref = operation == 0   ? d_.conj(a.ref, b.ref)
                    : operation == 1 ? d_.disj(a.ref, b.ref)
                                     : d_.minus(a.ref, b.ref);
    return tabulated(ref, true, [&](std::size_t i) {
      const std::uint32_t x = a.values[i];
      const std::uint32_t y = b.values[i];
      return operation == 0 ? x & y : operation == 1 ? x | y : x & ~y;
    });
  }

  Table fixed() {
    const Table a = any();
    const auto level = static_cast<Diagram::Level>(below(sizes.size()));
    const auto atom = static_cast<Diagram::Atom>(below(sizes[level]));
    return tabulated(d_.fix(a.ref, level, atom), a.is_set, [&](std::size_t i) {
      Packet packet = packet_of(i);
      packet[level] = atom;
      return a.values[index_of(packet)];
    });
  }

  // For some value of a level, or for all.
  Table without() {
    const Table a = set();
    const auto level = static_cast<Diagram::Level>(below(sizes.size()));
    const bool is_all = below(2) == 1;
    std::vector<bool> gone(sizes.size());
    gone[level] = true;
    return tabulated(is_all ? d_.for_all(a.ref, gone) : d_.exists(a.ref, gone), true,
                     [&](std::size_t i) {
                       Packet packet = packet_of(i);
                       std::uint32_t found = is_all ? 1 : 0;
                       for (Diagram::Atom atom = 0; atom < sizes[level]; ++atom) {
                         packet[level] = atom;
                         const std::uint32_t value = a.values[index_of(packet)];
                         found = is_all ? found & value : found | value;
                       }
                       return found;
                     });
  }

  const unsigned char* at_;
  const unsigned char* end_;
  Diagram d_{std::vector<Diagram::Atom>(sizes.begin(), sizes.end())};
  std::vector<Table> tables_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t count_of_bytes) {
  Machine(bytes, count_of_bytes).run();
  return 0;
}
