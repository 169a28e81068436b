#!/usr/bin/env python3
"""Is what nft takes free of errors here, what it refuses an error here, and what `nft list ruleset` prints of
a loaded text, and its JSON, the same model as the text? Asked of every rule of nft_statements.txt and, where
a folder is given, of every N-th script of nft in it; UNTRACK_SEED says from which on.
Usage: nft_statements_test.py UNTRACK MODEL_DUMP [FOLDER] [--only TEXT] [--step N]"""
import argparse
import collections
import json
import os
import re
import subprocess
import sys
import tempfile

import netns
import nft_models
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


def scripts(folder, step):
    """Which of them nft refuses is what tests/corpus compares, with two versions of it."""
    names = sorted(name for name in os.listdir(folder) if name.endswith(".nft"))
    for name in names[int(os.environ.get("UNTRACK_SEED", "1")) % step::step]:
        with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
            yield name, True, file.read()


class Comparison:
    def __init__(self, untrack, dumper):
        self.untrack, self.dumper = untrack, dumper
        self.counts = collections.Counter()
        self.wrong, self.skipped = [], collections.Counter()

    def audited(self, text):
        """(errors, what is not understood) of a text."""
        done = subprocess.run([self.untrack, "audit", "--format", "nft", "--output", "json", "-"], input=text,
                              capture_output=True, text=True)
        try:
            report = json.loads(done.stdout)
        except ValueError:
            raise RuntimeError(f"untrack audit: exit {done.returncode}: {done.stderr.strip()}\n{text}") from None
        errors = [finding["message"] for finding in report["findings"] if finding["name"] == "not-loadable"]
        return errors, [place["why"] for place in report["not_understood"] if place["why"] not in errors]

    def model(self, text):
        with tempfile.NamedTemporaryFile("w", prefix="untrack-nft-", suffix=".nft") as file:
            file.write(text)
            file.flush()
            return nft_models.normal(netns.run(self.dumper, file.name).stdout)

    def judge(self, name, is_lenient, text):
        netns.run("nft", "flush", "ruleset")
        done = netns.run("nft", "-c", "-f", "-", text=text, check=False)
        errors, not_understood = self.audited(text)
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
        self.compare_models(name, text)

    def compare_models(self, name, text):
        """Of the text, of what `nft list ruleset` prints of it, and of the same in JSON."""
        if re.search(r"^\s*include\b", text, flags=re.MULTILINE):
            self.skipped["scripts that include others, whose models are not compared"] += 1
            return
        if netns.run("nft", "-f", "-", text=text, check=False).returncode:
            self.skipped["nft takes it with -c, and does not load it"] += 1
            return
        listing = netns.run("nft", "list", "ruleset").stdout
        if not listing:
            self.skipped["nothing is left of it"] += 1
            return
        as_json = netns.run("nft", "-j", "list", "ruleset").stdout
        written, listed, encoded = (self.model(each) for each in (text, listing, as_json))
        self.counts["models compared"] += 1
        pairs = [("listing", (nft_models.as_printed(written), nft_models.as_printed(listed)))]
        if both := nft_models.of_listings(listing, as_json, (listed, encoded)):
            pairs.append(("JSON", both))
        else:
            self.skipped["JSON with flags that are none"] += 1
        for what, models in pairs:
            if lines := nft_models.differences(models):
                self.wrong.append("\n  ".join([f"{name}: its {what} is another model", *lines]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("untrack")
    parser.add_argument("dumper")
    parser.add_argument("folder", nargs="?", default="")
    parser.add_argument("--only", default="")
    parser.add_argument("--step", type=int, default=6)
    wanted = parser.parse_args()
    lab = netns.Namespaces("nft-statements", ("firewall",))
    lab.enter("firewall")
    comparison = Comparison(wanted.untrack, wanted.dumper)
    asked = list(frames())
    for folder, step in ((wanted.folder, wanted.step), (EXAMPLES, 1)):
        if os.path.isdir(folder):
            asked += scripts(folder, step)
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
