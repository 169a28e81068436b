// Where a command finds a listing of the conntrack table: a file of one, a snapshot that is named
// instead of one, or a snapshot among the rules. Used by `rewrite`, `audit` and `pressure`.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli.hpp"
#include "app/files/read_inputs.hpp"
#include "app/pipeline/attribution.hpp"
#include "app/pipeline/explain_ways.hpp"

namespace untrack {

// `option`: what --entries says, `live_entries` the running kernel's; empty: the first snapshot of
// `texts` that holds entries. nullopt: there are none, or they cannot be read, for a reason that is
// then in `errors`.
[[nodiscard]] std::optional<EntriesText> read_entries_text(const std::string& option,
                                                           const InputTexts& texts,
                                                           const Surroundings& surroundings,
                                                           std::vector<std::string>& errors);

// Of --entries: the table of the running kernel, with --live.
inline constexpr std::string_view live_entries = "live";
// Why the snapshot has no entries.
[[nodiscard]] std::string why_no_entries(const NamedSnapshot& named);

// The host's own addresses: those of --address, else as the snapshots of `texts` tell them; none:
// nobody told. nullopt, with the reason told, if a word is no address.
[[nodiscard]] std::optional<LocalAddresses> local_addresses_of(
    const std::vector<std::string>& option, const InputTexts& texts, std::ostream& err);
// Where the snapshots of `texts` say that addresses are reached without a router.
[[nodiscard]] std::vector<ConnectedNetwork> connected_networks_of(const InputTexts& texts);
inline constexpr const char* address_help =
    "With entries, an address of the host they are of, with the length of its network: it tells "
    "what goes in, out or through; may be repeated, all are needed";

}  // namespace untrack
