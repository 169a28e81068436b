#!/usr/bin/env python3
"""Flows under rulesets and the rewrites of tests/cases/verify that `untrack verify` calls proven: whatever the
kernel lets through under the original it lets through under the rewrite. Of each flow are sent the first packet,
the reply, later packets of both sides, and ICMP errors about it from both ends. Of rewrites that are known
to break flows, some must be seen to be lost.

A flow is one that the original permits, begun from a client's port (the assumption client_ports); packets behind
the first find an entry if the first one got one under that ruleset, and none if not.
Usage: twins_test.py [--seconds N] [--seed S]"""
import argparse
import collections
import json
import os
import random
import sys
import time

import decisions
import frames
import near_packets
import netns
import pairs
import tables

FLOWS = 150  # at a time
CLIENTS_OF_HOST, CLIENTS = (32768, 60999), (1024, 65535)
LATER = ("ack", "psh,ack", "fin,ack", "rst,ack", "rst")
SERVICES = (22, 25, 53, 80, 443, 8080)
BREAK_FLOWS = ("related-lost", "web-errors-lost", "web-notrack-errors-lost", "web-reply-forgotten")
Sent = collections.namedtuple("Sent", "what packet")


def mirrored(packet):
    """The same way back, without what is of one packet only."""
    ways = {"in": "out", "out": "in", "forward": "forward"}
    back = {**packet, "path": ways[packet["path"]], "source": packet["destination"],
            "destination": packet["source"]}
    for this, other in (("in_interface", "out_interface"), ("source_port", "destination_port")):
        back.pop(this, None), back.pop(other, None)
        if other in packet:
            back[this] = packet[other]
        if this in packet:
            back[other] = packet[this]
    return back


def client_ports(pair, path):
    if "--client-ports" in pair.options:
        first, last = pair.options[pair.options.index("--client-ports") + 1].split(":")
        return int(first), int(last)
    return CLIENTS_OF_HOST if path == "out" else CLIENTS


def listed(pair):
    """The flows that the host may begin, as (protocol, port, address): None if there is no list, so that it
    may begin any. Only lines of the form of those cases are read."""
    if "--outbound" not in pair.options:
        return None
    found = []
    with open(pair.options[pair.options.index("--outbound") + 1], encoding="utf-8") as file:
        for words in (line.split("#")[0].split() for line in file):
            if len(words) in (2, 4) and words[0] in ("tcp", "udp", "icmp"):
                port = None if words[0] == "icmp" else int(words[1])
                found.append((words[0], port, words[3] if len(words) == 4 else None))
    return found


def flow(pair, chance):
    """The first packet of one."""
    v, pick = pair.version, chance.choice
    rules = pair.before + pair.after
    path = pick(["in", "in", "out", "out", "forward"])
    packet = {"path": path, "family": f"ipv{v}", "state": "new"}
    packet["source"], packet["destination"] = chance.sample(near_packets.addresses_in(rules, v), 2)
    names = near_packets.interfaces_in(rules, chance) + (["lo"] if path != "forward" else [])
    if path != "out":
        packet["in_interface"] = pick(names)
    if path != "in":
        packet["out_interface"] = pick(names)
    protocol = pick(["tcp", "tcp", "tcp", "udp", "icmp"])
    port = pick(SERVICES + tuple(near_packets.ports_in(rules)))
    lines = listed(pair)
    if lines is not None and path == "out" and packet["out_interface"] != "lo":
        if not lines:
            return flow(pair, chance)
        protocol, port, address = pick(lines)
        packet["destination"] = address or packet["destination"]
    if protocol == "icmp":
        return {**packet, "protocol": "icmp" if v == 4 else "icmpv6", "icmp_type": frames.ECHO[v][0], "icmp_code": 0}
    packet.update(protocol=protocol, source_port=chance.randint(*client_ports(pair, path)),
                  destination_port=port)
    return {**packet, "tcp_flags": "syn"} if protocol == "tcp" else packet


def error_about(first, is_from_server, chance):
    """An ICMP error that one end of a flow sends about it."""
    v = frames.version_of(first)
    quoted = [frames.protocol_of(first), first["source_port"], first["destination_port"]]
    error = mirrored(first) if is_from_server else dict(first)
    if not is_from_server:
        quoted[1:] = quoted[:0:-1]
    for key in ("source_port", "destination_port", "tcp_flags"):
        error.pop(key, None)
    kind, code = chance.choice([(3, 1), (3, 3), (3, 4), (11, 0), (12, 0)] if v == 4 else
                               [(1, 4), (2, 0), (3, 0), (4, 0)])
    return {**error, "protocol": "icmp" if v == 4 else "icmpv6", "icmp_type": kind, "icmp_code": code,
            "state": "related", "quoted": tuple(quoted)}


def rest_of(first, chance):
    """What is sent behind the first packet."""
    onward, back = {**first, "state": "established"}, {**mirrored(first), "state": "established"}
    if frames.is_icmp(first):
        back["icmp_type"] = frames.ECHO[frames.version_of(first)][1]
        return [Sent("reply", back), Sent("later packet", onward)]
    sent = []
    if frames.protocol_of(first) == 6:
        sent.append(Sent("reply", {**back, "tcp_flags": "syn,ack"}))
        onward["tcp_flags"], back["tcp_flags"] = chance.choice(LATER), chance.choice(LATER)
    sent += [Sent("later packet", onward), Sent("later packet of the server", back)]
    return sent + [Sent("error of the server", error_about(first, True, chance)),
                   Sent("error of the client", error_about(first, False, chance))]


def without_entry(packet):
    """The same where the first packet got no entry."""
    return {**packet, "state": "invalid" if packet["state"] == "related" else "new"}


def answers(kernel, v, text, packets):
    """Those to several packets of each flow, the first of which says whether the flow has an entry."""
    refusal = kernel.load({v: text})
    if refusal:
        raise ValueError(refusal)
    found = []
    for first, rest in packets:
        begun = kernel.decide(first)
        found.append([begun] + [kernel.decide(sent.packet if begun.entry else without_entry(sent.packet))
                                for sent in rest])
    return found


def compare(kernel, pair, chance, counts, wrong):
    """Adds to both what became of random flows."""
    firsts = [flow(pair, chance) for _ in range(FLOWS)]
    flows = [(first, rest_of(first, chance)) for first in firsts if not frames.unaskable(first)]
    before, after = (answers(kernel, pair.version, text, flows) for text in (pair.before, pair.after))
    for (first, rest), old, new in zip(flows, before, after):
        if old[0].verdict != "accept":
            counts["flows refused before"] += 1
            continue
        counts["flows"] += 1
        for sent, one, other in zip([Sent("first packet", first), *rest], old, new):
            if "unaskable" in (one.verdict, other.verdict):
                counts[f"skipped: {one.why or other.why}"] += 1
            elif one.verdict != "accept":
                counts[f"{sent.what} refused before"] += 1
            else:
                counts["packets compared"] += 1
                if other.verdict != "accept":
                    wrong.append(f"{pair.name}, {kernel.backend}: {sent.what} of {json.dumps(first)}: "
                                 f"{json.dumps(sent.packet)}: before {one}, after {other}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--seed", default=os.environ.get("UNTRACK_SEED", "1"))
    wanted = parser.parse_args()
    missing = tables.missing("legacy")
    if missing:
        netns.skip(f"{missing} is not installed")
    counts, wrong = collections.Counter(), []
    chance = random.Random(f"twins {wanted.seed}")
    twins = {(pair.before, pair.after): pair for pair, is_proven in pairs.golden_pairs() if is_proven}
    broken = [pair for pair, _ in pairs.golden_pairs() if pair.name in BREAK_FLOWS]
    with decisions.Kernel("legacy", "twins") as kernel:
        for pair in broken:
            lost = []
            compare(kernel, pair, chance, collections.Counter(), lost)
            compare(kernel, pair, chance, collections.Counter(), lost)
            if not lost:
                wrong.append(f"{pair.name}: nothing, though the rewrite breaks flows")
        end = time.monotonic() + wanted.seconds
        while time.monotonic() < end:
            for pair in twins.values():
                compare(kernel, pair, chance, counts, wrong)
    for sentence in wrong[:20]:
        print(f"lost: {sentence}")
    print(f"seed {wanted.seed}, {len(twins)} pairs, lost {len(wrong)}, " +
          "; ".join(f"{count} {what}" for what, count in counts.most_common()))
    return 1 if wrong or not counts["packets compared"] else 0


if __name__ == "__main__":
    sys.exit(main())
