// Attribution: the entries of a conntrack table, each counted for the rule that admitted it. Filled
// entry by entry through an Admitter: of a million entries only counts are kept. Used
// by app/pipeline/attribution, printed by report/.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/attribution/admission.hpp"
#include "analysis/attribution/source_counts.hpp"
#include "analysis/finding.hpp"
#include "model/conntrack_entry.hpp"

namespace untrack {

struct EntryCount {
  std::size_t entries = 0;
  std::size_t assured = 0;    // never thrown out of a full table
  std::size_t unreplied = 0;  // nobody has answered
  // TCP in the middle of its handshake; where the host has sent its SYN-ACK, it is not unreplied.
  std::size_t half_open = 0;

  void add(const ConntrackEntry& entry) {
    ++entries;
    assured += entry.is_assured ? 1U : 0U;
    unreplied += entry.is_unreplied ? 1U : 0U;
    half_open += entry.is_half_open ? 1U : 0U;
  }
};

struct Share {
  IpVersion version{};
  std::vector<Admitting> by;  // it is one of these; sorted
  EntryCount count;
  // Of them, those that the rules as they are might also have refused, for what an entry does not
  // tell: that something admitted them makes it one of `by`, unless the rules were others then.
  std::size_t unless_refused = 0;
  // What untracking them would take, if all that `by` names says the same; none: not known.
  std::optional<Need> need;
};

struct TopSource {
  IpVersion version{};
  Number address = 0;
  std::size_t entries = 0;
};

struct TopService {
  std::uint8_t protocol = 0;
  std::uint16_t port = 0;  // 0: the protocol has none
  std::size_t entries = 0;
};

struct Attribution {
  EntryCount all;
  std::array<std::size_t, 2> by_version{};  // by IpVersion
  std::vector<Share> shares;                // most entries first
  EntryCount refused;   // no rule admits them now: older rules, a helper's, another namespace's
  EntryCount unknown;   // too many rules could have, or what decides is not in an entry
  EntryCount unjudged;  // of a family of which no rules were given, or a part of them
  std::vector<TopSource> sources;       // at most a few, most entries first
  std::vector<TopService> services;     // by destination port
  std::optional<TopService> half_open;  // the service with most handshakes that are not complete
};

// Counts the entries of both families.
class Attributor {
 public:
  // `programs`: by IpVersion; nullptr: entries of that version are not judged. They and `locals`
  // must outlive it.
  Attributor(std::array<const Program*, 2> programs, const LocalAddresses& locals);

  void add(const ConntrackEntry& entry);
  [[nodiscard]] Attribution result();

 private:
  struct Row {
    EntryCount count;
    std::size_t unless_refused = 0;
  };
  struct Family {
    std::unique_ptr<Admitter> admitter;
    std::size_t rules = 0;
    std::vector<Row> single;  // by way, then by rule, chain of a policy, none
    std::map<std::vector<Admitting>, Row> several;
  };

  static Row& row_of(Family& family, const Admission& admission);
  static Admitting name_of(const Family& family, std::size_t single);

  std::array<Family, 2> families_;
  SourceCounts<std::uint32_t> sources4_;
  SourceCounts<Number> sources6_;
  std::vector<std::uint32_t> ports_;          // of TCP, then of UDP
  std::vector<std::uint32_t> half_open_;      // by port of TCP
  std::array<std::size_t, 256> protocols_{};  // of the others
  Attribution counted_;
};

}  // namespace untrack
