"""The golden runner judged by planted faults: each must turn it red, and UPDATE=1 must mend only
what is a difference. Usage: self_test.py CASE_RUNNER"""
import os
import pathlib
import subprocess
import sys
import tempfile

runner = sys.argv[1]


def run(root, kind="version", update=False):
    environment = {**os.environ, "UPDATE": "1" if update else "0"}
    done = subprocess.run([runner, root, kind], capture_output=True, text=True, env=environment)
    return done.returncode, done.stdout


def plant(root, **files):
    for name, text in files.items():
        path = pathlib.Path(root, "version", "plain", name.replace("_txt", ".txt"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def expect(what, status, wanted, text="", part=""):
    assert status == wanted, f"{what}: exit status {status}, not {wanted}\n{text}"
    assert part in text, f"{what}: {part!r} is not in\n{text}"
    print("ok:", what)


with tempfile.TemporaryDirectory() as root:
    pathlib.Path(root, "version").mkdir()
    expect("no case at all", *run(root)[:1], 1)
    plant(root, args="version\n")
    expect("missing expectation", run(root)[0], 1, *run(root)[1:], "stdout.txt is missing")
    expect("nothing was created in silence", len(list(pathlib.Path(root).rglob("stdout.txt"))), 0)
    expect("update writes it", run(root, update=True)[0], 0)
    expect("and then it passes", run(root)[0], 0)
    plant(root, stdout_txt="untrack 0.0.0\n")
    status, text = run(root)
    expect("a difference", status, 1, text, "-untrack 0.0.0")
    expect("the update command is told", status, 1, text, "UPDATE=1 ctest -L cases")
    run(root, update=True)
    plant(root, stderr_txt="never said\n")
    expect("an expectation that does not come", run(root)[0], 1)
    run(root, update=True)
    expect("update removes it", run(root)[0], 0)
    plant(root, notes="what is this\n")
    expect("a stray file", run(root)[0], 1, *run(root)[1:], "stray file: notes")
    expect("update does not hide it", run(root, update=True)[0], 1)
    pathlib.Path(root, "version", "plain", "notes").unlink()
    pathlib.Path(root, "version", "empty").mkdir()
    expect("an empty directory", run(root)[0], 1)

with tempfile.TemporaryDirectory() as root:
    case = pathlib.Path(root, "audit", "UT999", "fires")
    case.mkdir(parents=True)
    (case / "args").write_text("version\n")
    run(root, "audit", update=True)
    status, text = run(root, "audit")
    expect("a check's folder that never shows its code", status, 1, text, "no case in UT999/")
