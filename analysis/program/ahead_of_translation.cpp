#include "analysis/program/ahead_of_translation.hpp"

#include "analysis/program/destinations.hpp"
#include "model/jumps.hpp"

namespace untrack {
namespace {

bool is_ahead(const BaseChain& base) {
  constexpr int dstnat = -100;  // NF_IP_PRI_NAT_DST, linux/netfilter_ipv4.h
  return (base.hook == Hook::prerouting || base.hook == Hook::output) &&
         base.type != ChainType::nat && base.priority < dstnat;
}

}  // namespace

std::vector<bool> chains_ahead_of_translation(const Ruleset& ruleset, IpVersion version) {
  if (!translates_destinations(ruleset, version)) return {};
  std::vector<ChainId> bases;
  for (std::size_t i = 0; i < ruleset.chains.size(); ++i) {
    if (ruleset.chains[i].base && is_ahead(*ruleset.chains[i].base)) bases.emplace_back(i);
  }
  std::vector<bool> found(ruleset.chains.size());
  for (const ChainId chain : with_called_chains(ruleset, bases)) found[chain.index()] = true;
  return found;
}

}  // namespace untrack
