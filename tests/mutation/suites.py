"""The tests that mutations are held against (mutate.py): each case of the suite by itself and all of a kind, the suites
of the unit and property tests, and the scripts that run the program."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Asks that hostile input breaks nothing, in most of the time of all tests, and for no answer.
LEFT_OUT = ("HostileInput",)


def lab_tests(build):
    """Name -> command: those that read the running kernel, in namespaces of their own; the rulesets of the lab and the
    samples, not the published ones."""
    lab, untrack, python = ROOT / "tests/lab", str(build / "untrack"), sys.executable
    words = {"attribution": [], "rewrite_entries": [], "watch": [],
             "snapshot": [str(ROOT / "docs/schema/snapshot.schema.json"), str(ROOT / "samples")]}
    found = {f"lab {name}": [python, str(lab / f"{name}_test.py"), untrack, *more] for name, more in words.items()}
    found["lab live"] = [python, str(lab / "live_test.py"), str(build / "tests/lab/live_dump"),
                         str(build / "tests/lab/model_dump"), untrack, str(ROOT / "samples")]
    return found


def tests(build):
    """Name -> command, but for the lab's."""
    binaries, cases, found = build / "tests", ROOT / "tests/cases", {}
    for kind in sorted(path.name for path in cases.iterdir() if path.is_dir()):
        for path in sorted((cases / kind).iterdir()):
            # The name alone would fit others whose names begin so.
            part = f"{kind}/{path.name}" + ("/" if not (path / "args").is_file() and kind not in
                                            ("parse", "reject") else "")
            found["cases " + part] = [str(binaries / "case_runner"), str(cases), kind, part]
        found["cases " + kind] = [str(binaries / "case_runner"), str(cases), kind]
    for program in ("unit_tests", "property_tests"):
        listed = subprocess.run([str(binaries / program), "--gtest_list_tests"], capture_output=True, text=True,
                                check=True).stdout
        for suite in re.findall(r"^(\S+)\.$", listed, re.MULTILINE):
            if not suite.endswith("Slow") and suite not in LEFT_OUT:
                found[f"{program} {suite}"] = [str(binaries / program), f"--gtest_filter={suite}.*",
                                               "--gtest_fail_fast", "--gtest_brief=1"]
    untrack = str(build / "untrack")
    for kind in ("parse", "reject"):
        found[f"gaps {kind}"] = [str(binaries / "case_runner"), str(ROOT / "tests/gaps"), kind]
    # Behind the cases, of which they are.
    for name in ("certificates", "spoiled", "stronger"):
        found[f"recheck {name}"] = [sys.executable, str(ROOT / f"tests/recheck/{name}.py"), untrack]
    for name in ("bash", "zsh", "fish"):
        found[f"completions {name}"] = [sys.executable, str(ROOT / "tests/completions/completions_test.py"), name, untrack]
    for name in ("transcripts", "manual_current", "command_lines"):
        found[f"documents {name}"] = [sys.executable, str(ROOT / f"tests/architecture/{name}.py"), untrack]
    for name in ("audit", "formats", "hosts", "pressure", "prometheus"):
        found[f"schema {name}"] = [sys.executable, str(ROOT / f"tests/schema/{name}_test.py"), untrack, str(ROOT)]
    for name in ("explain", "diff", "recheck", "rewrite", "verify"):
        found[f"schema {name}"] = [sys.executable, str(ROOT / "tests/schema/reports_test.py"), name, untrack,
                                   str(ROOT)]
    return found


def is_light(name):
    return name.startswith("unit_tests") or (name.startswith("cases ") and "/" in name)


def asked(build, light, rest, has_live):
    """Of all tests. The rest is what --light leaves out, without the cases of a kind, which are those it asks. The
    lab's are asked where what reads the kernel is spoiled."""
    of_lab = lab_tests(build) if has_live and not light else {}
    return of_lab | {name: words for name, words in tests(build).items()
                     if not (light or rest) or (is_light(name) if light else not
                                                (is_light(name) or name.startswith("cases ")))}
