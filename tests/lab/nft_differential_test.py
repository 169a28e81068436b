#!/usr/bin/env python3
"""Random scripts of nft, right ones and such with one fault (nft_random.py): what `nft -c -f` takes has no
error here, what it refuses has one; and what is loaded, its listing and its JSON are one model.
Usage: nft_differential_test.py UNTRACK MODEL_DUMP [--count N] [--case N]. UNTRACK_SEED is the seed; what a
later nft takes, and what this kernel has no code for, is counted by what nft says of it."""
import argparse
import os
import re
import sys

import netns
import nft_random
import nft_statements_test

# What nft 1.0.6 refuses and later ones take: (in the text, what it says). As measured and as its history has it.
NEWER = [(re.compile(text), re.compile(refusal)) for text, refusal in (
    (r"\blast\b", r"syntax error, unexpected (string|newline)"),
    (r"meta mark set (ip|tcp|udp|ct original)", r"datatype mismatch: expected packet mark"),
)]


class Comparison(nft_statements_test.Comparison):
    def judge(self, name, is_lenient, text):
        done = netns.run("nft", "-c", "-f", "-", text=text, check=False)
        for words, refusal in NEWER:
            if done.returncode and words.search(text) and refusal.search(done.stderr):
                self.skipped["a later nft takes it"] += 1
                return
        super().judge(name, is_lenient, text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("untrack")
    parser.add_argument("dumper")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--case", type=int)
    wanted = parser.parse_args()
    seed = os.environ.get("UNTRACK_SEED", "1")
    lab = netns.Namespaces("nft-differential", ("firewall",))
    lab.enter("firewall")
    comparison = Comparison(wanted.untrack, wanted.dumper)
    numbers = range(wanted.count) if wanted.case is None else (wanted.case,)
    try:
        for number in numbers:
            text = nft_random.script(seed, number)
            known = len(comparison.wrong)
            comparison.judge(f"seed {seed}, case {number}", False, text)
            if len(comparison.wrong) > known:
                comparison.wrong[-1] += f"\n{text}"
    finally:
        lab.close()
    for sentence in comparison.wrong:
        print(f"wrong: {sentence}")
    for reason, count in comparison.skipped.items():
        print(f"skipped {count}: {reason}")
    counts = ", ".join(f"{what} {count}" for what, count in comparison.counts.items())
    print(f"seed {seed}: {len(numbers)} scripts: {counts}, wrong {len(comparison.wrong)}")
    # A generator that makes one kind alone would compare nothing.
    is_one_sided = len(numbers) >= 100 and not min(comparison.counts[what] > len(numbers) // 10
                                                   for what in ("taken", "refused", "models compared"))
    if is_one_sided:
        print("too few of them are taken, refused or loaded")
    return 1 if comparison.wrong or is_one_sided else 0


if __name__ == "__main__":
    sys.exit(main())
