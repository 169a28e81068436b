"""Rewrites every listing, fragment and list of commands of others, without state and with NOTRACK, and asks: is there a
certificate or a refusal, never an internal error; is rewriting it again nothing to do. Where the kernel may be asked, in a
network namespace of its own: original and rewrite are run, on both backends, and what iptables-save prints of the two is
proven to keep the policy, so that the commands mean to the kernel what they were read as. Prints how many came to what.
Usage: commands_test.py UNTRACK FOLDER [FILE...]. UNTRACK_CORPUS names another folder; exit status 77: skipped.
"""
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

UNTRACK = os.path.abspath(sys.argv[1])
FOLDER = pathlib.Path(os.environ.get("UNTRACK_CORPUS", sys.argv[2]))
KINDS = ("iptables-cmds", "iptables-frag")
BACKENDS = ("legacy", "nft")
FAMILIES = {"ipv4": "iptables", "ipv6": "ip6tables"}


def run(*command, text=None, **options):
    return subprocess.run(command, input=text, capture_output=True, check=False, timeout=300, **options)


def rewritten(path, mode):
    done = run(UNTRACK, "rewrite", "--mode", mode, "--output", "json", str(path))
    return done, json.loads(done.stdout) if done.stdout else None


def reason_of(family):
    """Why it is refused, without the names that only this ruleset has."""
    found = sorted({re.sub(r" works with the entries.*", "", row["reason"]) for row in family["refusals"]})
    return ": ".join([family["why"], ", ".join(found)]) if found else family["why"]


class Kernel:
    """What iptables-save prints once commands have run, in a namespace that ends with them."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.can_ask = os.geteuid() == 0 and all(map(shutil.which, (
            "unshare", "xtables-legacy-multi", "xtables-nft-multi"))) and run("unshare", "-n", "true").returncode == 0
        for backend in BACKENDS if self.can_ask else ():
            (self.folder / backend).mkdir()
            for tool in FAMILIES.values():
                for name in (tool, f"{tool}-save", f"{tool}-restore"):
                    (self.folder / backend / name).symlink_to(shutil.which(f"xtables-{backend}-multi"))

    def saved(self, text, families, is_listing, backend):
        """{family: text}, or why it does not run."""
        if is_listing:
            tool = FAMILIES[families[0]]
            text = re.sub(r"^-", f"{tool} -", text, flags=re.M)
        # Whatever path and backend it names.
        text = re.sub(r"^(\s*)\S*/(ip6?tables)(?:-legacy|-nft)?(?=\s)", r"\1\2", text, flags=re.M)
        saves = "".join(f"echo '#{family}'; {FAMILIES[family]}-save; " for family in families)
        done = run("unshare", "-n", "sh", "-e", text=f"{text}\n{saves}".encode(),
                   env={"PATH": f"{self.folder / backend}:/usr/sbin:/usr/bin:/sbin:/bin"})
        if done.returncode != 0:
            return done.stderr.decode(errors="replace")
        parts = re.split(r"^#(ipv[46])\n", done.stdout.decode(errors="replace"), flags=re.M)
        return dict(zip(parts[1::2], parts[2::2]))

    def judge(self, name, report, mode, counts, faults):
        """Whether the rewrite keeps the policy in the words of the kernel."""
        file, families = report["files"][0], [v for v, row in report["families"].items() if row["outcome"] == "rewritten"]
        is_listing = report["sources"][0]["format"] == "iptables -S"
        original = (FOLDER / name).read_text(encoding="utf-8", errors="replace")
        for backend in BACKENDS if self.can_ask else ():
            before, after = (self.saved(text, families, is_listing, backend) for text in (original, file["text"]))
            if isinstance(before, str):
                counts[f"{backend}, the original does not run here"] += 1
                continue
            if isinstance(after, str):
                faults.append(f"{name}, {mode}, {backend}: the rewrite does not run: {after[:300]}")
                continue
            for family in families:
                paths = []
                for side, texts in (("before", before), ("after", after)):
                    paths.append(self.folder / f"{side}.rules")
                    paths[-1].write_text(texts[family], encoding="utf-8")
                done = run(UNTRACK, "verify", "--mode", mode, "--family", family, *map(str, paths))
                counts[f"{backend}, proven in the words of iptables-save" if done.returncode == 0 else f"{backend}, not"] += 1
                if done.returncode != 0:
                    faults.append(f"{name}, {mode}, {backend}, {family}: what iptables-save prints is not proven:\n"
                                  f"{done.stdout.decode()[:2000]}")


def judge_mode(names, mode, kernel, faults):
    outcomes, reasons, loaded = collections.Counter(), collections.Counter(), collections.Counter()
    for name in names:
        done, report = rewritten(FOLDER / name, mode)
        if done.returncode not in (0, 1, 3) or report is None:
            faults.append(f"{name}, {mode}: exit status {done.returncode}: {done.stderr.decode()[:300]}")
            continue
        if not report["families"]:
            outcomes["no rules of iptables"] += 1
        for family in report["families"].values():
            outcomes[family["outcome"]] += 1
            if family["outcome"] == "refused":
                reasons[reason_of(family).replace(str(FOLDER / name), "FILE")] += 1
            elif family["outcome"] == "rewritten" and not (family["certificate"]["holds"] and family["taken_as_whole"]):
                faults.append(f"{name}, {mode}: given without a certificate, or as if it were all of it")
        if not any(row["outcome"] == "rewritten" for row in report["families"].values()):
            continue
        # With its name, which may tell the family.
        again = kernel.folder / name
        again.write_text(report["files"][0]["text"], encoding="utf-8")
        second = rewritten(again, mode)[1]
        if any(report["families"][v]["outcome"] == "rewritten" == row["outcome"] for v, row in second["families"].items()):
            faults.append(f"{name}, {mode}: what was rewritten is rewritten again")
        kernel.judge(name, report, mode, loaded, faults)
    for title, counts in (("outcome", outcomes), ("refused", reasons), ("kernel", loaded)):
        for what, count in counts.most_common():
            print(f"{mode}, {title}: {count:4} {what}")
    if not kernel.can_ask:
        print("kernel: nothing, for want of root, namespaces or iptables")
    return outcomes["rewritten"]


def main():
    if not (FOLDER / "INDEX.tsv").exists():
        print("skipped: no corpus; set UNTRACK_CORPUS to a folder with an INDEX.tsv")
        return 77
    rows = [line.split("\t") for line in (FOLDER / "INDEX.tsv").read_text().splitlines() if not line.startswith("#")]
    names = sys.argv[3:] or [row[0] for row in rows if row[1] in KINDS]
    faults = []
    print(f"{len(names)} files")
    with tempfile.TemporaryDirectory() as folder:
        kernel = Kernel(folder)
        given = [judge_mode(names, mode, kernel, faults) for mode in ("stateless", "notrack")]
    print("\n".join(faults + [f"{len(faults)} faults"]))
    return 1 if faults or not all(given) else 0


sys.exit(main())
