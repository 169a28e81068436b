#include "analysis/wording.hpp"

namespace untrack {
namespace {

constexpr Wording of_iptables{.notrack = "NOTRACK",
                              .raw = "the raw table",
                              .prerouting = "PREROUTING",
                              .output = "OUTPUT",
                              .input = "INPUT",
                              .first_packet = "--syn",
                              .odd_flags = "--tcp-flags SYN,FIN SYN,FIN"};
// Priorities: nft(8), "CHAINS".
constexpr Wording of_nft{.notrack = "notrack",
                         .raw = "a chain at priority raw",
                         .prerouting = "prerouting",
                         .output = "output",
                         .input = "input",
                         .first_packet = "tcp flags & (fin|syn|rst|ack) == syn",
                         .odd_flags = "tcp flags & (fin|syn) == (fin|syn)"};

}  // namespace

const Wording& wording_of(Language language) {
  return language == Language::nft ? of_nft : of_iptables;
}

}  // namespace untrack
