#!/usr/bin/env python3
"""untrack audit beside what else reads such files, on the same file, run in turn in one go, so that a
slow moment of the machine meets all of them: iptables-legacy-restore --test, iptables-nft-restore --test
and iptables-restore-translate, or nft -c -f and nft -c -o -f. Median of the runs; CPU seconds and peak
memory as the kernel accounts them (wait4). Needs root: the other programs run in a network namespace
made here. What takes more than a minute is ended, and not tried with a larger file.

Usage: compare.py UNTRACK [--runs N] [--update], the program built with the preset release; --update
writes the tables into docs/performance.md."""
import datetime
import math
import os
import pathlib
import platform
import re
import resource
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/performance.md"
RULES = (1_000, 10_000, 100_000)
ELEMENTS = (1_000, 10_000, 100_000, 1_000_000)
SHAPES = {"plain": RULES, "random": RULES, "blocklist": ELEMENTS, "kube": RULES, "campus": RULES,
          "nft-plain": RULES, "nft-set": ELEMENTS, "nft-map": ELEMENTS}
PEERS = {"iptables": (["iptables-legacy-restore", "--test"], ["iptables-nft-restore", "--test"],
                      ["iptables-restore-translate", "-f"]),
         "nft": (["nft", "-c", "-f"], ["nft", "-c", "-o", "-f"])}
LONGEST = 60
NAMESPACE = f"untrack-bench-{os.getpid()}"


def limit():
    resource.setrlimit(resource.RLIMIT_CPU, (LONGEST, LONGEST))


def measure(command, may_find=False, may_be_ended=False):
    """CPU seconds and peak memory in MB of one process; None if it was ended."""
    with open(os.devnull, "wb") as nowhere:
        process = subprocess.Popen(command, stdout=nowhere, stderr=nowhere, preexec_fn=limit)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in ((0, 1) if may_find else (0,)):
        if may_be_ended:
            return None
        sys.exit(f"exit status {process.returncode}: {' '.join(map(str, command))}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def spread(values, digits):
    return (f"{statistics.median(values):.{digits}f}" if len(set(values)) == 1 else
            f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})")


def exponent(now, before, size, smaller):
    return f"{math.log(now / before) / math.log(size / smaller):.2f}"


def rows(program, runs):
    """(a row of ours, the rows of the others) for each file."""
    for shape, sizes in SHAPES.items():
        earlier = None
        peers = list(PEERS["nft" if shape.startswith("nft") else "iptables"])
        for size in sizes:
            with tempfile.NamedTemporaryFile("w", suffix=".rules") as file:
                subprocess.run([sys.executable, ROOT / "bench/generate.py", shape, str(size)],
                               stdout=file, check=True)
                audit = [program, "audit", file.name]
                inside = ["ip", "netns", "exec", NAMESPACE]
                samples = []
                for _ in range(runs):
                    run = [measure(audit, may_find=True)]
                    run += [measure(inside + words + [file.name], may_be_ended=True) for words in peers]
                    samples.append(run)
                megabytes = os.path.getsize(file.name) / 1e6
            ours = [run[0] for run in samples]
            seconds, peak = (statistics.median(run[k] for run in ours) for k in (0, 1))
            growth = ("", "")
            if earlier:
                growth = tuple(exponent(now, before, size, earlier[2])
                               for now, before in ((seconds, earlier[0]), (peak, earlier[1])))
            earlier = (seconds, peak, size)
            mine = (f"| {shape} | {size:,} | {megabytes:.1f} | {spread([run[0] for run in ours], 3)} | "
                    f"{growth[0]} | {peak:.0f} | {growth[1]} |")
            others = []
            for number, words in reversed(list(enumerate(peers, 1))):
                theirs = [run[number] for run in samples]
                if None in theirs:
                    others.append(f"| {shape} | {size:,} | {' '.join(words)} | ended, or failed | | |")
                    peers.pop(number - 1)
                    continue
                ratio = [their[0] / our[0] for their, our in zip(theirs, ours)]
                others.append(f"| {shape} | {size:,} | {' '.join(words)} | {spread([t[0] for t in theirs], 3)} | "
                              f"{statistics.median(t[1] for t in theirs):.0f} | {spread(ratio, 1)} |")
            yield mine, others[::-1]


def machine():
    """The day, and on what it is measured."""
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    said = [subprocess.run([program, "--version"], capture_output=True, text=True).stdout.strip()
            for program in ("iptables-legacy", "nft")]
    return (f"{datetime.date.today():%-d %B %Y}, {cpu.group(1) if cpu else platform.machine()}, "
            f"{os.cpu_count()} cores, Linux {platform.release()}, {', '.join(said)}")


def main(words):
    if not words or not os.access(words[0], os.X_OK):
        sys.exit(__doc__)
    runs = int(words[words.index("--runs") + 1]) if "--runs" in words else 5
    subprocess.run(["ip", "netns", "add", NAMESPACE], check=True)
    try:
        lines = [f"Median of {runs} runs in turn (least to most). {machine()}.", "",
                 "| shape | rules or elements | MB of text | untrack audit, CPU s | grows by the power | peak MB | grows by the power |",
                 "| --- | --- | --- | --- | --- | --- | --- |"]
        beside = ["", "| shape | rules or elements | beside | its CPU s | its peak MB | its time over ours |",
                  "| --- | --- | --- | --- | --- | --- |"]
        for mine, others in rows(words[0], runs):
            print("\n".join([mine, *others]), flush=True)
            lines.append(mine)
            beside += others
        lines += beside
    finally:
        subprocess.run(["ip", "netns", "del", NAMESPACE], check=True)
    if "--update" in words:
        text = PAGE.read_text()
        start, end = "<!-- bench/compare.py -->\n", "<!-- end -->"
        before, rest = text.split(start, 1)
        PAGE.write_text(before + start + "\n".join(lines) + "\n" + end + rest.split(end, 1)[1])


if __name__ == "__main__":
    main(sys.argv[1:])
