#include "parser/nft/expressions.hpp"

namespace untrack::nft {

bool Variables::define(std::string_view name, Node value, bool redefine) {
  auto& block = blocks_.back();
  const auto at = block.find(name);
  if (at != block.end() && !redefine) return false;
  block.insert_or_assign(name, std::move(value));
  return true;
}

bool Variables::undefine(std::string_view name) { return blocks_.back().erase(name) > 0; }

const Node* Variables::find(std::string_view name) const {
  for (auto block = blocks_.rbegin(); block != blocks_.rend(); ++block) {
    if (const auto at = block->find(name); at != block->end()) return &at->second;
  }
  return nullptr;
}

std::vector<std::string_view> Variables::names() const {
  std::vector<std::string_view> all;
  for (const auto& block : blocks_) {
    all.reserve(all.size() + block.size());
    for (const auto& each : block) all.push_back(each.first);
  }
  return all;
}

}  // namespace untrack::nft
