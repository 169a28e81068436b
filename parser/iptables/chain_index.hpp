// ChainIndex: the chains of all tables by name, so that a ruleset of many chains is read in linear
// time. Kept by Execution for all inputs of one run. One array with open addressing: each rule of a
// large file asks for the chains that it names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/ids.hpp"
#include "model/text_ref.hpp"

namespace untrack::iptables {

// Finds chains by name at constant cost, over all inputs of a run.
class ChainIndex {
 public:
  [[nodiscard]] ChainId find(TableId table, std::string_view name) const;  // may name nothing
  void add(TableId table, std::string_view name, ChainId chain);
  // The chain that has the name; otherwise `chain` has it then.
  ChainId find_or_add(TableId table, std::string_view name, ChainId chain);
  // Room for so many more.
  void expect(std::size_t count);
  void remove(TableId table, std::string_view name);

 private:
  struct Entry {
    TextRef name;
    std::uint32_t hash = 0;
    TableId table;  // names nothing: free, and nothing was here
    ChainId chain;  // names nothing: removed
  };
  // Of the entry, or of the free place where it would be.
  [[nodiscard]] std::size_t place_of(TableId table, std::string_view name,
                                     std::uint32_t hash) const;
  void make_room(std::size_t wanted);

  std::vector<Entry> entries_;  // a power of two, never full
  std::size_t used_ = 0;        // removed ones included
};

}  // namespace untrack::iptables
