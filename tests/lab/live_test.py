"""Is what `--live` reads what the kernel's own programs print? Rulesets are loaded into a namespace, with
iptables-legacy, iptables-nft and nft, and each text of the live reader is compared with what
iptables-save, nft and ipset say, and the model of all texts with the model of those. Nothing that the
reader does may make a table or load a module. Rulesets: those of the other lab tests, the samples, and
published ones where they are at hand. Usage: live_test.py LIVE_DUMP MODEL_DUMP UNTRACK FOLDER...
[--published FOLDER] [--every N]"""
import argparse
import collections
import itertools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import known_decisions
import netns
import nft_json_test
import tracking_test

HERE = pathlib.Path(__file__).parent
TOOLS = {4: "iptables", 6: "ip6tables"}
NAMES = {4: "/proc/net/ip_tables_names", 6: "/proc/net/ip6_tables_names"}
PLACE = re.compile(r" (?:input\d+:)?\d+:\d+-\d+:\d+")
EXPIRES = re.compile(r" expires \w+")
COUNTERS = re.compile(r"^(:\S+ \S+) \[\d+:\d+\]$", re.MULTILINE)


def read(path):
    try:
        return pathlib.Path(path).read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""


def without_comments(text):
    """As lines; counters go up and elements grow older while the test runs."""
    return [line for line in EXPIRES.sub("", COUNTERS.sub(r"\1", text)).splitlines() if not line.startswith("#")]


def state_of_kernel():
    """What a reader could change by reading."""
    return {"modules": sorted(line.split()[0] for line in read("/proc/modules").splitlines()),
            "tables": [read(path) for path in NAMES.values()],
            "ruleset": EXPIRES.sub("", run("nft", "list", "ruleset") or "")}


def run(*words, text=None):
    done = subprocess.run(words, input=text, capture_output=True, text=True, errors="surrogateescape",
                          timeout=60)
    return done.stdout if done.returncode == 0 else None


class Comparison:
    def __init__(self, live, dumper):
        self.live, self.dumper = live, dumper
        self.counts = collections.Counter()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="untrack-live-"))
        self.told = []

    def read_live(self):
        """{name: text}; what is not there is left out."""
        for old in self.folder.iterdir():
            old.unlink()
        done = subprocess.run([self.live, str(self.folder)], capture_output=True, text=True, timeout=60)
        if done.returncode:
            return {"unreadable": done.stdout}
        return {path.name: read(path) for path in sorted(self.folder.iterdir())
                if not path.name.startswith("live-no-")}

    def wrong(self, name, what, expected, found):
        self.counts["wrong"] += 1
        print(f"{name}: {what}")
        for sign, one, other in (("-", expected, found), ("+", found, expected)):
            for line in [line for line in one if line not in other][:6]:
                print(f"  {sign} {line}")

    def model(self, texts):
        """Of texts, read together; which text a part is in is left out."""
        paths = []
        for number, text in enumerate(texts):
            path = self.folder / f"model-{number}"
            path.write_text(text, encoding="utf-8", errors="surrogateescape")
            paths.append(str(path))
        dump = PLACE.sub("", run(self.dumper, *paths) or "")
        for path in paths:
            os.unlink(path)
        return [line for line in dump.splitlines() if not line.startswith("(input ")]

    def compare(self, name, backend):
        """Everything that is loaded now."""
        before = state_of_kernel()
        texts = self.read_live()
        after = state_of_kernel()
        if before != after:
            self.wrong(name, "reading changed the kernel's state", [str(before)], [str(after)])
        if "unreadable" in texts:
            self.wrong(name, "unreadable", [], [texts["unreadable"]])
            return
        self.counts[backend] += 1
        printed = []
        if backend == "legacy":
            for version, tool in TOOLS.items():
                for table in read(NAMES[version]).split():
                    saved = run(f"{tool}-legacy-save", "-t", table)
                    module = "ip_tables" if version == 4 else "ip6_tables"
                    mine = texts.pop(f"live-{module}-{table}", "")
                    printed.append((saved, mine))
        elif backend == "nft":
            tables = [line.split()[1:] for line in run("nft", "list", "tables").splitlines()]
            for family, table in tables:
                mine = texts.pop(f"live-nf_tables-{family}-{table}", "")
                if mine.startswith("#"):  # it has what iptables-nft could have made
                    self.counts["tables of nft as iptables-save spells them"] += 1
                    saved = run(f"{TOOLS[4 if family == 'ip' else 6]}-nft-save", "-t", table)
                else:
                    saved = run("nft", "list", "table", family, table)
                printed.append((saved, mine))
            if "live-nf_tables" in texts:
                printed.append((run("nft", "list", "ruleset"), texts.pop("live-nf_tables")))
        else:
            for version, tool in TOOLS.items():
                for table in ("raw", "mangle", "nat", "filter", "security"):
                    mine = texts.pop(f"live-nf_tables-{'ip' if version == 4 else 'ip6'}-{table}", None)
                    if mine is not None and mine.startswith("table "):
                        self.counts["tables of iptables-nft as nft lists them"] += 1
                        self.told.append(f"{name}: listed as nft")
                    elif mine is not None:
                        printed.append((run(f"{tool}-nft-save", "-t", table), mine))
        sets = texts.pop("live-ip_set", "")
        if sets != (run("ipset", "save") or ""):
            self.wrong(name, "ipsets differ", [run("ipset", "save")], [sets])
        if texts:
            self.wrong(name, "texts of something that is not there", [], list(texts))
        for saved, mine in printed:
            if without_comments(saved) != without_comments(mine):
                self.wrong(name, "differs", without_comments(saved), without_comments(mine))
                return
        if all(saved == mine for saved, mine in printed):
            return
        models = [self.model([pair[side] for pair in printed] + [sets]) for side in (0, 1)]
        if models[0] != models[1]:
            self.wrong(name, "two models", *models)


def flush():
    for version, tool in TOOLS.items():
        for table in read(NAMES[version]).split():
            run(f"{tool}-legacy-restore", text=f"*{table}\nCOMMIT\n")
    run("nft", "flush", "ruleset")


RULES_TOGETHER = 16


def together(rows, text_of, takes):
    """(name, text) of many rules each; of each rule alone where one of them is refused. `rows`: {place:
    [(name, rule)]}; `text_of(place, rules)`; `takes(place, text)`."""
    for place, rules in rows.items():
        for begin in range(0, len(rules), RULES_TOGETHER):
            some = rules[begin:begin + RULES_TOGETHER]
            text = text_of(place, [rule for _, rule in some])
            if takes(place, text):
                yield place, ", ".join(name for name, _ in some), text
            else:
                for name, rule in some:
                    yield place, name, text_of(place, [rule])


def extension_rows():
    """{(version, table): [(name, rule)]}"""
    rows = collections.defaultdict(list)
    for line in tracking_test.lines_of("extension_rules.txt"):
        if not line:
            continue
        row, families, place, rule = (part.strip() for part in line.split("|", 3))
        table, chain = place.split()
        for version in map(int, families):
            filled = tracking_test.fill(rule.removeprefix("+").strip(), version)
            rows[version, table].append((row, f"-A {chain} {filled}"))
    return rows


def nft_rows():
    """{(family, hook): [(name, rule)]}"""
    rows = collections.defaultdict(list)
    for line in read(HERE / "nft_rules.txt").splitlines():
        if line and not line.startswith("#"):
            family, hook, rule = line.split(" ", 2)
            rows[family, hook].append((line, rule))
    return rows


def every(step, paths):
    """Every `step`-th ruleset of `paths`; UNTRACK_SEED says from which on."""
    rulesets = sorted(path for path in paths if path.suffix in (".rules", ".nft"))
    return rulesets[int(os.environ.get("UNTRACK_SEED", "1")) % step::step]


def iptables_rulesets(paths):
    """(name, version, text)"""
    for ruleset in tracking_test.special_rulesets():
        yield ruleset.name, ruleset.family, ruleset.text
    for known in known_decisions.read():
        yield known.title, known.version, known.text
    for path in paths:
        if path.suffix == ".rules":
            text = read(path)
            version = 6 if ".v6." in path.name or "ip6tables" in text[:200] else 4
            yield path.name, version, text


def nft_rulesets(paths):
    """(name, text, folder)"""
    for known in known_decisions.read("nft_decision_rulesets.txt", has_sets=False):
        yield known.title, known.text, None
    for path in paths:
        if path.suffix == ".nft":
            yield path.name, read(path), path.parent


def one_table(comparison, untrack):
    """Of a host with one table of ip_tables, no command makes another one."""
    lab = netns.Namespaces("live3", ["host"])
    lab.enter("host")
    run("iptables-legacy-restore", text="*raw\n-A PREROUTING -i lo -j CT --notrack\nCOMMIT\n")
    hooks = run("nft", "list", "hooks")
    before = state_of_kernel()
    if before["tables"][0].split() != ["raw"]:
        comparison.wrong("one table", "cannot be made", [], [str(before)])
    saved = comparison.folder / "saved.rules"
    saved.write_text(run("iptables-legacy-save"), encoding="utf-8")
    packet = ("--packet", "in tcp 192.0.2.1:40000 > 198.51.100.2:22 syn")
    for words in (["audit"], ["explain", *packet], ["diff", str(saved)], ["pressure"], ["unload"],
                  ["verify", "--mode", "notrack", str(saved)], ["rewrite", "--mode", "notrack"]):
        done = subprocess.run([untrack, words[0], "--live", *words[1:]], capture_output=True, text=True)
        if done.returncode not in (0, 1) or not done.stdout:
            comparison.wrong(words[0], f"ends with {done.returncode}", [], [done.stderr])
        if state_of_kernel() != before or run("nft", "list", "hooks") != hooks:
            comparison.wrong(words[0], "the kernel is not as before", [str(before)],
                             [str(state_of_kernel())])
    lab.enter(None)
    elsewhere = subprocess.run([untrack, "audit", "--live", "--netns", lab.netns("host"), "--output",
                                "json"], capture_output=True, text=True)
    if '"live:ip_tables/raw"' not in elsewhere.stdout:
        comparison.wrong("--netns", "the table is not read", [], [elsewhere.stdout, elsewhere.stderr])
    lab.close()


def too_new(comparison, untrack):
    """What the libraries here do not know is not left out of a verdict. True if it could be tried."""
    flush()
    run("nft", "-f", "-", text="table ip t {\nchain c { type filter hook input priority 0; }\n}\n")
    if netns.add_inner_rule("t", "c"):
        return False
    done = subprocess.run([untrack, "audit", "--live"], capture_output=True, text=True)
    knows = "inner" in (run("nft", "list", "ruleset") or "")
    if not knows and (done.returncode != 3 or "inner" not in done.stderr):
        comparison.wrong("inner", "is left out", [], [done.stdout, done.stderr])
    return True


def without_extensions(comparison, untrack):
    """Of matches that libxtables does not find here, nothing is claimed."""
    flush()
    run("iptables-legacy-restore", text="*raw\n-A PREROUTING -m mark --mark 1 -j CT --notrack\nCOMMIT\n")
    environment = dict(os.environ, XTABLES_LIBDIR=str(comparison.folder))
    done = subprocess.run([untrack, "audit", "--live"], capture_output=True, text=True, env=environment)
    if done.returncode != 3 or "no-extension" not in done.stdout:
        comparison.wrong("extensions", "are not missed", [], [done.stdout, done.stderr])


def main():
    parser = argparse.ArgumentParser()
    for word in ("live", "dumper", "untrack"):
        parser.add_argument(word)
    parser.add_argument("folders", nargs="*", type=pathlib.Path)
    parser.add_argument("--published", type=pathlib.Path, help="a folder of more")
    parser.add_argument("--every", type=int, default=1, help="take every n-th file of those published")
    wanted = parser.parse_args()
    dumper, untrack = wanted.dumper, wanted.untrack
    paths = [path for folder in wanted.folders for path in folder.rglob("*")]
    if wanted.published and wanted.published.is_dir():
        paths += every(wanted.every, wanted.published.rglob("*"))
    if not all(map(shutil.which, ("nft", "iptables-legacy", "iptables-nft", "ipset"))):
        netns.skip("nft, iptables and ipset are needed")
    lab = netns.Namespaces("live", ["host"])
    lab.enter("host")
    comparison = Comparison(wanted.live, dumper)
    for name, family in (("untrack4", "inet"), ("untrack6", "inet6")):
        run("ipset", "create", name, "hash:ip", "family", family)
    run("ipset", "add", "untrack4", "192.0.2.1")
    try:
        for backend in ("legacy", "nft"):
            def load(version, text):
                flush()
                return run(f"{TOOLS[version]}-{backend}-restore", text=text) is not None

            rows = together(extension_rows(), lambda place, rules: "\n".join([f"*{place[1]}", *rules, "COMMIT\n"]),
                            lambda place, text: load(place[0], text))
            whole = iptables_rulesets(paths)
            for name, version, text in itertools.chain(((name, place[0], text) for place, name, text in rows), whole):
                if not load(version, text):
                    comparison.counts[f"{backend} refused"] += 1
                    continue
                comparison.compare(f"{backend} IPv{version}: {name}",
                                   "legacy" if backend == "legacy" else "iptables-nft")
            flush()
            if backend == "legacy":  # its tables cannot be taken away again
                lab.enter(None)
                lab.close()
                lab = netns.Namespaces("live2", ["host"])
                lab.enter("host")
        def load_nft(text, folder=None):
            flush()
            return subprocess.run(["nft", "-f", "-"], input=text, capture_output=True, text=True,
                                  errors="surrogateescape", cwd=folder, timeout=60).returncode == 0

        rows = together(nft_rows(), lambda place, rules: nft_json_test.ruleset_of(*place, "\n".join(rules)),
                        lambda place, text: load_nft(text))
        for name, text, folder in itertools.chain(((name, text, None) for _, name, text in rows), nft_rulesets(paths)):
            if not load_nft(text, folder):
                comparison.counts["nft refused"] += 1
                continue
            comparison.compare(name, "nft")
        comparison.counts["expressions that are too new"] += too_new(comparison, untrack)
        without_extensions(comparison, untrack)
        one_table(comparison, untrack)
    finally:
        lab.enter(None)
        shutil.rmtree(comparison.folder, ignore_errors=True)
    print("\n".join(comparison.told))
    print(", ".join(f"{count} {what}" for what, count in sorted(comparison.counts.items())))
    if not comparison.counts["legacy"] or not comparison.counts["nft"]:
        netns.skip("this kernel takes none of the rulesets")
    sys.exit(1 if comparison.counts["wrong"] else 0)


if __name__ == "__main__":
    main()
