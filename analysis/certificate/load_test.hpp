// LoadTest: what the tools of this machine say of a rewritten ruleset: whether they would load it
// (iptables-restore --test, nft -c). Asked only where the user wants it; a plain value of the
// certificate.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "model/vocabulary.hpp"

namespace untrack {

enum class LoadAnswer : std::uint8_t {
  taken,         // every file of the rewritten ruleset
  refused,       // a file of it, and none of the original
  refuses_both,  // a file of it, and one of the original, so that it says nothing of the rewrite
  no_answer,     // it ended otherwise, or not in time
};
[[nodiscard]] std::string_view to_text(LoadAnswer answer);  // "refuses_both", as in JSON

struct ToolAnswer {
  std::string tool;     // "iptables-legacy-restore"
  std::string version;  // as it says: "v1.8.9 (legacy)"
  LoadAnswer answer{};
  std::string message;  // what it said; empty: it took all. Printable ASCII, one line
};

struct LoadTest {
  std::vector<ToolAnswer> answers;  // in the order in which they were asked
  std::string why_not;              // half a sentence; of no answers
  bool is_of_words = false;  // of the commands in a script or listing, which itself was not run
};

struct LoadQuestion {
  IpVersion version{};
  bool is_nft = false;     // scripts of nft, all of which go in together
  bool is_json = false;    // in JSON
  bool keeps_old = false;  // given with --noflush, as commands are
  // The files of one family, each of which a restore command takes by itself.
  std::vector<std::string> original;
  std::vector<std::string> rewritten;
};
using LoadTester = std::function<LoadTest(const LoadQuestion&)>;

}  // namespace untrack
