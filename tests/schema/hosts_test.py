#!/usr/bin/env python3
"""What `untrack audit --hosts` prints as JSON validates against docs/schema/audit-hosts.schema.json for
every golden case, its table says what its audits say, and each audit is that of the host alone; the
other forms tell of the same findings; baselines and suppressions are what they should be. Usage: hosts_test.py UNTRACK SOURCE_DIR"""
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)

FORMS = ("json", "sarif", "gitlab", "junit", "checkstyle", "rdjsonl", "markdown")
SEVERITIES = {"error": "errors", "warning": "warnings", "note": "notes"}


class Validator:
    """The schema of the document, and that of an audit for each audit in it."""

    def __init__(self, source):
        many = json.loads((source / "docs/schema/audit-hosts.schema.json").read_text())
        audit = many["properties"]["hosts"]["items"]["properties"]["audit"]
        assert audit["anyOf"][0] == {"$ref": "audit.schema.json"}
        audit["anyOf"][0] = {"type": "object"}
        assert many["properties"]["hosts"]["items"]["properties"]["diff"].pop("$ref") == "diff.schema.json"
        self.diff = jsonschema.Draft202012Validator(
            json.loads((source / "docs/schema/diff.schema.json").read_text()))
        self.many = jsonschema.Draft202012Validator(many)
        self.one = jsonschema.Draft202012Validator(
            json.loads((source / "docs/schema/audit.schema.json").read_text()))

    def errors(self, document):
        yield from self.many.iter_errors(document)
        for each in document["hosts"]:
            if each["audit"] is not None:
                yield from self.one.iter_errors(each["audit"])
            if "diff" in each:
                yield from self.diff.iter_errors(each["diff"])


def check_table(document):
    assert [row["host"] for row in document["table"]] == [each["host"] for each in document["hosts"]]
    for row, each in zip(document["table"], document["hosts"]):
        audit = each["audit"]
        assert row["is_readable"] == (audit is not None) == (not each["unreadable"]), each
        if audit is None:
            continue
        counts = collections.Counter(f["severity"] for f in audit["findings"] if not f["suppressed"])
        for severity, key in SEVERITIES.items():
            assert row[key] == counts[severity], (row, counts)
        assert row["suppressed"] == sum(f["suppressed"] for f in audit["findings"])
        needs = collections.Counter(flow["need"] for flow in audit["flows"])
        for need in ("free", "priced", "bound"):
            assert row["flows"][need] == needs[need], (row, needs)


def check_forms(texts, document):
    findings = [f for each in document["hosts"] if each["audit"] for f in each["audit"]["findings"]]
    counted = [f for f in findings if not f["suppressed"]]
    codes = collections.Counter(f["code"] for f in counted)
    run, = json.loads(texts["sarif"])["runs"]
    assert collections.Counter(r["ruleId"] for r in run["results"] if "suppressions" not in r) == codes
    assert len(run["results"]) == len(findings)
    gitlab = json.loads(texts["gitlab"])
    assert collections.Counter(g["check_name"].split()[0] for g in gitlab) == codes
    assert len({g["fingerprint"] for g in gitlab}) == len(gitlab), "fingerprints are not unique"
    errors = ElementTree.fromstring(texts["checkstyle"]).findall("./file/error")
    assert len(errors) == len(counted)
    assert len(texts["rdjsonl"].splitlines()) == len(counted)
    suites = ElementTree.fromstring(texts["junit"])
    bad = sum(not (row["is_readable"] and row["is_fully_understood"]) for row in document["table"])
    assert sum(int(suite.get("errors")) for suite in suites) == bad
    for row in document["table"]:
        assert not re.fullmatch(r"[\w./,-]+", row["host"]) or texts["markdown"].count("| " + row["host"] + " |") == 1, row["host"]


def sarif_of(untrack, directory, *words):
    done = subprocess.run([untrack, "audit", *words, "--output", "sarif"], cwd=directory, capture_output=True,
                          check=False)
    run, = json.loads(done.stdout)["runs"]
    return run["results"]


def check_suppressions(untrack, cases):
    """What SARIF says of findings that a comment ignores, that are off, and that a baseline knows."""
    ignored = [r for r in sarif_of(untrack, cases / "ignores-json", "web.v4") if "suppressions" in r]
    told = [(s["kind"], s["justification"], s["location"]["physicalLocation"]["region"]["startLine"])
            for r in ignored for s in r["suppressions"]]
    assert told == [("inSource", "known", 5)], told
    assert not any("baselineState" in r for r in ignored)
    off = [s for r in sarif_of(untrack, cases / "config-severities", "repo/web.v4")
           for s in r.get("suppressions", [])]
    assert [(s["kind"], s["justification"]) for s in off] == [("external", "off in repo/untrack.toml:4")], off
    known = sarif_of(untrack, cases / "baseline-known", "web.v4", "--baseline", "known.json")
    states = sorted((r["baselineState"], [s["kind"] for s in r.get("suppressions", [])]) for r in known)
    # Two of the three that the baseline knows no longer occur.
    assert states == [("absent", []), ("absent", []), ("new", []), ("unchanged", ["external"])], states


def check_baselines(untrack, source):
    """A baseline is what its schema says, silences what it was written from, and nothing that was added."""
    schema = jsonschema.Draft202012Validator(json.loads((source / "docs/schema/baseline.schema.json").read_text()))
    count = 0
    for args in sorted((source / "tests/cases/audit").glob("UT*/*/args")):
        words = args.read_text().splitlines()
        if "--output" in words:  # which form is asked for here
            place = words.index("--output")
            del words[place:place + 2]
        with tempfile.TemporaryDirectory() as folder:
            known = f"{folder}/known.json"
            wrote = subprocess.run([untrack, *words, "--write-baseline", known], cwd=args.parent,
                                   capture_output=True, check=False)
            if wrote.returncode == 2:
                continue
            entries = json.loads(pathlib.Path(known).read_text())
            errors = [e.message for e in schema.iter_errors(entries)]
            assert not errors, (args, errors)
            again = subprocess.run([untrack, *words, "--baseline", known, "--output", "json"],
                                   cwd=args.parent, capture_output=True, check=False)
            report = json.loads(again.stdout)
            left = {f["code"] for f in report["findings"] if not f["suppressed"]}
            assert left <= {"UT101", "UT104", "UT105", "UT901", "UT902"}, (args, left)
            assert report["baseline"]["gone"] == [], args
            assert wrote.returncode in (0, 3), (args, wrote)
            assert (wrote.returncode == 3) == (again.returncode == 3), args
            count += len(entries["baseline"])
    assert count > 100, count
    return count


def alone(untrack, directory, words, host):
    """The audit of a host that was named by its path."""
    rest = [word for word in words[1:] if word.startswith("--") and word not in ("--hosts", "--only-table")]
    done = subprocess.run([untrack, "audit", *rest, "--output", "json", host], cwd=directory,
                          capture_output=True, check=False)
    audit = json.loads(done.stdout)
    audit.pop("next", None)  # commands for one host
    return audit


def main():
    untrack, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    validator = Validator(source)
    count = compared = 0
    for args in sorted((source / "tests/cases/hosts").glob("**/args")):
        words = args.read_text().splitlines()
        if "--output" in words or any(word.startswith("--show") for word in words):
            continue
        with tempfile.TemporaryDirectory() as folder:
            command = [untrack, *words]
            for form in FORMS:
                command += ["--output", f"{form}={folder}/{form}"]
            done = subprocess.run(command, cwd=args.parent, capture_output=True, check=False)
            if done.returncode == 2:
                continue
            texts = {form: (pathlib.Path(folder) / form).read_text() for form in FORMS}
        document = json.loads(texts["json"])
        errors = [f"{args}: {e.json_path}: {e.message}" for e in validator.errors(document)]
        assert not errors, "\n".join(errors)
        check_table(document)
        check_forms(texts, document)
        count += 1
        for each in document["hosts"]:
            if (args.parent / each["host"]).exists() and len(words) == 3:
                assert each["audit"] == alone(untrack, args.parent, words, each["host"]), each["host"]
                compared += 1
    assert count > 3 and compared > 1, (count, compared)
    spoiled = dict(document, table=[{}])
    assert list(validator.errors(spoiled))
    check_suppressions(untrack, source / "tests/cases/lint")
    known = check_baselines(untrack, source)
    print(f"{known} findings in baselines; {count} documents valid, {compared} audits as of the host alone")


main()
