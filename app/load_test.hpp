// load_test: asks the commands of this machine whether they would load a ruleset (iptables-restore
// --test and its kin, nft -c), each in a network namespace of its own, so that the rules
// of this host are neither read nor changed; kernel modules may be loaded for it. Used by `rewrite`
// and `verify` with --load-test.
#pragma once

#include <string>
#include <vector>

#include "analysis/certificate/load_test.hpp"
#include "app/run_tool.hpp"

namespace untrack {

inline constexpr const char* load_test_help =
    "Ask iptables-restore --test (ip6tables-restore), or nft -c, of this machine, in a network "
    "namespace of its own, whether it would load; takes root, and may load kernel modules";

// With the tools of this machine.
[[nodiscard]] LoadTester load_tester_here();

// Absolute folders of PATH, and those of system programs, in that order.
[[nodiscard]] std::vector<std::string> tool_folders();

// With the tools found in `folders`: of both backends where they are there, else of the one that
// iptables-restore stands for. A tool that refuses the original, too, says nothing of the rewrite.
// Another `network` than its own is for tools that are none.
[[nodiscard]] LoadTest test_load(const std::vector<std::string>& folders,
                                 const LoadQuestion& question, const ToolLimits& limits = {},
                                 ToolNetwork network = ToolNetwork::own);

enum class NftText : std::uint8_t { script, json };

// The same of nft, of scripts or of JSON.
[[nodiscard]] LoadTest test_load_nft(const std::vector<std::string>& folders,
                                     const std::vector<std::string>& original,
                                     const std::vector<std::string>& rewritten,
                                     const ToolLimits& limits = {},
                                     ToolNetwork network = ToolNetwork::own,
                                     NftText language = NftText::script);

}  // namespace untrack
