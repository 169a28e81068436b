// What nf_tables holds, asked of the kernel itself (libmnl): generation, tables, and the kinds of
// expressions in their rules. Guards what libnftables prints: a ruleset that changed meanwhile, and
// expressions that are too new for the libraries of this machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace untrack::live {

// The number of the last change, or nullopt with the reason on standard error.
[[nodiscard]] std::optional<std::uint32_t> nft_generation();

struct NftTable {
  std::string family;  // "ip", "inet" ... as nft says it
  std::string name;
  std::uint32_t use = 0;  // its chains, sets, objects and flowtables
  bool is_dormant = false;
};

// All tables, or nullopt with the reason on standard error.
[[nodiscard]] std::optional<std::vector<NftTable>> nft_tables();

// One line a table, and back.
[[nodiscard]] std::string to_lines(const std::vector<NftTable>& tables);
[[nodiscard]] std::vector<NftTable> nft_tables_of(const std::string& lines);
// Whether nft reads the name as one word that is a name.
[[nodiscard]] bool has_plain_name(const NftTable& table);

// False, with the first one on standard error, if a rule has an expression or an attribute that is
// not known here: nft leaves it out without a word.
[[nodiscard]] bool knows_all_expressions();

}  // namespace untrack::live
