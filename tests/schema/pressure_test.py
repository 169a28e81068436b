#!/usr/bin/env python3
"""What `untrack pressure --output json` really prints validates against
docs/schema/pressure.schema.json, for every golden case, and its numbers agree with one another.

usage: pressure_test.py UNTRACK SOURCE_DIR
"""

import copy
import json
import math
import pathlib
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)


def check_numbers(report):
    """The formulas of docs/pressure.md, from the numbers that the report itself gives."""
    table = report["table"]
    inputs = {row["name"]: row["value"] for row in report["inputs"]}
    assert table["max"] == inputs["max"] and table["buckets"] == inputs["buckets"]
    entry = inputs["entry_bytes_with_extension" if inputs["extension_used"] else "entry_bytes"]
    of = inputs["extension_of"]
    assert of in ("no entry", "entries that rules match", "every entry"), of
    assert inputs["extension_used"] == (of != "no entry"), of
    assert table["bytes_entries_when_full"] == table["max"] * entry, table
    assert math.isclose(table["mean_depth_when_full"], 2 * table["max"] / table["buckets"],
                        rel_tol=1e-5), table
    loads = [s for s in report["scenarios"] if s["kind"] == "load" and s["name"] != "load_again"]
    if loads:
        assert abs(sum(s["entries"] for s in loads) - table["entries"]) <= len(loads), loads
    for load in loads:
        expected = load["rate"] * load["lifetime"]
        assert abs(expected - load["entries"]) <= 1 + 1e-5 * expected, load
    free = max(0, table["max"] - (table["entries"] or 0))
    for flood in (s for s in report["scenarios"] if s["kind"] == "flood"):
        fills = free / flood["rate"] <= flood["lifetime"]
        assert fills == (flood["outcome"] == "fills") == (flood["seconds_to_full"] is not None), flood
        if fills:
            assert math.isclose(flood["seconds_to_full"], free / flood["rate"], rel_tol=1e-5), flood
    assert [c["chosen"] for c in report["depth_choices"]].count(True) == 1


def main():
    untrack, source = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    schema = json.loads((source / "docs/schema/pressure.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    ran = computed = 0
    last = None
    for args in sorted((source / "tests/cases/pressure").glob("**/args")):
        words = args.read_text().splitlines()
        if "json" not in words:
            words += ["--output", "json"]
        stdin = args.parent / "stdin"
        done = subprocess.run([untrack, *words], cwd=args.parent, capture_output=True, check=False,
                              input=stdin.read_bytes() if stdin.exists() else b"")
        assert done.returncode in (0, 1, 2, 3), (args.parent, done)
        assert all(byte < 0x80 for byte in done.stdout), f"{args.parent}: not ASCII"
        if not done.stdout:
            assert done.stderr, args.parent
            continue
        report = json.loads(done.stdout)
        errors = [f"{args.parent}: {e.json_path}: {e.message}"
                  for e in validator.iter_errors(report)]
        assert not errors, "\n".join(errors)
        ran += 1
        if "inputs" in report:
            check_numbers(report)
            computed += 1
            last = report
    assert computed > 20, computed
    # A schema that takes anything would prove nothing.
    for spoil in (lambda r: r.pop("table"), lambda r: r["inputs"][0].pop("origin"),
                  lambda r: r["table"].update(max="many"), lambda r: r.pop("sources"),
                  lambda r: r["scenarios"][0].update(rate=0), lambda r: r.update(schema_version=2)):
        spoiled = copy.deepcopy(last)
        spoil(spoiled)
        assert not validator.is_valid(spoiled), "a spoiled report is taken as valid"
    print(f"{ran} reports are valid, the numbers of {computed} agree")


if __name__ == "__main__":
    main()
