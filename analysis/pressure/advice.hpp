// Advice: a size for the table and for its buckets, what each choice of depth costs, and the lines
// that make it so at boot, in the names and files of the target's kernel. Used by the assessment.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/pressure/platform.hpp"

namespace untrack {

// One choice of entries per bucket, for a full table of `max`.
struct DepthChoice {
  unsigned depth = 1;         // entries per bucket: max / buckets
  std::uint64_t buckets = 0;  // whole pages
  std::uint64_t bucket_bytes = 0;
  std::uint64_t full_bytes = 0;  // buckets and max entries
  double mean = 0;               // tuples per bucket when full
  double deeper_than_8 = 0;      // share of buckets, when full
};

// The old rule of thumb (8, from the times of one list head per 8 entries), down to what kernels
// since 5.15 choose by themselves (1).
inline constexpr std::array<unsigned, 4> usual_depths{8, 4, 2, 1};
inline constexpr unsigned default_depth = 1;

[[nodiscard]] DepthChoice depth_choice(unsigned depth, std::uint64_t max, unsigned entry_bytes,
                                       const Platform& platform);

// A line to put into a file.
struct WriteLine {
  std::string path;
  std::string line;
};

struct AdviceItem {
  std::string setting;  // "nf_conntrack_max"
  std::uint64_t value = 0;
  std::string why;
  std::vector<WriteLine> write;
};

// Names and files by kernel, since the distributions of a kernel's time read others.
struct BootFilesRow {
  KernelVersion since;
  std::string_view module;
  std::string_view options_path;  // for `options MODULE hashsize=N`
  std::string_view sysctl_path;
  std::string_view load_path;  // names the module so that it is loaded before sysctls are set
  std::string_view load_why;
  std::string_view evidence;
};
[[nodiscard]] std::span<const BootFilesRow> boot_files_rows();
[[nodiscard]] const BootFilesRow& boot_files(const KernelVersion& kernel);

struct Advice {
  std::uint64_t max = 0;
  std::string max_why;
  unsigned depth = default_depth;
  std::vector<DepthChoice> choices;  // of `max`, deepest first; holds `depth`
  std::vector<AdviceItem> items;     // empty: nothing to change
  std::vector<std::string> now;      // commands that set the same until the next boot
  std::optional<std::uint64_t> ram;  // bytes; none: not known, or max stays

  [[nodiscard]] const DepthChoice& chosen() const;
  // What the load asks for is more than there is, so that nothing is to be written.
  [[nodiscard]] bool exceeds_ram() const;
  [[nodiscard]] bool takes_much_of_ram() const;
};

struct AdviceQuestion {
  Platform platform;
  std::uint64_t max = 0;       // as it is
  std::uint64_t buckets = 0;   // as it is
  std::optional<double> peak;  // entries expected; none: not known, max stays
  std::string_view peak_is;    // how it is known: "expected", "counted now"
  double headroom = 2;         // max shall be this times the peak
  unsigned depth = default_depth;
  unsigned entry_bytes = 0;
  std::optional<std::uint64_t> ram = {};  // bytes; none: not known
};

// Never advises a smaller table than there is.
[[nodiscard]] Advice advise(const AdviceQuestion& question);

// `value` rounded up to a quarter of its power of two, so that it is easy to recognise.
[[nodiscard]] std::uint64_t tidy_size(double value);

}  // namespace untrack
