"""Every certificate of the golden cases and of the samples is rechecked, and certificates.txt says what
came of each claim: a claim that is not rechecked any more is a difference, as is one that now is. None
may be refused. certificates.py UNTRACK [STEP]: of the cases and samples, one in STEP. UPDATE=1 writes the file."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:  # then the certificates are not held against their schema
    jsonschema = None

ROOT = pathlib.Path(__file__).resolve().parents[2]
if jsonschema is not None:
    VALIDATOR = jsonschema.Draft202012Validator(
        json.loads((ROOT / "docs/schema/certificate.schema.json").read_text()))
EXPECTED = pathlib.Path(__file__).parent / "certificates.txt"
SHORT = {"rechecked": "rechecked", "not_rechecked": "NOT RECHECKED", "refused": "REFUSED", "no_claim": "-"}


def run(untrack, arguments, folder, text=""):
    # Of a program that is spoiled (tests/mutation): in which way; of one that has sanitizers: how they are set.
    environment = {name: value for name, value in os.environ.items()
                   if name == "PATH" or "MUTATION" in name or name.endswith("SAN_OPTIONS")}
    environment["NO_COLOR"] = "1"
    return subprocess.run([untrack, *arguments], cwd=folder, input=text, text=True, capture_output=True,
                          env=environment, timeout=300)


def wishes():
    """(name, folder that is copied or None, arguments, standard input)"""
    for kind in ("verify", "rewrite"):
        for case in sorted((ROOT / "tests/cases" / kind).iterdir()):
            arguments = (case / "args").read_text().splitlines()
            if arguments[:1] not in (["verify"], ["rewrite"]) or "--in-place" in arguments:
                continue
            given = (case / "stdin").read_text() if (case / "stdin").exists() else ""
            yield f"{kind}/{case.name}", case, arguments, given
    for sample in sorted((ROOT / "samples").iterdir()):
        if sample.suffix not in (".rules", ".nft", ".sh") or ".v6" in sample.name:
            continue
        names = [sample.name]
        if ".v4" in sample.name:
            names.append(sample.name.replace(".v4", ".v6"))
        for mode in ("stateless", "notrack"):
            yield (f"samples/{sample.name} {mode}", ROOT / "samples", ["rewrite", "--mode", mode, *names], "")


def rows(untrack, asked):
    for name, folder, arguments, given in asked:
        with tempfile.TemporaryDirectory() as scratch:
            place = pathlib.Path(scratch) / "case"
            shutil.copytree(folder, place)
            made = run(untrack, [*arguments, "--certificate", "certificate.json"], place, given)
            if not (place / "certificate.json").exists():
                yield f"{name}: no certificate, exit status {made.returncode}"
                continue
            check_schema(place / "certificate.json")
            said = run(untrack, ["recheck", "certificate.json", "--output", "json"], place)
            if said.returncode not in (0, 1, 3):
                raise SystemExit(f"{name}: recheck ended with {said.returncode}\n{said.stderr}")
            report = json.loads(said.stdout)
            if report["why_not"]:
                yield f"{name}: NOT RECHECKED: {report['why_not']}"
            for why in report["refused"]:
                yield f"{name}: REFUSED: {why}"
            for family, judged in report["families"].items():
                for claim in judged["claims"]:
                    if claim["id"] == "O5" and claim["result"] == "no_claim":
                        continue
                    text = f"{name} {family} {claim['id']} {claim['claimed']}: {SHORT[claim['result']]}"
                    if claim["result"] in ("not_rechecked", "refused"):
                        text += f": {claim['why']}"
                    yield text


def check_schema(path):
    if jsonschema is None:
        return
    errors = [error.message for error in VALIDATOR.iter_errors(json.loads(path.read_text()))]
    assert not errors, (path, errors)


def example(untrack):
    """The certificate that the documents show is the one that is written today."""
    path = ROOT / "docs/examples/web-server.certificate.json"
    with tempfile.TemporaryDirectory() as scratch:
        made = pathlib.Path(scratch) / "certificate.json"
        run(untrack, ["rewrite", "--mode", "stateless", "samples/web-server.rules", "--certificate",
                      str(made)], ROOT)
        text = made.read_text()
    if os.environ.get("UPDATE"):
        path.write_text(text)
    elif text != path.read_text():
        raise SystemExit(f"{path} is not what the program writes; UPDATE=1 writes it")


def counts(lines):
    done = sum(line.endswith(": rechecked") for line in lines)
    open_claims = sum(": NOT RECHECKED" in line for line in lines)
    refused = sum(": REFUSED" in line for line in lines)
    return f"# {done} claims rechecked, {open_claims} not, {refused} refused"


def is_of(line, asked):
    """Every line begins with the name of one, behind which stands a colon or a family."""
    return any(line.startswith((f"{name}: ", f"{name} ipv")) for name, *_ in asked)


def main():
    untrack = str(pathlib.Path(sys.argv[1]).resolve())
    example(untrack)
    step = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    asked = list(wishes())[::step]
    lines = list(rows(untrack, asked))
    lines.insert(0, counts(lines))
    text = "\n".join(lines) + "\n"
    print(lines[0])
    for line in lines:
        if ": REFUSED" in line:
            print(line)
    if os.environ.get("UPDATE") and step == 1:
        EXPECTED.write_text(text)
        return
    if not lines[0].endswith(" 0 refused"):
        raise SystemExit("a certificate of this program is refused")
    expected = EXPECTED.read_text() if EXPECTED.exists() else ""
    if step != 1:
        expected = "".join(line for line in expected.splitlines(True) if is_of(line, asked))
        expected = counts(expected.splitlines()) + "\n" + expected
    if text != expected:
        import difflib
        sys.stdout.writelines(difflib.unified_diff(expected.splitlines(True), text.splitlines(True),
                                                   "certificates.txt", "what came out"))
        raise SystemExit("other claims are rechecked than before; read the difference, then UPDATE=1")


if __name__ == "__main__":
    main()
