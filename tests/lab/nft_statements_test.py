#!/usr/bin/env python3
"""Is what nft takes free of errors here, what it refuses an error here, and what `nft list ruleset` prints of
a loaded text the same ruleset as the text? Asked of every rule of nft_statements.txt and, where a folder
with an INDEX.tsv is given, of every script of nft in it.
Usage: nft_statements_test.py UNTRACK [FOLDER] [--only TEXT]"""
import argparse
import collections
import json
import os
import re
import subprocess
import sys

import netns
import tracking_test

LENIENT = ("later: ", "lenient: ")
EXAMPLES = "/usr/share/doc/nftables/examples"  # of Debian's package nftables
# What the rules name.
FRAME = """define web = 80
define wan = "eth0"
define nets = {{ 192.0.2.0/24, 198.51.100.1 }}
table {family} t {{
{objects}	chain side {{
		counter
	}}
	chain base {{
		type {kind} hook {hook} {device}priority {priority}; policy accept;
		{rule}
	}}
}}
"""
OBJECTS = """	set hosts {
		type ipv4_addr
		flags interval
		elements = { 192.0.2.1, 198.51.100.0/24 }
	}
	set ports {
		type inet_service
		elements = { 22, 80 }
	}
	set pairs {
		type ipv4_addr . inet_service
		elements = { 192.0.2.1 . 22 }
	}
	set seen {
		type ipv4_addr
		size 100
		flags dynamic,timeout
	}
	map ways {
		type inet_service : verdict
		elements = { 22 : accept, 80 : jump side }
	}
	map marks {
		type inet_service : mark
		elements = { 22 : 0x1 }
	}
	counter c1 {
	}
	limit l1 {
		rate 10/second
	}
	quota q1 {
		100 mbytes
	}
	ct helper ftp-standard {
		type "ftp" protocol tcp
	}
"""
# An answer that is the kernel's, not that of the language: such code is not in it.
LACKS = re.compile(r"Could not process rule: (No such file or directory|Operation not supported|Not supported)")


def frames():
    """(name, whether we may take what nft refuses, text) of every line of nft_statements.txt."""
    for line in tracking_test.lines_of("nft_statements.txt"):
        if not line:
            continue
        is_lenient = line.startswith(LENIENT)
        rule_line = line.partition(": ")[2] if is_lenient else line
        place, rule = (part.strip() for part in rule_line.split("|", 1))
        family, kind, hook, priority = place.split()
        has_objects = family in ("ip", "inet") and re.search(r"@|name|helper", rule)
        objects = OBJECTS if has_objects else ""
        if objects and "ftp-standard" not in rule:  # else every rule were beside one that tracks
            objects = objects[:objects.index("	ct helper")]
        device = 'device "lo" ' if family == "netdev" else ""
        yield line, is_lenient, FRAME.format(family=family, kind=kind, hook=hook, priority=priority,
                                             device=device, rule=rule, objects=objects)


def scripts(folder):
    """Which of them nft refuses is what tests/corpus compares, with two versions of it."""
    for name in sorted(os.listdir(folder)):
        if name.endswith(".nft"):
            with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
                yield name, True, file.read()


def audited(untrack, text):
    """(errors, what is not understood, verdict of each family, flow classes) of a text."""
    done = subprocess.run([untrack, "audit", "--format", "nft", "--output", "json", "-"], input=text,
                          capture_output=True, text=True)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        raise RuntimeError(f"untrack audit: exit {done.returncode}: {done.stderr.strip()}\n{text}") from None
    errors = [finding["message"] for finding in report["findings"] if finding["name"] == "not-loadable"]
    not_understood = [place["why"] for place in report["not_understood"] if place["why"] not in errors]
    verdict = {v: report["verdict"].get(f"ipv{v}", {}).get("tracking", "no verdict") for v in (4, 6)}
    flows = sorted(json.dumps([flow["family"], flow["path"], flow["summary"], flow["need"]])
                   for flow in report["flows"])
    return errors, not_understood, verdict, flows


class Comparison:
    def __init__(self, untrack):
        self.untrack = untrack
        self.counts = collections.Counter()
        self.wrong, self.skipped = [], collections.Counter()

    def judge(self, name, is_lenient, text):
        netns.run("nft", "flush", "ruleset")
        done = netns.run("nft", "-c", "-f", "-", text=text, check=False)
        errors, not_understood, verdict, flows = audited(self.untrack, text)
        if done.returncode:
            refusal = next((line for line in done.stderr.split("\n") if "Error" in line), done.stderr)
            if LACKS.search(refusal) and not errors:
                self.skipped["this kernel has no code for it, or the script asks for what is not there"] += 1
                return
            self.counts["refused"] += 1
            if not errors and not is_lenient:
                self.wrong.append(f"{name}: nft refuses it, and it has no error here: {refusal[-100:]}"
                                  f"{' (not understood: ' + not_understood[0] + ')' if not_understood else ''}")
            return
        self.counts["taken"] += 1
        if errors:
            self.wrong.append(f"{name}: nft takes it, and here it is an error: {errors[0]}")
            return
        if not_understood:
            self.counts["not understood"] += 1
        done = netns.run("nft", "-f", "-", text=text, check=False)
        if done.returncode:
            self.skipped["nft takes it with -c, and does not load it"] += 1
            return
        listed = netns.run("nft", "list", "ruleset").stdout
        errors, _, verdict_listed, flows_listed = audited(self.untrack, listed)
        if errors:
            self.wrong.append(f"{name}: the listing has an error here: {errors[0]}\n{listed}")
        elif verdict_listed != verdict and listed:
            self.wrong.append(f"{name}: the text: {verdict}, the listing: {verdict_listed}")
        elif flows_listed != flows and listed:
            self.wrong.append(f"{name}: flow classes of the text and the listing differ:\n"
                              f"  {flows}\n  {flows_listed}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("untrack")
    parser.add_argument("folder", nargs="?", default="")
    parser.add_argument("--only", default="")
    wanted = parser.parse_args()
    lab = netns.Namespaces("nft-statements", ("firewall",))
    lab.enter("firewall")
    comparison = Comparison(wanted.untrack)
    asked = list(frames())
    for folder in (wanted.folder, EXAMPLES):
        if os.path.isdir(folder):
            asked += scripts(folder)
        else:
            comparison.skipped[f"scripts of {folder}, which is not here"] += 1
    try:
        for name, is_lenient, text in asked:
            if wanted.only in name:
                comparison.judge(name, is_lenient, text)
    finally:
        lab.close()
    for sentence in comparison.wrong:
        print(f"wrong: {sentence}")
    for reason, count in comparison.skipped.items():
        print(f"skipped {count}: {reason}")
    counts = ", ".join(f"{what} {count}" for what, count in comparison.counts.items())
    print(f"{len(asked)} scripts of nft: {counts}, wrong {len(comparison.wrong)}")
    return 1 if comparison.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
