#!/usr/bin/env python3
"""Counts what ctest wrote (--output-junit). A test is skipped only if it said so itself (exit status
77, or GoogleTest's skip); one that did not run for any other reason has failed.
Usage: tally.py --suite NAME SECONDS FILE | --total FILES. Exit status 1: something failed, nothing
passed, or while UNTRACK_LAB=required a test of the suite lab was skipped."""
import os
import sys
import xml.etree.ElementTree


def count(path):
    passed, failed, skipped = 0, [], []
    for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
        skip = case.find("skipped")
        if case.get("status") == "run" and case.find("failure") is None and skip is None:
            passed += 1
        elif skip is not None and skip.get("message", "").startswith("SKIP_"):
            said = (case.findtext("system-out") or "").strip().splitlines()
            skipped.append((case.get("name"), said[-1] if said else "no reason given"))
        else:
            failed.append(case.get("name"))
    return passed, failed, skipped


def main(words):
    mode, files = words[0], words[3:] if words[0] == "--suite" else words[1:]
    passed, failed, skipped, not_asked = 0, [], [], False
    for path in files:
        if not os.path.exists(path):
            failed.append(path + " was not written")
            continue
        counts = count(path)
        passed, failed, skipped = passed + counts[0], failed + counts[1], skipped + counts[2]
        not_asked |= bool(counts[2]) and path.endswith("check-lab.xml")
    line = f"{passed} passed, {len(failed)} failed, {len(skipped)} skipped"
    if mode == "--suite":
        print(f"   {words[1]}: {line} in {words[2]} s")
        for name, reason in skipped:
            print(f"   skipped {name}: {reason}")
    for name in failed:
        print(f"   failed  {name}")
    is_bad = bool(failed) or not passed
    if not_asked and os.environ.get("UNTRACK_LAB") == "required":
        print("   the kernel was not asked, and UNTRACK_LAB=required: that counts as a failure")
        is_bad = True
    if mode == "--total":
        print(line)
    return 1 if is_bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
