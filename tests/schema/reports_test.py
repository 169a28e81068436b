#!/usr/bin/env python3
"""What a command with `--output json` really prints validates against docs/schema/COMMAND.schema.json,
for every golden case, and says what its exit status says.

usage: reports_test.py COMMAND UNTRACK SOURCE_DIR
"""

import copy
import dataclasses
import json
import pathlib
import subprocess
import sys
from typing import Callable

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)


def check_explained(report, status, where):
    del status
    for one in report["packets"]:
        verdicts = {case["verdict"] for case in one["cases"]}
        assert one["verdict"] in verdicts or not one["has_all_cases"], (where, one["text"])
        for step in one["steps"]:
            assert step["matched"] == (not step["failed"]), (where, step)
    return any(len(one["cases"]) > 1 for one in report["packets"])


def check_difference(report, status, where):
    if status != 3:
        assert (status == 0) == report["equivalent"], where
    for decision in report["decisions"]:
        # What was accepted anew was refused before, and so on: the witness shows it.
        before, after = decision["before"]["decision"], decision["after"]["decision"]
        refused = ("drop", "reject", "elsewhere")
        assert decision["change"] != "accepted" or (before in refused and after == "accept"), where
        assert decision["change"] != "refused" or (before != "drop" and after in refused), where
    return bool(report["decisions"])


def check_rechecked(report, status, where):
    results = [claim["result"] for one in report["families"].values() for claim in one["claims"]]
    assert (status == 0) == report["rechecked"], where
    assert (status == 1) == bool(report["refused"] or "refused" in results), where
    return bool(results)


def check_certificate(report, status, where):
    assert (status == 0) == report["proven"], where
    for one in report["certificate"].values():
        failed = [o for o in one["obligations"] if o["status"] == "failed"]
        assert not (failed and one["holds"]), where
        for exposed in one["exposure"]:
            # What accepts the packet that is shown is a cause, and every cause is of the rewrite.
            after = {key: exposed["after"][key] for key in ("location", "policy_of")}
            named = any(value is not None for value in after.values())
            if exposed["after"]["decision"] == "accept" and named:
                assert after in exposed["caused_by"], (where, exposed)
            for cause in exposed["caused_by"]:
                assert cause["location"] is None or cause["location"]["path"] in {
                    s["path"] for s in report["sources"] if s["side"] == "rewritten"}, where
    return status == 1 and any(one["exposure"] for one in report["certificate"].values())


def check_rewritten(report, status, where):
    outcomes = {one["outcome"] for one in report["families"].values()}
    if status != 3:
        assert (status == 1) == ("refused" in outcomes), where
    changed = [one for one in report["files"] if one["changed"]]
    assert bool(changed) == ("rewritten" in outcomes), where
    for one in report["families"].values():
        if one["outcome"] != "rewritten":
            assert one["rules_before"] == one["rules_after"] or one["why"], where
            # A text that was found and refused fails something, and a failure has its packet.
            assert not one["unmet"] or one["outcome"] == "refused", where
            assert not [o for o in one["unmet"] if o["status"] == "failed" and not o["witness"]], where
            continue
        certificate = one["certificate"]
        assert certificate["holds"] and certificate["tracked_before"], where
        assert certificate["mode"] == report["mode"], where
        assert certificate["tracked_after"] == (report["mode"] == "notrack"), where
        assert not [o for o in certificate["obligations"] if o["status"] == "failed"], where
    return "rewritten" in outcomes


def first_rewritten(report):
    return next(one for one in report["families"].values() if one["outcome"] == "rewritten")


def first_exposed(report):
    return next(one for one in report["certificate"].values() if one["exposure"])


@dataclasses.dataclass
class Command:
    """What is asked of the reports of one command."""
    statuses: tuple  # that a golden case may end with
    least: int       # reports
    # Asserts of a report, its exit status and its place what no schema can say; whether it has
    # every part that `spoils` takes away.
    check: Callable
    spoils: tuple    # each makes such a report invalid


COMMANDS = {
    "explain": Command(
        (0, 2, 3), 11, check_explained,
        (lambda r: r.pop("packets"),
         lambda r: r["packets"][0].pop("state"),
         lambda r: r["packets"][0]["steps"][0].update(hook="somewhere"),
         lambda r: r["packets"][0]["cases"][0]["conditions"][0].pop("holds"))),
    "diff": Command(
        (0, 1, 2, 3), 5, check_difference,
        (lambda r: r.pop("decisions"),
         lambda r: r["decisions"][0].pop("witness"),
         lambda r: r["decisions"][0].update(change="gone"))),
    "verify": Command(
        (0, 1, 2, 3), 16, check_certificate,
        (lambda r: r.pop("certificate"),
         lambda r: first_exposed(r)["obligations"].pop(),
         lambda r: first_exposed(r)["exposure"][0].pop("witness"),
         lambda r: first_exposed(r)["exposure"][0].pop("caused_by"),
         lambda r: first_exposed(r)["exposure"][0]["caused_by"][0].update(policy_of="INPUT"))),
    "recheck": Command(
        (0, 1, 2, 3), 6, check_rechecked,
        (lambda r: r.pop("families"),
         lambda r: r["families"]["ipv4"]["claims"][0].update(result="sure"),
         lambda r: r["families"]["ipv4"]["claims"][0].pop("why"),
         lambda r: r.update(mode="other"))),
    "rewrite": Command(
        (0, 1, 2, 3), 20, check_rewritten,
        (lambda r: r.pop("mode"),
         lambda r: r["files"][0].pop("text"),
         lambda r: r["files"][0].update(changed=not r["files"][0]["changed"]),
         lambda r: first_rewritten(r).update(certificate=None),
         lambda r: first_rewritten(r).update(outcome="refused"),
         lambda r: first_rewritten(r)["certificate"].update(holds=False),
         lambda r: first_rewritten(r)["certificate"]["obligations"].pop())),
}


def reports(name, untrack, source):
    """(directory of the case, exit status, report), for those that print one"""
    for args in sorted((source / "tests/cases" / name).glob("*/args")):
        words = args.read_text().splitlines()
        if "--output" in words:
            words[words.index("--output") + 1] = "json"
        else:
            words += ["--output", "json"]
        # Nothing is written over a golden case.
        for option in ("--in-place", "--to"):
            if option in words and name == "rewrite":
                at = words.index(option)
                del words[at:at + (1 if option == "--in-place" else 2)]
        stdin = args.parent / "stdin"
        done = subprocess.run([untrack, *words], cwd=args.parent, capture_output=True, check=False,
                              input=stdin.read_bytes() if stdin.exists() else b"")
        assert done.returncode in COMMANDS[name].statuses, (args.parent, done)
        assert all(byte < 0x80 for byte in done.stdout), f"{args.parent}: not ASCII"
        if not done.stdout:
            assert done.stderr, args.parent
            continue
        yield args.parent, done.returncode, json.loads(done.stdout)


def main():
    name, untrack, source = sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3])
    command = COMMANDS[name]
    schema = json.loads((source / f"docs/schema/{name}.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    ran = 0
    last = None
    for where, status, report in reports(name, untrack, source):
        errors = [f"{where}: {e.json_path}: {e.message}" for e in validator.iter_errors(report)]
        assert not errors, "\n".join(errors)
        if command.check(report, status, where):
            last = report
        ran += 1
    assert ran >= command.least and last, ran
    # A schema that takes anything would prove nothing.
    for spoil in (lambda r: r.update(schema_version=2), *command.spoils):
        spoiled = copy.deepcopy(last)
        spoil(spoiled)
        assert not validator.is_valid(spoiled), "a spoiled report is taken as valid"
    print(f"{ran} reports are valid")


if __name__ == "__main__":
    main()
