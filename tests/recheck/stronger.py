"""Every claim of the cases of `verify` that failed, or of which it is not known, called proven instead, has to be
refused or not rechecked: a recheck that says it holds would be as wrong as the claim. (Proven under none can be
true: where this host starts what it is asked to on --outbound alone, less is an answer.) stronger.txt names those that are not rechecked.
stronger.py UNTRACK [STEP]: of the cases, one in STEP. UPDATE=1 writes the file."""
import copy
import json
import os
import pathlib
import sys
import tempfile

from certificates import ROOT
from spoiled import Bench, CASES

EXPECTED = pathlib.Path(__file__).parent / "stronger.txt"


def result_of(bench, certificate, family, claim):
    said = bench.recheck(certificate, "--output", "json")
    if not said.stdout:
        raise SystemExit(said.stderr)
    families = json.loads(said.stdout)["families"] or {}
    return {row["id"]: row["result"] for row in families.get(family, {}).get("claims", ())}.get(claim, "no claim")


def main():
    untrack = str(pathlib.Path(sys.argv[1]).resolve())
    step = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    told, wrong, refused, asked = [], [], 0, set()
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(untrack, scratch)
        for case in sorted(CASES.iterdir())[::step]:
            words = (case / "args").read_text().splitlines()
            if case.name.startswith("usage-") or "--output" in words:
                continue
            asked.add(case.name)
            certificate = bench.made(*words, folder=case)
            for family, found in certificate["families"].items():
                for row in found["obligations"] if found else ():
                    is_open = row["status"] == "not_checked" and row["explanation"].startswith("not known: ")
                    if row["status"] != "failed" and not is_open:
                        continue
                    stronger = copy.deepcopy(certificate)
                    for claim in stronger["families"][family]["obligations"]:
                        if claim["id"] == row["id"]:
                            claim["status"] = "proven_under_assumptions"
                            claim["witness"] = None
                    result = result_of(bench, stronger, family, row["id"])
                    line = f"{case.name} {family} {row['id']}: {result}"
                    refused += result == "refused"
                    if result != "refused":
                        (wrong if result == "rechecked" else told).append(line)
    if wrong:
        raise SystemExit("called good although false:\n" + "\n".join(wrong))
    if refused < 30 // step:
        raise SystemExit(f"no more than {refused} claims were refused: the cases do not show much")
    if step != 1:  # how many are refused is known of all alone
        expected = [line for line in EXPECTED.read_text().splitlines() if line.split(" ")[0] in asked]
        if told != expected:
            raise SystemExit("\n".join(["of these it says otherwise:", *told, "in place of", *expected]))
        print(f"{refused} claims that do not hold, called proven, are refused; {len(told)} are not rechecked")
        return
    text = f"# {refused} refused\n" + "".join(line + "\n" for line in told)
    if os.environ.get("UPDATE"):
        EXPECTED.write_text(text)
    elif not EXPECTED.exists() or EXPECTED.read_text() != text:
        raise SystemExit(f"{EXPECTED.relative_to(ROOT)} says otherwise; UPDATE=1 writes it:\n{text}")
    print(f"{refused} claims that do not hold, called proven, are refused; {len(told)} are not rechecked")


if __name__ == "__main__":
    main()
