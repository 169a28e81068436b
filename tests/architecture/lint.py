"""Format, clang-tidy and shellcheck over what is ours. Usage: lint.py BUILD_DIRECTORY, which holds
compile_commands.json. clang-tidy looks at the program's sources, not at the tests, and again only at
those that changed since they passed (passed.py), some together (together.py), as one file that includes
them. Exit status 77: skipped, a tool is not there."""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import passed
import together
import tree

# Nearly all of clang-tidy's time goes into the standard library's headers, once for each group.
MOST = 48
# Asked of the compiler in place of bugprone-reserved-identifier, which looks at each use of each name of the
# library and took a seventh of all checks' time (.clang-tidy).
RESERVED = ("--extra-arg=-Wreserved-identifier", "--extra-arg=-Wreserved-macro-identifier")

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


def tidy(names):
    """The faults of each. gcc, whose build this is, has warnings that clang does not know, and has found
    what shadows what; the rest of a group must not stand in the way of that either."""
    directory = tempfile.TemporaryDirectory()
    path = pathlib.Path(directory.name) / "together.cpp"
    if len(names) == 1:
        path = tree.ROOT / names[0]
    else:
        path.write_text("".join(f'#include "{tree.ROOT}/{name}"  // NOLINT(bugprone-suspicious-include)\n'
                                for name in names))
    entry = dict(commands[str(tree.ROOT / names[0])])
    entry["command"] = entry["command"].replace(entry["file"], str(path))
    entry["file"] = str(path)
    (pathlib.Path(directory.name) / "compile_commands.json").write_text(json.dumps([entry]))
    done = run("clang-tidy", "--quiet", "--extra-arg=-Wno-unknown-warning-option", "--extra-arg=-Wno-shadow",
               *RESERVED, "--config-file=.clang-tidy", "-p", directory.name, str(path))
    if done.returncode == 0:
        return {}
    if len(names) == 1:
        return {names[0]: done.stdout or done.stderr}
    # Whose fault it is, or that they do not fit together, shows when fewer are looked at.
    half = len(names) // 2
    return tidy(names[:half]) | tidy(names[half:])


commands = {}
for entry in json.loads((build / "compile_commands.json").read_text()):
    command = without_precompiled(entry["command"])
    names = [entry["file"]]
    if "/Unity/" in entry["file"]:  # the build has groups of its own
        names = re.findall(r'^#include "(.*)"$', pathlib.Path(entry["file"]).read_text(), re.MULTILINE)
    for name in names:
        commands[name] = {**entry, "file": name, "command": command.replace(entry["file"], name)}

problems = []
sources = tree.files(".cpp", ".hpp")
formatted = run("clang-format", "--dry-run", "-Werror", *sources)
if formatted.returncode != 0:
    ill = sorted({line.split(":")[0] for line in formatted.stderr.splitlines() if ": error:" in line})
    problems.append("not formatted; mend it with: clang-format -i " + " ".join(ill))

# Golden cases and gaps hold scripts as people write them, the corpus of fuzzing what is left of some.
AS_THEY_ARE = ("tests/cases/", "tests/gaps/", "tests/fuzz/corpus/")
shell = [name for name in tree.files() if not name.startswith(AS_THEY_ARE) and
         (name.endswith(".sh") or
          (tree.ROOT / name).read_bytes().startswith((b"#!/bin/sh\n", b"#!/bin/bash\n")))]
shellchecked = run("shellcheck", *shell) if shell else None
if shellchecked and shellchecked.returncode != 0:
    problems.append(shellchecked.stdout)

# The one kind of reserved name that the compiler does not tell.
problems += [f"{name} defines a macro whose name begins with an underscore" for name in sources
             if name.split("/")[0] in tree.PROGRAM and re.search(r"^\s*#\s*define\s+_", (tree.ROOT / name).read_text(), re.M)]

ours = [name for name in sources if name.endswith(".cpp") and
        name.split("/")[0] in tree.PROGRAM]
# A group hides nothing: what is said of sources that another one includes passes a filter of its own.
with tempfile.TemporaryDirectory() as planted:
    names = []
    for name, text in (("one", "bool one(int a) { return a == a; }"), ("two", "bool two(int _A) { return _A == 1; }"),
                       ("three", "#define _THREE 3")):
        path = pathlib.Path(planted) / "model" / f"{name}.cpp"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text + "\n")
        names.append(str(path))
        commands[str(path)] = {"directory": planted, "file": str(path), "command": f"c++ -c {path}"}
    if set(tidy(names)) != set(names):
        problems.append("clang-tidy misses what is planted in a group of sources")

faults, looked_at = passed.check_groups(build / "lint.json", ours, tidy,
                                        (tree.ROOT / ".clang-tidy").read_text(),
                                        lambda names: together.groups(names, MOST))
tree.report(problems + faults, f"format of {len(sources)} files, shellcheck of {len(shell)}, "
                               f"clang-tidy of {looked_at} of {len(ours)}")
