// The conntrack table by the rules that admitted its entries, as JSON: `shares` and `entries` of
// the reports of `pressure` and `audit`. Included by report/*_json.cpp only.
#pragma once

#include "analysis/attribution/attribution.hpp"
#include "report/json_parts.hpp"

namespace untrack::json {

// Adds both keys.
void add_attribution(Json& report, const Attribution& attribution, const Ruleset& ruleset,
                     const Sources& sources, unsigned entry_bytes);

}  // namespace untrack::json
