"""The files that the architecture tests look at: what git would commit, as paths relative to the
root, so that build directories and editor droppings never count."""
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
# The folders of the program's own sources.
PROGRAM = ("model", "parser", "analysis", "rewriter", "report", "app", "live")


def files(*suffixes, root=ROOT):
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        capture_output=True, text=True)
    if listed.returncode == 0:
        names = [name for name in listed.stdout.split("\0") if name]
    else:  # a tarball without git
        names = [str(p.relative_to(root)) for p in root.rglob("*")
                 if p.is_file() and p.relative_to(root).parts[0] not in ("build", ".git")]
    return sorted(name for name in names
                  if (not suffixes or name.endswith(suffixes)) and (root / name).is_file())


def report(problems, summary):
    """Prints the problems and ends the program; exit status 1 if there are any."""
    for problem in problems:
        print(problem)
    print(f"{summary}: {len(problems)} problems" if problems else f"{summary}: ok")
    raise SystemExit(1 if problems else 0)
