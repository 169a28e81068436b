#!/usr/bin/env python3
"""Spoils the program in small ways, one at a time, and asks the tests whether they notice. A mutation that
they do not notice is a place that no test looks at, or a line that is not needed: its diff is printed, and
belongs into a test.

It works in a copy of the sources, with a build of its own, and leaves both behind for the next run.
Usage: mutate.py [--count N] [--seed S] [--only PART_OF_PATH] [--folder DIR] [--jobs J] [--minutes M]

Exit status: 0 every mutation was noticed, 1 some were not, 2 the tests fail without any mutation."""
import argparse
import pathlib
import random
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What answers rest on.
FOLDERS = ("analysis/conntrack", "analysis/diagram", "analysis/difference", "analysis/encode", "analysis/flows",
           "analysis/local", "analysis/packet", "analysis/program", "analysis/walk", "model/catalog",
           "rewriter", "rewriter/notrack", "rewriter/spell")
# Pattern, and what may stand in its place.
CHANGES = (
    (r" == ", (" != ",)),
    (r" != ", (" == ",)),
    (r" < ", (" <= ", " > ")),
    (r" <= ", (" < ",)),
    (r" > ", (" >= ",)),
    (r" >= ", (" > ",)),
    (r" && ", (" || ",)),
    (r" \|\| ", (" && ",)),
    (r"\btrue\b", ("false",)),
    (r"\bfalse\b", ("true",)),
    (r"\.conj\(", (".disj(", ".minus(")),
    (r"\.disj\(", (".conj(",)),
    (r"\.minus\(", (".conj(",)),
    (r"Diagram::no\b", ("Diagram::yes",)),
    (r"Diagram::yes\b", ("Diagram::no",)),
    (r" \+ 1\b", ("",)),
    (r" - 1\b", ("",)),
    (r"\(!", ("(",)),
    (r"\bCtState::established\b", ("CtState::new_",)),
    (r"\bCtState::new_\b", ("CtState::invalid",)),
    (r"Path::in\b", ("Path::out",)),
    (r"Field::source_", ("Field::destination_",)),
    (r"Field::destination_", ("Field::source_",)),
    (r"^(\s+)continue;$", (r"\1;",)),
    (r"^(\s+)[a-z_]+_?\.(?:push_back|insert|emplace)\(.*\);$", (r"\1;",)),
)
# By these it is told that a line is no code, or none whose change means anything.
NOT_CODE = re.compile(r"^\s*(//|#|static_assert|using |namespace |throw |\[\[nodiscard|template|constexpr std::string_view)"
                      r"|reserve\(|std::move|operator[=!<>]|#include")
SUITES = (("cases", "cases"), ("unit", "unit"), ("property", "property"))


def candidates(root, only):
    found = []
    for folder in FOLDERS:
        for path in sorted((root / folder).glob("*.cpp")):
            name = str(path.relative_to(root))
            if only and only not in name:
                continue
            for number, line in enumerate(path.read_text().split("\n")):
                if NOT_CODE.search(line):
                    continue
                code = line.split("//")[0]
                if code.count('"') % 2:
                    continue
                for pattern, others in CHANGES:
                    for match in re.finditer(pattern, code):
                        if code[:match.start()].count('"') % 2:
                            continue
                        for other in others:
                            changed = code[:match.start()] + match.expand(other) + code[match.end():]
                            found.append((name, number, line, changed + line[len(code):]))
    return found


def run(words, folder, seconds):
    try:
        return subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=seconds,
                              check=False).returncode
    except subprocess.TimeoutExpired:
        return "too long"


class Copy:
    def __init__(self, folder, jobs):
        self.folder, self.jobs = folder, str(jobs)
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
        for name in filter(None, listed.split("\0")):
            source, target = ROOT / name, folder / name
            # What is as it was keeps its time, so that it is not built again.
            if not source.is_file() or (target.is_file() and target.read_bytes() == source.read_bytes()):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            shutil.copymode(source, target)
        # Quick to compile, and assertions hold.
        subprocess.run(["cmake", "-S", ".", "-B", "build", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=None",
                        "-DCMAKE_CXX_FLAGS=-O1", "-DUNTRACK_TESTS=ON"], cwd=folder, check=True,
                       stdout=subprocess.DEVNULL)

    def builds(self):
        return run(["cmake", "--build", "build", "-j", self.jobs], self.folder, 3600) == 0

    def noticed_by(self):
        """The suite that fails, or None."""
        for name, label in SUITES:
            status = run(["ctest", "--test-dir", "build", "-L", label, "-j", self.jobs, "--stop-on-failure",
                          "--timeout", "300"], self.folder, 1800)
            if status != 0:
                return name
        return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("/tmp/untrack-mutation"))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=24 * 60)
    asked = parser.parse_args()
    end = time.monotonic() + asked.minutes * 60
    copy = Copy(asked.folder, asked.jobs)
    if not copy.builds() or copy.noticed_by():
        print("the tests fail without any mutation")
        return 2
    dice = random.Random(asked.seed)
    rows = candidates(asked.folder, asked.only)
    dice.shuffle(rows)
    counts = {"noticed": 0, "not compiled": 0}
    survivors = []
    for name, number, line, changed in rows:
        if counts["noticed"] + len(survivors) == asked.count or time.monotonic() > end:
            break
        path = asked.folder / name
        whole = path.read_text()
        lines = whole.split("\n")
        lines[number] = changed
        path.write_text("\n".join(lines))
        try:
            if not copy.builds():
                counts["not compiled"] += 1
                continue
            suite = copy.noticed_by()
        finally:
            path.write_text(whole)
        counts["noticed"] += suite is not None
        print(f"{'noticed by ' + suite if suite else 'NOT NOTICED'}: {name}:{number + 1}\n"
              f"  - {line.strip()}\n  + {changed.strip()}", flush=True)
        if suite is None:
            survivors.append(f"{name}:{number + 1}")
    copy.builds()
    print(f"{counts['noticed'] + len(survivors)} mutations of {len(rows)} that can be made (seed {asked.seed}): "
          f"{counts['noticed']} noticed, {len(survivors)} not; {counts['not compiled']} did not compile")
    for place in survivors:
        print(f"  not noticed: {place}")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
