#!/usr/bin/env python3
"""What `untrack rewrite` gives away for rulesets of nft, judged by the kernel: whole conversations of both families are
replayed under the original and under the rewrite, in both modes, as rewrites_test.py does for iptables. Rulesets: ours
(samples, cases, nft_rewrite_rulesets.txt) and, where there is one, a folder of rulesets that others wrote.
Usage: nft_rewrites_test.py UNTRACK FOLDER [--seconds N] [--seed S] [--only WORD]"""
import argparse
import collections
import glob
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import time

import conversations
import decisions
import host_under_test
import near_packets
import netns
import nft_decisions_test
import tables

ROOT = pathlib.Path(__file__).resolve().parents[2]
OURS = ("samples/*.nft", "tests/cases/rewrite/nft-*/*.nft", "tests/cases/rewrite/nft-*/ruleset.txt")
RULESETS = pathlib.Path(__file__).with_name("nft_rewrite_rulesets.txt")
PORTS = ["--only", "tcp/22", "--only", "tcp/443", "--only", "udp/161"]
MODES = {"stateless": ["--mode", "stateless"], "notrack": ["--mode", "notrack"],
         "notrack with ports": ["--mode", "notrack", *PORTS]}
COUNT = 120  # conversations for each rewrite and family
# A rule in front of tracking that is for whoever asks: (line, kind, interface, protocol, ports)
NOTRACK = re.compile(r'^(?P<lead>.*?)(?:fib daddr type (?P<kind>local|unicast) )?(?:iifname (?:!= "lo"|"(?P<interface>[^"]+)") )?'
                     r'(?:ip6? daddr (?P<address>[0-9a-f.:]+) )?(?P<protocol>tcp|udp) dport (?P<ports>\{[^}]*\}|[\d-]+) notrack$',
                     re.M)


class Host(host_under_test.Host):
    """Its rulesets are scripts of nft, each for all families."""

    def load(self, texts, sets=""):
        """None, or why nft refuses the one text of `texts`."""
        self.routes.close()
        netns.run("nft", "-f", "-", text="".join(
            f"delete {line}\n" for line in netns.run("nft", "list", "tables").stdout.splitlines()
            if not line.endswith(" untrack_lab")))
        (version, text), = texts.items()
        # Nothing but the observer is there, and that has to stay.
        done = netns.run("nft", "-f", "-", text=re.sub(r"\bflush ruleset( \w+)?", "", text), check=False)
        if done.returncode:
            return f"nft: {done.stderr.splitlines()[0]}"
        self.targets = {4: set(), 6: set()}
        self.targets[version] = nft_decisions_test.destinations(version, text)
        self.entries.ask(2, 0, 0, b"")
        self.next, self.next_in_pieces = host_under_test.PIECES, 0
        return None


class Replayer(conversations.Replayer):
    host = Host

    @staticmethod
    def words(text):
        lines = [nft_decisions_test.in_options(text)]
        # Of maps and concatenations, too.
        for name in re.findall(r'"([a-z]+\d+)"', text):
            lines += [f"-A x -i {name}", f"-A x -o {name}"]
        for port in re.findall(r" \. (\d+)\b(?![.:])", text):
            lines.append(f"-A x --dport {port}")
        if "hook forward" in text:
            lines.append("-A FORWARD -j ACCEPT")
        return "\n".join(lines)


def rewritten(untrack, text, options):
    """The families that are rewritten, and the new text."""
    run = subprocess.run([untrack, "rewrite", *options, "--output", "json", "-"], input=text, capture_output=True, text=True,
                         timeout=120, check=False)
    if run.returncode not in (0, 1, 3):
        raise AssertionError(f"exit status {run.returncode}: {run.stderr}")
    report = json.loads(run.stdout)
    outcomes = {4 if family == "ipv4" else 6: row["outcome"] for family, row in report["families"].items()}
    return outcomes, report["files"][0]["text"]


def services(text, v):
    """Those that are untracked whatever the address of who asks."""
    found = []
    for row in NOTRACK.finditer(text):
        other = "ipv6" if v == 4 else "ipv4"
        is_plain = row["lead"].strip() in ("", f"meta nfproto ipv{v}") or re.fullmatch(
            r"add rule \w+ \S+ \S+", row["lead"].strip())
        if not is_plain or other in row["lead"] or (row["address"] and (":" in row["address"]) != (v == 6)):
            continue
        for word in re.findall(r"\d+(?:-\d+)?", row["ports"]):
            first, last = (int(end) for end in (word.split("-") * 2)[:2])
            for port in sorted({first, last}):
                found.append(conversations.Service(row["protocol"], port, "forward" if row["kind"] == "unicast" else "in",
                                                   row["address"], row["interface"]))
    return found


def rulesets(folder, seed):
    """(name, text), ours first."""
    for path in sorted(path for pattern in OURS for path in glob.glob(str(ROOT / pattern))):
        yield os.path.relpath(path, ROOT), pathlib.Path(path).read_text(encoding="utf-8")
    for part in re.split(r"^=== ", RULESETS.read_text(encoding="utf-8"), flags=re.M)[1:]:
        name, _, text = part.partition("\n")
        yield name, text
    others = list(nft_decisions_test.published(folder)) if os.path.isdir(folder) else []
    random.Random(seed).shuffle(others)
    yield from others


def spoiled(untrack):
    """(what, family, mode, original, rewrite) of rewrites with a known fault, which the replay must see."""
    original = (ROOT / "tests/cases/rewrite/nft-server/host.nft").read_text(encoding="utf-8").replace(
        "limit rate 10/second ", "")
    _, stateless = rewritten(untrack, original, MODES["stateless"])
    _, notrack = rewritten(untrack, original, MODES["notrack"])
    yield "later fragments are refused", 6, "stateless", original, re.sub(r".*frag-off.*\n", "", stateless)
    yield "answers are refused", 4, "stateless", original, re.sub(r".*32768-60999 tcp flags.*\n", "", stateless)
    yield "whoever begins passes", 6, "stateless", original, stateless.replace(" tcp flags & (ack | rst) != 0", "")
    yield "ICMP errors are refused", 6, "stateless", original, re.sub(r".*destination-unr.*\n", "", stateless)
    yield "it still tracks", 4, "stateless", original, stateless.replace("iif lo accept", "iif lo accept\n\t\tct state new")
    yield "one direction is tracked", 4, "notrack", original, re.sub(r"chain raw_output(.|\n)*?\n\t}\n", "", notrack)
    yield "UNTRACKED is refused", 6, "notrack", original, notrack.replace("new,untracked", "new")


def forgive(seen, original, counts):
    """What rewrites_test.py forgives: see there."""
    if not nft_decisions_test.HISTORY.search(original) and "limit rate" not in original:
        return
    if seen.broken:
        counts["a rate was met again"] += 1
        seen.broken = []
    if seen.unjustified:
        counts["a rate was used up"] += 1
        seen.exposures = [row for row in seen.exposures if row.kind != "unjustified"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("untrack")
    parser.add_argument("folder")
    parser.add_argument("--seconds", type=float, default=150)
    parser.add_argument("--seed", default=os.environ.get("UNTRACK_SEED", "1"))
    parser.add_argument("--only", default="", help="rulesets whose name contains this")
    wanted = parser.parse_args()
    if tables.missing("nft"):
        netns.skip(f"{tables.missing('nft')} is not installed")
    counts, faults, packets = collections.Counter(), [], 0
    end = time.monotonic() + wanted.seconds
    with Replayer("nft", "nft-rewrites") as replayer:
        for what, v, mode, original, text in spoiled(wanted.untrack) if not wanted.only else ():
            seen = replayer.replay(original, text, services(text, v), "3", 2 * COUNT, mode, v)
            counts["faults seen"] += not seen.is_faithful
            if seen.is_faithful:
                faults.append(f"not seen: {what}")
        for name, original in rulesets(wanted.folder, wanted.seed):
            if wanted.only not in name:
                continue
            if time.monotonic() > end:
                counts["not reached in time"] += 1
                continue
            for mode, options in MODES.items():
                try:
                    outcomes, text = rewritten(wanted.untrack, original, options)
                except AssertionError as wrong:
                    faults.append(f"{name}, {mode}: {wrong}")
                    continue
                for v, outcome in outcomes.items():
                    counts[f"{mode}: {outcome}"] += 1
                    if outcome != "rewritten":
                        continue
                    try:
                        seen = replayer.replay(original, text, services(text, v), f"{wanted.seed}/{name}", COUNT,
                                               mode.split(" ")[0], v)
                    except decisions.Refused as refusal:
                        # An original that this machine does not load says nothing of the rewrite.
                        replayer.hosts[0].enter()
                        if not replayer.hosts[0].load({v: original}, ""):
                            faults.append(f"{name}, {mode}: the rewrite does not load: {refusal}")
                        counts["does not load here"] += 1
                        continue
                    packets += seen.counts["packets"]
                    counts[f"{mode}: replayed"] += 1
                    forgive(seen, original, counts)
                    if not seen.is_faithful:
                        faults.append(f"{name}, {mode}, IPv{v}:\n{seen}")
    for fault in faults:
        print(fault)
    print(f"seed {wanted.seed}: {dict(counts)}, {packets} packets, {len(faults)} faults")
    if not wanted.only and (not counts["stateless: replayed"] or not counts["notrack: replayed"]):
        print("nothing was replayed in one of the modes")
        return 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
