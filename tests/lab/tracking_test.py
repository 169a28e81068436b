#!/usr/bin/env python3
"""Does the kernel track when the catalog and `untrack audit` say so, and only then?

Every ruleset of extension_rules.txt (at least one for each row of the extension table) and of
special_rulesets.txt is loaded alone into a network namespace, with the legacy and the nft backend;
probes are sent to, through and from it; and the kernel's table is read, IPv4 and IPv6 apart. The
answer is compared with the row's tracking, and with the verdict of `untrack audit` on the same text.
Usage: tracking_test.py CATALOG_ROWS UNTRACK"""
import collections
import json
import os
import shutil
import subprocess
import sys
import tempfile

import netns
import probes
import tables

HERE = os.path.dirname(os.path.abspath(__file__))
WORDS = {
    4: {"{v}": "4", "{net}": "192.0.2.0/24", "{host}": "198.51.100.7", "{host2}": "203.0.113.9"},
    6: {"{v}": "6", "{net}": "2001:db8:7::/64", "{host}": "2001:db8::7", "{host2}": "2001:db8:9::9"},
}

# `doubtful`: as written the text may be loaded in two ways, and the audit has to say so.
Ruleset = collections.namedtuple("Ruleset", "name family text expected doubtful", defaults=(False,))


def fill(text, family):
    for word, value in WORDS[family].items():
        text = text.replace(word, value)
    return text


def lines_of(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file if not line.startswith("#")]


def read_rows(program):
    """{(kind, name): (families, tracking)} of the catalog."""
    rows = {}
    for line in subprocess.run([program], capture_output=True, text=True, check=True).stdout.split("\n"):
        if line:
            kind, name, families, tracking = line.split()[:4]
            rows[kind, name] = ({int(v) for v in families}, tracking)
    return rows


def expected_of(tracking, rule):
    if tracking == "unless_notrack":
        return "not tracked" if "--notrack" in rule.split() else "tracked"
    return "tracked" if tracking == "always" else "not tracked"


def extension_rulesets(rows):
    """The rulesets of extension_rules.txt, and what is wrong with the file."""
    rulesets, wrong, covered, above = [], [], set(), ""
    for line in lines_of("extension_rules.txt"):
        if not line:
            continue
        row, families, place, rule = (part.strip() for part in line.split("|", 3))
        table, chain = place.split()
        key = tuple(row.split())
        if key not in rows:
            wrong.append(f"no row of the catalog: {row}")
            continue
        is_continued = rule.startswith("+")
        rule = f"-A {chain} {rule.removeprefix('+').strip()}"
        above = above + "\n" + rule if is_continued else rule
        for family in map(int, families):
            covered.add((key, family))
            text = fill(f"*{table}\n{above}\nCOMMIT\n", family)
            rulesets.append(Ruleset(f"{row}: {fill(rule, family)}", family, text,
                                    expected_of(rows[key][1], rule)))
    for key, (families, _) in rows.items():
        for family in families:
            if (key, family) not in covered:
                wrong.append(f"no ruleset for {' '.join(key)}, IPv{family}")
    return rulesets, wrong


def special_rulesets():
    rulesets, title, body = [], None, []
    for line in lines_of("special_rulesets.txt") + ["== | |"]:
        if not line.startswith("=="):
            body.append(line)
            continue
        if title:
            name, families, expected = (part.strip() for part in title.split("|"))
            expected, _, doubt = expected.partition(", ")
            text = "\n".join(body).strip() + "\n"
            for family in map(int, families):
                rulesets.append(Ruleset(name, family, fill(text, family), expected,
                                        doubt == "not known from the text"))
        title, body = line.removeprefix("=="), []
    return rulesets


def audit(untrack, words, text=None):
    """{4: tracking, 6: tracking} as the audit says, and the first thing it does not understand, but
    for what chains of ingress and bridges do to packets, of which no verdict speaks."""
    done = subprocess.run([untrack, "audit", "--output", "json", *words], input=text,
                          capture_output=True, text=True)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        return {4: "no verdict", 6: "no verdict"}, done.stderr.strip()
    verdict = {v: report["verdict"].get(f"ipv{v}", {}).get("tracking", "no verdict") for v in (4, 6)}
    why = next((place["why"] for place in report["not_understood"]
                if not place["why"].endswith("does to packets is not looked at")), "")
    return verdict, why


class Kernel:
    """Loads rulesets one after the other into the firewall of one lab and says what it tracks."""

    def __init__(self, backend):
        self.backend = backend
        self.lab = netns.Lab(f"tracking-{backend}")
        self.probes = probes.Probes(self.lab)
        tables.load_modules(backend)
        self.number = 10000
        self.left = {4: [], 6: []}  # tables that hold the rules of an earlier ruleset
        self.refused = collections.Counter()
        for name, family in (("untrack4", "inet"), ("untrack6", "inet6")):
            if shutil.which("ipset"):
                netns.run("ipset", "create", name, "hash:ip", "family", family, check=False)
        netns.make_accounting_object("untrack-acct")
        for family in (4, 6):
            netns.make_timeout_policy(f"untrack-timeout{family}", family)
        baseline = self.ask()
        if any(baseline[v][0] != "not tracked" or baseline[v][1] for v in (4, 6)):
            raise RuntimeError(f"without rules: {baseline}")

    def clear(self, keep=None):
        for family in (4, 6):
            if self.left[family] and family != keep:
                wrong = tables.restore(self.backend, family, tables.emptied(self.left[family]))
                if wrong:
                    raise RuntimeError(f"tables cannot be emptied: {wrong}")
                self.left[family] = []

    def load(self, ruleset, alone=True):
        """None, or why the kernel refuses the ruleset. `alone`: no rules of the other family stay."""
        if alone:
            self.clear(keep=ruleset.family)
        named = tables.named_in(ruleset.text)
        before = [table for table in self.left[ruleset.family] if table not in named]
        text = tables.emptied(before) + ruleset.text
        wrong = tables.restore(self.backend, ruleset.family, text)
        self.left[ruleset.family] = sorted(set(self.left[ruleset.family] + named))
        if wrong:
            self.clear()
        else:
            self.left[ruleset.family] = named
        return wrong

    def ask(self):
        """{family: (answer, problem)}: `tracked`, `not tracked` or `tracked in part`."""
        self.number += 1
        seen = {v: self.probes.send(v, self.number) for v in (4, 6)}
        answers = {}
        for v in (4, 6):
            tracked, lost = probes.entries_of(seen[v])
            answer = ("not tracked" if not tracked else
                      "tracked" if len(tracked) == len(seen[v]) else "tracked in part")
            answers[v] = (answer, f"lost: {', '.join(lost)}" if lost else "")
        netns.flush_conntrack()
        return answers


def contradictions(what, answers, audited, given):
    """Where the audit of a text for the families `given` says otherwise than the kernel."""
    verdict, not_understood = audited
    if not_understood:
        yield f"{what}: not understood: {not_understood}"
    for v in (4, 6):
        forced = "not_forced" if answers[v][0] == "not tracked" else "forced"
        # Without rules of a family nothing need be said of it.
        if verdict[v] != forced and (v in given or verdict[v] != "no verdict"):
            yield f"{what}: the kernel: IPv{v} {answers[v][0]}, untrack audit: {verdict[v]}"


def disagreements(ruleset, answers):
    """What the kernel does otherwise than the catalog or the file says."""
    other = 10 - ruleset.family
    answer, problem = answers[ruleset.family]
    if answer != ruleset.expected:
        yield f"expected IPv{ruleset.family} {ruleset.expected}, the kernel: {answer} {problem}"
    elif problem:
        yield f"IPv{ruleset.family} {problem}"
    if answers[other][0] != "not tracked" or answers[other][1]:
        yield f"expected IPv{other} not tracked, the kernel: {' '.join(answers[other])}"


def judge_alone(kernel, untrack, ruleset, audited):
    """What is wrong about one ruleset that is loaded, as it was written and as iptables saves it."""
    answers = kernel.ask()
    yield from disagreements(ruleset, answers)
    if ruleset.doubtful:
        if audited[0][ruleset.family] != "unknown":
            yield f"as written: not known from the text, untrack audit: {audited[0][ruleset.family]}"
    else:
        yield from contradictions("as written", answers, audited, {ruleset.family})
    saved = tables.saved(kernel.backend, ruleset.family)
    if "*" in saved:  # iptables-nft does not save tables without rules
        yield from contradictions("as saved", answers, audit(untrack, ["-"], saved), {ruleset.family})


def judge_together(kernel, untrack, folder, pair):
    """What is wrong about a ruleset of each family, both loaded, both files given to one audit."""
    files = []
    for ruleset in pair:
        files.append(os.path.join(folder, f"rules.v{ruleset.family}"))
        with open(files[-1], "w", encoding="utf-8") as file:
            file.write(tables.saved(kernel.backend, ruleset.family) or ruleset.text)
    answers = kernel.ask()
    for ruleset in pair:
        if answers[ruleset.family] != (ruleset.expected, ""):
            yield f"IPv{ruleset.family}: expected {ruleset.expected}, saw {answers[ruleset.family]}"
    yield from contradictions("both families", answers, audit(untrack, files), {4, 6})


def main(catalog_rows, untrack):
    rows = read_rows(catalog_rows)
    rulesets, wrong = extension_rulesets(rows)
    special = special_rulesets()
    rulesets += special
    rulesets.sort(key=lambda ruleset: ruleset.family)  # fewer tables to empty in between
    audited = [audit(untrack, ["--family", f"ipv{ruleset.family}", "-"], ruleset.text)
               for ruleset in rulesets]
    first, second = ([ruleset for ruleset in special if ruleset.family == v] for v in (4, 6))
    pairs = list(zip(first, second[1:] + second[:1]))
    ran, paired, skipped = 0, 0, collections.Counter()
    with tables.own_lock(), tempfile.TemporaryDirectory() as folder:
        for backend in tables.BACKENDS:
            missing = tables.missing(backend)
            if missing:
                skipped[f"{missing} is not installed"] += len(rulesets)
                continue
            kernel = Kernel(backend)
            for ruleset, said in zip(rulesets, audited):
                refusal = kernel.load(ruleset)
                if refusal:
                    skipped[f"this kernel refuses, {backend}: {ruleset.name} ({refusal[-70:]})"] += 1
                    continue
                ran += 1
                for sentence in judge_alone(kernel, untrack, ruleset, said):
                    wrong.append(f"{backend}, IPv{ruleset.family}, {ruleset.name}: {sentence}")
            for pair in pairs:
                if kernel.load(pair[0]) or kernel.load(pair[1], alone=False):
                    continue  # counted above
                paired += 1
                for sentence in judge_together(kernel, untrack, folder, pair):
                    wrong.append(f"{backend}, {pair[0].name} and {pair[1].name}: {sentence}")
            kernel.lab.close()
    for reason, count in sorted(skipped.items()):
        print(f"skipped {count}: {reason}")
    for sentence in wrong:
        print(f"wrong: {sentence}")
    print(f"{len(rows)} rows of the catalog, {len(rulesets)} rulesets, {len(tables.BACKENDS)} backends: "
          f"ran {ran} and {paired} pairs, skipped {sum(skipped.values())}, wrong {len(wrong)}")
    if not ran:
        netns.skip("no ruleset could be loaded")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
