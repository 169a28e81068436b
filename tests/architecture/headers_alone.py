"""Every header compiles on its own, with the warnings of the build.
Usage: headers_alone.py CXX BUILD_DIRECTORY. A header is compiled again only when it, or a header of
ours below it, has changed since it last passed (BUILD_DIRECTORY/headers_alone.json)."""
import pathlib
import subprocess
import sys

import passed
import tree

compiler, build = sys.argv[1], pathlib.Path(sys.argv[2])
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]


def compile_alone(name):
    # Twice, so that a missing #pragma once shows, too.
    done = subprocess.run(
        [compiler, "-std=c++20", "-fsyntax-only", *WARNINGS, f"-I{tree.ROOT}",
         f"-I{build}/generated", "-x", "c++", "-"],
        input=f'#include "{name}"\n#include "{name}"\n', capture_output=True, text=True)
    return "" if done.returncode == 0 else f"{name} does not compile on its own:\n{done.stderr}"


headers = tree.files(".hpp")
problems, compiled = passed.check_all(build / "headers_alone.json", headers, compile_alone, compiler)
tree.report(problems, f"{len(headers)} headers, {compiled} compiled")
