#!/usr/bin/env python3
"""An iptables ruleset and what iptables-restore-translate makes of it: `untrack diff` says that both decide
alike, or the packets that it shows are decided differently by the kernel, too. Asked of
decision_rulesets.txt and, where a folder is given, of rulesets of others (NAME.v4.rules, NAME.v6.rules).
Usage: nft_translations_test.py UNTRACK [FOLDER] [--seconds N] [--seed S]"""
import argparse
import collections
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

import decisions
import known_decisions
import near_packets
import netns
import nft_decisions_test
import published_decisions_test


def with_chains(text):
    """With a line for every chain of the kernel: the translation makes those that have one."""
    named, table = set(), None
    for line in text.split("\n"):
        table = line[1:].strip() if line.startswith("*") else table
        if line.startswith(":"):
            named.add((table, line[1:].split()[0]))
    lines = []
    for line in text.split("\n"):
        lines.append(line)
        if line.startswith("*"):
            lines += [f":{chain} ACCEPT [0:0]" for chain in decisions.CHAINS.get(line[1:].strip(), ())
                      if (line[1:].strip(), chain) not in named]
    return "\n".join(lines)


class Comparison:
    def __init__(self, untrack):
        self.untrack = untrack
        self.counts, self.skipped, self.wrong = collections.Counter(), collections.Counter(), []
        self.unknown = 0  # packets of which it is not known whether they are decided alike
        self.old = decisions.Kernel("legacy", "translations-old")
        self.new = nft_decisions_test.Kernel(untrack, "translations-new")

    def close(self):
        self.new.close()
        self.old.close()

    def difference(self, v, text, translated):
        """What `untrack diff` reports, or None where it cannot compare all."""
        with tempfile.TemporaryDirectory() as folder:
            names = [os.path.join(folder, name) for name in ("old.rules", "new.nft")]
            for name, content in zip(names, (text, translated)):
                with open(name, "w", encoding="utf-8") as file:
                    file.write(content)
            done = subprocess.run([self.untrack, "diff", "--family", f"ipv{v}", "--output", "json", *names],
                                  capture_output=True, text=True)
        return json.loads(done.stdout) if done.returncode in (0, 1) else None

    def ask(self, name, v, text):
        text = with_chains(text)
        program = "iptables-restore-translate" if v == 4 else "ip6tables-restore-translate"
        done = subprocess.run([program, "-f", "/dev/stdin"], input=text, capture_output=True, text=True)
        if done.returncode or any(line.startswith("# -") for line in done.stdout.split("\n")):
            self.skipped["not translated, or not all of it"] += 1
            return
        report = self.difference(v, text, done.stdout)
        if report is None:
            self.skipped["untrack cannot compare all of it"] += 1
            return
        self.counts["compared"] += 1
        self.counts["alike" if report["equivalent"] else "different"] += 1
        for kernel, texts in ((self.old, {v: text}), (self.new, {v: done.stdout})):
            kernel.enter()
            if kernel.load(texts):
                self.skipped["the kernel refuses one of the two, such as rules for chains that no line makes"] += 1
                return
        if report["equivalent"]:
            self.send_some(name, v, text)
            return
        for decision in report["decisions"]:
            self.replay(name, decision)

    def both(self, packet):
        answers = []
        for kernel in (self.old, self.new):
            kernel.enter()
            answers.append(kernel.decide(packet))
        return answers

    def send_some(self, name, v, text):
        """Packets near those that the rules speak of: what is alike is alike to the kernel."""
        if near_packets.HISTORY.search(text):
            return
        for packet in near_packets.packets(text, v, random.Random(name), 12):
            before, after = self.both(packet)
            # Without conntrack nothing reassembles, and nft takes bytes of later fragments for ports.
            if packet.get("fragment") or "unaskable" in (before.verdict, after.verdict):
                continue
            self.counts["packets"] += 1
            if before.verdict != after.verdict:
                self.wrong.append(f"{name}: untrack diff: alike; {json.dumps(packet)}: the kernel: "
                                  f"{before.verdict}, translated: {after.verdict}")

    def replay(self, name, decision):
        packet = decision["witness"]
        if decision["change"] == "unknown":
            self.unknown += 1
            return
        if decision["where"]:
            self.skipped["it depends on what a packet does not tell"] += 1
            return
        if "dst_type" in packet or "src_type" in packet:
            self.skipped["a type of address that its routes do not give it"] += 1
            return
        before, after = self.both(packet)
        if "unaskable" in (before.verdict, after.verdict):
            self.skipped[f"a packet that cannot be sent ({before.why or after.why})"] += 1
        elif before.state not in (None, "untracked", packet.get("state", "new")):
            self.skipped["the kernel calls a packet otherwise than it is given"] += 1
        elif before.verdict == after.verdict and before.mark == after.mark:
            self.wrong.append(f"{name}: untrack diff: {decision['change']}: {json.dumps(packet)}; "
                              f"the kernel decides alike: {before.verdict}")
        else:
            self.counts["differences that the kernel has, too"] += 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("untrack")
    parser.add_argument("folder", nargs="?", default="")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", default=os.environ.get("UNTRACK_SEED", "1"))
    wanted = parser.parse_args()
    for program in ("nft", "iptables-restore-translate", "ip6tables-restore-translate"):
        if not shutil.which(program):
            netns.skip(f"{program} is not installed")
    rulesets = [(known.title, known.version, known.text) for known in known_decisions.read()
                if not known.sets]
    others = []
    if os.path.isdir(wanted.folder):
        others = list(published_decisions_test.rulesets(wanted.folder))
        random.Random(wanted.seed).shuffle(others)
    comparison = Comparison(wanted.untrack)
    end = time.monotonic() + wanted.seconds
    try:
        for name, v, text in rulesets + others:
            if time.monotonic() > end:
                comparison.skipped["left when the time was over"] += 1
            else:
                comparison.ask(f"{name}, IPv{v}", v, text)
    finally:
        comparison.close()
    for reason, count in comparison.skipped.most_common():
        print(f"skipped {count}: {reason}")
    # Marks of connections that rules set and save, and bits that are turned over (docs/limits.md): two rulesets of
    # each IP version, seven packets.
    if comparison.unknown > 14:
        comparison.wrong.append(f"of {comparison.unknown} packets it is not known whether they are decided alike")
    for sentence in comparison.wrong:
        print(f"wrong: {sentence}")
    counts = ", ".join(f"{what} {count}" for what, count in comparison.counts.items())
    print(f"{len(rulesets) + len(others)} rulesets of iptables and their translations: {counts}, "
          f"not known {comparison.unknown}, wrong {len(comparison.wrong)}")
    return 1 if comparison.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
