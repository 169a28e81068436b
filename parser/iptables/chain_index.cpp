#include "parser/iptables/chain_index.hpp"

#include <functional>
#include <utility>

namespace untrack::iptables {
namespace {

std::uint32_t hash_of(TableId table, std::string_view name) {
  const std::size_t hash = std::hash<std::string_view>{}(name) + table.value * std::size_t{31};
  return static_cast<std::uint32_t>(hash ^ hash >> 32U);
}

}  // namespace

std::size_t ChainIndex::place_of(TableId table, std::string_view name, std::uint32_t hash) const {
  const std::size_t mask = entries_.size() - 1;
  std::size_t at = hash & mask;
  while (true) {
    const Entry& entry = entries_[at];
    if (!entry.table.names_something()) return at;
    if (entry.hash == hash && entry.table == table && entry.name == name) return at;
    at = (at + 1) & mask;
  }
}

ChainId ChainIndex::find(TableId table, std::string_view name) const {
  if (entries_.empty()) return {};
  return entries_[place_of(table, name, hash_of(table, name))].chain;
}

// A quarter stays free.
void ChainIndex::make_room(std::size_t wanted) {
  std::size_t size = entries_.empty() ? 64 : entries_.size();
  while (4 * wanted > 3 * size) size *= 2;
  if (size == entries_.size()) return;
  std::vector<Entry> old(size);
  std::swap(old, entries_);
  used_ = 0;
  for (const Entry& entry : old) {
    if (!entry.table.names_something() || !entry.chain.names_something()) continue;
    entries_[place_of(entry.table, entry.name, entry.hash)] = entry;
    ++used_;
  }
}

void ChainIndex::expect(std::size_t count) {
  if (count > 0) make_room(used_ + count);
}

void ChainIndex::add(TableId table, std::string_view name, ChainId chain) {
  make_room(used_ + 1);
  const std::uint32_t hash = hash_of(table, name);
  Entry& entry = entries_[place_of(table, name, hash)];
  if (!entry.table.names_something()) ++used_;
  entry = {name, hash, table, chain};
}

ChainId ChainIndex::find_or_add(TableId table, std::string_view name, ChainId chain) {
  make_room(used_ + 1);
  const std::uint32_t hash = hash_of(table, name);
  Entry& entry = entries_[place_of(table, name, hash)];
  if (entry.chain.names_something()) return entry.chain;
  if (!entry.table.names_something()) ++used_;
  entry = {name, hash, table, chain};
  return chain;
}

void ChainIndex::remove(TableId table, std::string_view name) {
  if (entries_.empty()) return;
  entries_[place_of(table, name, hash_of(table, name))].chain = {};
}

}  // namespace untrack::iptables
