#!/usr/bin/env python3
"""untrack audit beside iptables-legacy-restore --test, or nft -c -f, on the same file, run in turn in one go, so that
a slow moment of the machine meets both. Median of the runs; CPU seconds and peak memory as the kernel
accounts them (wait4). Needs root: the other program runs in a network namespace made
here. A size at which it takes more than a minute is the last one of its shape.

Usage: compare.py UNTRACK [--runs N] [--update], the program built with the preset release; --update
writes the table into docs/performance.md."""
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/performance.md"
SHAPES = ("plain", "random", "blocklist", "kube", "campus", "nft-plain", "nft-set", "nft-map")
SIZES = (1_000, 10_000, 100_000)
NAMESPACE = f"untrack-bench-{os.getpid()}"


def measure(command, may_find=False):
    """CPU seconds and peak memory in MB of one process."""
    with open(os.devnull, "wb") as nowhere:
        process = subprocess.Popen(command, stdout=nowhere, stderr=nowhere)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in ((0, 1) if may_find else (0,)):
        sys.exit(f"exit status {process.returncode}: {' '.join(command)}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def rows(program, runs):
    for shape in SHAPES:
        earlier = None
        for size in SIZES:
            with tempfile.NamedTemporaryFile("w", suffix=".rules") as file:
                subprocess.run([sys.executable, ROOT / "bench/generate.py", shape, str(size)],
                               stdout=file, check=True)
                audit = [program, "audit", file.name]
                words = (["nft", "-c", "-f"] if shape.startswith("nft")
                         else ["iptables-legacy-restore", "--test"])
                peer = ["ip", "netns", "exec", NAMESPACE, *words, file.name]
                samples = [(measure(audit, may_find=True), measure(peer)) for _ in range(runs)]
                megabytes = os.path.getsize(file.name) / 1e6
            ours, theirs = ([statistics.median(s[who][what] for s in samples) for what in (0, 1)]
                            for who in (0, 1))
            growth = f"{ours[0] / earlier:.1f}" if earlier else ""
            earlier = ours[0]
            yield (f"| {shape} | {size:,} | {megabytes:.1f} | {ours[0]:.3f} | {ours[1]:.0f} | {growth} | "
                   f"{' '.join(words)} | {theirs[0]:.3f} | {theirs[1]:.0f} | {theirs[0] / ours[0]:.1f} |")
            if theirs[0] > 60:
                break


def machine():
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    said = [subprocess.run([program, "--version"], capture_output=True, text=True).stdout.strip()
            for program in ("iptables-legacy", "nft")]
    return (f"{cpu.group(1) if cpu else platform.machine()}, {os.cpu_count()} cores, "
            f"Linux {platform.release()}, {', '.join(said)}")


def main(words):
    if not words or not os.access(words[0], os.X_OK):
        sys.exit(__doc__)
    runs = int(words[words.index("--runs") + 1]) if "--runs" in words else 5
    subprocess.run(["ip", "netns", "add", NAMESPACE], check=True)
    try:
        lines = [f"Median of {runs} runs in turn. {machine()}.", "",
                 "| shape | rules | MB of text | untrack audit, CPU s | peak MB | times the row above "
                 "| beside | its CPU s | its peak MB | its time over ours |",
                 "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
        for row in rows(words[0], runs):
            print(row, flush=True)
            lines.append(row)
    finally:
        subprocess.run(["ip", "netns", "del", NAMESPACE], check=True)
    if "--update" in words:
        text = PAGE.read_text()
        start, end = "<!-- bench/compare.py -->\n", "<!-- end -->"
        before, rest = text.split(start, 1)
        PAGE.write_text(before + start + "\n".join(lines) + "\n" + end + rest.split(end, 1)[1])


if __name__ == "__main__":
    main(sys.argv[1:])
