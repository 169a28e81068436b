"""Rewrites rulesets of others, and our samples, in both modes, and has each certificate checked again: none may
be refused, and of the claims that are followed at least nine of ten must be rechecked, the rest being too large.
Usage: recheck_test.py UNTRACK FOLDER EVERY; of the folder each EVERY-th ruleset is taken. Without the folder,
the samples alone."""
import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile

UNTRACK = os.path.abspath(sys.argv[1])
FOLDER = pathlib.Path(os.environ.get("UNTRACK_CORPUS", sys.argv[2]))
EVERY = int(sys.argv[3])
SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "samples"
SECONDS = 60


def rulesets():
    found = [path for path in sorted(SAMPLES.iterdir()) if path.suffix in (".rules", ".nft", ".sh")]
    if (FOLDER / "INDEX.tsv").exists():
        names = sorted(line.split("\t")[0] for line in (FOLDER / "INDEX.tsv").read_text().splitlines()[1:])
        found += [FOLDER / name for name in names[::EVERY]]
    return found


def claims_of(path, mode, directory):
    """The claims of the certificate, rechecked; none where nothing is given away."""
    certificate = directory / "certificate.json"
    certificate.unlink(missing_ok=True)
    subprocess.run([UNTRACK, "rewrite", "--no-config", "--mode", mode, "--certificate", certificate, path],
                   capture_output=True, check=False, timeout=SECONDS)
    if not certificate.exists():
        return None
    done = subprocess.run([UNTRACK, "recheck", certificate, "--output", "json"], capture_output=True, text=True,
                          check=False, timeout=SECONDS)
    if done.returncode not in (0, 1, 3):
        return [{"id": "", "result": f"exit status {done.returncode}", "why": done.stderr}]
    return [claim for family in json.loads(done.stdout)["families"].values() for claim in family["claims"]]


def main():
    counts, certificates, problems = collections.Counter(), 0, []
    files = rulesets()
    with tempfile.TemporaryDirectory() as directory:
        for mode in ("stateless", "notrack"):
            for path in files:
                claims = claims_of(path, mode, pathlib.Path(directory))
                if claims is None:
                    continue
                certificates += 1
                for claim in claims:
                    counts[claim["result"]] += 1
                    if claim["result"] not in ("rechecked", "not_rechecked", "no_claim"):
                        problems.append(f"{path.name}, {mode}, {claim['id']}: {claim['result']}: {claim['why']}")
                    elif claim["result"] == "not_rechecked" and not claim["why"].startswith("not followed here: "):
                        counts["too large"] += 1
    print("\n".join(problems))
    print(f"{len(files)} rulesets, {certificates} certificates; claims: "
          f"{', '.join(f'{count} {name}' for name, count in sorted(counts.items()))}")
    if counts["rechecked"] < 9 * counts["too large"] or not counts["rechecked"]:
        problems.append("too few claims are rechecked")
        print(problems[-1])
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
