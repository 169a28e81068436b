#include "parser/iptables/chain_index.hpp"

namespace untrack::iptables {

ChainId ChainIndex::find(TableId table, std::string_view name) const {
  const auto found = chains_.find(Key{table.value, name});
  return found == chains_.end() ? ChainId{} : found->second;
}

void ChainIndex::add(TableId table, std::string_view name, ChainId chain) {
  chains_.insert_or_assign(Key{table.value, name}, chain);
}

void ChainIndex::remove(TableId table, std::string_view name) {
  chains_.erase(Key{table.value, name});
}

}  // namespace untrack::iptables
