"""Rewrites of JSON are those of the text: rulesets are loaded into a namespace, and what `nft list ruleset` and
`nft -j list ruleset` say of them is rewritten in both modes. The outcome must be the same, each family as many rules;
the JSON that comes out is loaded, and what nft lists then must be accepted by `verify` against the text. Rulesets:
ours (cases, nft_rewrite_rulesets.txt), then published ones until the time is over.
Usage: nft_json_rewrites_test.py UNTRACK FOLDER [SECONDS]"""
import collections
import json
import pathlib
import random
import re
import shutil
import sys
import tempfile
import time

import netns

ROOT = pathlib.Path(__file__).resolve().parents[2]
RULESETS = pathlib.Path(__file__).with_name("nft_rewrite_rulesets.txt")


class Judge:
    def __init__(self, untrack):
        self.untrack = untrack
        self.counts = collections.Counter()
        self.faults = []

    def rewritten(self, mode, language, text):
        done = netns.run(self.untrack, "rewrite", "--mode", mode, "--output", "json", "--format", language, "-",
                         text=text, check=False)
        return json.loads(done.stdout) if done.stdout else {"families": {"no output": {"outcome": done.stderr}}}

    def judge(self, name, ruleset):
        netns.run("nft", "flush", "ruleset")
        if netns.run("nft", "-f", "-", text=ruleset, check=False).returncode:
            self.counts["nft refuses the ruleset"] += 1
            return
        text = netns.run("nft", "list", "ruleset").stdout
        original = netns.run("nft", "-j", "list", "ruleset").stdout
        for mode in ("stateless", "notrack"):
            self.judge_mode(name, mode, text, original)

    def judge_mode(self, name, mode, text, original):
        of_text, of_json = self.rewritten(mode, "nft", text), self.rewritten(mode, "nft-json", original)
        kinds = [{family: (row["outcome"], row["outcome"] == "rewritten" and row["rules_after"]) for family, row in report["families"].items()}
                 for report in (of_text, of_json)]
        # What nft has no JSON for it prints as text in one line.
        if kinds[0] != kinds[1] and "jump {" not in original:
            self.faults.append(f"{name}, {mode}: {kinds[0]} of the text, {kinds[1]} of the JSON")
        if not any(outcome == "rewritten" for outcome, _ in kinds[1].values()):
            self.counts[f"{mode}: not rewritten"] += 1
            return
        netns.run("nft", "flush", "ruleset")
        if netns.run("nft", "-j", "-f", "-", text=original, check=False).returncode:
            self.counts["nft refuses its own JSON"] += 1
            return
        netns.run("nft", "flush", "ruleset")
        done = netns.run("nft", "-j", "-f", "-", text=of_json["files"][0]["text"], check=False)
        if done.returncode:
            self.faults.append(f"{name}, {mode}: nft refuses it: {done.stderr[:200]}")
            return
        with tempfile.TemporaryDirectory() as folder:
            paths = [pathlib.Path(folder, side) for side in ("before.nft", "after.nft")]
            paths[0].write_text(text)
            paths[1].write_text(netns.run("nft", "list", "ruleset").stdout)
            done = netns.run(self.untrack, "verify", "--mode", mode, *map(str, paths), check=False)
        # Which is asked of all families together.
        if done.returncode and all(outcome != "refused" for outcome, _ in kinds[1].values()):
            self.faults.append(f"{name}, {mode}: verify does not accept what is loaded: {done.stdout[:300]}")
        self.counts[f"{mode}: rewritten"] += 1


def main():
    untrack, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 15
    if not shutil.which("nft"):
        netns.skip("nft is not installed")
    spaces = netns.Namespaces("nft-json-rewrites", ["host"])
    spaces.enter("host")
    judge = Judge(untrack)
    parts = re.split(r"^=== (.*)\n", RULESETS.read_text(), flags=re.MULTILINE)
    for name, ruleset in zip(parts[1::2], parts[2::2]):
        judge.judge(name, ruleset)
    for path in sorted(ROOT.glob("tests/cases/rewrite/nft-*/*.nft")):
        judge.judge(path.parent.name, path.read_text())
    ours = judge.counts["stateless: rewritten"] and judge.counts["notrack: rewritten"]
    published = sorted(folder.glob("*.nft"))
    random.Random(time.time()).shuffle(published)
    end = time.monotonic() + seconds
    for path in published:
        if time.monotonic() > end:
            judge.counts["not reached in time"] += 1
            continue
        judge.judge(path.name, path.read_text(errors="replace"))
    print("\n".join(judge.faults))
    print(f"{dict(judge.counts)}, {len(judge.faults)} faults")
    return 1 if judge.faults or not ours else 0


sys.exit(main())
