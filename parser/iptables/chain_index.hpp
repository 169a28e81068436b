// ChainIndex: the chains of all tables by name, so that a ruleset of many chains is read in linear
// time. Kept by Execution for all inputs of one run.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <unordered_map>

#include "model/ids.hpp"

namespace untrack::iptables {

// Finds chains by name at constant cost, over all inputs of a run.
class ChainIndex {
 public:
  [[nodiscard]] ChainId find(TableId table, std::string_view name) const;  // may name nothing
  void add(TableId table, std::string_view name, ChainId chain);
  void remove(TableId table, std::string_view name);

 private:
  struct Key {
    std::uint32_t table;
    std::string_view name;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const {
      return std::hash<std::string_view>{}(key.name) * 31 + key.table;
    }
  };
  std::unordered_map<Key, ChainId, Hash> chains_;
};

}  // namespace untrack::iptables
