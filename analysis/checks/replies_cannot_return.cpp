#include <fmt/format.h>

#include "analysis/checks/list.hpp"
#include "analysis/checks/packet_finding.hpp"
#include "analysis/facts.hpp"

namespace untrack::checks {
namespace {

std::string_view message_of(UnansweredFlows::Use use) {
  switch (use) {
    case UnansweredFlows::Use::none:
      return "flows are let through here, and their answers are refused";
    case UnansweredFlows::Use::one_way:
      return "datagrams are let through here, and answers to them are refused; right, if they need "
             "none";
    case UnansweredFlows::Use::datagrams:
      return "all answers to what is let through here are refused: no TCP connection comes about, "
             "only datagrams of one direction pass";
  }
  return {};
}

void find_replies_cannot_return(const Facts& facts, std::vector<Finding>& findings) {
  for (const UnansweredFlows& row : facts.flows.unanswered) {
    if (decides_nothing(facts, row.rule)) continue;
    Finding finding = packet_finding(replies_cannot_return, facts, row.rule, row.version);
    if (row.use != UnansweredFlows::Use::none) finding.severity = Severity::note;
    finding.message = std::string(message_of(row.use));
    finding.label = "only this direction passes";
    add_refuser(finding, facts, row.refused_by, row.refused_in, "answers");
    if (!row.answer.empty()) {
      finding.notes.push_back(fmt::format("this answer is refused: {}", row.answer));
    }
    finding.notes.emplace_back(
        "let the answers pass if there are to be any: by state ESTABLISHED, or by their source "
        "port");
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const CheckInfo replies_cannot_return{
    .code = "UT313",
    .name = "replies-cannot-return",
    .since = "0.1",
    .severity = Severity::warning,
    .summary = "A rule lets flows through of which no answer is let back.",
    .why =
        R"(The filter accepts the packets that begin these flows, and refuses every packet that could answer them, even one that conntrack knows as ESTABLISHED. No TCP connection comes about, and whoever asks over UDP waits for nothing.

It is a warning where the rule admits nothing but what is of no use without answers: TCP, ping, and UDP services that are asked, such as DNS, NTP, SNMP, RADIUS, IKE, SIP. It is a note where the rule lets through other
datagrams, too, which may be meant to go one way: telemetry, logs, a data diode.

What to do: accept answers on the way back, by their state or by their source port; or delete the rule, if nothing uses it. For a service of one
direction only the rule is right as it is; say its port, and nothing more is let through than is meant.

Limits: said of TCP, UDP and ping, for flows that begin at a port that Linux chooses by default (32768 to 60999), and only if answers of the
whole class are refused. Left out are what a policy lets through, pings that a rule for all of ICMP lets through, multicast and broadcast, ways with address translation, and UDP services that nobody answers, or that answer from another
port or by ICMP: wake on LAN, TFTP, SNMP traps, syslog, RIP, HSRP, GLBP, heartbeat, corosync, netconsole, statsd, Ganglia, GELF, collectd, NetFlow, IPFIX, sFlow, VXLAN, Geneve, traceroute.
Where very many rules of a long list are like that, an answer is followed and shown for the first of them alone.)",
    .bad = R"(*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
)",
    .good = R"(*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A OUTPUT -p tcp -m tcp --sport 22 -j ACCEPT
COMMIT
)",
    .also = "",
    .run = find_replies_cannot_return};

}  // namespace untrack::checks
