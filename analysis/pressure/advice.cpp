#include "analysis/pressure/advice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "analysis/pressure/defaults.hpp"
#include "analysis/pressure/depth.hpp"
#include "analysis/pressure/number_text.hpp"
#include "analysis/pressure/timeouts.hpp"

namespace untrack {
namespace {

constexpr std::array<BootFilesRow, 3> boot_files_table{{
    {.since = {0, 0, 0},
     .module = "ip_conntrack",
     .options_path = "/etc/modprobe.conf",
     .sysctl_path = "/etc/sysctl.conf",
     .load_path = "/etc/modules",
     .load_why = "the sysctl does not exist before the module is loaded, and there is no "
                 "modules-load.d yet: Debian loads what /etc/modules names before it reads "
                 "sysctl.conf; on Red Hat an executable /etc/rc.modules with the line \"modprobe "
                 "ip_conntrack\" does the same",
     .evidence =
         "module-init-tools modprobe.conf(5); rc.sysinit of RHEL 5; Debian etch init scripts"},
    {.since = {2, 6, 20},
     .module = "nf_conntrack",
     .options_path = "/etc/modprobe.d/conntrack.conf",
     .sysctl_path = "/etc/sysctl.conf",
     .load_path = "/etc/modules",
     .load_why = "the sysctl does not exist before the module is loaded, and there is no "
                 "modules-load.d yet: Debian loads what /etc/modules names before it reads "
                 "sysctl.conf; on Red Hat an executable /etc/rc.modules with the line \"modprobe "
                 "nf_conntrack\" does the same",
     .evidence = "rc.sysinit of RHEL 6; Debian squeeze init scripts"},
    {.since = {3, 0, 0},
     .module = "nf_conntrack",
     .options_path = "/etc/modprobe.d/conntrack.conf",
     .sysctl_path = "/etc/sysctl.d/60-conntrack.conf",
     .load_path = "/etc/modules-load.d/conntrack.conf",
     .load_why =
         "the sysctl does not exist before the module is loaded; systemd loads these modules "
         "before it sets sysctls",
     .evidence = "modules-load.d(5), sysctl.d(5); systemd-sysctl.service is ordered after "
                 "systemd-modules-load.service"},
}};

}  // namespace

std::span<const BootFilesRow> boot_files_rows() { return boot_files_table; }

const BootFilesRow& boot_files(const KernelVersion& kernel) {
  const BootFilesRow* found = &boot_files_table.front();
  for (const BootFilesRow& row : boot_files_table) {
    if (row.since <= kernel) found = &row;
  }
  return *found;
}

DepthChoice depth_choice(unsigned depth, std::uint64_t max, unsigned entry_bytes,
                         const Platform& platform) {
  DepthChoice choice;
  choice.depth = depth;
  choice.buckets = rounded_buckets(platform, std::max<std::uint64_t>(1, (max + depth - 1) / depth));
  choice.bucket_bytes = choice.buckets * bucket_bytes(platform);
  choice.full_bytes = choice.bucket_bytes + max * entry_bytes;
  choice.mean = mean_depth(static_cast<double>(max), static_cast<double>(choice.buckets));
  choice.deeper_than_8 = share_deeper_than(choice.mean, 8);
  return choice;
}

std::uint64_t tidy_size(double value) {
  const auto whole = static_cast<std::uint64_t>(std::ceil(std::clamp(value, 1.0, 0x1p31)));
  const std::uint64_t step = std::max<std::uint64_t>(1, std::bit_floor(whole) / 4);
  return std::min<std::uint64_t>((whole + step - 1) / step * step, 0x7fffffff);
}

const DepthChoice& Advice::chosen() const {
  return *std::ranges::find(choices, depth, &DepthChoice::depth);
}

bool Advice::exceeds_ram() const { return ram && chosen().full_bytes > *ram; }

bool Advice::takes_much_of_ram() const { return ram && chosen().full_bytes > *ram / 4; }

Advice advise(const AdviceQuestion& question) {
  Advice advice;
  advice.depth = question.depth;
  advice.max = question.max;
  if (!question.peak) {
    advice.max_why = "stays: what the host needs is not known (--rate, --profile or --count)";
  } else {
    const double wanted = *question.peak * question.headroom;
    const std::string product = fmt::format(
        "{:g} x the {} entries {}", question.headroom,
        with_thousands(static_cast<std::uint64_t>(std::llround(*question.peak))), question.peak_is);
    if (static_cast<double>(question.max) >= wanted) {
      advice.max_why = fmt::format("stays: it holds {}", product);
    } else {
      advice.max = tidy_size(wanted);
      advice.max_why = fmt::format("{}, rounded up", product);
    }
  }
  std::vector<unsigned> depths(usual_depths.begin(), usual_depths.end());
  if (std::ranges::find(depths, question.depth) == depths.end()) depths.push_back(question.depth);
  std::ranges::sort(depths, std::greater<>{});
  for (const unsigned depth : depths) {
    advice.choices.push_back(
        depth_choice(depth, advice.max, question.entry_bytes, question.platform));
  }
  const DepthChoice* const chosen = &advice.chosen();
  if (advice.max != question.max) advice.ram = question.ram;
  if (advice.exceeds_ram()) return advice;
  const bool more_buckets = chosen->buckets > question.buckets;
  if (!more_buckets && advice.max == question.max) return advice;

  const KernelVersion& kernel = question.platform.kernel;
  const BootFilesRow& files = boot_files(kernel);
  const std::string max_name = sysctl_name("max", kernel);
  if (more_buckets) {
    advice.items.push_back(
        {"hashsize",
         chosen->buckets,
         fmt::format("{} {} per bucket when full; set when the module is loaded", question.depth,
                     question.depth == 1 ? "entry" : "entries"),
         {{std::string(files.options_path),
           fmt::format("options {} hashsize={}", files.module, chosen->buckets)}}});
    advice.now.push_back(
        fmt::format("echo {} > /sys/module/{}/parameters/hashsize", chosen->buckets, files.module));
  }
  advice.items.push_back(
      {max_name.substr(max_name.rfind('.') + 1),
       advice.max,
       more_buckets
           ? fmt::format(
                 "{}; must be set, since hashsize= alone would make it {}", advice.max_why,
                 with_thousands(max_with_hashsize(question.platform, chosen->buckets).value))
           : advice.max_why,
       {{std::string(files.sysctl_path), fmt::format("{} = {}", max_name, advice.max)},
        {std::string(files.load_path), std::string(files.module)}}});
  advice.now.push_back(fmt::format("sysctl -w {}={}", max_name, advice.max));
  return advice;
}

}  // namespace untrack
