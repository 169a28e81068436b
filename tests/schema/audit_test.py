#!/usr/bin/env python3
"""What `untrack audit --output json` really prints validates against docs/schema/audit.schema.json,
for every golden case and sample, and says the same as itself: indices lead where they should.

usage: audit_test.py UNTRACK SOURCE_DIR
"""

import copy
import json
import pathlib
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)


def check_indices(report):
    findings = report["findings"]
    for family, verdict in report["verdict"].items():
        for index in verdict["forced_by"]:
            finding = findings[index]
            assert finding["code"] == "UT301" and family in finding["families"], finding
        assert (verdict["tracking"] == "forced") == bool(verdict["forced_by"]), verdict
    for module in report["modules"]:
        assert module["needed_by"], module
        for index in module["needed_by"]:
            assert module["name"] in findings[index]["modules"], module
    places = [
        (f["location"]["path"], f["location"]["line"], f["location"]["column"]) for f in findings
    ]
    sources = report["sources"]
    paths = [s["path"] for s in sources] + [path for s in sources for path in s["included"]]
    # Of settings, behind the rulesets.
    settings = [f for f in findings if f["location"]["path"] not in paths]
    assert all(f["code"].startswith("UT5") for f in settings), settings
    paths += dict.fromkeys(f["location"]["path"] for f in settings)
    assert places == sorted(places, key=lambda p: (paths.index(p[0]), p[1], p[2])), places


def main():
    untrack, source = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    schema = json.loads((source / "docs/schema/audit.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    runs = []
    for args in sorted((source / "tests/cases/audit").glob("**/args")):
        words = args.read_text().splitlines()
        if "--output" not in words and (args.parent / "stdout.txt").exists():
            runs.append((args.parent, words))
    for sample in sorted((source / "samples").glob("*.rules")):
        runs.append((sample.parent, ["audit", sample.name]))
    assert runs, "no case found"
    last = None
    for directory, words in runs:
        command = [untrack, *words, "--output", "json"]
        given = directory / "stdin"
        done = subprocess.run(command, cwd=directory, capture_output=True, check=False,
                              input=given.read_bytes() if given.exists() else b"")
        assert done.returncode in (0, 1, 3), (directory, done)
        assert all(byte < 0x80 for byte in done.stdout), f"{directory}: not ASCII"
        report = json.loads(done.stdout)
        errors = [f"{directory}: {e.json_path}: {e.message}" for e in validator.iter_errors(report)]
        assert not errors, "\n".join(errors)
        check_indices(report)
        if report["findings"]:
            last = report
    # The schema can say no: each of these must fail.
    for key in ("schema_version", "verdict", "findings"):
        spoiled = copy.deepcopy(last)
        del spoiled[key]
        assert not validator.is_valid(spoiled), key
    spoiled = copy.deepcopy(last)
    spoiled["findings"][0]["severity"] = "fatal"
    assert not validator.is_valid(spoiled)
    print(f"{len(runs)} reports valid")


main()
