#!/usr/bin/env python3
"""What the kernel says of the packets with which `untrack diff` and `untrack verify` show that two rulesets
differ: each is sent under both. Pairs are those of tests/cases/verify, random rulesets with a spoiled copy
and, where the folder is there, rulesets that others wrote with a spoiled copy. For random pairs the other
way round, too: a packet that the kernel decides differently lies in a difference that `diff` reports.

Usage: witnesses_test.py UNTRACK [FOLDER] [--seconds N] [--seed S] [--case N]
--case asks about one random pair and prints it with every witness, packet and answer."""
import argparse
import collections
import json
import os
import random
import re
import sys
import time

import decisions
import decisions_test
import explain
import frames
import near_packets
import netns
import pairs
import published_decisions_test
import tables

NFT_SHARE = 3  # one random pair of so many is asked of the nft backend, too
PUBLISHED_SHARE = 0.3  # of the time
LONGEST = 20000  # bytes of a published ruleset
# What a packet has and the JSON of a witness has no key for.
UNTOLD = re.compile(r"-m (addrtype|pkttype|mac|length|ttl|hl|dscp|tos|ecn|ah|esp|mh|dccp|sctp|tcpmss)\b|--tcp-option")
CONFIRMED = ("O1", "O2", "O3")


def as_sent(packet):
    """A witness in the words of the lab."""
    packet = dict(packet)
    if packet.pop("later_fragment", False):
        packet["fragment"] = True
    return packet


def is_accept(decision):
    return decision == "accept"


class Comparison(decisions_test.Comparison):
    """Counts what was asked, in the way of decisions_test.py."""

    def __init__(self, untrack, verbose=False):
        super().__init__(explain.explained(untrack))
        self.program, self.verbose = pairs.Program(untrack), verbose
        self.of = collections.Counter()
        self.faults = self.confirmed = self.different = self.pairs = 0

    def tell(self, *words):
        if self.verbose:
            print(*words)

    def explained(self, pair, packets, side):
        return self.oracle(side, pair.version, packets) if packets else []

    def compare(self, kernels, pair, near=()):
        """Asks about all witnesses of a pair and, where the kernel can tell, about `near`."""
        found = {command: self.program.ask(command, pair) for command in ("diff", "verify")}
        shown = []
        for command, read in (("diff", pairs.of_diff), ("verify", pairs.of_verify)):
            if isinstance(found[command], str):
                self.skip(found[command])
            else:
                shown += read(found[command])
        asked = []
        for witness in shown:
            if witness.where:
                self.skip("a witness that takes as true what no packet tells")
            else:
                asked.append(witness._replace(packet=as_sent(witness.packet), rewritten=as_sent(witness.rewritten)))
        packets = [witness.packet for witness in asked] + list(near)
        rewritten = [witness.rewritten for witness in asked] + list(near)
        said = list(zip(self.explained(pair, packets, pair.before), self.explained(pair, rewritten, pair.after)))
        self.pairs += 1
        for kernel in kernels:
            answers = self.asked_of(kernel, pair, packets, rewritten)
            for witness, answer, program in zip(asked, answers, said):
                self.judge_witness(kernel, pair, witness, answer, program)
            if answers and not isinstance(found["diff"], str):
                for packet, answer, program in list(zip(packets, answers, said))[len(asked):]:
                    self.judge_difference(kernel, pair, packet, answer, program, found["diff"])

    def asked_of(self, kernel, pair, packets, rewritten):
        """[(answer under the first, under the second)], or nothing where one is refused."""
        kernel.enter()
        try:
            answers = decisions.under_both(kernel, {pair.version: pair.before}, {pair.version: pair.after},
                                           packets, rewritten)
        except decisions.Refused as refusal:
            self.skip(f"{kernel.backend} refuses a ruleset ({decisions_test.in_short(str(refusal))})", len(packets))
            return []
        self.asked += 2 * len(answers)
        for both in answers:
            for answer in both:
                self.verdicts[answer.verdict] += 1
        return answers

    def why_not(self, kernel, packet, answer, program):
        if answer.verdict == "unaskable":
            return answer.why
        return decisions_test.cannot_compare(kernel, packet, answer, program)

    def judge_witness(self, kernel, pair, witness, answers, said):
        """Both statements about a witness against the kernel's, each for itself."""
        agreed = 0
        for packet, answer, program, stated, side in zip(
                (witness.packet, witness.rewritten), answers, said, (witness.before, witness.after),
                ("before", "after")):
            why = self.why_not(kernel, packet, answer, {**program, "verdict": stated})
            self.tell(f"  {witness.of} {side}, {kernel.backend}: {json.dumps(packet)}: stated {stated}, explained "
                      f"{program['verdict']}, the kernel {answer.verdict} {answer.state or ''} {why or ''}")
            if not why and is_accept(program["verdict"]) != is_accept(stated) and UNTOLD.search(
                    pair.before + pair.after):
                why = "a witness has something that its JSON does not tell"
            if why:
                self.skip(why)
                continue
            self.compared += 1
            self.of[witness.of] += 1
            agreed += 1
            what = f"{pair.name}, {witness.of}, {side}, {kernel.backend}: {json.dumps(packet)}"
            if (answer.verdict == "accept") != is_accept(stated):
                self.wrong.append(f"{what}: stated: {stated}; the kernel: {answer.verdict}, {answer.state}")
                agreed -= 1
            elif is_accept(program["verdict"]) != is_accept(stated):
                self.wrong.append(f"{what}: stated: {stated}; explained: {program['verdict']}")
                agreed -= 1
        is_lost = witness.of == "O2"
        if agreed == 2 and (witness.of in CONFIRMED and
                            (is_accept(witness.before), is_accept(witness.after)) == (is_lost, not is_lost)):
            self.confirmed += 1

    def judge_difference(self, kernel, pair, packet, answers, said, difference):
        """What the kernel decides differently must lie in a difference that `diff` reports."""
        for answer, program in zip(answers, said):
            why = self.why_not(kernel, packet, answer, program)
            if why:
                self.skip(why)
                return
        self.compared += 1
        verdicts = tuple(answer.verdict == "accept" for answer in answers)
        what = f"{pair.name}, a packet, {kernel.backend}: {json.dumps(packet)}"
        explained = tuple(is_accept(program["verdict"]) for program in said)
        if verdicts != explained:
            self.wrong.append(f"{what}: accepted: {verdicts}; untrack explain: {explained}")
        if verdicts[0] == verdicts[1]:
            return
        self.different += 1
        if difference["compared"].get(packet["family"]) != "all":
            self.skip("a difference, and diff says that it compares a part")
        elif packet["state"] == "invalid" and frames.has_bad_checksum(packet):
            self.skip("a difference of packets with a wrong checksum, which diff leaves aside")
        elif difference["equivalent"] or not any(reports(row, packet, verdicts) for row in difference["decisions"]):
            self.wrong.append(f"{what}: accepted: {verdicts}; untrack diff reports no such difference")


def reports(row, packet, verdicts):
    """Whether a difference can hold the packet: of its way and state, and from one verdict to the other."""
    return (row["path"] == packet["path"] and row["family"] == packet["family"] and
            (not row["state"] or packet["state"] in row["state"]) and
            (is_accept(row["before"]["decision"]), is_accept(row["after"]["decision"])) == verdicts)


def golden(kernels, comparison):
    """All of tests/cases/verify. A fault that is told by a decision must be confirmed."""
    for pair, is_proven in pairs.golden_pairs():
        comparison.tell(f"{pair.name}:")
        before = comparison.confirmed
        comparison.compare(kernels, pair)
        found = comparison.program.ask("verify", pair)
        # What comes in by lo was seen by OUTPUT, so that no packet of a test takes its place.
        faults = [w for w in pairs.of_verify(found) if w.of in CONFIRMED and not w.where and
                  is_accept(w.before) != is_accept(w.after) and w.packet.get("in_interface") != "lo"]
        if is_proven and any(w.of != "exposure" for w in pairs.of_verify(found)):
            comparison.wrong.append(f"{pair.name}: is called proven and has a witness against it")
        # Packets of the laboratory are sent by no user's socket, so that such flows do not begin.
        is_askable = not found["not_understood"] and "-m owner" not in pair.before
        wanted = len(faults) * len(kernels) if is_askable else 0
        comparison.faults += wanted
        if wanted != comparison.confirmed - before:
            comparison.wrong.append(f"{pair.name}: of {wanted} faults that verify tells the kernel confirms "
                                    f"{comparison.confirmed - before}")


def published(folder, seed):
    """Random published rulesets, each with a spoiled copy."""
    found = [(name, v, text) for name, v, text in published_decisions_test.rulesets(folder)
             if len(text) <= LONGEST and not near_packets.HISTORY.search(text)]
    chance = random.Random(f"published {seed}")
    chance.shuffle(found)
    for number, (name, v, text) in enumerate(found):
        options = ["--mode", "notrack" if number % 2 else "stateless"]
        after = pairs.spoiled(text, random.Random(f"{seed}/{name}"), 2)
        yield pairs.Pair(f"{name} with seed {seed}", v, text, after, options)


def until(end, source, do):
    """How many of `source` were done in the time."""
    count = 0
    for item in source:
        if time.monotonic() > end:
            break
        do(count, item)
        count += 1
    return count


def run(kernels, comparison, wanted):
    start = time.monotonic()
    golden(kernels, comparison)
    in_folder = 0
    if wanted.folder and os.path.isdir(wanted.folder):
        in_folder = until(start + wanted.seconds * PUBLISHED_SHARE, published(wanted.folder, wanted.seed),
                          lambda number, pair: comparison.compare(kernels[:1], pair))
    else:
        comparison.skip("no folder with rulesets of others")
    numbers = iter(range(10 ** 9))
    return in_folder, until(start + wanted.seconds, numbers, lambda count, number: comparison.compare(
        kernels if number % NFT_SHARE == 0 else kernels[:1], *pairs.random_pair(wanted.seed, number)))


def replay(kernels, comparison, wanted):
    pair, near = pairs.random_pair(wanted.seed, wanted.case)
    print(f"{pair.name}, IPv{pair.version}, {pair.options}\n{pair.before}\n--- after\n{pair.after}")
    comparison.compare(kernels, pair, near)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("untrack")
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--seed", default=os.environ.get("UNTRACK_SEED", "1"))
    parser.add_argument("--case", type=int)
    parser.add_argument("--verbose", action="store_true")
    wanted = parser.parse_args()
    comparison = Comparison(wanted.untrack, wanted.verbose or wanted.case is not None)
    kernels, counts = [], (0, 0)
    try:
        for backend in decisions_test.BACKENDS:
            if tables.missing(backend):
                comparison.skip(f"{tables.missing(backend)} is not installed")
            else:
                kernels.append(decisions.Kernel(backend, "witnesses"))
        if not kernels:
            netns.skip("no backend of iptables is installed")
        if wanted.case is None:
            counts = run(kernels, comparison, wanted)
        else:
            replay(kernels, comparison, wanted)
    finally:
        for kernel in reversed(kernels):
            kernel.close()
    print(f"pairs {comparison.pairs}; compared of witnesses: {dict(comparison.of)}; faults confirmed: "
          f"{comparison.confirmed}, all {comparison.faults} of tests/cases/verify; packets that the kernel decides differently: {comparison.different}")
    return decisions_test.report(comparison, wanted.seed, f"{counts[0]} published and {counts[1]} random pairs")


if __name__ == "__main__":
    sys.exit(main())
