#include <fmt/format.h>

#include "analysis/checks/list.hpp"
#include "analysis/checks/settings_finding.hpp"

namespace untrack::checks {
namespace {

// Whether the value is one that somebody chose. In a list of everything only a timeout tells: the
// sizes of the table depend on the memory, and switches have other defaults in distributions.
bool is_chosen(const GivenSetting& setting, const KernelVersion& kernel) {
  if (!setting.is_listed) return true;
  for (const TimeoutRow& row : timeout_rows()) {
    if (row.name == setting.key) return setting.value != default_seconds(row.timeout, kernel);
  }
  return false;
}

void find_dead_tuning(const Facts& facts, std::vector<Finding>& findings) {
  if (facts.settings == nullptr || !surely_nothing_tracks(facts)) return;
  const KernelVersion kernel = kernel_of_settings(facts);
  std::vector<const GivenSetting*> dead;
  for (const GivenSetting& setting : facts.settings->given) {
    if (is_chosen(setting, kernel)) dead.push_back(&setting);
  }
  if (dead.empty()) return;
  Finding finding = finding_about(
      dead_tuning, *dead.front(), facts,
      dead.size() == 1 ? fmt::format("{} tunes a table that stays empty", dead.front()->name)
                       : fmt::format("{} settings tune a table that stays empty", dead.size()));
  finding.label = "no rule here makes the kernel track";
  finding.notes.emplace_back(
      "these rules need no connection tracking, in IPv4 nor in IPv6: nothing is entered into the "
      "table, whatever its size and its timeouts");
  constexpr std::size_t shown = 5;
  for (std::size_t i = 1; i < dead.size() && i <= shown; ++i) {
    finding.related.push_back({dead[i]->span, "the same"});
  }
  if (dead.size() > shown + 1) {
    finding.notes.push_back(fmt::format("and {} more lines", dead.size() - shown - 1));
  }
  findings.push_back(std::move(finding));
}

}  // namespace

const CheckInfo dead_tuning{
    .code = "UT501",
    .name = "dead-tuning",
    .since = "0.1",
    .severity = Severity::warning,
    .summary = "Settings of connection tracking on a host where nothing tracks.",
    .why =
        R"(The kernel enters a connection into its table only while some rule needs it (since Linux 4.10). Where no rule does, sizes and
timeouts of the table have no effect. They are often left from a time when the host tracked, and may do harm: a line in
`sysctl.d` for a module that is not there fails at boot, and the usual cure loads `nf_conntrack` again.

What to do: delete the lines, and `options nf_conntrack` in `modprobe.d`; the buckets are memory as soon as the module is loaded.

Limits: needs the rules of both address families (`--sysctl`, or a snapshot, for the settings). Rules of another network namespace,
tc, IPVS and Open vSwitch are seen in a snapshot alone. In the output of `sysctl -a` and in a snapshot, which list every setting
there is, only timeouts other than the kernel's own are taken for somebody's choice.)",
    .bad = R"(table inet filter {
	chain input {
		type filter hook input priority filter; policy accept;
		tcp dport 23 drop
	}
}
)",
    .good = R"(table inet filter {
	chain input {
		type filter hook input priority filter; policy accept;
		tcp dport 23 drop
	}
}
)",
    .bad_settings = R"(net.netfilter.nf_conntrack_max = 1048576
net.netfilter.nf_conntrack_tcp_timeout_established = 86400
)",
    .good_settings = R"(net.core.somaxconn = 4096
)",
    .also = "",
    .run = find_dead_tuning};

}  // namespace untrack::checks
