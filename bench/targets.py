#!/usr/bin/env python3
"""Measures what the program is meant to reach (T1 to T12) and writes the table into
docs/performance.md. CPU seconds of user and system time, medians of runs in turn with the yardstick,
`iptables-legacy-restore --test` of the same file (IPT), in a network namespace made here: needs root.
Parts of a run are timed by the benchmarks of the preset bench, in the same process as their input.

Usage: targets.py UNTRACK BENCH_DIRECTORY [--runs N] [--only T1,T7] [--update]
UNTRACK: built with the preset release; BENCH_DIRECTORY: build/bench/bench of the preset bench."""
import json
import os
import pathlib
import random
import re
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import compare  # noqa: E402

ROOT = compare.ROOT
PAGE = compare.PAGE
START, END = "<!-- bench/targets.py -->\n", "<!-- end of bench/targets.py -->"


class Lab:
    def __init__(self, program, parts, runs, folder):
        self.program, self.parts, self.runs = program, pathlib.Path(parts), runs
        self.folder = pathlib.Path(folder)

    def file(self, shape, rules, *words):
        path = self.folder / f"{shape}-{rules}{''.join(words)}.rules"
        if not path.exists():
            with open(path, "w", encoding="ascii") as out:
                subprocess.run([sys.executable, ROOT / "bench/generate.py", shape, str(rules), *words],
                               stdout=out, check=True)
        return path

    def ipt(self, path):
        program = "ip6tables-legacy-restore" if "--ipv6" in str(path) else "iptables-legacy-restore"
        return ["ip", "netns", "exec", compare.NAMESPACE, program, "--test", path]

    def in_turn(self, *commands):
        """Median (CPU seconds, peak MB) of each command, run in turn."""
        runs = [[compare.measure([str(word) for word in command], may_find=True) for command in commands]
                for _ in range(self.runs)]
        return [tuple(statistics.median(run[i][k] for run in runs) for k in (0, 1))
                for i in range(len(commands))]

    def part(self, benchmark, name):
        """Median CPU seconds of one benchmark, and its counters."""
        run = subprocess.run(
            [self.parts / benchmark, f"--benchmark_filter=^{name}$", "--benchmark_format=json",
             f"--benchmark_repetitions={self.runs}"], capture_output=True, text=True, check=True)
        found = json.loads(run.stdout)["benchmarks"] if run.stdout else []
        rows = [row for row in found if row["run_type"] == "iteration"]
        if not rows or any(row.get("error_occurred") for row in rows):
            sys.exit(f"{benchmark} says nothing of {name}: {run.stdout[:500]}{run.stderr[:500]}")
        unit = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}[rows[0]["time_unit"]]
        return statistics.median(row["cpu_time"] for row in rows) * unit, rows[0]


def times(value):
    return f"{value:.1f} times"


def t1(lab):
    for shape in ("plain", "kube"):
        ours, _ = lab.part("parts_benchmark", f"read/{shape}/100000")
        [(theirs, _)] = lab.in_turn(lab.ipt(lab.file(shape, 100_000)))
        yield (f"T1 {shape}", "parse to the model at least 20 times faster than IPT, 100,000 rules",
               f"{times(theirs / ours)}: {ours:.3f} s of CPU against {theirs:.3f} s", theirs >= 20 * ours,
               "what is left is less than a microsecond a rule: finding its line and shape, and writing half a kilobyte "
               "of model; a quarter of it is the system's, which gives the pages")


def whole(lab, name, shape, least, megabytes, why):
    path = lab.file(shape, 100_000)
    (ours, peak), (theirs, _) = lab.in_turn([lab.program, "audit", path], lab.ipt(path))
    target = {4: "at least 4 times faster than IPT", 2: "at least twice as fast as IPT",
              1: "no slower than IPT", 0.5: "at most twice IPT"}[least]
    target += f", at most {megabytes} MB" if megabytes else ""
    reached = theirs >= least * ours and (not megabytes or peak <= megabytes)
    said = f"{times(theirs / ours)} as fast, {peak:.0f} MB: {ours:.3f} s against {theirs:.3f} s"
    yield name, f"audit of {shape} 100,000: {target}", said, reached, why


def t2(lab):
    yield from whole(lab, "T2", "kube", 4, 100, "a quarter of it is reading (T1), the rest is facts, packets for each rule and findings; the memory is the model, with every option's text and place")


def t3(lab):
    yield from whole(lab, "T3", "plain", 2, 64, "the time is reached; the memory is half a kilobyte a rule, less than half of it parts of rules at 40 bytes, and 11 MB that any audit takes")


def t4(lab):
    yield from whole(lab, "T4", "random", 1, None, "")


def t5(lab):
    yield from whole(lab, "T5", "campus", 0.5, None, "")


def twin_of(path, out):
    """The same ruleset with the rules of each zone, which all accept, in another order."""
    dice, lines, zones = random.Random(1), path.read_text().split("\n"), {}
    for number, line in enumerate(lines):
        if line.startswith("-A zone"):
            zones.setdefault(line.split()[1], []).append(number)
    for places in zones.values():
        rows = [lines[place] for place in places]
        dice.shuffle(rows)
        for place, row in zip(places, rows):
            lines[place] = row
    out.write_text("\n".join(lines))
    return out


def t6(lab):
    path = lab.file("campus", 5_000)
    twin = twin_of(path, lab.folder / "campus-twin.rules")
    stateless = lab.folder / "campus-stateless.rules"
    said = subprocess.run([lab.program, "rewrite", "--mode", "stateless", path, "--to", stateless],
                          capture_output=True, text=True, check=False)
    if not stateless.exists():
        sys.exit(f"no rewrite: {said.stdout[:500]}{said.stderr[:500]}")
    (diff, _), (verify, _), (theirs, _) = lab.in_turn(
        [lab.program, "diff", path, twin],
        [lab.program, "verify", "--mode", "stateless", path, stateless], lab.ipt(path))
    yield ("T6 order", "5,000 rules of zones against the same in another order, proved equal end to end: at most twice IPT",
           f"{times(diff / theirs)} IPT: {diff:.3f} s against {theirs:.3f} s", diff <= 2 * theirs,
           "half of it is reading and linking two texts; by diagrams, where more than the order differs, it is 2.7 times IPT")
    yield ("T6 rewrite", "the same ruleset against its rewrite without state, certified end to end: at most twice IPT",
           f"{times(verify / theirs)} IPT: {verify:.3f} s against {theirs:.3f} s", verify <= 2 * theirs,
           "a certificate asks far more than equality: answers, errors and exposure of every flow, "
           "with a witness each, of a rewrite twice as long; a third of it is the decisions of both, and "
           "no part of the rest dominates")
    oracle = lab.parts / "oracle_benchmark"
    if not oracle.exists():
        yield ("T6 engines", "5 times faster than BuDDy, 50 times than Z3", "not measured", False,
               "libbdd-dev and libz3-dev are not installed")
        return
    run = subprocess.run([oracle, path, twin, "120"], capture_output=True, text=True, check=True)
    found = {row.split()[0]: (float(row.split()[1]), " ".join(row.split()[2:]))
             for row in run.stdout.splitlines()}
    ours, buddy, z3 = (found[name][0] for name in ("ours", "buddy", "z3"))
    yield ("T6 engines", "equality of the two decided at least 5 times faster than by BuDDy with the same order and atoms, 50 times faster than by Z3",
           f"{times(buddy / ours)}, {times(z3 / ours)}: {ours:.3f} s against {buddy:.3f} s and "
           f"{z3:.1f} s (Z3: {found['z3'][1]})",
           buddy >= 5 * ours and z3 >= 50 * ours, "")


def t7(lab):
    for shape in ("plain", "random", "campus"):
        ours, row = lab.part("parts_benchmark", f"one-changed/{shape}/100000")
        path = lab.file(shape, 100_000)
        [(audit, _)] = lab.in_turn([lab.program, "audit", path])
        yield (f"T7 {shape}", "one rule of 100,000 changed: verdict and witness in at most 10 % of the audit's time, once both are parsed",
               f"{100 * ours / audit:.0f} %: {ours:.3f} s against {audit:.3f} s, {int(row['changes'])} changes found",
               ours <= audit / 10,
               "more than half of it is one pass over both models, side by side, to see which rules are the same: "
               "half a kilobyte of each rule in either of them")


def t8(lab):
    for shape, most in (("kube", 1.2), ("plain", 1.5)):
        small, large = lab.file(shape, 10_000), lab.file(shape, 100_000)
        (a, _), (b, _) = lab.in_turn([lab.program, "audit", small], [lab.program, "audit", large])
        local = [lab.part("parts_benchmark", f"lives/{shape}/{rules}")[0] for rules in (10_000, 100_000)]
        yield (f"T8 {shape}", f"CPU per rule at 100,000 rules at most {most} times that at 10,000",
               f"{b / a / 10:.2f} times, whole audits ({a:.3f} s and {b:.3f} s); the local engine alone "
               f"{local[1] / local[0] / 10:.2f} times", b <= a * 10 * most and local[1] <= local[0] * 10 * most,
               "of 10,000 rules all packets are reasoned about, too, so that whole audits are dearer there: "
               "the local engine is what both have in common; its time for a rule grows with what does not fit into caches: "
               "rules, chains, jumps")


def t9(lab):
    for shape in ("plain", "random", "campus", "kube"):
        four, six = lab.file(shape, 100_000), lab.file(shape, 100_000, "--ipv6")
        (a, _), (b, _) = lab.in_turn([lab.program, "audit", four],
                                     [lab.program, "audit", "--family", "ipv6", six])
        yield (f"T9 {shape}", "IPv6 at most 1.25 times IPv4, 100,000 rules",
               f"{b / a:.2f} times: {b:.3f} s against {a:.3f} s", b <= 1.25 * a,
               "longer addresses are more text and two words a number; what is no slot of a shape (negations) is read word by word")


def t10(lab):
    ours, _ = lab.part("attribution_benchmark", "attribute_a_million")
    scan, _ = lab.part("attribution_benchmark", "walk_a_thousand")
    yield ("T10", "a million conntrack entries against 5,000 rules, reading the text included: at most 0.6 s, and 10 times faster than following each",
           f"{ours:.3f} s, {scan * 1000 / ours:.0f} times faster", ours <= 0.6 and scan * 1000 >= 10 * ours,
           "about as much is reading the text as finding the rules")


def t11(lab):
    folder = lab.folder / "fleet"
    subprocess.run([sys.executable, ROOT / "bench/fleet.py", folder, "1000", "100"], check=True,
                   stdout=subprocess.DEVNULL)
    hosts = sorted(str(path) for path in folder.iterdir())
    [(ours, _)] = lab.in_turn([lab.program, "audit", "--only-table", "--hosts", *hosts])
    yield ("T11", "1,000 rulesets of hosts (100 rules each), with flow classes: 500 a second on two cores, which is 4 s of CPU",
           f"{ours:.2f} s of CPU: {2 * len(hosts) / ours:.0f} a second where two cores are free", ours <= 2 * len(hosts) / 500,
           "CPU time counts more where cores are shared (below)")


def t12(lab):
    path = lab.file("campus", 50)
    [(ours, _)] = lab.in_turn([lab.program, "audit", path])
    yield ("T12", "audit of 50 rules, the whole process: at most 10 ms", f"{1000 * ours:.0f} ms of CPU", ours <= 0.010, "")


TARGETS = {"T1": t1, "T2": t2, "T3": t3, "T4": t4, "T5": t5, "T6": t6, "T7": t7, "T8": t8, "T9": t9,
           "T10": t10, "T11": t11, "T12": t12}


def main(words):
    if len(words) < 2 or not os.access(words[0], os.X_OK):
        sys.exit(__doc__)
    runs = int(words[words.index("--runs") + 1]) if "--runs" in words else 5
    only = words[words.index("--only") + 1].split(",") if "--only" in words else list(TARGETS)
    load = os.getloadavg()[0]
    lines = [f"Medians of {runs} runs in turn. {compare.machine()}; load {load:.1f} when it began.", "",
             "| | target | measured | reached | if not, why |", "| --- | --- | --- | --- | --- |"]
    subprocess.run(["ip", "netns", "add", compare.NAMESPACE], check=True)
    try:
        with tempfile.TemporaryDirectory() as folder:
            lab = Lab(words[0], words[1], runs, folder)
            for name in only:
                for place, target, measured, reached, why in TARGETS[name](lab):
                    row = f"| {place} | {target} | {measured} | {'yes' if reached else 'no'} | {'' if reached else why} |"
                    print(row, flush=True)
                    lines.append(row)
    finally:
        subprocess.run(["ip", "netns", "del", compare.NAMESPACE], check=True)
    if "--update" in words:
        text = PAGE.read_text()
        before, rest = text.split(START, 1)
        PAGE.write_text(before + START + "\n".join(lines) + "\n" + END + rest.split(END, 1)[1])


if __name__ == "__main__":
    main(sys.argv[1:])
