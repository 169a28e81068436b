"""Rewrites every ruleset of others that is a text of nft, or JSON of it, without state and with NOTRACK, and asks: is there a
certificate or a refusal with a reason, never an internal error; does nft take what comes out where it takes what
went in; does `verify` accept it, and `audit` say that nothing tracks; is rewriting it again nothing to do. Prints how
many came to what: a ruleset counts once for each family that it is for.
Usage: nft_rewrite_test.py UNTRACK FOLDER. UNTRACK_CORPUS names another folder; exit status 77: skipped.
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
import tempfile

UNTRACK = os.path.abspath(sys.argv[1])
FOLDER = pathlib.Path(os.environ.get("UNTRACK_CORPUS", sys.argv[2]))
NAMESPACE = f"untrack-nft-rewrite-{os.getpid()}"
PORTS = [word for port in ("tcp/22", "tcp/80", "tcp/443") for word in ("--only", port)]
MODES = (("stateless", "stateless", []), ("notrack", "notrack", []), ("notrack with ports", "notrack", PORTS))


def run(*command, text=None):
    return subprocess.run(command, input=text, capture_output=True, check=False, timeout=300)


def rewritten(text, mode, options=()):
    done = run(UNTRACK, "rewrite", "--mode", mode, "--output", "json", *options, "-", text=text)
    return done, json.loads(done.stdout) if done.stdout else None


def reason_of(row, report):
    """Why it is refused, without the names that only this ruleset has."""
    kinds = sorted({re.sub(r" works with the entries.*", "", refusal["reason"]) for refusal in row["refusals"]})
    if row["why"].startswith("not everything") and report["not_understood"]:
        kinds = [re.sub(r'"[^"]*"', "...", report["not_understood"][0]["why"])]
    return f"{row['why']}: {', '.join(kinds)}" if kinds else row["why"]


class Nft:
    """What nft says, in a namespace of this test's own; nothing where it cannot be asked."""

    def __init__(self):
        self.tested = collections.Counter()
        self.can_load = os.geteuid() == 0 and all(map(shutil.which, ("ip", "nft")))
        self.can_load = self.can_load and run("ip", "netns", "add", NAMESPACE).returncode == 0

    def close(self):
        if self.can_load:
            run("ip", "netns", "del", NAMESPACE)

    def takes(self, text):
        language = ["-j"] if text.lstrip().startswith(b"{") else []
        return run("ip", "netns", "exec", NAMESPACE, "nft", *language, "-c", "-f", "-", text=text)

    def judge(self, name, text, new, faults):
        if not self.can_load:
            return
        if self.takes(text).returncode != 0:
            self.tested["nft refuses the original"] += 1
            return
        taken = self.takes(new)
        self.tested["nft takes both" if taken.returncode == 0 else "nft refuses the rewrite alone"] += 1
        if taken.returncode != 0:
            faults.append(f"{name}: nft refuses it: {taken.stderr.decode()[:300]}")


def check(name, mode, options, text, report, nft, faults):
    """Of a file that is rewritten for at least one family."""
    new = report["files"][0]["text"].encode()
    nft.judge(name, text, new, faults)
    again, second = rewritten(new, mode, options)
    if again.returncode not in (0, 1) or any(row["outcome"] == "rewritten" for row in second["families"].values()):
        faults.append(f"{name}: what was rewritten is rewritten again")
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, side) for side in ("before", "after")]
        for path, content in zip(paths, (text, new)):
            pathlib.Path(path).write_bytes(content)
        verified = run(UNTRACK, "verify", "--mode", mode, *paths)
        if verified.returncode != 0:
            faults.append(f"{name}: verify does not accept it: {verified.stdout.decode()[:300]}")
        if mode == "stateless":
            audit = json.loads(run(UNTRACK, "audit", "--output", "json", paths[1]).stdout)
            for family, row in report["families"].items():
                if row["outcome"] == "rewritten" and audit["verdict"][family]["tracking"] != "not_forced":
                    faults.append(f"{name}: {family} is tracked all the same")


def print_sizes(title, sizes):
    for what, chosen in (("", sizes), (" in rulesets over 100", [row for row in sizes if row[0] > 100])):
        ratios = [after / max(1, before) for before, after in chosen]
        if ratios:
            print(f"{title}: rules after for one before{what}: median {statistics.median(ratios):.2f}, "
                  f"most {max(ratios):.2f}, above 2.5: {sum(ratio > 2.5 for ratio in ratios)} of {len(ratios)}")


def judge_all(names, title, mode, options, nft, faults):
    """Rewrites all of them; the sizes of what is rewritten."""
    outcomes, reasons, sizes, tracking = collections.Counter(), collections.Counter(), [], 0
    for name in names:
        text = (FOLDER / name).read_bytes()
        done, report = rewritten(text, mode, options)
        if done.returncode not in (0, 1, 3) or report is None:
            faults.append(f"{name}, {title}: exit status {done.returncode}: {done.stderr.decode()[:300]}")
            continue
        for family, row in report["families"].items():
            tracking += "nothing in it forces" not in row["why"]
            outcomes[row["outcome"] if row["outcome"] != "nothing-to-do" else f"nothing to do: {row['why']}"] += 1
            if row["outcome"] == "refused":
                reasons[reason_of(row, report)] += 1
                if not row["why"]:
                    faults.append(f"{name}, {title}, {family}: refused without a reason")
            if row["outcome"] == "rewritten":
                sizes.append((row["rules_before"], row["rules_after"]))
                if not row["certificate"]["holds"]:
                    faults.append(f"{name}, {title}, {family}: given without a certificate")
        if any(row["outcome"] == "rewritten" for row in report["families"].values()):
            check(f"{name}, {title}", mode, options, text, report, nft, faults)
    print(f"{title}: {tracking} of {sum(outcomes.values())} track")
    for what, count in [*outcomes.most_common(), *((f"  refused: {why}", n) for why, n in reasons.most_common())]:
        print(f"{title}: {count:4} {what}")
    print_sizes(title, sizes)
    return sizes


def main():
    if not (FOLDER / "INDEX.tsv").exists():
        print("skipped: no corpus; set UNTRACK_CORPUS to a folder with an INDEX.tsv")
        return 77
    faults, nft, has_rewritten, files = [], Nft(), True, 0
    try:
        for language, pattern in (("", "*.nft"), ("JSON, ", "*.json")):
            names = sorted(path.name for path in FOLDER.glob(pattern))
            files += len(names)
            for title, mode, options in MODES:
                sizes = judge_all(names, language + title, mode, options, nft, faults)
                has_rewritten = has_rewritten and (bool(sizes) or not names)
    finally:
        nft.close()
    print(f"{files} files; loaded: {dict(nft.tested) if nft.can_load else 'nothing, for want of root or nft'}")
    print("\n".join(faults + [f"{len(faults)} faults"]))
    return 0 if has_rewritten and not faults else 1


sys.exit(main())
