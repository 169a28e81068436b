#!/usr/bin/env python3
"""What becomes of one packet under a script of nft: the kernel against the answers written down in
nft_decision_rulesets.txt and against `untrack explain`, on the text and on what `nft list ruleset` prints of
it. With a folder of rulesets of others (NAME.nft) and an INDEX.tsv, those too, with packets near what they
speak of. Usage: nft_decisions_test.py UNTRACK [FOLDER] [--seconds N] [--seed S]"""
import argparse
import ipaddress
import json
import os
import random
import re
import sys
import time

import decisions
import decisions_test
import explain
import known_decisions
import near_packets
import netns
import tracking_test

HISTORY = re.compile(r"\b(limit rate|quota|numgen|ct count|meter|hour|day|time|queue|tproxy|synproxy|fwd|"
                     r"add @|update @|delete @)\b|timeout \d")


class Kernel(decisions.Kernel):
    """As that of the base, but the rulesets are scripts of nft, each for all families."""

    def __init__(self, untrack, test):
        super().__init__("nft", test)
        self.untrack = untrack
        self.clear()

    def clear(self):
        netns.run("nft", "-f", "-", text="".join(
            f"delete {line}\n" for line in netns.run("nft", "list", "tables").stdout.splitlines()
            if not line.endswith(" untrack_lab")))

    def load(self, texts, sets=""):
        """None, or why nft refuses the one text of `texts`."""
        self.routes.close()
        self.clear()
        (version, text), = texts.items()
        # Nothing but the observer is there, and that has to stay.
        done = netns.run("nft", "-f", "-", text=re.sub(r"\bflush ruleset( \w+)?", "", text), check=False)
        if done.returncode:
            return f"nft: {done.stderr.splitlines()[0]}"
        # An observer of states beside what tracks alone (tracking_test.py): it takes a reference itself.
        verdict, _ = tracking_test.audit(self.untrack, ["-"], text)
        netns.run("nft", "-f", "-", text="".join(
            decisions.STATE_OBSERVER[v] for v in (4, 6) if verdict[v] == "forced"))
        self.targets = {4: set(), 6: set()}
        self.targets[version] = destinations(version, text)
        return None

    def listed(self):
        return "".join(netns.run("nft", "list", "table", *line.split()[1:]).stdout
                       for line in netns.run("nft", "list", "tables").stdout.splitlines()
                       if not line.endswith((" untrack_lab", " untrack_state")))


def destinations(version, text):
    """The addresses to which a script translates, the ends of ranges alone."""
    found = set()
    for word in re.findall(r"\bdnat (?:ip6? )?to \[?([0-9a-f.:-]+)", text):
        for address in word.split("-"):
            try:
                found.add(str(ipaddress.ip_address(address.partition(":")[0] if version == 4 else address)))
            except ValueError:
                pass
    return {address for address in found if (":" in address) == (version == 6)}


class Comparison(decisions_test.Comparison):
    def judge_listed(self, kernel, v, packets, answers, what):
        """The same packets, the same answers, from the text as the kernel gives it back."""
        if self.oracle is None or answers is None:
            return
        for packet, answer, program in zip(packets, answers, self.oracle(kernel.listed(), v, packets)):
            if answer.verdict != "unaskable":
                self.judge(kernel, packet, answer, program, f"{what}, as listed")


def known_answers(kernel, comparison):
    rulesets = known_decisions.read("nft_decision_rulesets.txt", has_sets=False)
    for known in rulesets:
        packets = [question.packet for question in known.questions]
        what = f"IPv{known.version}, {known.title}"
        answers = comparison.answers(kernel, known.version, known.text, "", packets, what)
        for question, answer in zip(known.questions, answers or []):
            if not known_decisions.agrees(question, answer):
                comparison.wrong.append(f"{what}: {json.dumps(question.packet)}: "
                                        f"expected {question[1:]}, the kernel: {answer}")
        comparison.judge_listed(kernel, known.version, packets, answers, what)
    return len({known.title for known in rulesets})


def published(folder):
    """(name, text) of the scripts in the folder."""
    for name in sorted(os.listdir(folder)):
        if name.endswith(".nft"):
            with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
                yield name, file.read()


def in_options(text):
    """The text with its addresses, ports, marks and names in the options that near_packets looks for."""
    words = []
    for address in re.findall(r"(?<![\w.:])(\d+\.\d+\.\d+\.\d+(?:/\d+)?|[0-9a-f]*:[0-9a-f:]*:[0-9a-f:]*(?:/\d+)?)"
                              r"(?![\w.:])", text):
        words += [f"-s {address}", f"-d {address}"]
    for ports in re.findall(r"[ds]port (?:!= )?(?:\{([^}]*)\}|([\d-]+))", text):
        for port in re.findall(r"\d+(?:-\d+)?", "".join(ports)):
            words += [f"--dport {port.replace('-', ':')}", f"--sport {port.replace('-', ':')}"]
    for names in re.findall(r"[io]if(?:name)? (?:!= )?(?:\{([^}]*)\}|(\S+))", text):
        for name in re.findall(r'(?<![\w.@$-])\w[\w.@-]{0,14}(?![\w.@-])', "".join(names)):
            words += [f"-i {name}", f"-o {name}"]
    for mark in re.findall(r"mark (?:set |!= )?(0x[0-9a-f]+)", text):
        words.append(f"--mark {mark}")
    for protocol in ("tcp", "udp", "icmp", "sctp"):
        if re.search(rf"\b{protocol}\b", text):
            words.append(f"-p {protocol}")
    return "\n".join(f"-A x {word}" for word in words)


def ask_published(kernel, comparison, folder, seconds, seed):
    found, asked, end = list(published(folder)), 0, time.monotonic() + seconds
    random.Random(seed).shuffle(found)
    for name, text in found:
        if time.monotonic() > end:
            comparison.skip("rulesets left when the time was over")
            continue
        if HISTORY.search(text):
            comparison.skip("rulesets with conditions that have a history")
            continue
        asked += 1
        for v in (4, 6):
            chance = random.Random(f"{seed}/{name}/{v}")
            packets = near_packets.packets(in_options(text), v, chance, 16)
            answers = comparison.answers(kernel, v, text, "", packets, f"{name}, IPv{v}")
            comparison.judge_listed(kernel, v, packets, answers, f"{name}, IPv{v}")
    return asked


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("untrack")
    parser.add_argument("folder", nargs="?", default="")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", default=os.environ.get("UNTRACK_SEED", "1"))
    wanted = parser.parse_args()
    comparison, asked = Comparison(explain.explained(wanted.untrack)), 0
    with Kernel(wanted.untrack, "nft-decisions") as kernel:
        known = known_answers(kernel, comparison)
        if os.path.isdir(wanted.folder):
            asked = ask_published(kernel, comparison, wanted.folder, wanted.seconds, wanted.seed)
    return decisions_test.report(comparison, wanted.seed,
                                 f"{known} rulesets of nft and {asked} of others")


if __name__ == "__main__":
    sys.exit(main())
