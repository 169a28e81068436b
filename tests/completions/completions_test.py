"""The completion of a shell, in that shell: what is offered behind a line, and what is not. The words
come from what the program says of itself. Usage: completions_test.py bash|zsh|fish UNTRACK. Exit status
77: skipped, there is no such shell."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

import shells

shell, program = sys.argv[1], os.path.abspath(sys.argv[2])
if not shutil.which(shell):
    print(f"skipped: no {shell}")
    sys.exit(77)


def said(*words):
    return subprocess.run([program, *words], capture_output=True, text=True, check=True).stdout


commands = set(re.findall(r"^  ([a-z]+) ", said("--help").split("Subcommands:", 1)[1], re.M))
codes = set(re.findall(r"^ *(UT\d{3})\b", said("checks"), re.M))
options = set(re.findall(r"^ +(?:-\w,)?(--[a-z-]+)", said("rewrite", "--help"), re.M))
assert {"audit", "checks", "rewrite"} <= commands and len(codes) > 20 and "--mode" in options

with tempfile.TemporaryDirectory() as scratch:
    script = os.path.join(scratch, "untrack." + shell)
    with open(script, "w") as file:
        file.write(said("completions", shell))
    here = os.path.join(scratch, "here")
    os.makedirs(os.path.join(here, "rules.d"))
    for name in ("rules.v4", "rules.v6", "other.nft"):
        open(os.path.join(here, name), "w").close()

    rules = {"rules.v4", "rules.v6", "rules.d"}
    # A line; what must be offered; what must not be. `=`: behind the last = of a word.
    wanted = [
        ("untrack ", commands, {"--mode", "rules.v4"}),
        ("untrack rew", {"rewrite"}, {"audit"}),
        ("untrack rewrite --mode ", {"stateless", "notrack"}, {"rules.v4", "text"}),
        ("untrack rewrite --mode=", {"stateless", "notrack"}, {"rules.v4"}),
        ("untrack rewrite --mode s", {"stateless"}, {"notrack"}),
        ("untrack rewrite --", options, {"--each", "stateless"}),
        ("untrack checks UT", codes, {"rules.v4"}),
        ("untrack checks UT301 UT", codes, set()),
        ("untrack checks forces", {"forces-tracking"}, {"UT301"}),
        ("untrack audit --fail-on ", {"error", "warning", "note"}, {"rules.v4"}),
        ("untrack audit --output ", {"text", "json", "sarif"}, {"rules.v4", "diff"}),
        ("untrack audit --output sarif=ru", rules, {"other.nft"}),
        ("untrack audit --live --format ", {"iptables-save", "nft"}, {"rules.v4", "unknown"}),
        ("untrack audit ", {"other.nft"} | rules, {"stateless"}),
        ("untrack audit --fail-on note ru", rules, {"other.nft"}),
        ("untrack audit other.nft ru", rules, {"other.nft"}),
        ("untrack audit --include-path ", {"rules.d"}, {"rules.v4"}),
        ("untrack audit --kernel ", set(), {"rules.v4", "6.1"}),
        ("untrack rewrite --allow ", {"ack-scan", "udp-reply-port"}, {"rules.v4"}),
        ("untrack verify --assume no-", {"no-no_midstream"}, {"none", "no-outbound_profile"}),
        ("untrack snapshot -o ru", rules, {"other.nft"}),
        ("untrack completions ", {"bash", "zsh", "fish"}, {"rules.v4"}),
        ("untrack manual ", commands, {"rules.v4"}),
        ("untrack version ", set(), {"rules.v4", "audit"}),
    ]
    offered = shells.offers(shell, script, [line for line, _, _ in wanted], here)

problems = []
for line, must, must_not in wanted:
    there = {word.rstrip("/").rsplit("=", 1)[-1] for word in offered[line]}
    if must - there:
        problems.append(f"{line!r}: not offered: {sorted(must - there)}; offered: {sorted(there)[:20]}")
    if must_not & there:
        problems.append(f"{line!r}: wrongly offered: {sorted(must_not & there)}")
print("\n".join(problems + [f"{len(wanted)} lines in {shell}: {len(problems)} problems"]))
sys.exit(1 if problems else 0)
