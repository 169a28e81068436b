#!/usr/bin/env python3
"""What `audit` says of one ruleset is the same bytes for every number of threads: rulesets of each shape that are
large enough for several, and every sample, as text and as JSON.
Usage: one_ruleset.py UNTRACK GENERATOR SAMPLES RULES"""
import pathlib
import subprocess
import sys
import tempfile

SHAPES = ("plain", "random", "blocklist", "kube", "campus", "nft-plain", "nft-set", "nft-map")
JOBS = ("3",)
SECONDS = 300


def said(untrack, path, jobs):
    with tempfile.NamedTemporaryFile() as other:
        done = subprocess.run([untrack, "audit", "--jobs", jobs, "--output", "text", "--output", f"json={other.name}",
                               str(path)], capture_output=True, check=False, timeout=SECONDS)
        return done.returncode, done.stdout, done.stderr, pathlib.Path(other.name).read_bytes()


def main():
    untrack, generator, samples, rules = sys.argv[1:5]
    wrong = compared = 0
    with tempfile.TemporaryDirectory() as scratch:
        paths = sorted(path for path in pathlib.Path(samples).iterdir() if path.suffix in (".rules", ".nft"))
        for shape in SHAPES:
            path = pathlib.Path(scratch) / shape
            with open(path, "wb") as file:
                subprocess.run([sys.executable, generator, shape, rules], stdout=file, check=True)
            paths.append(path)
        for path in paths:
            alone = said(untrack, path, "1")
            if alone[0] not in (0, 1, 3) or not alone[3]:
                print(f"wrong: {path.name}: exit status {alone[0]}: {alone[2][:200]!r}")
                wrong += 1
            for jobs in JOBS:
                compared += 1
                if said(untrack, path, jobs) != alone:
                    print(f"wrong: {path.name}: what {jobs} threads say is not what one says")
                    wrong += 1
    print(f"{compared} comparisons of {len(paths)} rulesets, {wrong} wrong")
    return 1 if wrong or compared < len(JOBS) * len(SHAPES) else 0


if __name__ == "__main__":
    sys.exit(main())
