#include <fmt/format.h>

#include "analysis/checks/list.hpp"
#include "analysis/checks/settings_finding.hpp"

namespace untrack::checks {
namespace {

void find_old_setting_name(const Facts& facts, std::vector<Finding>& findings) {
  if (facts.settings == nullptr) return;
  const KernelVersion kernel = kernel_of_settings(facts);
  if (kernel < first_nf_conntrack) return;
  for (const GivenSetting& setting : facts.settings->given) {
    // A name by itself is of a copy of /proc, which shows that the kernel has it.
    const bool is_alone = setting.name.find_first_of("./") == std::string::npos;
    if (!setting.has_old_name || is_alone) continue;
    const bool is_gone = kernel >= old_names_gone;
    Finding finding = finding_about(
        old_setting_name, setting, facts,
        is_gone ? fmt::format("{} is a name that this kernel does not have", setting.name)
                : fmt::format("{} is an old name", setting.name));
    if (!is_gone) finding.severity = Severity::note;
    finding.label = fmt::format("today: {}", sysctl_name(setting.key, kernel));
    finding.notes.push_back(
        is_gone ? "the line has no effect: sysctl says that there is no such file, and goes on"
                : fmt::format("kernels before {} may have both names", to_text(old_names_gone)));
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const CheckInfo old_setting_name{
    .code = "UT504",
    .name = "old-setting-name",
    .since = "0.1",
    .severity = Severity::warning,
    .summary = "A sysctl of ip_conntrack, which kernels no longer have.",
    .why =
        R"(`net.ipv4.ip_conntrack_max` and `net.ipv4.netfilter.ip_conntrack_*` are the names of before 2.6.20. Later kernels could be built
with both, and since 4.9 there are only `net.netfilter.nf_conntrack_*`. A line with the old name then sets nothing: the table has
the kernel's own size, whatever the file says.

What to do: use the new name, if the value is still wanted.

Limits: a note for target kernels before 4.9, which may have been built with both names; nothing before 2.6.20.)",
    .bad = tracking_ruleset,
    .good = tracking_ruleset,
    .bad_settings = R"(net.ipv4.ip_conntrack_max = 262144
)",
    .good_settings = R"(net.netfilter.nf_conntrack_max = 262144
)",
    .also = "UT301",
    .run = find_old_setting_name};

}  // namespace untrack::checks
