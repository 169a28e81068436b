// The commands that check, keep, try and put back the tables of nft that a rewrite is about, and no
// others: rules of other programs (iptables-nft, Docker) stay loaded meanwhile. Used by
// rewrite_next; every command was run in a network namespace.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/rewrite/in_namespace.hpp"
#include "report/rewrite/rewrite_report.hpp"

namespace untrack {

// Where what runs is kept.
[[nodiscard]] std::string nft_kept(const InNamespace& where);

struct NftTrial {
  std::string keep;                // writes what runs to nft_kept(), in a form that replaces it
  std::vector<std::string> load;   // the new rules in place of the old ones
  std::vector<std::string> check;  // asks the kernel whether it would take that
  bool empties_all = false;        // since the files themselves do
};

// `words`: what each of the files is called; as many as `files`, those that are loaded.
[[nodiscard]] NftTrial nft_trial(const RewriteReport& report,
                                 const std::vector<const RewrittenFile*>& files,
                                 const std::vector<std::string>& words, const InNamespace& where);

}  // namespace untrack
