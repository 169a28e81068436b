"""Every header compiles on its own, with the warnings of the build.
Usage: headers_alone.py CXX BUILD_DIRECTORY. A header is compiled again only when it, or a header of
ours below it, has changed since it last passed (BUILD_DIRECTORY/headers_alone.json)."""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

import tree

compiler, build = sys.argv[1], pathlib.Path(sys.argv[2])
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]


def below(name, seen):
    """All our headers that `name` includes, directly or not, itself among them."""
    path = tree.ROOT / name
    if name in seen or not path.is_file():
        return seen
    seen.add(name)
    for included in re.findall(r'^\s*#\s*include\s*"([^"]*)"', path.read_text(), re.M):
        below(included, seen)
    return seen


def state_of(name):
    digest = hashlib.sha256(compiler.encode())
    for part in sorted(below(name, set())):
        digest.update(part.encode() + (tree.ROOT / part).read_bytes())
    return digest.hexdigest()


def compile_alone(name):
    # Twice, so that a missing #pragma once shows, too.
    done = subprocess.run(
        [compiler, "-std=c++20", "-fsyntax-only", *WARNINGS, f"-I{tree.ROOT}",
         f"-I{build}/generated", "-x", "c++", "-"],
        input=f'#include "{name}"\n#include "{name}"\n', capture_output=True, text=True)
    return done.returncode == 0, done.stderr


cache = build / "headers_alone.json"
passed = json.loads(cache.read_text()) if cache.exists() else {}
headers = [name for name in tree.files(".hpp")]
states = {name: state_of(name) for name in headers}
todo = [name for name in headers if passed.get(name) != states[name]]
problems = []
with concurrent.futures.ThreadPoolExecutor(max_workers=min(2, os.cpu_count() or 1)) as pool:
    for name, (is_good, text) in zip(todo, pool.map(compile_alone, todo)):
        if not is_good:
            problems.append(f"{name} does not compile on its own:\n{text}")
            del states[name]
cache.write_text(json.dumps(states, indent=0, sort_keys=True))
tree.report(problems, f"{len(headers)} headers, {len(todo)} compiled")
