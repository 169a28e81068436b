#!/usr/bin/env python3
"""What becomes of one packet: the kernel, with both backends of iptables, against the answers written down
in decision_rulesets.txt and, for those and for random rulesets, against `untrack explain`.

Usage: decisions_test.py UNTRACK [--seconds N] [--seed S] [--case N [--keep]]
--case asks about one random ruleset and prints it with every packet and answer; --keep leaves it in a
folder. UNTRACK_SEED is the seed where --seed is not given."""
import argparse
import collections
import json
import os
import sys
import tempfile
import time

import decisions
import explain
import known_decisions
import netns
import random_rulesets
import tables

BACKENDS = ("legacy", "nft")
KEPT_SHORT = 20  # wrong answers that are printed


class Comparison:
    def __init__(self, oracle):
        self.oracle = oracle
        self.asked = self.compared = 0
        self.skipped, self.verdicts, self.wrong = collections.Counter(), collections.Counter(), []

    def skip(self, why, count=1):
        if count:
            self.skipped[why] += count

    def answers(self, kernel, v, text, sets, packets, what):
        """The kernel's, or None where it refuses the ruleset; compares them with the program's."""
        refusal = kernel.load({v: text}, sets)
        if refusal:
            self.skip(f"{kernel.backend} refuses a ruleset ({in_short(refusal)})", len(packets))
            return None
        said = self.oracle(text, v, packets, sets) if self.oracle else [None] * len(packets)
        found = []
        for packet, program in zip(packets, said):
            answer = kernel.decide(packet)
            found.append(answer)
            self.asked += 1
            self.verdicts[answer.verdict] += 1
            if answer.verdict == "unaskable":
                self.skip(answer.why)
            elif program is not None:
                self.judge(kernel, packet, answer, program, what)
        return found

    def judge(self, kernel, packet, answer, program, what):
        why = cannot_compare(kernel, packet, answer, program)
        if why:
            self.skip(why)
            return
        self.compared += 1
        expected = "accept" if program["verdict"] == "accept" else "dropped"
        state = program.get("state")
        if answer.verdict != expected or (answer.state and state and state != answer.state):
            self.wrong.append(f"{what}, {kernel.backend}: {json.dumps(packet)}: the kernel: "
                              f"{answer.verdict}, {answer.state}; untrack: {program['verdict']}, {state}")


def in_short(refusal):
    refusal = refusal.partition("): ")[2] or refusal
    return refusal.partition(": rule in")[0].partition(" Error occurred")[0]


def cannot_compare(kernel, packet, answer, program):
    if program["verdict"] == "unknown":
        return "the program does not know"
    if len(program.get("cases", [])) > 1:
        return "it depends on what a packet does not tell, as the program says"
    steps = program.get("steps", [])
    if any("restore-mark" in step["action"] and step["matched"] for step in steps):
        return "a mark comes from the connection, which the program does not say"
    if program.get("translated") and any("--ctstate" in asked for step in steps for asked in step["asked"]):
        return "it is asked for its translation behind it, which the program answers as before it"
    is_redirected = any(step["action"] == "redirect" and step["matched"] for step in steps)
    if is_redirected and (answer.verdict == "accept") != (program["verdict"] == "accept"):
        return "it is redirected to the interface's own address, which the program does not know"
    if program.get("translated") and answer.verdict == "dropped":
        return "a translated packet may be led another way"
    if packet.get("fragment") and kernel.backend == "nft":
        return "nft takes the bytes of later fragments for ports (see reads_ports_of_fragments)"
    declared = packet.get("state", "new")
    if answer.state not in (None, "untracked", declared) and program.get("state") == declared:
        return f"the kernel calls a packet {answer.state} that is given as {declared}"
    if answer.verdict == "elsewhere" or program["verdict"] == "elsewhere":
        return "it is led another way"
    if packet["path"] == "in" and packet.get("in_interface") == "lo":
        return "a packet made on lo, which no OUTPUT has seen"
    if packet["path"] == "in" and packet["family"] == "ipv4" and packet.get("fragment"):
        return "a later fragment alone waits for the others in front of INPUT"
    if packet["destination"] == "127.255.255.255":
        return "the broadcast address of lo"
    if packet.get("begun"):
        return "nat has seen the flow of a packet that is NEW still"
    if packet["path"] == "out" and answer.inside:
        return "it went out, and was judged again when it came in over lo"
    return None


def known_answers(kernel, comparison):
    for known in known_decisions.read():
        if known.backend not in ("", kernel.backend):
            continue
        packets = [question.packet for question in known.questions]
        what = f"IPv{known.version}, {known.title}"
        answers = comparison.answers(kernel, known.version, known.text, known.sets, packets, what)
        for question, answer in zip(known.questions, answers or []):
            if not known_decisions.agrees(question, answer):
                comparison.wrong.append(f"{what}, {kernel.backend}: {json.dumps(question.packet)}: "
                                        f"expected {question[1:]}, the kernel: {answer}")


def reads_ports_of_fragments(kernel):
    """Whether nft takes the first bytes of a later fragment for ports, as Linux before a fix of 2026 did
    (nft_payload_fast_eval; netfilter-devel, `skip L4 header parsing for non-first fragments`)."""
    kernel.enter()
    kernel.load("*filter\n:FORWARD DROP [0:0]\n-A FORWARD -p udp -m udp --dport 0 -j ACCEPT\nCOMMIT\n")
    packet = known_decisions.packet_of(4, "forward", ["fragment=1"])
    return kernel.decide(packet).verdict == "accept"


def witnesses_differ():
    """The second mode: the same packets under two rulesets."""
    rules = "*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m tcp --dport {} -j ACCEPT\nCOMMIT\n"
    packets = [known_decisions.packet_of(4, "in", ["protocol=tcp", f"destination_port={port}"])
               for port in (22, 80, 443)]
    found = decisions.witnesses(rules.format("22:80"), rules.format("80:443"), packets)
    seen = [(before.verdict, after.verdict) for _, before, after in found]
    if seen != [("accept", "dropped"), ("accept", "accept"), ("dropped", "accept")]:
        yield f"witnesses of two rulesets: {seen}"


def both(kernels, comparison, what, v, text, packets):
    """{backend: answers, or None}; the backends must agree."""
    found = {}
    for kernel in kernels:
        kernel.enter()
        found[kernel.backend] = comparison.answers(kernel, v, text, "", packets, what)
    first, second = found.get("legacy"), found.get("nft")
    for packet, one, other in zip(packets, first or [], second or []):
        if one[:3] != other[:3] and not packet.get("fragment"):
            comparison.wrong.append(f"{what}: {json.dumps(packet)}: legacy: {one}, nft: {other}")
    return found


def random_case(kernels, comparison, seed, number):
    """Asks both backends, which must agree. Returns what was asked."""
    v, text, packets = random_rulesets.case(seed, number)
    return v, text, packets, both(kernels, comparison, f"case {number} of seed {seed}", v, text, packets)


def replay(kernels, comparison, seed, number, is_kept):
    v, text, packets, found = random_case(kernels, comparison, seed, number)
    print(f"seed {seed}, case {number}, IPv{v}\n{text}")
    said = comparison.oracle(text, v, packets) if comparison.oracle else [None] * len(packets)
    for place, packet in enumerate(packets):
        print(json.dumps(packet))
        for backend, answers in found.items():
            print(f"  {backend}: {answers[place] if answers else 'refused'}")
        print(f"  untrack: {said[place]}")
    if is_kept:
        folder = tempfile.mkdtemp(prefix="untrack-decisions-")
        for name, content in (("rules", text), ("packets.json", json.dumps(packets, indent=1))):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(content)
        print(f"kept in {folder}")


def report(comparison, seed, what):
    """Prints what was wrong and one line of counts; the exit status."""
    for sentence in comparison.wrong[:KEPT_SHORT]:
        print(f"wrong: {sentence}")
    verdicts = comparison.verdicts
    skipped = "; ".join(f"{count} {why}" for why, count in comparison.skipped.most_common())
    compared = (f"{comparison.compared} compared with untrack" if comparison.oracle else
                "untrack has no command explain")
    print(f"seed {seed}, {what}, {comparison.asked} packets asked ({verdicts['accept']} accepted, "
          f"{verdicts['dropped']} dropped), {compared}, wrong {len(comparison.wrong)}, "
          f"skipped {sum(comparison.skipped.values())}: {skipped}")
    if not comparison.asked:
        netns.skip("no ruleset could be loaded")
    return 1 if comparison.wrong else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("untrack")
    parser.add_argument("--seconds", type=float, default=45)
    parser.add_argument("--seed", default=os.environ.get("UNTRACK_SEED", "1"))
    parser.add_argument("--case", type=int)
    parser.add_argument("--keep", action="store_true")
    wanted = parser.parse_args()
    comparison, kernels, cases = Comparison(explain.explained(wanted.untrack)), [], 0
    try:
        for backend in BACKENDS:
            if tables.missing(backend):
                comparison.skip(f"{tables.missing(backend)} is not installed")
                continue
            kernels.append(decisions.Kernel(backend, "decisions"))
        if wanted.case is not None:
            replay(kernels, comparison, wanted.seed, wanted.case, wanted.keep)
        else:
            for kernel in kernels:
                kernel.enter()
                known_answers(kernel, comparison)
            print("ports are read from later fragments: " + ", ".join(
                f"{kernel.backend} {reads_ports_of_fragments(kernel)}" for kernel in kernels))
            end = time.monotonic() + wanted.seconds
            while kernels and time.monotonic() < end:
                random_case(kernels, comparison, wanted.seed, cases)
                cases += 1
    finally:
        for kernel in reversed(kernels):
            kernel.close()
    if kernels and wanted.case is None:
        comparison.wrong += witnesses_differ()
    return report(comparison, wanted.seed, f"{cases} random rulesets")


if __name__ == "__main__":
    sys.exit(main())
