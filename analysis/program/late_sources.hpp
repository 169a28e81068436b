// Chains of nft that stand behind the translation of sources: what they ask of a source is asked of
// the one that the packet got (nf_nat_inet_fn, nf_nat_core.c, 6.1; measured on 6.18), which is not
// followed. Used by Program and by the survey that goes before it.
#pragma once

#include <algorithm>

#include "analysis/program/hook_order.hpp"

namespace untrack {

[[nodiscard]] inline bool translates_source(const Statement& statement) {
  const auto* nat = std::get_if<NatStatement>(&statement);
  return nat != nullptr && (nat->kind == NatKind::snat || nat->kind == NatKind::masquerade ||
                            nat->kind == NatKind::netmap);
}

[[nodiscard]] inline bool is_of_source(Field field) {
  return field == Field::source_address || field == Field::source_port ||
         field == Field::either_port || field == Field::source_type;
}

[[nodiscard]] inline bool stands_behind_sources(const BaseChain& base) {
  constexpr int srcnat = 100;  // NF_IP_PRI_NAT_SRC, linux/netfilter_ipv4.h
  return base.type != ChainType::nat && base.priority >= srcnat &&
         (base.hook == Hook::postrouting || base.hook == Hook::input);
}

[[nodiscard]] inline bool has_chains_behind_sources(const Ruleset& ruleset) {
  return std::ranges::any_of(ruleset.chains, [&](const Chain& chain) {
    return chain.base && stands_behind_sources(*chain.base) &&
           ruleset[chain.table].language == Language::nft;
  });
}

// That chain, or any that it may be called from; one at the very priority may stand on either side.
[[nodiscard]] inline bool is_behind_sources(const Ruleset& ruleset, const Table& table,
                                            ChainId chain) {
  if (table.language != Language::nft) return false;
  if (const auto& base = ruleset[chain].base) return stands_behind_sources(*base);
  return std::ranges::any_of(table.chains, [&](ChainId other) {
    const auto& base = ruleset[other].base;
    return base && stands_behind_sources(*base);
  });
}

}  // namespace untrack
