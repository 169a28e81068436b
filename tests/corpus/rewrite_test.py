"""Rewrites every ruleset of others that iptables-save printed, without state and with NOTRACK, and asks:
is there a certificate or a refusal, never an internal error; does the kernel take what comes out where
it takes what went in, on both backends; is rewriting it again nothing to do. Prints how many came to
what. With NOTRACK twice: with what rules name, and with a list of ports of the user's.
Usage: rewrite_test.py UNTRACK FOLDER. UNTRACK_CORPUS names another folder; exit status 77: skipped.
"""
import collections
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys

UNTRACK = os.path.abspath(sys.argv[1])
FOLDER = pathlib.Path(os.environ.get("UNTRACK_CORPUS", sys.argv[2]))
NAMESPACE = f"untrack-rewrite-{os.getpid()}"
BACKENDS = ("legacy", "nft")
WEAK_ASSUMPTIONS = ("none", "none,tcp_udp_icmp_only")
PORTS = [word for port in ("tcp/22", "tcp/80", "tcp/443") for word in ("--only", port)]


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def run(*command, text=None):
    return subprocess.run(command, input=text, capture_output=True, check=False, timeout=300)


def loads(text, version, backend):
    """Whether the kernel takes it in a namespace of this test's own."""
    tool = ("iptables" if version == "ipv4" else "ip6tables") + f"-{backend}-restore"
    return run("ip", "netns", "exec", NAMESPACE, tool, "--test", text=text)


def rewritten(text, version, mode="stateless", options=()):
    done = run(UNTRACK, "rewrite", "--mode", mode, "--family", version, "--output", "json", *options, "-",
               text=text)
    return done, json.loads(done.stdout) if done.stdout else None


def reason_of(family):
    """Why it is refused, without the names that only this ruleset has."""
    found = [row["reason"] for row in family["refusals"]]
    words = re.sub(r"\bas \S+$", "as another format", re.sub(r"-, ?|/\S+", "", family["why"]))
    if not found:
        return words
    kinds = sorted({re.sub(r" works with the entries.*", "", reason) for reason in found})
    return f"{words}: {', '.join(kinds)}"


class Backends:
    """What the kernel takes, counted in `tested`; nothing where it cannot be asked."""

    def __init__(self):
        self.tested = collections.Counter()
        self.can_load = os.geteuid() == 0 and all(map(shutil.which, (
            "ip", "iptables-legacy-restore", "iptables-nft-restore")))
        self.can_load = self.can_load and run("ip", "netns", "add", NAMESPACE).returncode == 0

    def close(self):
        if self.can_load:
            run("ip", "netns", "del", NAMESPACE)

    def judge(self, name, version, text, new, faults):
        for backend in BACKENDS if self.can_load else ():
            if loads(text, version, backend).returncode != 0:
                self.tested[f"{backend}, refuses the original"] += 1
                continue
            taken = loads(new, version, backend)
            self.tested[f"{backend}, takes both" if taken.returncode == 0 else backend] += 1
            if taken.returncode != 0:
                faults.append(f"{name}: {backend} refuses it: {taken.stderr.decode()[:300]}")


def print_sizes(title, sizes):
    """`sizes`: pairs of how many rules there were and are."""
    for what, chosen in (("", sizes), (" in rulesets over 100", [row for row in sizes if row[0] > 100])):
        ratios = [after / max(1, before) for before, after in chosen]
        if ratios:
            print(f"{title}: rules after for one before{what}: median {statistics.median(ratios):.2f}, "
                  f"most {max(ratios):.2f}, above 2.5: {sum(ratio > 2.5 for ratio in ratios)} of {len(ratios)}")


def count_notrack(rows, title, options, backends, faults):
    """How many rulesets that track have something untracked."""
    outcomes, tracking, sizes = collections.Counter(), 0, []
    for name, version in rows:
        text = (FOLDER / name).read_bytes()
        done, report = rewritten(text, version, "notrack", options)
        if done.returncode not in (0, 1, 3) or report is None:
            faults.append(f"{name}, {title}: exit status {done.returncode}: {done.stderr.decode()[:300]}")
            continue
        family = report["families"].get(version)
        if family is None or "nothing in it forces" in family["why"]:
            continue
        tracking += 1
        outcomes[family["outcome"] if not family["why"] else f"{family['outcome']}, {family['why']}"] += 1
        if family["outcome"] != "rewritten":
            continue
        sizes.append((family["rules_before"], family["rules_after"]))
        if not family["certificate"]["holds"]:
            faults.append(f"{name}, {title}: given without a certificate")
        new = report["files"][0]["text"].encode()
        _, second = rewritten(new, version, "notrack", options)
        if second["families"][version]["outcome"] == "rewritten":
            faults.append(f"{name}, {title}: what was rewritten is rewritten again")
        backends.judge(f"{name}, {title}", version, text, new, faults)
    for what, count in outcomes.most_common():
        print(f"{title}: {count:4} of {tracking} {what}")
    print_sizes(title, sizes)


def count_assumptions(rows):
    """How many are rewritten with a proof that needs nothing, or no more than is named."""
    for assumed in WEAK_ASSUMPTIONS:
        count = 0
        for name, version in rows:
            _, report = rewritten((FOLDER / name).read_bytes(), version, options=["--assume", assumed])
            count += report["families"][version]["outcome"] == "rewritten"
        print(f"stateless: {count} of {len(rows)} that track, are understood and hold nothing bound are proven with "
              f"--assume {assumed}")


def main():
    if not (FOLDER / "INDEX.tsv").exists():
        skip("no corpus; set UNTRACK_CORPUS to a folder with an INDEX.tsv")
    rows = [line.split("\t") for line in (FOLDER / "INDEX.tsv").read_text().splitlines()
            if not line.startswith("#")]
    rows = [(row[0], "ipv4" if row[1].endswith("v4") else "ipv6") for row in rows
            if row[1].startswith("iptables-save-v")]
    backends = Backends()
    outcomes, reasons, faults, sizes = collections.Counter(), collections.Counter(), [], []
    candidates = []
    try:
        for name, version in rows:
            text = (FOLDER / name).read_bytes()
            done, report = rewritten(text, version)
            if done.returncode not in (0, 1, 3) or report is None:
                faults.append(f"{name}: exit status {done.returncode}: {done.stderr.decode()[:300]}")
                outcomes["fault"] += 1
                continue
            family = report["families"].get(version)
            if family is None:
                outcomes["no rules"] += 1
                continue
            outcomes[family["outcome"]] += 1
            is_bound = any("works with the entries" in row["reason"] for row in family["refusals"])
            if family["outcome"] == "refused":
                reasons[reason_of(family)] += 1
                if not is_bound and not report["not_understood"]:
                    candidates.append((name, version))
                if not family["why"]:
                    faults.append(f"{name}: refused without a reason")
            if family["outcome"] != "rewritten":
                continue
            candidates.append((name, version))
            sizes.append((family["rules_before"], family["rules_after"]))
            if not family["certificate"]["holds"]:
                faults.append(f"{name}: given without a certificate")
            new = report["files"][0]["text"].encode()
            again, second = rewritten(new, version)
            if again.returncode != 0 or second["families"][version]["outcome"] != "nothing-to-do":
                faults.append(f"{name}: rewriting what was rewritten is not nothing to do")
            backends.judge(name, version, text, new, faults)
        count_assumptions(candidates)
        count_notrack(rows, "notrack", [], backends, faults)
        count_notrack(rows, "notrack with ports", PORTS, backends, faults)
    finally:
        backends.close()
    print(f"{len(rows)} files")
    for title, counts in (("outcome", outcomes), ("refused", reasons), ("loaded", backends.tested)):
        for what, count in counts.most_common():
            print(f"{title}: {count:4} {what}")
    if not backends.can_load:
        print("loaded: nothing, for want of root, namespaces or iptables")
    print(f"rewritten: {len(sizes)} of {len(candidates)} that track, are understood and hold nothing bound")
    print_sizes("stateless", sizes)
    print("\n".join(faults + [f"{len(faults)} faults"]))
    return 1 if faults or not sizes else 0


sys.exit(main())
