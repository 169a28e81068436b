#include "live/nft_ruleset.hpp"

#include <nftables/libnftables.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string_view>

namespace untrack::live {
namespace {

// Without the advice not to change what iptables-nft made.
std::string complaints_in(std::string_view text) {
  std::string complaints;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.starts_with("# Warning: table ") && line.ends_with(", do not touch!")) continue;
    complaints += line;
    complaints += '\n';
  }
  return complaints;
}

}  // namespace

bool print_nft(const std::string& command) {
  const std::unique_ptr<nft_ctx, decltype(&nft_ctx_free)> nft(nft_ctx_new(NFT_CTX_DEFAULT),
                                                              &nft_ctx_free);
  if (!nft || nft_ctx_buffer_output(nft.get()) != 0 || nft_ctx_buffer_error(nft.get()) != 0) {
    std::fputs("libnftables cannot be used\n", stderr);
    return false;
  }
  const int status = nft_run_cmd_from_buffer(nft.get(), command.c_str());
  const std::string complaint = complaints_in(nft_ctx_get_error_buffer(nft.get()));
  if (status != 0 || !complaint.empty()) {
    std::fprintf(stderr, "nft %s: %s\n", command.c_str(),
                 complaint.empty() ? "failed" : complaint.c_str());
    return false;
  }
  std::fputs(nft_ctx_get_output_buffer(nft.get()), stdout);
  return true;
}

}  // namespace untrack::live
