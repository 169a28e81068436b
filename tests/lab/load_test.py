#!/usr/bin/env python3
"""`--load-test` with the real restore commands: what is rewritten is taken by both backends and certified so; what a
command refuses fails O5; of scripts nothing is run; the rules of the host that it runs on stay as they are, and nobody
is left running; without root it says that it could not ask. Usage: load_test.py UNTRACK"""
import glob
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import netns

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOBODY = 65534
HOST_RULES = "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n"
problems = []


def expect(holds, what):
    if not holds:
        problems.append(what)


def run(*words, **options):
    return subprocess.run(words, capture_output=True, text=True, timeout=120, check=False, **options)


def certificates(done, command):
    report = json.loads(done.stdout)
    if command == "verify":
        return report["certificate"].items()
    return [(name, row["certificate"]) for name, row in report["families"].items() if row["certificate"]]


def loads(certificate):
    return next(row for row in certificate["obligations"] if row["id"] == "O5")


def rewrites(untrack):
    """Every case of ours that is rewritten."""
    count = 0
    for path in sorted(glob.glob(str(ROOT / "tests/cases/rewrite/*/*.rules"))):
        for mode in ("stateless", "notrack"):
            done = run(untrack, "rewrite", "--mode", mode, "--load-test", "--output", "json", path)
            if done.returncode not in (0, 1):
                continue
            for name, row in json.loads(done.stdout)["families"].items():
                if row["outcome"] != "rewritten":
                    expect("does not load" not in row["why"], f"{path}, {mode}: {row['why']}")
                    continue
                count += 1
                answers = row["certificate"]["load_test"]["answers"]
                command = "iptables" if name == "ipv4" else "ip6tables"
                expect([each["tool"] for each in answers] == [f"{command}-legacy-restore", f"{command}-nft-restore"]
                       and all(each["answer"] in ("taken", "refuses_both") and each["version"] for each in answers),
                       f"{path}, {mode}: {answers}")
                taken = all(each["answer"] == "taken" for each in answers)
                expect(loads(row["certificate"])["status"] == ("proven" if taken else "not_checked"),
                       f"{path}, {mode}: {loads(row['certificate'])}")
    return count


def words(untrack, folder):
    """Of scripts and listings the words of the calls: nothing is run, by the shell or by iptables."""
    ran, program = folder / "ran", folder / "program"
    program.write_text(f"#!/bin/sh\ntouch {ran}\n")
    program.chmod(0o755)
    rules = ("-P INPUT DROP", "-N mine", "-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT",
             "-A INPUT -p tcp -m tcp --dport 22 -j mine", '-A mine -m comment --comment "a b" -j ACCEPT')
    calls = "".join(f"iptables -w {rule}\n" for rule in rules)
    texts = {"a.sh": f"#!/bin/sh\ntouch {ran}\niptables -X gone\n{calls}", "a.rules": "\n".join(rules) + "\n",
             "b.rules": HOST_RULES.replace("-i lo", f"-M {program} -m state --state ESTABLISHED")}
    for name, text in texts.items():
        path = folder / name
        path.write_text(text)
        done = run(untrack, "rewrite", "--mode", "stateless", "--family", "ipv4", "--load-test", "--output", "json",
                   str(path))
        expect(done.returncode == 0, f"{name}: exit status {done.returncode}: {done.stdout[:300]} {done.stderr}")
        status = "not_checked" if name == "b.rules" else "proven"
        for _, certificate in certificates(done, "rewrite"):
            expect(loads(certificate)["status"] == status, f"{name}: {loads(certificate)}")
    expect(not ran.exists(), "something of a script, or a program of -M, was run")


def refused(untrack, folder):
    """A target that no command has, in the rewrite alone, then in both."""
    good, bad = folder / "good.rules", folder / "bad.rules"
    good.write_text(HOST_RULES)
    bad.write_text(HOST_RULES.replace("ACCEPT\nCOMMIT", "NOSUCH\nCOMMIT"))
    for before, status, proof in ((good, 1, "failed"), (bad, 3, "not_checked")):
        done = run(untrack, "verify", "--mode", "stateless", "--family", "ipv4", "--load-test", "--output", "json",
                   str(before), str(bad))
        expect(done.returncode == status, f"verify {before.name}: exit status {done.returncode}: {done.stderr}")
        for _, certificate in certificates(done, "verify"):
            row = loads(certificate)
            expect(row["status"] == proof and "NOSUCH" in row["explanation"], f"verify {before.name}: {row}")


def without_root(untrack, folder):
    program = folder / "untrack"
    shutil.copy(untrack, program)
    for path in (folder, program, folder / "good.rules"):
        os.chmod(path, 0o755)
    done = run(str(program), "verify", "--mode", "notrack", "--family", "ipv4", "--load-test", "--output", "json",
               str(folder / "good.rules"), str(folder / "good.rules"), user=NOBODY, group=NOBODY, extra_groups=[])
    expect(done.returncode == 0, f"without root: exit status {done.returncode}: {done.stderr}")
    for _, certificate in certificates(done, "verify"):
        row = loads(certificate)
        expect(row["status"] == "not_checked" and "takes root" in row["explanation"], f"without root: {row}")


def main():
    untrack = os.path.abspath(sys.argv[1])
    for tool in ("iptables-legacy-restore", "iptables-nft-restore", "ip6tables-legacy-restore",
                 "ip6tables-nft-restore"):
        if not shutil.which(tool):
            netns.skip(f"{tool} is not installed")
    host = netns.Namespaces("load", ["host"])
    host.enter("host")
    for backend in ("legacy", "nft"):
        netns.run(f"iptables-{backend}-restore", text=HOST_RULES)
    before = [run(f"iptables-{backend}-save").stdout for backend in ("legacy", "nft")]
    with tempfile.TemporaryDirectory(prefix="untrack-load-") as name:
        folder = pathlib.Path(name)
        count = rewrites(untrack)
        expect(count > 20, f"only {count} rewrites")
        words(untrack, folder)
        refused(untrack, folder)
        without_root(untrack, folder)
    after = [run(f"iptables-{backend}-save").stdout for backend in ("legacy", "nft")]
    rules = [[line for line in text.splitlines() if line.startswith("-A")] for text in before + after]
    expect(all(each == ["-A INPUT -i lo -j ACCEPT"] for each in rules), f"the host's rules changed: {rules}")
    host.close()
    print("\n".join(problems + [f"{count} rewrites, {len(problems)} problems"]))
    return 1 if problems else 0


sys.exit(main())
