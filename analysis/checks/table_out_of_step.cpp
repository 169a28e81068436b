#include <fmt/format.h>

#include "analysis/checks/list.hpp"
#include "analysis/checks/settings_finding.hpp"
#include "analysis/pressure/defaults.hpp"
#include "analysis/pressure/depth.hpp"
#include "analysis/pressure/number_text.hpp"

namespace untrack::checks {
namespace {

struct Buckets {
  std::uint64_t number = 0;
  const GivenSetting* setting = nullptr;  // null: the kernel's choice
};

// The kernel's own choice takes the size of the memory.
std::optional<Buckets> buckets_of(const Facts& facts, const Platform& platform) {
  const GivenSettings& settings = *facts.settings;
  for (const char* key : {"buckets", "hashsize"}) {
    const GivenSetting* setting = setting_that_counts(facts, key);
    if (setting != nullptr && setting->value > 0) return Buckets{setting->value, setting};
  }
  if (!settings.host.ram) return std::nullopt;
  return Buckets{default_buckets(platform, settings.host.ram->value).value, nullptr};
}

void find_table_out_of_step(const Facts& facts, std::vector<Finding>& findings) {
  if (facts.settings == nullptr || surely_nothing_tracks(facts)) return;
  const GivenSetting* max = setting_that_counts(facts, "max");
  if (max == nullptr || max->value == 0) return;
  const Platform platform{kernel_of_settings(facts), 64, facts.settings->host.is_el7};
  const auto buckets = buckets_of(facts, platform);
  if (!buckets) return;
  const double mean =
      mean_depth(static_cast<double>(max->value), static_cast<double>(buckets->number));
  if (mean <= deep_mean) return;
  Finding finding =
      finding_about(table_out_of_step, *max, facts,
                    fmt::format("{} entries share {} buckets", with_thousands(max->value),
                                with_thousands(buckets->number)));
  if (mean > too_deep_mean) finding.severity = Severity::error;
  finding.label = fmt::format("{:.0f} tuples in a bucket when the table is full", mean);
  if (buckets->setting != nullptr) {
    finding.related.push_back({buckets->setting->span, "the buckets"});
  } else {
    finding.notes.push_back(fmt::format(
        "the buckets are those that Linux {} makes of {} of memory", to_text(platform.kernel),
        bytes_text(static_cast<double>(facts.settings->host.ram->value))));
  }
  finding.notes.push_back(
      fmt::format("every packet of a tracked connection searches a bucket; {} buckets would hold "
                  "one entry each",
                  with_thousands(rounded_buckets(platform, max->value))));
  if (const ChainCapRow* cap = chain_cap(platform.kernel)) {
    finding.notes.push_back(
        fmt::format("Linux {} drops a new connection whose bucket has {} to {} tuples",
                    to_text(platform.kernel), cap->least, cap->most));
  }
  findings.push_back(std::move(finding));
}

}  // namespace

const CheckInfo table_out_of_step{
    .code = "UT502",
    .name = "table-out-of-step",
    .since = "0.1",
    .severity = Severity::warning,
    .summary = "Many more entries are allowed than the table has buckets for.",
    .why =
        R"(`nf_conntrack_max` is a limit, and the number of buckets (`nf_conntrack_buckets`, `hashsize=`) is the size of the table. Raising the
limit alone makes the buckets deeper: each entry stands in two of them, and every packet searches one. Kernels since 5.15 drop
new connections whose bucket is too deep, long before the limit is reached (`chaintoolong` in `conntrack -S`).

It is a warning from 8 tuples a bucket on and an error above 25, when the table is full; these thresholds are our own.

What to do: `options nf_conntrack hashsize=N` in `modprobe.d`, with N as large as the limit, or `net.netfilter.nf_conntrack_buckets`.
`untrack pressure` computes both.

Limits: nothing is said where the buckets are not given and cannot be computed for want of the size of the memory.)",
    .bad = tracking_ruleset,
    .good = tracking_ruleset,
    .bad_settings = R"(net.netfilter.nf_conntrack_max = 524288
net.netfilter.nf_conntrack_buckets = 65536
)",
    .good_settings = R"(net.netfilter.nf_conntrack_max = 524288
net.netfilter.nf_conntrack_buckets = 524288
)",
    .also = "UT301",
    .run = find_table_out_of_step};

}  // namespace untrack::checks
