#!/usr/bin/env python3
"""What `untrack diff --output json` really prints validates against
docs/schema/diff.schema.json, for every golden case.

usage: diff_test.py UNTRACK SOURCE_DIR
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
    schema = json.loads((source / "docs/schema/diff.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    ran = 0
    last = None
    for args in sorted((source / "tests/cases/diff").glob("*/args")):
        words = args.read_text().splitlines()
        if "json" not in words:
            words += ["--output", "json"]
        done = subprocess.run([untrack, *words], cwd=args.parent, capture_output=True, check=False)
        if done.returncode == 2:
            assert done.stderr and not done.stdout, args.parent
            continue
        report = json.loads(done.stdout)
        errors = [f"{args.parent}: {e.json_path}: {e.message}"
                  for e in validator.iter_errors(report)]
        assert not errors, "\n".join(errors)
        if done.returncode != 3:
            assert (done.returncode == 0) == report["equivalent"], args.parent
        for decision in report["decisions"]:
            # What was accepted anew was refused before, and so on: the witness shows it.
            before, after = decision["before"]["decision"], decision["after"]["decision"]
            refused = ("drop", "reject", "elsewhere")
            assert decision["change"] != "accepted" or (before in refused and after == "accept")
            assert decision["change"] != "refused" or (before != "drop" and after in refused)
        if report["decisions"]:
            last = report
        ran += 1
    assert ran > 4 and last, ran
    # A schema that takes anything would prove nothing.
    for spoil in (lambda r: r.pop("decisions"), lambda r: r.update(schema_version=2),
                  lambda r: r["decisions"][0].pop("witness"),
                  lambda r: r["decisions"][0].update(change="gone")):
        spoiled = copy.deepcopy(last)
        spoil(spoiled)
        assert not validator.is_valid(spoiled), "a spoiled report is taken as valid"
    print(f"{ran} reports are valid")


if __name__ == "__main__":
    main()
