#!/usr/bin/env python3
"""Do files that include others become the ruleset that nft loads of them? Trees of files are loaded with
`nft -I TREE -f main.nft` and listed; main.nft with what it includes has to decide every packet as the listing
does, with as many rules. What nft refuses has to be no success here.
Usage: nft_includes_test.py UNTRACK"""
import json
import os
import subprocess
import sys
import tempfile

import netns

CHAIN = "table inet t {\n chain c {\n  type filter hook input priority 0; policy drop;\n%s\n }\n}\n"
# Name; `same` (nft takes it, and it is one ruleset), `told` (nft takes it, and we say that something is wrong) or
# `refused`; files of the tree. TREE stands for its path.
TREES = [
    ("commands", "same", {"main.nft": CHAIN % "" + 'include "more.nft"\n',
                        "more.nft": "add rule inet t c tcp dport 22 accept\n"}),
    ("variables", "same", {"main.nft": 'include "vars.nft"\n' + CHAIN % "tcp dport $web accept",
                         "vars.nft": "define web = { 80, 443 }\n"}),
    ("within a table", "same", {"main.nft": 'table inet t {\n include "set.nft"\n}\n' +
                              CHAIN % "ip saddr @admins accept",
                              "set.nft": "set admins { type ipv4_addr; elements = { 192.0.2.1 } }\n"}),
    ("within a chain", "same", {"main.nft": CHAIN % 'iif lo accept\ninclude "rules.nft"\ntcp dport 1 accept',
                              "rules.nft": "tcp dport 22 accept\nudp dport 53 accept\n"}),
    ("in the order of names", "same", {"main.nft": CHAIN % 'include "d/*.nft"',
                                     "d/b.nft": "tcp dport 22 accept\n", "d/a.nft": "tcp dport 22 drop\n",
                                     "d/.c.nft": "accept\n", "d/e.rules": "accept\n"}),
    ("one of several letters", "same", {"main.nft": CHAIN % 'include "d/[ab]?.nft"',
                                      "d/a1.nft": "tcp dport 1 accept\n", "d/b2.nft": "tcp dport 2 accept\n",
                                      "d/c3.nft": "tcp dport 3 accept\n", "d/a10.nft": "tcp dport 4 accept\n"}),
    ("a pattern without files", "same", {"main.nft": CHAIN % 'include "d/*.nft"', "d/other": "accept\n"}),
    ("with ./", "same", {"main.nft": CHAIN % 'include "./rules.nft"', "rules.nft": "tcp dport 22 accept\n"}),
    ("a whole name", "same", {"main.nft": CHAIN % 'include "TREE/rules.nft"',
                            "rules.nft": "tcp dport 22 accept\n"}),
    ("one in another", "same", {"main.nft": CHAIN % 'include "a.nft"',
                              "a.nft": 'tcp dport 1 accept\ninclude "b.nft"\ntcp dport 3 accept\n',
                              "b.nft": "tcp dport 2 accept\n"}),
    ("twice", "same", {"main.nft": CHAIN % 'include "a.nft"\ninclude "a.nft"', "a.nft": "tcp dport 1 accept\n"}),
    ("flushed behind", "same", {"main.nft": 'include "a.nft"\nflush ruleset\n' + CHAIN % "tcp dport 2 accept",
                              "a.nft": CHAIN % "tcp dport 1 accept"}),
    ("a variable redefined", "same", {"main.nft": "define p = 1\n" 'include "a.nft"\n' + CHAIN % "tcp dport $p accept",
                                    "a.nft": "redefine p = 2\n"}),
    ("a variable of a block", "same", {"main.nft": CHAIN % 'include "a.nft"\ntcp dport $p accept',
                                     "a.nft": "define p = 2\n"}),
    ("without a newline at its end, within a rule", "told", {"main.nft": CHAIN % 'include "a.nft"\naccept',
                                                             "a.nft": "tcp dport 22"}),
    ("without a newline at its end", "refused", {"main.nft": CHAIN % 'include "a.nft"', "a.nft": "accept"}),
    ("no such file", "refused", {"main.nft": CHAIN % 'include "a.nft"'}),
    ("a directory", "told", {"main.nft": CHAIN % 'include "d"', "d/a.nft": "accept\n"}),
    ("itself", "refused", {"main.nft": CHAIN % "" + 'include "main.nft"\n'}),
    ("each other", "refused", {"main.nft": CHAIN % "" + 'include "a.nft"\n', "a.nft": 'include "main.nft"\n'}),
    ("without quotes", "refused", {"main.nft": CHAIN % "include a.nft", "a.nft": "accept\n"}),
    ("an error in it", "refused", {"main.nft": CHAIN % 'include "a.nft"', "a.nft": "tcp dprt 1 accept\n"}),
    ("variables used before", "refused", {"main.nft": CHAIN % "tcp dport $web accept" + 'include "v.nft"\n',
                                      "v.nft": "define web = 80\n"}),
]


def make(tree, files):
    for name, text in files.items():
        path = os.path.join(tree, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("TREE", tree))


def rules_of(untrack, *words):
    done = subprocess.run([untrack, "audit", "--output", "json", *words], capture_output=True, text=True)
    return done.returncode, json.loads(done.stdout)["sources"]


def judge(untrack, wanted, tree):
    """What is wrong, or None."""
    main = os.path.join(tree, "main.nft")
    netns.run("nft", "flush", "ruleset")
    loaded = subprocess.run(["nft", "-I", tree, "-f", main], cwd=tree, capture_output=True, text=True)
    if (loaded.returncode != 0) != (wanted == "refused"):
        return f"{wanted} is wanted, and nft ends with {loaded.returncode}: {loaded.stderr}"
    status, inputs = rules_of(untrack, "--include-path", tree, main)
    if wanted != "same":
        return None if status == 3 else f"audit ends with {status}"
    listing = os.path.join(tree, "listing")
    with open(listing, "w", encoding="utf-8") as file:
        file.write(netns.run("nft", "list", "ruleset").stdout)
    _, listed = rules_of(untrack, listing)
    count, listed_count = (sum(each["rules"] for each in given) for given in (inputs, listed))
    if count != listed_count:
        return f"{count} rules, and {listed_count} in the listing"
    done = subprocess.run([untrack, "diff", "--include-path", tree, main, listing], capture_output=True, text=True)
    return None if done.returncode == 0 else done.stdout + done.stderr


def main():
    lab = netns.Namespaces("nft-includes", ("firewall",))
    lab.enter("firewall")
    wrong = 0
    try:
        for name, wanted, files in TREES:
            with tempfile.TemporaryDirectory() as tree:
                make(tree, files)
                fault = judge(sys.argv[1], wanted, tree)
            if fault:
                wrong += 1
                print(f"wrong: {name}: {fault}")
    finally:
        lab.close()
    print(f"{len(TREES)} trees of files, wrong {wrong}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
