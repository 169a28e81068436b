#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analysis/checks/list.hpp"
#include "analysis/checks/settings_finding.hpp"
#include "analysis/pressure/number_text.hpp"

namespace untrack::checks {
namespace {

// What standards ask of a translator, which holds for any box that forgets a flow and then refuses
// its packets: RFC 5382, REQ-5; RFC 4787, REQ-5 with a (shorter is allowed for ports below 1024)
// and c (300 s as a default); RFC 5508, REQ-2. Each was compared with its wording, as others quote
// it. RFC 7857 updates all three; its own text was not at hand, and no number here is of it.
struct StandardRow {
  Timeout timeout;
  unsigned seconds;
  std::string_view standard;
  std::string_view what;  // that breaks
};
constexpr std::array standards = {
    StandardRow{Timeout::tcp_established, 7440, "RFC 5382",
                "an idle TCP connection is forgotten before its keepalive (2 hours) comes"},
    StandardRow{Timeout::udp, 120, "RFC 4787 (300 s are recommended)",
                "a late answer over UDP finds no entry"},
    StandardRow{Timeout::udp_stream, 120, "RFC 4787 (300 s are recommended)",
                "a quiet conversation over UDP (VoIP, VPN, QUIC) is cut"},
    StandardRow{Timeout::icmp, 60, "RFC 5508", "a late echo reply finds no entry"},
};

void find_short_timeout(const Facts& facts, std::vector<Finding>& findings) {
  if (facts.settings == nullptr || surely_nothing_tracks(facts)) return;
  const KernelVersion kernel = kernel_of_settings(facts);
  for (const StandardRow& row : standards) {
    const GivenSetting* setting = setting_that_counts(facts, row_of(row.timeout).name);
    if (setting == nullptr) continue;
    const unsigned usual = default_seconds(row.timeout, kernel);
    if (setting->value >= std::min(row.seconds, usual)) continue;
    const auto value = static_cast<double>(setting->value);
    Finding finding =
        finding_about(short_timeout, *setting, facts,
                      fmt::format("a timeout of {} is shorter than the {} that {} asks for",
                                  duration_text(value), duration_text(row.seconds), row.standard));
    finding.label = fmt::format("the kernel's own is {}", duration_text(usual));
    finding.notes.emplace_back(row.what);
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const CheckInfo short_timeout{
    .code = "UT503",
    .name = "short-timeout",
    .since = "0.1",
    .severity = Severity::warning,
    .summary = "A timeout below what the standards ask for, and below the kernel's own.",
    .why =
        R"(Short timeouts keep the table small, and cut connections that are merely quiet: the next packet finds no entry, is NEW or INVALID,
and a ruleset with state refuses it. For translators standards say how long a quiet flow must be kept: TCP 2 hours and 4 minutes
(RFC 5382, REQ-5), UDP 2 minutes, 5 recommended (RFC 4787, REQ-5), an ICMP query 60 seconds (RFC 5508, REQ-2). A firewall with state that forgets has the same effect.

What to do: leave the kernel's value, and save entries elsewhere: untrack what needs no state (`untrack rewrite --mode notrack`), or
give the table more room (`untrack pressure`).

Limits: the kernel's own timeouts for UDP without an answer and for ICMP (30 s) are shorter than the standards, too; a value is reported
only if it is shorter than both. Timeouts of states in which a TCP connection opens or closes are not judged (RFC 5382 asks for 4 minutes, and Linux itself
keeps none so long), nor are the shorter ones that RFC 4787 allows for services below port 1024, nor those of
single rules (`-j CT --timeout`, `ct timeout`).)",
    .bad = tracking_ruleset,
    .good = tracking_ruleset,
    .bad_settings = R"(net.netfilter.nf_conntrack_tcp_timeout_established = 600
)",
    .good_settings = R"(net.netfilter.nf_conntrack_tcp_timeout_established = 7440
)",
    .also = "UT301",
    .run = find_short_timeout};

}  // namespace untrack::checks
