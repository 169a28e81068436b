#!/usr/bin/env python3
"""Spoils the program in some hundred small ways, one at a time, and asks the tests whether they notice. A
mutation that no test notices is a place that no test looks at, or a line that is not needed: it belongs into a
test, or, where it changes nothing that anyone could see, with the reason into equivalent.txt.

All mutations of a source are built into one copy of it, each to be chosen by UNTRACK_MUTATION (switch.hpp), and
linked in front of a finished build: one source is compiled for each that is spoiled, and nothing else. What does not
compile is left out, and counted. A first run without any tells which test comes to which place, so that each mutation
is held against the tests that could notice it, the quick ones first.

Usage: cmake --preset release -DUNTRACK_TESTS=ON && cmake --build build/release
       mutate.py [--area AREA] [--share N] [--most N] [--seed S] [--minutes M] [--light | --rest] [--list]
                 [--again | --resume]
Without any: of one in ten sources of each folder, --share mutations (three times as many rows of a table); --most N
of these, from each source alike: as many as can be looked into. --light asks the unit tests and each case by itself;
--again --rest then asks all others about what is left. --area, which may be repeated: engine, catalog, rewriter, parser, report, app or live
alone; --list names what would be chosen, and
ends. After M minutes what is left is not run, and said so; --resume goes on with it. --again asks again about those
that were not noticed. Sources and tests are always those that stand there; results.json and summary.txt are in
--folder. --build DIR: the finished build; --only PATTERN: every source whose path holds this regular expression,
instead of one in ten; --keys FILE: lines as this prints them, which are chosen first; --seconds S: how long the tests
may take (processor, without a mutation) that are held against one; --jobs J: of the compiler.

Exit status: 0 every mutation was noticed or is known to change nothing, 1 some were not, 2 the tests fail
without any mutation."""
import argparse
import collections
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import resource
import shlex
import signal
import subprocess
import sys
import time
import zlib

import sites
import suites

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What answers rest on, and what reads and tells: all folders below. The first is asked about first.
AREAS = {area: tuple(sorted({str(path.parent.relative_to(ROOT)) for path in (ROOT / top).rglob("*.cpp")}))
         for area, top in {"engine": "analysis", "catalog": "model", "rewriter": "rewriter", "parser": "parser",
                           "report": "report", "app": "app", "live": "live"}.items()}
FIRST = ("engine", "catalog", "rewriter")
FOLDERS = tuple(folder for folders in AREAS.values() for folder in folders)
VERDICTS = ("noticed", "changes nothing", "not noticed", "not reached", "not run")
TARGETS = ("untrack", "case_runner", "unit_tests", "property_tests", "lab/live_dump", "lab/model_dump")
HEADERS = FOLDERS
LEFT_OUT = ("app/main.cpp",)  # in no library: what links the tests has a main() of its own
MEMORY = 4 << 30
SKIPPED = 77


def texts(root, folders, ending):
    return {str(path.relative_to(root)): path.read_text() for folder in dict.fromkeys(folders)
            for path in sorted((root / folder).glob("*" + ending))}


def known_equivalent():
    """Key -> reason: a line with the key, then lines with the reason, indented."""
    found, key = {}, None
    for line in (ROOT / "tests/mutation/equivalent.txt").read_text().splitlines():
        if line.startswith("  ") and key:
            found[key] = (found[key] + " " + line.strip()).strip()
        elif line.strip() and not line.startswith("#"):
            key = line.strip()
            found[key] = ""
    return found


class Copy:
    """What is spoiled, linked in front of a finished build."""

    def __init__(self, folder, build, jobs):
        self.folder, self.base, self.jobs = folder, build, jobs
        self.build = folder / "build"
        (self.build / "tests/lab").mkdir(parents=True, exist_ok=True)
        # Quick to compile; what a mutation does out of bounds is noticed.
        self.flags = {}
        for row in json.loads((build / "compile_commands.json").read_text()):
            found = re.search(r"CMakeFiles/untrack_(\w+)\.dir/", row["command"])
            if found and found.group(1) not in self.flags:
                words = shlex.split(row["command"])
                self.flags[found.group(1)] = [*words[:words.index("-o")], "-O1", "-w", "-D_GLIBCXX_ASSERTIONS"]

    def bring_up_to_date(self):
        """The build; to ask whether it is would tell nothing, as its list of sources is always looked up again."""
        targets = [target.rsplit("/", maxsplit=1)[-1] for target in TARGETS]
        return subprocess.run(["cmake", "--build", str(self.base), "-j", str(self.jobs), "--target", *targets],
                              stdout=subprocess.DEVNULL, check=False).returncode == 0

    def compile(self, whole):
        """Sources of one library, name -> text, together: the headers take most of the time. The object, and what
        the compiler said if there is none."""
        words = [*self.flags[next(iter(whole)).split("/", maxsplit=1)[0]], "-I", str(ROOT), "-c"]
        digest = hashlib.sha256((str(whole) + " ".join(words)).encode()).hexdigest()[:16]
        target = self.folder / f"{digest}.o"
        if target.is_file():
            return target, ""
        for name, text in whole.items():
            (self.folder / "sources" / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / "sources" / name).write_text(text)
        together = self.folder / f"{digest}.cpp"
        together.write_text("".join(f'#include "{self.folder}/sources/{name}"\n' for name in whole))
        done = subprocess.run([*words, str(together), "-o", str(target)], cwd=self.base, capture_output=True, text=True,
                              check=False)
        return (target, "") if done.returncode == 0 else (None, done.stderr)

    def linked(self):
        return [hashlib.sha256((self.build / ("tests" if target != "untrack" else ".") / target).read_bytes()).hexdigest()
                for target in TARGETS]

    def link(self, objects):
        """[(library, object)], each into what links the library. The first of what is defined twice counts, also for
        calls within an object: all is built with -fPIC."""
        for target in TARGETS:
            file = target if target == "untrack" else f"tests/{target}"
            told = subprocess.run(["ninja", "-C", str(self.base), "-t", "commands", "-s", file], check=True,
                                  capture_output=True, text=True).stdout.splitlines()[-1]
            words = shlex.split(told.split("&&")[1])
            at = words.index("-o")
            first = next(i for i, word in enumerate(words) if word.endswith(".o"))
            words[at + 1] = str(self.build / file)
            words[first:first] = ["-Wl,-z,muldefs", *(str(path) for library, path in objects
                                                      if f"libuntrack_{library}.a" in words)]
            subprocess.run(words, cwd=self.base, check=True)

    def run(self, words, number, seconds, reached=None):
        environment = dict(os.environ, UNTRACK_MUTATION=str(number), LC_ALL="C.UTF-8")
        if reached:
            environment["UNTRACK_MUTATION_REACHED"] = str(reached)

        def limit():
            resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

        child = subprocess.Popen(words, cwd=self.folder, env=environment, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, preexec_fn=limit, start_new_session=True)
        try:
            child.communicate(timeout=60 + 20 * seconds)  # where others are at work, too
            return child.returncode
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)  # a session of its own
            child.communicate()
            return "too long"


def compile_all(copy, numbered, sources):
    """Number -> mutation for those that compile, and how many do not; links what does."""
    before = len(numbered)
    by_file = {}
    for number, one in numbered.items():
        by_file.setdefault(one.name, []).append((number, one))

    def groups():
        for library in sorted({name.split("/")[0] for name in by_file}):
            names = sorted(name for name in by_file if name.startswith(library + "/"))
            told = subprocess.run([sys.executable, str(ROOT / "tests/architecture/together.py"), "9",
                                   *(str(ROOT / name) for name in names)], check=True, capture_output=True, text=True)
            yield from (line.split()[1:] for line in told.stdout.splitlines())

    def compiled(names):
        while True:
            rows = [(number, one) for name in names for number, one in by_file[name] if number in numbered]
            target, said = copy.compile({name: sites.spoiled(name, sources[name], [
                pair for pair in rows if pair[1].name == name]) for name in names})
            if target:
                return [(names[0].split("/")[0], target)]
            bad, is_sure = set(), True
            for name, line in re.findall(r"/sources/(\S+?):(\d+):\d+:\s+(?:error|fatal error|required from here)", said):
                here = [pair for pair in rows if pair[1].name == name]
                # A line of #include stands in front; an error may be told at the line behind.
                at = [number for number, one in here if one.line <= int(line) - 1 <= one.line + one.was.count("\n")]
                is_sure = is_sure and bool(at)
                bad.update(at or [min(here, key=lambda pair: abs(pair[1].line - int(line) + 1))[0]] if here else [])
            # Where no mutation stands they may hinder each other: one's function is as good as a header's to another.
            if len(names) > 1 and not (bad and is_sure):
                return [target for name in names for target in compiled([name])]
            if not bad:
                sys.exit(f"does not build, and no mutation is to blame:\n{said[-4000:]}")
            for number in bad:
                print(f"does not compile: {numbered[number].key(sources[numbered[number].name])}", flush=True)
                del numbered[number]

    with concurrent.futures.ThreadPoolExecutor(copy.jobs) as pool:
        objects = [pair for pairs in pool.map(compiled, groups()) for pair in pairs]
    copy.link(objects)
    return numbered, before - len(numbered)


def used():
    """Seconds of a processor, of all processes that have ended."""
    of_children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return of_children.ru_utime + of_children.ru_stime


def map_of(copy, tests):
    """Test -> (seconds, numbers of the places it comes to); None if one fails without any mutation."""
    found, reached = {}, copy.folder / "reached"
    for name, words in tests.items():
        reached.unlink(missing_ok=True)
        start = used()
        status = copy.run(words, 0, 600, reached)
        if status == SKIPPED:
            print(f"skipped: {name}")
            continue
        if status != 0:
            print(f"fails without any mutation: {name} ({status})")
            return None
        numbers = sorted({int(line) for line in reached.read_text().split()}) if reached.is_file() else []
        found[name] = (used() - start, numbers)
    return found


def known_map(copy, names):
    """That of the run that is gone on with, if the same is linked, and the same is asked."""
    file = copy.folder / "map.json"
    if not file.is_file():
        return None
    known = json.loads(file.read_text())
    return known["ways"] if known["linked"] == copy.linked() and known.get("tests") == names else None


def in_order(fitting, ways, killed, source):
    """A few cases that noticed much of this file in little time, then all kinds of cases (or, where those are left
    out, each by itself), then the programs."""
    def worth(name):
        return (1 + killed[name] + 10 * killed[source, name]) / (0.02 + ways[name][0])
    single = [name for name in fitting if "/" in name]
    single.sort(key=worth, reverse=True)
    whole = sorted((name for name in fitting if "/" not in name),
                   key=lambda name: (not name.startswith("cases"), -worth(name)))
    has_kinds = any(name.startswith("cases") for name in whole)
    return single[:12] + whole + ([] if has_kinds else single[12:])


def area_of(name):
    folder = name.rsplit("/", 1)[0]
    return next(area for area, folders in AREAS.items() if folder in folders)


def summary(verdicts, dropped, seed):
    """A table of the areas. verdicts: key -> one of VERDICTS."""
    rows = {area: collections.Counter() for area in (*AREAS, "all")}
    for key, verdict in verdicts.items():
        rows[area_of(key.split(":")[0])][verdict] += 1
        rows["all"][verdict] += 1
    lines = [f"seed {seed}, {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC; {dropped} more did not compile",
             "| " + " | ".join(("area", "chosen", *VERDICTS)) + " |", "| --- " * (2 + len(VERDICTS)) + "|"]
    lines += ["| " + " | ".join(map(str, (area, sum(row.values()), *(row[word] for word in VERDICTS)))) + " |"
              for area, row in rows.items() if row]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=int, default=5)
    parser.add_argument("--most", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--area", choices=AREAS, action="append")
    parser.add_argument("--only", default="")
    parser.add_argument("--keys", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("/tmp/untrack-mutation"))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=24 * 60)
    parser.add_argument("--seconds", type=float, default=40)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--light", action="store_true")
    which.add_argument("--rest", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--resume", action="store_true")
    asked = parser.parse_args()
    end = time.monotonic() + asked.minutes * 60
    record = asked.folder / "results.json"
    before = json.loads(record.read_text()) if asked.again or asked.resume else {"numbers": {}, "results": {}}
    named = set(before["numbers"]) | set(asked.keys.read_text().splitlines() if asked.keys else ())
    folders = [folder for area in asked.area or AREAS for folder in AREAS[area]]
    sources = {name: whole for name, whole in texts(ROOT, folders, ".cpp").items()
               if re.search(asked.only, name) and name not in LEFT_OUT}
    mutations = sites.choose(sources, texts(ROOT, HEADERS, ".hpp").values(), folders,
                             0 if asked.again or asked.resume else asked.share, asked.seed, named,
                             1 if asked.only else 10)
    if asked.most:
        mutations = sites.fewer(mutations, asked.most, asked.seed)
    if asked.list:
        print("\n".join(one.key(sources[one.name]) for one in mutations))
        return 0
    copy = Copy(asked.folder, asked.build.resolve(), asked.jobs)
    if not copy.bring_up_to_date():
        print(f"{asked.build} does not build: cmake --preset release -DUNTRACK_TESTS=ON && cmake --build {asked.build}")
        return 2
    print(f"{len(mutations)} mutations chosen with seed {asked.seed}, in {len({one.name for one in mutations})} files, "
          "which are compiled", flush=True)
    numbered = {}
    for one in mutations:
        # What has a number keeps it, so that its source need not be compiled again.
        key = one.key(sources[one.name])
        numbered[before["numbers"].get(key) or max([0, *numbered, *before["numbers"].values()]) + 1] = one
    numbered, dropped = compile_all(copy, numbered, sources)
    print(f"{len(numbered)} mutations; {dropped} more do not compile; which tests come to them?", flush=True)
    has_live = any(area_of(one.name) == "live" for one in numbered.values())
    tests = suites.asked(copy.build, asked.light, asked.rest, has_live)
    ways = known_map(copy, list(tests)) if asked.resume else None
    if ways is None:
        ways = map_of(copy, tests)
        if ways is None:
            return 2
        (copy.folder / "map.json").write_text(json.dumps({"linked": copy.linked(), "tests": list(tests), "ways": ways}))
    slow = sorted(((seconds, name) for name, (seconds, _) in ways.items()), reverse=True)[:3]
    print(f"{len(tests)} tests, {sum(seconds for seconds, _ in ways.values()):.0f} s; the slowest: "
          + ", ".join(f"{name} {seconds:.1f} s" for seconds, name in slow), flush=True)
    equivalent = known_equivalent()
    results = {key: value for key, value in before["results"].items() if asked.resume or value.startswith("noticed")}
    numbers = {one.key(sources[one.name]): number for number, one in numbered.items()}
    record.write_text(json.dumps({"numbers": numbers, "results": results}))
    verdicts = {}
    killed = collections.Counter()
    # Of all folders alike, should the time be over before all is done.
    for number, one in sorted(numbered.items(), key=lambda pair: (area_of(pair[1].name) not in FIRST,
                                                                  zlib.crc32(b"%d" % pair[0]))):
        key = one.key(sources[one.name])
        if key in equivalent:
            verdicts[key] = "changes nothing"
            continue
        if key not in results:
            if time.monotonic() > end:
                verdicts[key] = "not run"
                continue
            fitting = in_order([name for name, (_, numbers) in ways.items() if number in numbers], ways, killed,
                               one.name)
            results[key] = "not noticed" if fitting else "not reached"
            spent = 0
            for name in fitting:
                if spent > asked.seconds:
                    break
                spent += ways[name][0]
                if copy.run(tests[name], number, 5 + 10 * ways[name][0]) != 0:
                    killed.update([name, (one.name, name)])
                    results[key] = f"noticed by {name}"
                    break
            print(f"{len(verdicts) + 1} of {len(numbered)}: mutation {number} {results[key]}: {one.name}:{one.line} "
                  f"{one.kind}\n  {key}", flush=True)
            record.write_text(json.dumps({"numbers": numbers, "results": results}))
        verdicts[key] = "noticed" if results[key].startswith("noticed") else results[key]
    left = [(verdict, key) for key, verdict in sorted(verdicts.items()) if verdict in ("not noticed", "not reached")]
    told = summary(verdicts, dropped, asked.seed)
    (copy.folder / "summary.txt").write_text(told + "\n")
    print("\n" + told)
    if left:
        print("\nEach of these becomes a test that notices it, or a line of tests/mutation/equivalent.txt with its "
              "reason:")
        print("\n".join(f"{verdict}: {key}" for verdict, key in left))
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
