"""The forms of `untrack audit` for other programs, of every case and sample: each is what its program
reads, tells of every finding of the JSON report, and holds nothing that would run, link or colour there.
SARIF is judged by Microsoft's validator where it is installed (sarif-multitool in PATH, or named by
UNTRACK_SARIF_MULTITOOL); how often is printed. Usage: formats_test.py UNTRACK SOURCE"""
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
import xml.etree.ElementTree as ElementTree

FORMS = ("json", "sarif", "github", "gitlab", "junit", "checkstyle", "rdjsonl", "markdown")
UNTRACK = str(pathlib.Path(sys.argv[1]).resolve())
SEVERITIES = ("note", "warning", "error")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def audits(source):
    """(directory, words) of every case that gives a report, and of the samples."""
    for args in sorted((source / "tests/cases/audit").glob("**/args")):
        words = args.read_text().splitlines()
        if "--output" not in words and (args.parent / "stdout.txt").exists():
            yield args.parent, words
    for sample in sorted((source / "samples").iterdir()):
        if sample.suffix in (".rules", ".nft"):
            yield sample.parent, ["audit", sample.name]


def written(directory, words, folder, given=b""):
    """Text of each form, all from one run."""
    command = [UNTRACK, *words]
    for form in FORMS:
        command += ["--output", f"{form}={folder}/{form}"]
    done = subprocess.run(command, cwd=directory, capture_output=True, check=False, input=given)
    assert done.returncode in (0, 1, 3), (directory, done)
    judge_understanding(done.returncode, pathlib.Path(folder) / "junit")
    return {form: (pathlib.Path(folder) / form).read_bytes().decode("utf-8") for form in FORMS}


def judge_understanding(status, junit):
    """A ruleset that is not understood is an error in JUnit, too: it must not look like one without faults."""
    errors = sum(int(suite.get("errors")) for suite in ElementTree.parse(junit).getroot())
    assert errors == (status == 3), (status, errors)


def counts_of(items):
    return collections.Counter(items)


def check_sarif(text, findings, directory):
    run, = json.loads(text)["runs"]
    rules = run["tool"]["driver"]["rules"]
    run["results"] = [result for result in run["results"] if result.get("baselineState") != "absent"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"], result
        for place in (*result["locations"], *result.get("relatedLocations", ())):
            uri = place["physicalLocation"]["artifactLocation"]["uri"]
            assert re.fullmatch(r"[A-Za-z0-9%._~/-]+", uri), uri
            check_region(place["physicalLocation"]["region"], directory / urllib.parse.unquote(uri))
    prints = [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]
    assert len(set(prints)) == len(prints), "fingerprints are not unique"
    told = counts_of((r["ruleId"], r["level"]) for r in run["results"])
    assert told == counts_of((f["code"], f["severity"]) for f in findings), directory


def check_region(region, path):
    """The snippet is what stands there: lines and columns are those of the file."""
    if not path.is_file():
        return
    lines = path.read_bytes().decode("utf-8", "replace").split("\n")
    first, last = region["startLine"] - 1, region["endLine"] - 1
    if first != last:
        return
    line = lines[first] if first < len(lines) else ""
    there = line[region["startColumn"] - 1:region["endColumn"] - 1]
    assert there == region["snippet"]["text"].rstrip("\n"), (path, region, there)


def check_github(text, findings):
    assert not CONTROL.search(text)
    kinds = counts_of(re.findall(r"^::(error|warning|notice) file=[^:]*::", text, re.M))
    for severity, kind in (("error", "error"), ("warning", "warning"), ("note", "notice")):
        count = sum(f["severity"] == severity for f in findings)
        assert kinds[kind] == min(count, 10), (kinds, count)
    assert len(re.findall(r": (?:error|warning|note)\[UT\d+\]: ", text)) == len(findings) - sum(kinds.values())


def check_gitlab(text, findings):
    places = json.loads(text)
    assert len(places) == len(findings)
    for place in places:
        assert set(place) == {"description", "check_name", "fingerprint", "severity", "location"}, place
        assert place["severity"] in ("info", "minor", "major"), place
        assert not place["location"]["path"].startswith("./") and place["location"]["lines"]["begin"] >= 1
    assert len({place["fingerprint"] for place in places}) == len(places)


def check_xml(checkstyle, junit, findings, fail_on):
    errors = ElementTree.fromstring(checkstyle).findall("./file/error")
    told = counts_of(e.get("source").removeprefix("untrack.") for e in errors)
    assert told == counts_of(f["code"] for f in findings)
    suites = ElementTree.fromstring(junit)
    failed = {(suite.get("name"), case.get("name").split()[0]) for suite in suites
              for case in suite.findall("testcase") if case.find("failure") is not None}
    wanted = {(f["location"]["path"].removeprefix("./").replace("-", "stdin", f["location"]["path"] == "-"),
               f["code"]) for f in findings if SEVERITIES.index(f["severity"]) >= SEVERITIES.index(fail_on)}
    assert failed == wanted, (failed, wanted)
    for suite in suites:
        assert int(suite.get("failures")) == len(suite.findall("testcase/failure"))
        assert int(suite.get("tests")) == len(suite.findall("testcase"))


def check_rdjsonl(text, findings):
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["code"]["value"] for line in lines] == [f["code"] for f in findings]
    for line, finding in zip(lines, findings):
        start = line["location"]["range"]["start"]
        assert (start["line"], start["column"]) == (finding["location"]["line"], finding["location"]["column"])


def check_markdown(text):
    assert not CONTROL.search(text)
    allowed = re.sub(r"</?(code|details|summary)>|<br>", "", text)
    assert "<" not in allowed and "](" not in text and "`" not in text, text
    for table in re.findall(r"(?:^\|.*\n)+", text, re.M):
        assert len({line.count("|") for line in table.splitlines()}) == 1, table


def check_all(forms, directory, fail_on):
    findings = json.loads(forms["json"])["findings"]
    check_sarif(forms["sarif"], findings, directory)
    hidden = [bool(r.get("suppressions")) for r in json.loads(forms["sarif"])["runs"][0]["results"]]
    assert sum(hidden) == sum(f["suppressed"] for f in findings), directory
    # What is suppressed is in JSON and SARIF alone.
    findings = [f for f in findings if not f["suppressed"]]
    check_github(forms["github"], findings)
    check_gitlab(forms["gitlab"], findings)
    check_xml(forms["checkstyle"], forms["junit"], findings, fail_on)
    check_rdjsonl(forms["rdjsonl"], findings)
    check_markdown(forms["markdown"])
    return findings


def check_moved_lines(folder):
    """A fingerprint is the same when lines come and go in front of its place, and another elsewhere."""
    def prints(text):
        path = pathlib.Path(folder) / "moved.rules"
        path.write_text(text)
        forms = written(folder, ["audit", "moved.rules"], folder)
        return [place["fingerprint"] for place in json.loads(forms["gitlab"])]
    rule = "-A INPUT -m state --state NEW -j ACCEPT\n"
    frame = "*filter\n:INPUT DROP [0:0]\n{}COMMIT\n"
    one = prints(frame.format(rule))
    assert one and prints("# a comment\n\n" + frame.format(rule)) == one
    assert set(one) < set(prints(frame.format(rule + rule.replace("NEW", "ESTABLISHED"))))
    twice = prints(frame.format(rule + rule))
    assert len(set(twice)) == len(twice) and set(one) < set(twice)


def check_baseline(folder):
    """One finding known and there, one new, one gone; with the same fingerprints. Returns the log."""
    frame = "*filter\n:INPUT DROP [0:0]\n{}COMMIT\n"
    state = "-A INPUT -m conntrack --ctstate {} -j ACCEPT\n"
    path = pathlib.Path(folder) / "known.rules"
    def log(*words):
        done = subprocess.run([UNTRACK, "audit", path.name, "--no-config", *words, "--output", "sarif"], cwd=folder,
                              capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1), done
        return done.stdout
    def prints(text, *states):
        results = json.loads(text)["runs"][0]["results"]
        return {r["partialFingerprints"]["primaryLocationLineHash"] for r in results
                if r["ruleId"] == "UT301" and (not states or r.get("baselineState") in states)}
    path.write_text(frame.format(state.format("ESTABLISHED") + state.format("NEW")))
    before = log("--write-baseline", "known.json")
    assert "baselineState" not in before and len(prints(before)) == 2
    path.write_text(frame.format(state.format("NEW") + state.format("INVALID")))
    after = log("--baseline", "known.json")
    known, new, gone = (prints(after, word) for word in ("unchanged", "new", "absent"))
    assert len(known) == len(new) == len(gone) == 1, (known, new, gone)
    assert known | gone == prints(before) and known | new == prints(log())
    run = json.loads(after)["runs"][0]
    for result in run["results"]:
        rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"], result
        assert result["level"] == ("error" if rule["id"] == "UT301" else "note"), result
    # Of one host its verdict is a notice, known or not: what was not understood is a result.
    path.write_text(frame.format("-A INPUT -m unheard-of -j ACCEPT\n"))
    done = subprocess.run([UNTRACK, "audit", path.name, "--no-config", "--output", "sarif"], cwd=folder,
                          capture_output=True, text=True, check=False)
    notices = json.loads(done.stdout)["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert [notice["level"] for notice in notices] == ["note"], notices
    return after


def check_diffs(source):
    """Markdown of every case of diff that gives a report."""
    count = 0
    for args in sorted((source / "tests/cases/diff").glob("**/args")):
        words = args.read_text().splitlines()
        if "--output" in words or not (args.parent / "stdout.txt").exists():
            continue
        done = subprocess.run([UNTRACK, *words, "--output", "markdown"], cwd=args.parent, capture_output=True,
                              check=False)
        assert done.returncode in (0, 1, 3), (args, done)
        check_markdown(done.stdout.decode("utf-8"))
        count += 1
    assert count > 10
    return count


def judge_sarif(texts, folder):
    """How many logs Microsoft's validator found nothing wrong in."""
    tool = os.environ.get("UNTRACK_SARIF_MULTITOOL") or shutil.which("sarif-multitool")
    if not tool:
        return "not judged by sarif-multitool, which is not here"
    for number, text in enumerate(texts):
        (pathlib.Path(folder) / f"{number}.sarif").write_text(text)
    done = subprocess.run([tool, "validate", f"{folder}/*.sarif"], capture_output=True, text=True, check=False)
    # informationUri: there is no page to name yet.
    faults = [line for line in done.stdout.splitlines()
              if re.search(r": (error|warning) ", line) and "SARIF2005" not in line]
    assert not faults and "Analysis completed successfully" in done.stdout, "\n".join(faults) or done.stdout
    return f"{len(texts)} judged by sarif-multitool"


def main():
    source = pathlib.Path(sys.argv[2])
    logs, with_findings = [], 0
    with tempfile.TemporaryDirectory() as folder:
        for directory, words in audits(source):
            given = directory / "stdin"
            fail_on = words[words.index("--fail-on") + 1] if "--fail-on" in words else "error"
            forms = written(directory, words, folder, given.read_bytes() if given.exists() else b"")
            with_findings += bool(check_all(forms, directory, fail_on))
            logs.append(forms["sarif"])
        check_moved_lines(folder)
        logs.insert(0, check_baseline(folder))
        clean = json.loads(logs[-1])["runs"][0]
        assert len(clean["tool"]["driver"]["rules"]) > 20
        judged = judge_sarif(logs, folder)
    diffs = check_diffs(source)
    assert with_findings > 20 and with_findings < len(logs)
    print(f"{len(logs)} audits in {len(FORMS)} forms, {diffs} diffs in Markdown; {judged}")


main()
