#!/usr/bin/env python3
"""Runs the libFuzzer targets (preset `fuzz`) for so many minutes each, adds what was new to tests/fuzz/corpus, few
and small ones, and its numbers to the table in docs/fuzzing.md. What broke something is kept in DIR and ends in
exit status 1: mend it, cut it down (`-minimize_crash=1`), name it after what was wrong, and put it beside the others.

Usage: campaign.py [--build DIR] [--folder DIR] [--minutes M] [--only TARGET] [--bytes N]
--bytes: how large the corpus of a target may become in the tree. The whole corpus stays in --folder."""
import argparse
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORPUS = ROOT / "tests/fuzz/corpus"
PAGE = ROOT / "docs/fuzzing.md"
# Target, what it begins with besides its own corpus, dictionary, longest input.
RULES = ("samples", "tests/cases/parse", "tests/cases/reject", "tests/cases/rewrite")
TARGETS = (("parse_rulesets", RULES, True, 4096), ("audit", RULES, True, 2048), ("rewrite", RULES, True, 2048),
           ("side_inputs", ("tests/cases/pressure", "tests/cases/explain"), False, 4096),
           ("configuration", (), False, 2048), ("diagrams", (), False, 400), ("scripts", (), False, 2048))
MOST_BROKEN = 5
HEADER = ("| target | executions | minutes | edges | features | broke |", "| --- | --- | --- | --- | --- | --- |")


def numbers_of(said):
    """Executions, edges and features of a run, from what libFuzzer prints."""
    done = re.findall(r"stat::number_of_executed_units: (\d+)", said) or re.findall(r"^#(\d+)", said, re.MULTILINE)
    seen = re.findall(r"cov: (\d+) ft: (\d+)", said)
    return int(done[-1]) if done else 0, *(map(int, seen[-1]) if seen else (0, 0))


def run(asked, target, seeds, has_words, longest):
    """Runs for its time, again after each input that breaks it."""
    program = asked.build / "tests/fuzz" / f"fuzz_{target}"
    mine, own = asked.folder / target, CORPUS / target
    mine.mkdir(parents=True, exist_ok=True)
    own.mkdir(parents=True, exist_ok=True)
    words = [f"-dict={ROOT / 'tests/fuzz/iptables.dict'}"] if has_words else []
    words += [f"-max_len={longest}", "-timeout=60", "-rss_limit_mb=4096", "-print_final_stats=1", "-verbosity=1",
              f"-artifact_prefix={asked.folder}/{target}-"]
    folders = [str(mine), str(own), *(str(ROOT / seed) for seed in seeds)]
    start, executions, edges, features, broken = time.monotonic(), 0, 0, 0, 0
    while (left := int(60 * asked.minutes - (time.monotonic() - start))) > 0 and broken < MOST_BROKEN:
        done = subprocess.run([str(program), *words, f"-max_total_time={left}", *folders], stdin=subprocess.DEVNULL,
                              capture_output=True, check=False)
        said = done.stderr.decode(errors="replace")
        more, edges_now, features_now = numbers_of(said)
        executions, edges, features = executions + more, max(edges, edges_now), max(features, features_now)
        if done.returncode == 0:
            break
        broken += 1
        found = re.findall(r"^broken.*|ERROR: .*|runtime error: .*|Test unit written to .*", said, re.MULTILINE)
        print(f"{target} broke: " + "\n  ".join(found), flush=True)
    return executions, (time.monotonic() - start) / 60, edges, features, broken


def keep(asked, target, longest):
    """Adds to the tree what covers more than is there, the small ones first."""
    program, own = asked.build / "tests/fuzz" / f"fuzz_{target}", CORPUS / target
    short = asked.folder / f"{target}-short"
    short.mkdir(exist_ok=True)
    for path in (asked.folder / target).iterdir():
        if path.stat().st_size <= longest // 4:
            (short / path.name).write_bytes(path.read_bytes())
    least = asked.folder / f"{target}-least"
    least.mkdir(exist_ok=True)
    subprocess.run([str(program), "-merge=1", "-timeout=60", str(least), str(own), str(short)], check=False,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    size = sum(path.stat().st_size for path in own.iterdir())
    for path in sorted(least.iterdir(), key=lambda path: (path.stat().st_size, path.name)):
        size += path.stat().st_size
        if size > asked.bytes:
            break
        (own / path.name).write_bytes(path.read_bytes())


def write_table(rows):
    """Adds to the numbers that stand in the page: executions, minutes and breaks sum, coverage is the latest."""
    text = PAGE.read_text()
    old = {cells[0].strip("` "): [cell.replace(",", "").strip() for cell in cells[1:]] for cells in
           (line.strip("|").split("|") for line in text[text.index(HEADER[0]):].splitlines()
            if line.startswith("| `"))}
    for target, (executions, minutes, edges, features, broken) in rows.items():
        before = old.get(target, ["0", "0", "0", "0", "0"])
        old[target] = [str(int(before[0]) + executions), str(round(float(before[1]) + minutes)), str(edges),
                       str(features), str(int(before[4]) + broken)]
    lines = [f"| `{target}` | {int(cells[0]):,} | {cells[1]} | {cells[2]} | {cells[3]} | {cells[4]} |"
             for target, cells in sorted(old.items())]
    table = "\n".join((*HEADER, *lines))
    PAGE.write_text(re.sub(r"\| target \| executions.*(?:\n\|.*)*", lambda _: table, text))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/fuzz")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("/tmp/untrack-fuzz"))
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--only", default="")
    parser.add_argument("--bytes", type=int, default=30_000)
    asked = parser.parse_args()
    broken = 0
    for target, seeds, has_words, longest in TARGETS:
        if asked.only in target:
            row = run(asked, target, seeds, has_words, longest)
            keep(asked, target, longest)
            write_table({target: row})
            print(f"{target}: {row[0]} executions in {row[1]:.1f} minutes, {row[2]} edges, {row[3]} features, "
                  f"{row[4]} broke", flush=True)
            broken += row[4]
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
