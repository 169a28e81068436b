#!/usr/bin/env python3
"""Does conversations.py judge rightly? Rewrites that are right lose no flow, let none begin and leave no entry;
of each that is wrong the fault is seen, as what it is. By hand below, and those of tests/cases/verify that
`untrack verify` calls proven or that break flows.
Usage: conversations_test.py [--seed S]"""
import argparse
import collections
import os
import sys
import time

import conversations
import decisions
import netns
import pairs
import tables
import twins_test
from conversations import Service

COUNT, ATTEMPTS = 300, 6  # a fault that hits few conversations is looked for under several seeds
# `faults`: the kinds that have to be seen; none: the rewrite is right. `others`: those that may be seen as well.
Case = collections.namedtuple("Case", "name version mode before after services faults others options",
                              defaults=((), (), {}))
WEB = [Service("tcp", 80), Service("tcp", 443)]
BEFORE = """*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -m conntrack --ctstate INVALID -j DROP
-A INPUT -p tcp -m multiport --dports 80,443 -m conntrack --ctstate NEW -j ACCEPT
-A INPUT -p {icmp} {echo} -j ACCEPT
COMMIT
"""
STATELESS = """*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p tcp -m tcp --tcp-flags FIN,SYN FIN,SYN -j DROP
-A INPUT -p tcp -m tcp --dport 32768:60999 ! --tcp-flags ACK,RST NONE -j ACCEPT
-A INPUT -p udp -m udp --dport 32768:60999 -j ACCEPT
{errors}-A INPUT -p tcp -m multiport --dports 80,443 -j ACCEPT
-A INPUT -p {icmp} {echo} -j ACCEPT
COMMIT
"""
RAW = """*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING ! -i lo -p tcp -m multiport --dports 80,443 -j CT --notrack
-A OUTPUT ! -o lo -p tcp -m multiport --sports 80,443 -j CT --notrack
COMMIT
"""
NAT = """*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -s 198.51.100.0/24 -o wan -j MASQUERADE
COMMIT
"""
ROUTED = """-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -s 198.51.100.0/24 -i lan -o wan -m conntrack --ctstate NEW -j ACCEPT
COMMIT
"""
INVALID_DROP = "-A INPUT -m conntrack --ctstate INVALID -j DROP\n"
WORDS = {4: {"icmp": "icmp", "option": "icmp --icmp-type", "errors": (0, 3, 11, 12), "echo": "-m icmp --icmp-type 8"},
         6: {"icmp": "ipv6-icmp", "option": "icmp6 --icmpv6-type", "errors": (129, 1, 2, 3, 4),
             "echo": "-m icmp6 --icmpv6-type 128"}}


FORWARDED = NAT.replace("COMMIT\n", "-A PREROUTING -d 203.0.113.1 -i wan -p tcp -m tcp --dport 8080 -j DNAT "
                        "--to-destination 198.51.100.25:80\nCOMMIT\n")
FORWARD_RULE = "-A FORWARD -d 198.51.100.25 -i wan -o lan -p tcp -m tcp --dport 80 -m conntrack --ctstate NEW -j ACCEPT\n"


# What is forwarded without NAT, untracked on either side.
ROUTER = """*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT DROP [0:0]
{answers}-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -m conntrack --ctstate INVALID -j DROP
-A FORWARD -d {server} -i wan -o lan -p tcp -m tcp --dport 25 -m conntrack --ctstate NEW{untracked} -j ACCEPT
-A FORWARD -i lan -o wan -p udp -m conntrack --ctstate NEW -j ACCEPT
COMMIT
"""
ROUTER_RAW = """*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -d {server} -i wan -p tcp -m tcp --dport 25 -m addrtype --dst-type UNICAST -j CT --notrack
-A PREROUTING -s {server} -i lan -p tcp -m tcp --sport 25 -m addrtype --dst-type UNICAST -j CT --notrack
COMMIT
"""
ROUTER_ANSWER = ("-A FORWARD -s {server} -i lan -o wan -p tcp -m tcp --sport 25 ! --tcp-flags ACK,RST NONE "
                 "-m conntrack --ctstate UNTRACKED -j ACCEPT\n")


def without(text, part):
    assert part in text, part
    return text.replace(part, "")


def replaced(text, part, other):
    assert part in text, part
    return text.replace(part, other)


def written():
    """The pairs by hand."""
    for v, words in WORDS.items():
        icmp, echo = words["icmp"], words["echo"]

        def accepted(kinds, state=""):
            return "".join(f"-A INPUT -p {icmp} -m {words['option']} {kind}{state} -j ACCEPT\n" for kind in kinds)
        before = BEFORE.format(icmp=icmp, echo=echo)
        stateless = STATELESS.format(icmp=icmp, echo=echo, errors=accepted(words["errors"]))
        invalid = accepted(words["errors"][1:], " -m conntrack --ctstate INVALID")
        untracked = replaced(replaced(before, INVALID_DROP, invalid + INVALID_DROP), "--ctstate NEW", "--ctstate NEW,UNTRACKED")
        # INPUT of IPv6 is in front of the reassembly that is left without conntrack.
        whole = {"fragments": v == 4}

        def of(name, mode, after, faults=(), others=(), options=None):
            return Case(name, v, mode, before, after, WEB, faults, others, whole if options is None else options)
        yield of("web, stateless", "stateless", stateless)
        yield of("web, notrack", "notrack", RAW + untracked, options={})
        yield of("web, unchanged in a mode that untracks", "stateless", before, ["tracked"])
        yield of("reply rule forgotten", "stateless", without(
            stateless, "-A INPUT -p tcp -m tcp --dport 32768:60999 ! --tcp-flags ACK,RST NONE -j ACCEPT\n"), ["broken"])
        yield of("source port 53 open, UDP", "stateless", replaced(
            stateless, "COMMIT\n", "-A INPUT -p udp -m udp --sport 53 -j ACCEPT\nCOMMIT\n"), ["new-initiator"])
        yield of("source port 53 open, TCP", "stateless", replaced(
            stateless, "COMMIT\n", "-A INPUT -p tcp -m tcp --sport 53 -j ACCEPT\nCOMMIT\n"), ["new-initiator"], ["unjustified"])
        yield of("OUTPUT side of NOTRACK missing", "notrack", without(
            RAW, "-A OUTPUT ! -o lo -p tcp -m multiport --sports 80,443 -j CT --notrack\n") + untracked, ["tracked"])
        yield of("ICMP errors lost, stateless", "stateless", without(
            stateless, accepted(words["errors"][1:])), ["broken"])
        yield of("ICMP errors lost, notrack", "notrack", RAW + without(untracked, invalid), ["broken"])
        yield of("accepted without the ACK gate", "stateless", without(stateless, " ! --tcp-flags ACK,RST NONE"),
                 ["new-initiator"])
        yield of("UNTRACKED not accepted", "notrack", RAW + before, ["broken"])
        server = "198.51.100.25" if v == 4 else "2001:db8:25::25"
        mail = [Service("tcp", 25, "forward", server, "wan")]
        plain = ROUTER.format(server=server, answers="", untracked="")
        answer, raw = ROUTER_ANSWER.format(server=server), ROUTER_RAW.format(server=server)
        forward_errors = "".join(f"-A FORWARD -p {icmp} -m {words['option']} {kind} -m conntrack --ctstate INVALID -j ACCEPT\n"
                                 for kind in words["errors"][1:])
        routed = ROUTER.format(server=server, answers=answer + forward_errors, untracked=",UNTRACKED")
        yield Case("forwarded, notrack", v, "notrack", plain, raw + routed, mail)
        yield Case("forwarded, answers tracked", v, "notrack", plain, without(raw, raw.split("\n")[4] + "\n") + routed, mail,
                   ["broken"], ["tracked"])
        yield Case("forwarded, answers refused", v, "notrack", plain, raw + without(routed, answer), mail, ["broken"])
        yield Case("forwarded, errors refused", v, "notrack", plain, raw + without(routed, forward_errors), mail, ["broken"])
        yield Case("forwarded, answers without a gate", v, "notrack", plain,
                   raw + without(routed, " ! --tcp-flags ACK,RST NONE"), mail, ["new-initiator"], ["unjustified"])
        if v == 6:
            yield of("later fragments lost", "stateless", stateless, ["broken"], options={})
            continue
        # Served to wan alone, so that what lan asks of others' services stays tracked.
        raw = replaced(replaced(RAW, "! -i lo", "-i wan"), "! -o lo", "-o wan")
        routed, routed_after = (NAT + replaced(replaced(text, "COMMIT\n", ROUTED), "-A INPUT -p tcp", "-A INPUT -i wan -p tcp")
                                for text in (before, untracked))
        yield Case("router with masquerade, notrack", 4, "notrack", routed, raw + routed_after, WEB)
        yield Case("services of others untracked, too", 4, "notrack", routed, RAW + routed_after, WEB, ["broken"])
        hit = replaced(raw, "COMMIT\n", "-A PREROUTING -i lan -p udp -j CT --notrack\nCOMMIT\n")
        yield Case("masqueraded flows untracked", 4, "notrack", routed, hit + replaced(
            routed_after, "ESTABLISHED", "ESTABLISHED,UNTRACKED"), WEB, ["broken"], ["new-initiator", "unjustified"])
        yield Case("masquerade lost", 4, "notrack", routed, raw + without(
            routed_after, "-A POSTROUTING -s 198.51.100.0/24 -o wan -j MASQUERADE\n"), WEB, ["broken"])
        inward = replaced(without(routed, NAT), "COMMIT\n", FORWARD_RULE + "COMMIT\n")
        served = [Service("tcp", 8080, "forward")]
        yield Case("port forwarded, unchanged", 4, None, FORWARDED + inward, FORWARDED + inward, served)
        yield Case("port forwarding lost", 4, None, FORWARDED + inward, NAT + inward, served, ["broken"])


def golden():
    """Those of tests/cases/verify."""
    for pair, is_proven in pairs.golden_pairs():
        if "--outbound" in pair.options:
            continue  # conversations begin whatever the original permits; twins_test keeps to the list
        options = {}
        if "--client-ports" in pair.options:
            options["client_ports"] = twins_test.client_ports(pair, "out")
        if "no_fragments" in pair.options:
            options["fragments"] = False
        mode = pair.options[pair.options.index("--mode") + 1] if "--mode" in pair.options else None
        if is_proven or pair.name in twins_test.BREAK_FLOWS:
            yield Case(pair.name, pair.version, mode, pair.before, pair.after, [],
                       [] if is_proven else ["broken"], ["new-initiator", "unjustified", "tracked"], options)


def seen_in(outcome):
    """The faults of an outcome."""
    found = {"broken": outcome.broken, "new-initiator": outcome.new_initiators, "unjustified": outcome.unjustified,
             "tracked": outcome.tracked}
    return {kind for kind, rows in found.items() if rows}


def judge(replayer, case, seed, wrong, counts):
    """Adds to `wrong` what is told of a pair and should not be, and what is not."""
    seen, last = set(), None
    for attempt in range(ATTEMPTS if case.faults else 1):
        last = replayer.replay(case.before, case.after, case.services, f"{seed}/{attempt}", COUNT, case.mode,
                               family=case.version, **case.options)
        seen |= seen_in(last)
        counts.update(last.counts)
        if seen.issuperset(case.faults):
            break
    expected = set(case.faults)
    what = f"{case.name}, IPv{case.version}, {replayer.hosts[0].backend}"
    if not expected <= seen or (seen - expected and not (expected and seen <= expected | set(case.others))):
        wrong.append(f"{what}: seen {sorted(seen)}, expected {sorted(expected)}\n{last}")
    if not last.counts["packets arrived"]:
        wrong.append(f"{what}: no packet arrived")
    if case.mode == "stateless" and not case.faults and (last.entries_after or last.tracks is not False):
        wrong.append(f"{what}: {last.entries_after} entries, tracks: {last.tracks}")


def details(replayer, wrong):
    """What the kinds alone do not show."""
    cases = {case.name: case for case in written() if case.version == 4}

    def outcome(name, seed="details"):
        case = cases[name]
        return replayer.replay(case.before, case.after, case.services, seed, COUNT, case.mode, family=4)
    lost = outcome("ICMP errors lost, stateless").broken
    if not lost or any("error" not in row.what for row in lost):
        wrong.append(f"ICMP errors lost: {sorted({row.what for row in lost})}")
    forgotten = {row.what for row in outcome("reply rule forgotten").broken}
    if "SYN-ACK" not in forgotten:
        wrong.append(f"reply rule forgotten: {sorted(forgotten)}")
    one, other = (str(outcome("source port 53 open, UDP", "same")).split(" entries")[0].split("\n")[:-1] for _ in range(2))
    if one != other:
        wrong.append("the same seed shows other conversations")
    if outcome("web, notrack").exposure_kinds - {"icmp-error", "stray-segments", "odd-flags"}:
        wrong.append(f"web, notrack: exposed {outcome('web, notrack').exposure_kinds}")
    routed = outcome("masquerade lost").broken
    if not any(row.after.arrived and row.before.ends.source != row.after.ends.source for row in routed):
        wrong.append("masquerade lost: nothing arrived untranslated")
    try:
        replayer.replay("*filter\n-A INPUT -m nonesuch -j ACCEPT\nCOMMIT\n", "", family=4)
        wrong.append("a ruleset that cannot be loaded is not refused")
    except decisions.Refused:
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", default=os.environ.get("UNTRACK_SEED", "1"))
    wanted = parser.parse_args()
    start, wrong, counts, cases = time.monotonic(), [], collections.Counter(), 0
    backends = [backend for backend in tables.BACKENDS if not tables.missing(backend)]
    if not backends:
        netns.skip("no backend of iptables is installed")
    for backend in backends:
        with conversations.Replayer(backend, "conversations") as replayer:
            for case in [*written(), *(golden() if backend == backends[0] else [])]:
                judge(replayer, case, wanted.seed, wrong, counts)
                cases += 1
            details(replayer, wrong)
    left = [line for line in netns.run("ip", "netns", "list").stdout.split("\n")
            if line.startswith("untrack-conversations-") and f"-{os.getpid()}-" in line]
    wrong += [f"left behind: {name}" for name in left]
    for sentence in wrong[:10]:
        print(f"wrong: {sentence}")
    print(f"seed {wanted.seed}, backends {', '.join(backends)}, {cases} pairs, wrong {len(wrong)}, {dict(counts)}, "
          f"{time.monotonic() - start:.0f} s")
    return 1 if wrong or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
