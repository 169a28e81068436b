"""Every header, and every source of the program, compiles on its own, with the warnings of the build.
Usage: headers_alone.py CXX BUILD_DIRECTORY SOURCES. One is compiled again only when it, or a header of ours
below it, has changed since it last passed (BUILD_DIRECTORY/headers_alone.json). Where SOURCES is `alone`, the
build compiles each source of the program by itself and without a precompiled header: it has shown then
that they do, and what a source includes first, so that most headers need no second time here.

Those that include much of the same are compiled behind a precompiled header of what all of them include,
directly or not, and nothing else: it gives none of them a name that it would not have alone."""
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
MOST = 24


def compiles(language, text, *more):
    return subprocess.run(
        [compiler, "-std=c++20", *WARNINGS, f"-I{tree.ROOT}", f"-I{build}/generated", *more, "-x", language, "-"],
        input=text, capture_output=True, text=True)


def compile_alone(name, *more):
    # A header twice, so that a missing #pragma once shows, too.
    text = f'#include "{name}"\n' * (2 if name.endswith(".hpp") else 1)
    done = compiles("c++", text, "-fsyntax-only", *more)
    return "" if done.returncode == 0 else f"{name} does not compile on its own:\n{done.stderr}"


def compile_behind(names, directory):
    """The faults of some, each behind what all of them include. What fails there is asked of it alone."""
    common = set.intersection(*(everything_of(name) for name in names))
    header = pathlib.Path(directory) / "common.hpp"
    header.write_text("".join(f"#include {name}\n" for name in sorted(common)))
    if not common or compiles("c++-header", header.read_text(), "-o", f"{header}.gch").returncode != 0:
        return {name: compile_alone(name) for name in names}
    faults = {}
    for name in names:
        if compile_alone(name, "-include", str(header)):
            faults[name] = compile_alone(name)
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
    """What it, or, of a source, what it includes first, includes, directly or not, and can be precompiled."""
    start = name if name.endswith(".hpp") else first_of(name) or name
    found = {f'"{start}"'} if start != name else set()
    for included in includes_of(start):
        if is_ours(included):
            found |= {included} | everything_of(included[1:-1])
        elif re.fullmatch(r"<\w+>", included) or included[1:-1] in OTHERS:
            found.add(included)
    return found


def groups(names):
    """Neighbours have much in common: the most frequent of what they include."""
    everything = {name: everything_of(name) for name in names}
    often = collections.Counter(included for all_of in everything.values() for included in all_of)
    names = sorted(names, key=lambda name: sorted((-often[included], included) for included in everything[name]))
    return [names[at:at + MOST] for at in range(0, len(names), MOST)]


if __name__ == "__main__":
    compiler, build, built = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
    headers = tree.files(".hpp")
    sources = [name for name in tree.files(".cpp") if name.split("/")[0] in tree.PROGRAM and name != "app/main.cpp"]
    shown = {first_of(name) for name in sources}
    todo = [name for name in headers if name not in shown] + (sources if built != "alone" else [])
    problems = [f"{name} has no #pragma once" for name in headers
                if not re.search(r"^#pragma once$", (tree.ROOT / name).read_text(), re.M)]
    faults, compiled = passed.check_groups(build / "headers_alone.json", todo, compile_group, compiler, groups)
    tree.report(problems + faults, f"{len(headers)} headers, {len(sources)} sources, {compiled} compiled")
