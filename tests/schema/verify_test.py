#!/usr/bin/env python3
"""What `untrack verify --output json` really prints validates against
docs/schema/verify.schema.json, for every golden case.

usage: verify_test.py UNTRACK SOURCE_DIR
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
    schema = json.loads((source / "docs/schema/verify.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    ran = 0
    last = None
    for args in sorted((source / "tests/cases/verify").glob("*/args")):
        words = args.read_text().splitlines()
        if "json" not in words:
            words += ["--output", "json"]
        done = subprocess.run([untrack, *words], cwd=args.parent, capture_output=True, check=False)
        assert done.returncode in (0, 1, 2, 3), (args.parent, done)
        if not done.stdout:
            assert done.stderr, args.parent
            continue
        report = json.loads(done.stdout)
        errors = [f"{args.parent}: {e.json_path}: {e.message}"
                  for e in validator.iter_errors(report)]
        assert not errors, "\n".join(errors)
        assert (done.returncode == 0) == report["proven"], args.parent
        for one in report["certificate"].values():
            failed = [o for o in one["obligations"] if o["status"] == "failed"]
            assert not (failed and one["holds"]), args.parent
            if done.returncode == 1 and one["exposure"]:
                last = report
        ran += 1
    assert ran > 15 and last, ran
    # A schema that takes anything would prove nothing.
    for spoil in (lambda r: r.pop("certificate"), lambda r: r.update(schema_version=2),
                  lambda r: next(iter(r["certificate"].values()))["obligations"].pop(),
                  lambda r: next(iter(r["certificate"].values()))["exposure"][0].pop("witness")):
        spoiled = copy.deepcopy(last)
        spoil(spoiled)
        assert not validator.is_valid(spoiled), "a spoiled report is taken as valid"
    print(f"{ran} reports are valid")


if __name__ == "__main__":
    main()
