// HostSettings: what is known of a host's conntrack settings, from any mixture of `sysctl -a`
// output, sysctl.d and modprobe.d files, and files below /proc. Filled by app/ (which opens the
// files), read by the assessment. A later value of the same setting replaces an earlier one, as
// sysctl(8) does; but a value under an old name (ip_conntrack_*) never replaces one under the new:
// where a kernel has both, they are the same, and where it has one, it is the new.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/pressure/memory.hpp"
#include "analysis/pressure/statistics.hpp"
#include "analysis/pressure/timeouts.hpp"
#include "model/problem.hpp"
#include "model/source_text.hpp"

namespace untrack {

// A setting of conntrack that a text gives, with its place, so that a check can point at it.
struct GivenSetting {
  std::string name;  // as written, without a leading "-"; "hashsize" of an `options` line
  std::string key;   // of conntrack_setting(): "max", "udp_timeout"; "hashsize"
  std::uint64_t value = 0;
  Span span;                  // the line
  bool has_old_name = false;  // ip_conntrack_*
  // Under an old name, behind a new one that gives the same setting: it never counts.
  bool is_outdone = false;
  // It stands in a list of all that a kernel has (sysctl -a, a snapshot), so that the line does not
  // show that somebody chose the value.
  bool is_listed = false;
};

struct HostSettings {
  std::optional<KernelVersion> kernel;
  bool is_el7 = false;  // of its release
  Source kernel_source;
  std::optional<Quantity> ram;  // bytes
  std::optional<Quantity> max;
  std::optional<Quantity> buckets;
  std::optional<Quantity> hashsize;  // of `options nf_conntrack hashsize=`, before rounding
  std::optional<Quantity> count;
  ExtensionSettings extension;
  std::array<std::optional<Quantity>, timeout_count> timeouts;
  std::size_t taken = 0;                           // settings understood, of those above
  std::set<std::string, std::less<>> by_new_name;  // that some nf_conntrack_* gave: "max"
  std::optional<TableStatistics> statistics;
  std::optional<Quantity> entry_object;  // bytes of an entry without its extension block
};

// The part of a sysctl's name behind nf_conntrack_ or ip_conntrack_, whatever it stands below and
// whether dots or slashes separate it: "max", "tcp_timeout_close". Empty: not one of conntrack's.
[[nodiscard]] std::string_view conntrack_setting(std::string_view name);

enum class Taken : std::uint8_t {
  used,
  not_used,    // well formed, of no consequence here
  not_a_value  // a setting that matters, with a value that is no number
};

// One setting by its full name ("net.netfilter.nf_conntrack_max", "kernel.osrelease", "MemTotal").
Taken take_setting(std::string_view name, std::string_view value, const Source& source,
                   HostSettings& host);

// A whole text: lines `NAME = VALUE`, `NAME: VALUE` (sysctl -a, sysctl.conf(5), /proc/meminfo) and
// `options MODULE hashsize=N` (modprobe.d(5)); comments with # or ;. Lines of none of these forms,
// and values that are no numbers where they matter, are problems. `given`, if wanted, gets all
// settings of conntrack that have a number, used or not.
void take_settings(const SourceText& source, SourceId id, HostSettings& host,
                   std::vector<Problem>& problems, std::vector<GivenSetting>* given = nullptr);

}  // namespace untrack
