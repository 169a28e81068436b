#!/usr/bin/env python3
"""What `untrack rewrite` gives away, judged by the kernel: whole conversations are replayed under the original and under
the rewrite, in both modes and on both backends. Rulesets: ours (samples, cases) and, where there is one, a folder of
rulesets that others wrote. No permitted flow may break, no refused connection may begin, everything else lies within
the exposure that is justified; a stateless rewrite leaves no entry, a NOTRACK rewrite none for the services it untracked.
Usage: rewrites_test.py UNTRACK FOLDER [--seconds N] [--seed S]"""
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
import decisions_test
import loosened
import netns
import tables

ROOT = pathlib.Path(__file__).resolve().parents[2]
OURS = ("samples/*.rules", "tests/cases/verify/*/before.rules", "tests/cases/rewrite/*/*.rules")
WITH_PORTS = "notrack with ports"  # where no rule names those of services
PORTS = ["--only", "tcp/22", "--only", "tcp/443", "--only", "udp/161"]
LOW_PORTS = "# no client takes a port below 512"  # what is taken up by default where no rule names any
COUNT = 120  # conversations for each rewrite and backend
NOTRACK = re.compile(r"^-A PREROUTING (?:-d (\S+)/(?:32|128) )?(?:! -i lo |-i (\S+) )?-p (tcp|udp) .*--dports? ([\d,:]+)"
                     r"(?: -m addrtype --dst-type (LOCAL|UNICAST))? -j CT --notrack$", re.M)


def selection(path, mode):
    """What a case of ours selects and allows."""
    words = pathlib.Path(path).parent / "args"
    words = words.read_text(encoding="utf-8").split("\n") if words.exists() else []
    if mode != "notrack" or "notrack" not in words:
        return []
    return [word for option, value in zip(words, words[1:]) if option in ("--allow", "--only", "--except")
            and not re.fullmatch(r"\S+\.rules:\d+", value) for word in (option, value)]


def rewritten(untrack, path, mode):
    """(outcome, family, new text) as the program says; family and text only of what it rewrites."""
    command = [untrack, "rewrite", "--mode", mode.split(" ")[0], "--output", "json"]
    options = PORTS if mode == WITH_PORTS else selection(path, mode)
    run = subprocess.run([*command, *options, path], capture_output=True, text=True, timeout=120, check=False)
    if run.returncode == 2:
        return "usage", None, None
    if run.returncode not in (0, 1, 3):
        raise AssertionError(f"{path}: exit status {run.returncode}: {run.stderr}")
    report = json.loads(run.stdout)
    for family, row in report["families"].items():
        if row["outcome"] == "rewritten":
            return "rewritten", 6 if family == "ipv6" else 4, report["files"][0]["text"]
    return next((row["outcome"] for row in report["families"].values()), "empty"), None, None


def some_of(word):
    """A port, or of a range both ends and what is well known between them."""
    first, last = (int(end) for end in (word.split(":") * 2)[:2])
    return sorted({first, last, *(port for port in (22, 80, 443) if first <= port <= last)})


def services(text):
    """Those that are untracked whatever the address of who asks."""
    return [conversations.Service(protocol, port, "forward" if kind == "UNICAST" else "in", address or None,
                                  interface or None)
            for address, interface, protocol, ports, kind in NOTRACK.findall(text) for word in ports.split(",")
            for port in some_of(word)]


def ask_again(replayer, seen, original, text, counts):
    """A rate that a conversation met (the assumption rate_per_packet: what it let begin may meet it again), or that was used
    up before the judge asked, and a hardware address that nobody here has, excuse what is no more to be seen of the
    same conversation where nothing depends on them; and nothing else."""
    for rows, modules, what in ((seen.broken, loosened.RATES, "broken"),
                                (seen.unjustified, (*loosened.RATES, "mac"), "unjustified")):
        if not rows or not loosened.has_any(original, modules):
            continue
        still = replayer.differ_still(seen, rows, [loosened.loosened(each, modules) for each in (original, text)])
        counts[f"{what}, by a rate or a hardware address"] += len(rows) - len(still)
        if what == "broken":
            seen.broken = still
        else:
            seen.exposures = [row for row in seen.exposures if row.kind != "unjustified"] + still


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("untrack")
    parser.add_argument("folder")
    parser.add_argument("--seconds", type=float, default=100)
    parser.add_argument("--seed", default=os.environ.get("UNTRACK_SEED", "1"))
    wanted = parser.parse_args()
    missing = next((tables.missing(b) for b in decisions_test.BACKENDS if tables.missing(b)), None)
    if missing:
        netns.skip(f"{missing} is not installed")
    ours = sorted(path for pattern in OURS for path in glob.glob(str(ROOT / pattern)))
    others = sorted(glob.glob(os.path.join(wanted.folder, "*.v[46].rules")))
    random.Random(wanted.seed).shuffle(others)
    counts, faults, packets = collections.Counter(), [], 0
    end = time.monotonic() + wanted.seconds
    replayers = []
    try:
        for backend in decisions_test.BACKENDS:
            replayers.append((backend, conversations.Replayer(backend, "rewrites")))
        for path in ours + others:
            if time.monotonic() > end:
                counts["not reached in time"] += 1
                continue
            names_services = False  # found with NOTRACK, and so are taken up without a list
            for mode in ("stateless", "notrack", WITH_PORTS):
                if mode == WITH_PORTS and names_services:
                    continue
                outcome, family, text = rewritten(wanted.untrack, path, mode)
                names_services = outcome != "nothing-to-do" and LOW_PORTS not in (text or "")
                counts[f"{mode}: {outcome}"] += 1
                if text is None:
                    continue
                original = pathlib.Path(path).read_text(encoding="utf-8", errors="replace")
                for backend, replayer in replayers:
                    try:
                        # The same under a seed wherever the tree stands.
                        seed = f"{wanted.seed}/{os.path.relpath(path, ROOT)}"
                        seen = replayer.replay(original, text, services(text), seed, COUNT, mode.split(" ")[0], family)
                    except decisions.Refused as refusal:
                        # An original that this machine does not load says nothing of the rewrite.
                        replayer.hosts[0].enter()
                        if not replayer.hosts[0].load({family: original}, ""):
                            faults.append(f"{path}, {mode}, {backend}: the rewrite does not load: {refusal}")
                        counts["does not load here"] += 1
                        continue
                    packets += seen.counts["packets"]
                    counts[f"{mode}: replayed"] += 1
                    ask_again(replayer, seen, original, text, counts)
                    if not seen.is_faithful:
                        faults.append(f"{path}, {mode}, {backend}:\n{seen}")
    finally:
        for _, replayer in reversed(replayers):
            replayer.close()
    for fault in faults:
        print(fault)
    print(f"seed {wanted.seed}: {dict(counts)}, {packets} packets, {len(faults)} faults")
    if not counts["stateless: replayed"] or not counts["notrack: replayed"]:
        print("nothing was replayed in one of the modes")
        return 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
