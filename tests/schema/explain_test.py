#!/usr/bin/env python3
"""What `untrack explain --output json` really prints validates against
docs/schema/explain.schema.json, for every golden case.

usage: explain_test.py UNTRACK SOURCE_DIR
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


def main():
    untrack, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    schema = json.loads((source / "docs/schema/explain.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    ran = 0
    last = None
    for args in sorted((source / "tests/cases/explain").glob("*/args")):
        words = args.read_text().splitlines()
        if "json" not in words:
            words += ["--output", "json"]
        stdin = args.parent / "stdin"
        done = subprocess.run([untrack, *words], cwd=args.parent, capture_output=True, check=False,
                              input=stdin.read_bytes() if stdin.exists() else b"")
        assert done.returncode in (0, 2, 3), (args.parent, done)
        assert all(byte < 0x80 for byte in done.stdout), f"{args.parent}: not ASCII"
        if not done.stdout:
            assert done.stderr, args.parent
            continue
        report = json.loads(done.stdout)
        errors = [f"{args.parent}: {e.json_path}: {e.message}"
                  for e in validator.iter_errors(report)]
        assert not errors, "\n".join(errors)
        for one in report["packets"]:
            verdicts = {case["verdict"] for case in one["cases"]}
            assert one["verdict"] in verdicts or not one["has_all_cases"], (args.parent, one["text"])
            for step in one["steps"]:
                assert step["matched"] == (not step["failed"]), (args.parent, step)
            if len(one["cases"]) > 1:
                last = report
        ran += 1
    assert ran > 10 and last, ran
    # A schema that takes anything would prove nothing.
    for spoil in (lambda r: r.pop("packets"), lambda r: r.update(schema_version=2),
                  lambda r: r["packets"][0].pop("state"),
                  lambda r: r["packets"][0]["steps"][0].update(hook="somewhere"),
                  lambda r: r["packets"][0]["cases"][0]["conditions"][0].pop("holds")):
        spoiled = copy.deepcopy(last)
        spoil(spoiled)
        assert not validator.is_valid(spoiled), "a spoiled report is taken as valid"
    print(f"{ran} reports are valid")


if __name__ == "__main__":
    main()
