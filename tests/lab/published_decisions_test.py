#!/usr/bin/env python3
"""What becomes of packets under rulesets that others wrote: the legacy backend against the nft backend and,
where there is one, `untrack explain`. Usage: published_decisions_test.py UNTRACK FOLDER [--seconds N]
[--seed S]. FOLDER holds files in the form of iptables-save, NAME.v4.rules and NAME.v6.rules."""
import argparse
import os
import random
import sys
import time

import decisions
import decisions_test
import explain
import near_packets
import netns
import tables


def rulesets(folder):
    for name in sorted(os.listdir(folder)):
        if name.endswith((".v4.rules", ".v6.rules")):
            with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
                yield name, 4 if name.endswith(".v4.rules") else 6, file.read()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("untrack")
    parser.add_argument("folder")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", default=os.environ.get("UNTRACK_SEED", "1"))
    wanted = parser.parse_args()
    if not os.path.isdir(wanted.folder):
        print("skipped: no folder with rulesets of others")
        return netns.SKIP
    missing = next((tables.missing(b) for b in decisions_test.BACKENDS if tables.missing(b)), None)
    if missing:
        netns.skip(f"{missing} is not installed")
    comparison = decisions_test.Comparison(explain.explained(wanted.untrack))
    kernels, asked = [], 0
    found = list(rulesets(wanted.folder))
    random.Random(wanted.seed).shuffle(found)
    end = time.monotonic() + wanted.seconds
    try:
        for backend in decisions_test.BACKENDS:
            kernels.append(decisions.Kernel(backend, "published"))
        for name, v, text in found:
            if time.monotonic() > end:
                comparison.skip("rulesets left when the time was over")
                continue
            if near_packets.HISTORY.search(text):
                comparison.skip("rulesets with conditions that have a history")
                continue
            packets = near_packets.packets(text, v, random.Random(f"{wanted.seed}/{name}"), 24)
            decisions_test.both(kernels, comparison, name, v, text, packets)
            asked += 1
    finally:
        for kernel in reversed(kernels):
            kernel.close()
    return decisions_test.report(comparison, wanted.seed, f"{asked} rulesets of {len(found)}")


if __name__ == "__main__":
    sys.exit(main())
