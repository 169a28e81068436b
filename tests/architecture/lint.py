"""Format, clang-tidy and shellcheck over what is ours. Usage: lint.py BUILD_DIRECTORY, which holds
compile_commands.json. clang-tidy looks at the program's sources, not at the tests, and again only at
those that changed since they passed (passed.py). Exit status 77: skipped, a tool is not there."""
import pathlib
import shutil
import subprocess
import sys

import passed
import tree

build = pathlib.Path(sys.argv[1])
for tool in ("clang-format", "clang-tidy", "shellcheck"):
    if not shutil.which(tool):
        print(f"skipped: no {tool}")
        raise SystemExit(77)


def run(*command):
    return subprocess.run(command, cwd=tree.ROOT, capture_output=True, text=True)


def tidy(name):
    # The build's compiler is gcc, some of whose warnings clang does not know by name.
    done = run("clang-tidy", "--quiet", "--extra-arg=-Wno-unknown-warning-option", "-p", str(build),
               name)
    return "" if done.returncode == 0 else done.stdout or done.stderr


problems = []
sources = tree.files(".cpp", ".hpp")
formatted = run("clang-format", "--dry-run", "-Werror", *sources)
if formatted.returncode != 0:
    ill = sorted({line.split(":")[0] for line in formatted.stderr.splitlines() if ": error:" in line})
    problems.append("not formatted; mend it with: clang-format -i " + " ".join(ill))

# Golden cases and gaps hold scripts as people write them.
shell = [name for name in tree.files() if not name.startswith(("tests/cases/", "tests/gaps/")) and
         (tree.ROOT / name).read_bytes().startswith((b"#!/bin/sh\n", b"#!/bin/bash\n"))]
shellchecked = run("shellcheck", *shell) if shell else None
if shellchecked and shellchecked.returncode != 0:
    problems.append(shellchecked.stdout)

ours = [name for name in sources if name.endswith(".cpp") and
        name.split("/")[0] in ("model", "parser", "analysis", "rewriter", "report", "app")]
faults, looked_at = passed.check_all(build / "lint.json", ours, tidy,
                                     (tree.ROOT / ".clang-tidy").read_text())
tree.report(problems + faults, f"format of {len(sources)} files, shellcheck of {len(shell)}, "
                               f"clang-tidy of {looked_at} of {len(ours)}")
