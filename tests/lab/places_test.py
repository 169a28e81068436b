#!/usr/bin/env python3
"""Does the kernel take an extension in the tables and chains that its catalog row names, and in no
others? Every ruleset of extension_rules.txt is loaded into every builtin chain, with the legacy
backend; a row's places are those where one of its rulesets is taken.
Usage: places_test.py CATALOG_ROWS"""
import subprocess
import sys

import netns
import tables
import tracking_test

CHAINS = {
    "filter": ("INPUT", "FORWARD", "OUTPUT"),
    "nat": ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"),
    "mangle": ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"),
    "raw": ("PREROUTING", "OUTPUT"),
    "security": ("INPUT", "FORWARD", "OUTPUT"),
}
PLACES = [(table, chain) for table, chains in CHAINS.items() for chain in chains]
# Where the row says more than the legacy backend takes, and why.
WIDER = {"target TRACE": "iptables-legacy takes it in raw alone, iptables-nft everywhere"}


def rows_of(program):
    """{"match tcp": places} of the catalog."""
    rows = {}
    for line in subprocess.run([program], capture_output=True, text=True, check=True).stdout.split("\n"):
        if line:
            kind, name, _, _, in_tables, in_chains = line.split()
            rows[f"{kind} {name}"] = {
                (table, chain) for table, chain in PLACES
                if (in_tables == "-" or table in in_tables.split(","))
                and (in_chains == "-" or chain in in_chains.split(","))}
    return rows


def main(program):
    rows = rows_of(program)
    rulesets, wrong = tracking_test.extension_rulesets(tracking_test.read_rows(program))
    if tables.missing("legacy"):
        netns.skip(f"{tables.missing('legacy')} is not installed")
    taken, tried = {}, 0
    with tables.own_lock():
        kernel = tracking_test.Kernel("legacy")
        for ruleset in rulesets:
            row = ruleset.name.split(":")[0]
            places = taken.setdefault((row, ruleset.family), set())
            table, first, *_ = ruleset.text.replace("-A ", "").split()
            for place in PLACES:
                if place in places:
                    continue
                tried += 1
                text = ruleset.text.replace(f"{table}\n", f"*{place[0]}\n")
                text = text.replace(f"-A {first} ", f"-A {place[1]} ")
                if tables.restore("legacy", ruleset.family, text) is None:
                    places.add(place)
        kernel.lab.close()
    refused = sorted({row for (row, _), places in taken.items() if not places})
    for (row, family), places in sorted(taken.items()):
        if not places:
            continue
        if row in WIDER:
            if not places < rows[row]:
                wrong.append(f"{row}, IPv{family}: no longer wider than the legacy backend")
            continue
        for table, chain in sorted(rows[row] - places):
            wrong.append(f"{row}, IPv{family}: refused in {table} {chain}, the row has it")
        for table, chain in sorted(places - rows[row]):
            wrong.append(f"{row}, IPv{family}: taken in {table} {chain}, the row has it not")
    for sentence in wrong:
        print(f"wrong: {sentence}")
    print(f"{len(rows)} rows, {tried} places tried, wrong {len(wrong)}, skipped {len(refused)} that this "
          f"kernel refuses everywhere: {', '.join(refused)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
