#!/usr/bin/env python3
"""Does the kernel track under rules of nft when the catalog and `untrack audit` say so, and only then?

Every script of nft_tracking_rulesets.txt is loaded alone into a network namespace with nft; probes are
sent to, through and from it; and the kernel's table is read, IPv4 and IPv6 apart. The answer is compared
with what the file says, and with the verdict of `untrack audit` on the same text and on what
`nft list ruleset` prints of it. Usage: nft_tracking_test.py CATALOG_ROWS UNTRACK"""
import collections
import shutil
import subprocess
import sys

import netns
import probes
import tables
import tracking_test

Script = collections.namedtuple("Script", "name tracked rows text")


def read_rows(program):
    """{"match ct state": tracking} of the catalog."""
    rows = {}
    for line in subprocess.run([program, "nft"], capture_output=True, text=True,
                               check=True).stdout.splitlines():
        kind, tracking, name = line.split(" ", 2)
        rows[f"{kind} {name}"] = tracking
    return rows


def read_scripts():
    scripts, title, body = [], None, []
    for line in tracking_test.lines_of("nft_tracking_rulesets.txt") + ["== | |"]:
        if not line.startswith("=="):
            body.append(line)
            continue
        if title:
            name, families, rows, *_ = [part.strip() for part in title.split("|")] + [""]
            tracked = set() if families == "nothing" else {int(word[3:]) for word in families.split()}
            scripts.append(Script(name, tracked, [row.strip() for row in rows.split(",") if row.strip()],
                                  "\n".join(body).strip() + "\n"))
        title, body = line.removeprefix("=="), []
    return scripts


def faults_of_the_file(rows, scripts):
    shown = {row for script in scripts for row in script.rows}
    yield from (f"no row of the catalog: {row}" for row in sorted(shown - set(rows)))
    yield from (f"no ruleset for {row}" for row in rows if row not in shown)
    for script in scripts:
        known = {rows[row] for row in script.rows if row in rows}
        if known and bool(script.tracked) != ("always" in known):
            yield f"{script.name}: tracks {sorted(script.tracked)}, its rows say {sorted(known)}"


class Kernel(tracking_test.Kernel):
    """Loads scripts one after the other and says what it tracks."""

    def __init__(self):
        super().__init__("nft")
        netns.run("ip", "link", "set", "lo", "up")

    def load(self, script):
        """None, or why nft or the kernel refuses it."""
        netns.run("nft", "flush", "ruleset")
        done = netns.run("nft", "-f", "-", text=script.text, check=False)
        return " ".join(done.stderr.split("\n")[0].split()) or "refused" if done.returncode else None


def judge(kernel, untrack, script):
    answers = kernel.ask()
    for v in (4, 6):
        expected = "tracked" if v in script.tracked else "not tracked"
        if answers[v] != (expected, ""):
            yield f"expected IPv{v} {expected}, the kernel: {' '.join(answers[v])}"
    for what, text in (("as written", script.text), ("as listed", netns.run("nft", "list", "ruleset").stdout)):
        audited = tracking_test.audit(untrack, ["-"], text)
        yield from tracking_test.contradictions(what, answers, audited, script.tracked)


def main(catalog_rows, untrack):
    for program in ("nft", "iptables-nft-restore"):
        if not shutil.which(program):
            netns.skip(f"{program} is not installed")
    rows, scripts = read_rows(catalog_rows), read_scripts()
    wrong, skipped, ran = list(faults_of_the_file(rows, scripts)), [], 0
    with tables.own_lock():
        kernel = Kernel()
        try:
            for script in scripts:
                refusal = kernel.load(script)
                if refusal:
                    skipped.append(f"{script.name} ({refusal[-70:]})")
                    continue
                ran += 1
                wrong += [f"{script.name}: {sentence}" for sentence in judge(kernel, untrack, script)]
        finally:
            kernel.lab.close()
    for reason in skipped:
        print(f"skipped, this kernel or nft refuses it: {reason}")
    for sentence in wrong:
        print(f"wrong: {sentence}")
    print(f"{len(rows)} rows of the catalog, {len(scripts)} scripts of nft: ran {ran}, "
          f"skipped {len(skipped)}, wrong {len(wrong)}")
    if not ran:
        netns.skip("no ruleset could be loaded")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
