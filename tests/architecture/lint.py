"""Format, clang-tidy and shellcheck over what is ours. Usage: lint.py BUILD_DIRECTORY, which holds
compile_commands.json. clang-tidy looks at the program's sources, not at the tests, and again only at
those that changed since they passed (passed.py). Exit status 77: skipped, a tool is not there."""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import passed
import tree

build = pathlib.Path(sys.argv[1])
for tool in ("clang-format", "clang-tidy", "shellcheck"):
    if not shutil.which(tool):
        print(f"skipped: no {tool}")
        raise SystemExit(77)


def run(*command):
    return subprocess.run(command, cwd=tree.ROOT, capture_output=True, text=True)


def without_precompiled(command):
    """Sources must include what they need, and clang cannot read gcc's precompiled headers."""
    words = command.split()
    kept = []
    while words:
        word = words.pop(0)
        if word == "-include" and words[0].endswith("cmake_pch.hxx"):
            words.pop(0)
        elif word not in ("-Winvalid-pch", "-fpch-preprocess"):
            kept.append(word)
    return " ".join(kept)


def tidy(name):
    # The build's compiler is gcc, some of whose warnings clang does not know by name.
    done = run("clang-tidy", "--quiet", "--extra-arg=-Wno-unknown-warning-option", "-p", commands.name,
               name)
    return "" if done.returncode == 0 else done.stdout or done.stderr


commands = tempfile.TemporaryDirectory()
database = json.loads((build / "compile_commands.json").read_text())
for entry in database:
    entry["command"] = without_precompiled(entry["command"])
(pathlib.Path(commands.name) / "compile_commands.json").write_text(json.dumps(database))

problems = []
sources = tree.files(".cpp", ".hpp")
formatted = run("clang-format", "--dry-run", "-Werror", *sources)
if formatted.returncode != 0:
    ill = sorted({line.split(":")[0] for line in formatted.stderr.splitlines() if ": error:" in line})
    problems.append("not formatted; mend it with: clang-format -i " + " ".join(ill))

# Golden cases and gaps hold scripts as people write them.
shell = [name for name in tree.files() if not name.startswith(("tests/cases/", "tests/gaps/")) and
         (name.endswith(".sh") or
          (tree.ROOT / name).read_bytes().startswith((b"#!/bin/sh\n", b"#!/bin/bash\n")))]
shellchecked = run("shellcheck", *shell) if shell else None
if shellchecked and shellchecked.returncode != 0:
    problems.append(shellchecked.stdout)

ours = [name for name in sources if name.endswith(".cpp") and
        name.split("/")[0] in ("model", "parser", "analysis", "rewriter", "report", "app")]
faults, looked_at = passed.check_all(build / "lint.json", ours, tidy,
                                     (tree.ROOT / ".clang-tidy").read_text())
tree.report(problems + faults, f"format of {len(sources)} files, shellcheck of {len(shell)}, "
                               f"clang-tidy of {looked_at} of {len(ours)}")
