#!/usr/bin/env python3
"""Rewrites without state that need no assumption, judged by the kernel: of the rulesets that others wrote, those that track
and hold nothing that needs the entries of the table. Each is rewritten with `--assume none`, or, where chunks of SCTP and
types of DCCP stand in the way, with `--assume none,tcp_udp_icmp_only`, and conversations of TCP, UDP and ICMP that the
assumptions leave out as well (any client port, mid-stream, ICMP queries) are replayed under both. Prints how many of
the rulesets came out with no flow broken, nothing new begun and no entry left; it fails below the share that is wanted.
Usage: unassumed_test.py UNTRACK FOLDER [--seconds N] [--seed S]"""
import argparse
import collections
import json
import os
import pathlib
import random
import subprocess
import sys
import time

import conversations
import decisions
import decisions_test
import netns
import rewrites_test
import tables

WANTED = 0.75  # of the rulesets
COUNT = 250  # conversations for each ruleset and backend
ASSUMED = ("none", "none,tcp_udp_icmp_only")


def report_of(untrack, path, version, *options):
    run = subprocess.run([untrack, "rewrite", "--mode", "stateless", "--output", "json", "--family", version, *options,
                          path],
                         capture_output=True, text=True, timeout=120, check=False)
    return json.loads(run.stdout) if run.stdout else None


def is_wanted(report):
    """It tracks, is understood, and nothing in it needs the entries."""
    families = report["families"].values() if report else ()
    return bool(families) and not report["not_understood"] and any(
        row["outcome"] != "nothing-to-do" and not any("works with the entries" in refusal["reason"]
                                                      for refusal in row["refusals"]) for row in families)


def rewritten(untrack, path, version):
    """(family, new text, what it assumes), or None."""
    for assumed in ASSUMED:
        report = report_of(untrack, path, version, "--assume", assumed)
        for family, row in report["families"].items():
            if row["outcome"] == "rewritten":
                return 6 if family == "ipv6" else 4, report["files"][0]["text"], assumed
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("untrack")
    parser.add_argument("folder")
    parser.add_argument("--seconds", type=float, default=240)
    parser.add_argument("--seed", default=os.environ.get("UNTRACK_SEED", "1"))
    wanted = parser.parse_args()
    missing = next((tables.missing(b) for b in decisions_test.BACKENDS if tables.missing(b)), None)
    if missing:
        netns.skip(f"{missing} is not installed")
    index = pathlib.Path(wanted.folder) / "INDEX.tsv"
    if not index.exists():
        print("skipped: no rulesets of others")
        return netns.SKIP
    rows = [line.split("\t") for line in index.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    counts, assumed, faults = collections.Counter(), collections.Counter(), []
    replayers = []
    end = time.monotonic() + wanted.seconds
    try:
        for backend in decisions_test.BACKENDS:
            replayers.append((backend, conversations.Replayer(backend, "unassumed")))
        chosen = sorted(row[:2] for row in rows if row[1].startswith("iptables-save-v"))
        random.Random(wanted.seed).shuffle(chosen)
        for name, version in chosen:
            path, version = os.path.join(wanted.folder, name), f"ip{version[-2:]}"
            if not is_wanted(report_of(wanted.untrack, path, version)):
                continue
            if time.monotonic() > end:
                counts["not reached in time"] += 1
                continue
            counts["rulesets"] += 1
            found = rewritten(wanted.untrack, path, version)
            if found is None:
                counts["not proven"] += 1
                continue
            family, text, by = found
            original = pathlib.Path(path).read_text(encoding="utf-8", errors="replace")
            is_good, has_loaded = True, False
            for backend, replayer in replayers:
                try:  # each backend has flows of its own
                    seed = f"{wanted.seed}/{backend}/{os.path.basename(path)}"
                    seen = replayer.replay(original, text, (), seed, COUNT, "stateless", family, unassumed=True)
                except decisions.Refused:
                    continue
                has_loaded = True
                counts["packets"] += seen.counts["packets"]
                counts["conversations"] += sum(seen.counts[kind] for kind in conversations.SHARES)
                rewrites_test.ask_again(replayer, seen, original, text, counts)
                if not seen.is_faithful:
                    is_good = False
                    faults.append(f"{path}, {backend}:\n{seen}")
            counts["does not load here"] += not has_loaded
            counts["good"] += has_loaded and is_good
            assumed[by] += has_loaded and is_good
    finally:
        for _, replayer in reversed(replayers):
            replayer.close()
    for fault in faults:
        print(fault)
    of = counts["rulesets"] - counts["does not load here"]
    print(f"seed {wanted.seed}: {dict(counts)}, {len(faults)} faults")
    print(f"{counts['good']} of {of} without a break, a new initiator or an entry: {dict(assumed)}")
    return 1 if faults or counts["good"] < WANTED * of or not of else 0


if __name__ == "__main__":
    sys.exit(main())
