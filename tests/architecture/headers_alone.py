"""Every header, and every source of the program, compiles on its own, with the warnings of the build.
Usage: headers_alone.py CXX QUICK BUILD_DIRECTORY SOURCES. One is compiled again only when it, or a header of ours
below it, has changed since it last passed (BUILD_DIRECTORY/headers_alone.json). Where SOURCES is `alone`, the
build compiles each source of the program by itself and without a precompiled header: it has shown then
that they do, and what a source includes first, so that most headers need no second time here.

Those that include much of the same are compiled behind a precompiled header of what all of them include,
directly or not, and nothing else: it gives none of them a name that it would not have alone. That is QUICK's
work, clang where there is one: it takes some two thirds of gcc's time. What it refuses is asked of CXX, by
itself and without a precompiled header, and is a fault if that refuses it, too."""
import collections
import functools
import pathlib
import re
import subprocess
import sys
import tempfile

import passed
import tree

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]
# Headers of others that can be precompiled: the standard library's, whose names are words, and these.
OTHERS = ("fmt/format.h", "nlohmann/json.hpp", "CLI/CLI.hpp", "tao/pegtl.hpp", "gtest/gtest.h")
INCLUDED = re.compile(r'^\s*#\s*include\s*(?:"([^"]*)"|<([^>]*)>)', re.M)
DEAR = ("<algorithm>", "<functional>", "<regex>", "<filesystem>", "<sstream>", "<iostream>", "<chrono>")
MOST = 24


def compiles(by, *words, **others):
    return subprocess.run([by, "-std=c++20", *WARNINGS, f"-I{tree.ROOT}", f"-I{build}/generated", *words],
                          capture_output=True, text=True, **others)


def compile_alone(name, by, *more):
    # A header twice, so that a missing #pragma once shows, too.
    text = f'#include "{name}"\n' * (2 if name.endswith(".hpp") else 1)
    done = compiles(by, "-fsyntax-only", *more, "-x", "c++", "-", input=text)
    return "" if done.returncode == 0 else f"{name} does not compile on its own:\n{done.stderr}"


def compile_behind(names, directory):
    """The faults of some, each behind what all of them include. What fails there is asked of it alone."""
    common = frozenset.intersection(*(everything_of(name) for name in names))
    header = pathlib.Path(directory) / "common.hpp"
    header.write_text("".join(f"#include {name}\n" for name in sorted(common)))
    # clang makes templates that the headers ask for once then, with them; gcc has no such option.
    once = ["-fpch-instantiate-templates"] if "clang" in pathlib.Path(quick).name else []
    if not common or compiles(quick, *once, "-x", "c++-header", str(header), "-o", f"{header}.gch").returncode != 0:
        return {name: compile_alone(name, compiler) for name in names}
    faults = {}
    for name in names:
        if compile_alone(name, quick, "-include", str(header)):
            faults[name] = compile_alone(name, compiler)
    return faults


def compile_group(names):
    with tempfile.TemporaryDirectory() as directory:
        return compile_behind(names, directory)


@functools.cache
def includes_of(name):
    """As they are written, with their quotes or brackets."""
    text = (tree.ROOT / name).read_text()
    return [f'"{ours}"' if ours else f"<{other}>" for ours, other in INCLUDED.findall(text)]


@functools.cache
def is_ours(included):
    return included.startswith('"') and (tree.ROOT / included[1:-1]).is_file()


def first_of(name):
    """The header of ours that a source includes before anything else, or None."""
    first = next(iter(includes_of(name)), "")
    return first[1:-1] if is_ours(first) else None


@functools.cache
def everything_of(name):
    """What it includes, directly or not, that can be precompiled."""
    found = set()
    for included in includes_of(name):
        if is_ours(included):
            found |= {included} | everything_of(included[1:-1])
        elif re.fullmatch(r"<\w+>", included) or included[1:-1] in OTHERS:
            found.add(included)
    return frozenset(found)


def weight(included):
    return 20 if included[1:-1] in OTHERS else 4 if included in DEAR else 1


def groups(names):
    """Each begins with what includes most of those that are left, and takes what has most in common with all
    of it. Headers stand apart from sources: those are behind their headers, each of which is shown by itself."""
    left = {name: everything_of(name) for name in names}
    found = []
    while left:
        start = max(left, key=lambda name: (sum(map(weight, left[name])), name))
        common, group = left.pop(start), [start]
        while len(group) < MOST:
            alike = {name: sum(map(weight, common & everything)) for name, everything in left.items()
                     if name.endswith(".hpp") == start.endswith(".hpp")}
            best = max(alike, key=lambda name: (alike[name], name), default=None)
            if best is None or alike[best] == 0:
                break
            common &= left.pop(best)
            group.append(best)
        found.append(group)
    return found


if __name__ == "__main__":
    compiler, quick, build, built = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), sys.argv[4]
    headers = tree.files(".hpp")
    sources = [name for name in tree.files(".cpp") if name.split("/")[0] in tree.PROGRAM and name != "app/main.cpp"]
    shown = {first_of(name) for name in sources}
    todo = [name for name in headers if name not in shown] + (sources if built != "alone" else [])
    problems = [f"{name} has no #pragma once" for name in headers
                if not re.search(r"^#pragma once$", (tree.ROOT / name).read_text(), re.M)]
    faults, compiled = passed.check_groups(build / "headers_alone.json", todo, compile_group, compiler + quick, groups)
    tree.report(problems + faults, f"{len(headers)} headers, {len(sources)} sources, {compiled} compiled")
