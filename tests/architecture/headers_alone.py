"""Every header compiles on its own, with the warnings of the build.
Usage: headers_alone.py CXX BUILD_DIRECTORY SOURCES. A header is compiled again only when it, or a header
of ours below it, has changed since it last passed (BUILD_DIRECTORY/headers_alone.json). Where SOURCES
is `alone`, the build compiles each source of the program by itself and without a precompiled header: it
has shown then what a source includes first, so that most headers need no second time here."""
import pathlib
import re
import subprocess
import sys

import passed
import tree

compiler, build, built = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]


def compile_alone(name):
    # Twice, so that a missing #pragma once shows, too.
    done = subprocess.run(
        [compiler, "-std=c++20", "-fsyntax-only", *WARNINGS, f"-I{tree.ROOT}",
         f"-I{build}/generated", "-x", "c++", "-"],
        input=f'#include "{name}"\n#include "{name}"\n', capture_output=True, text=True)
    return "" if done.returncode == 0 else f"{name} does not compile on its own:\n{done.stderr}"


def shown_by_build():
    """The headers that a source of the program includes before anything else."""
    if built != "alone":
        return set()
    first = re.compile(r'^\s*#\s*include\s*(?:"([^"]*)"|<)', re.M)
    found = set()
    for name in tree.files(".cpp"):
        if name.split("/")[0] in tree.PROGRAM and (match := first.search((tree.ROOT / name).read_text())):
            found.add(match[1])
    return found


headers = tree.files(".hpp")
shown = shown_by_build()
problems = [f"{name} has no #pragma once" for name in headers
            if not re.search(r"^#pragma once$", (tree.ROOT / name).read_text(), re.M)]
rest = [name for name in headers if name not in shown]
faults, compiled = passed.check_all(build / "headers_alone.json", rest, compile_alone, compiler)
tree.report(problems + faults, f"{len(headers)} headers, {len(headers) - len(rest)} by the build, {compiled} compiled")
