// attribute: from a listing of the conntrack table to the rules that admitted its entries. A part
// of the pipelines of `pressure` and `audit`, which hand it what they have read and computed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/attribution/attribution.hpp"
#include "analysis/conntrack/tracking.hpp"
#include "analysis/flows/flow_table.hpp"
#include "analysis/pressure/entry_timeouts.hpp"
#include "model/problem.hpp"
#include "model/ruleset.hpp"
#include "model/source_text.hpp"
#include "model/text_blocks.hpp"

namespace untrack {

struct EntriesText {
  std::string path;                  // printed, never opened
  std::shared_ptr<TextBlocks> text;  // read once, by whoever comes first
  bool is_measured = false;          // of this kernel, as it is now
  // Sees the line of each entry besides; may be empty.
  std::function<void(std::string_view line)> also = {};
  // What the kernel counts behind the listing, where that is known; to be asked when it is read.
  std::function<std::optional<std::uint64_t>()> count_behind = {};
};

// `given`: the families that the inputs cover. Lines that are no entry are added to `problems`, and
// to `sources`. `flows`: of the families that have been looked at, for Share::need. `timeouts`:
// counts them, too; may be null.
[[nodiscard]] Attribution attribute(const Ruleset& ruleset, IpVersions given,
                                    const std::optional<KernelVersion>& kernel,
                                    const EntriesText& entries, const LocalAddresses& locals,
                                    std::span<const FlowTable> flows, Sources& sources,
                                    std::vector<Problem>& problems,
                                    EntryTimeouts* timeouts = nullptr);

}  // namespace untrack
