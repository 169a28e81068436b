#!/usr/bin/env python3
"""What becomes of one packet: the kernel against decision_rulesets.txt.
Usage: decisions_test.py"""
import collections
import sys

import decisions
import known_decisions
import netns


def known_answers(kernel, count, wrong):
    """The rulesets whose answers are written down."""
    for known in known_decisions.read():
        refusal = kernel.load({known.version: known.text}, known.sets)
        if refusal:
            count[f"the kernel refuses with {kernel.backend}: {known.title} ({refusal[-70:]})"] += 1
            continue
        for packet, verdict, state, mark in known.questions:
            answer = kernel.decide(packet)
            count["asked"] += 1
            seen = (answer.verdict, answer.state or "-" if state else None,
                    answer.mark if mark is not None else None)
            if seen != (verdict, state, mark):
                wrong.append(f"{kernel.backend}, IPv{known.version}, {known.title}: {packet}: expected "
                             f"{(verdict, state, mark)}, the kernel: {answer}")


def main():
    count, wrong = collections.Counter(), []
    for backend in ("legacy", "nft"):
        with decisions.Kernel(backend, "decisions") as kernel:
            known_answers(kernel, count, wrong)
    for sentence in wrong:
        print(f"wrong: {sentence}")
    asked = count.pop("asked", 0)
    print(f"{asked} packets asked, wrong {len(wrong)}, skipped rulesets {sum(count.values())}: {dict(count)}")
    if not asked:
        netns.skip("no ruleset could be loaded")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
