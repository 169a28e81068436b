"""Whether a rewrite without state could do with less: each rule that it wrote is taken away, one at a time, and what is
left must not be proven. Rules of the admin's that were only changed are not asked about: they were there before. Asked
of samples, of a generated campus (of which a few rules, spread over it), and of rulesets of others where they are.
Usage: spare_rules_test.py UNTRACK FOLDER. UNTRACK_CORPUS names another folder."""
import os
import pathlib
import subprocess
import sys
import tempfile

UNTRACK = os.path.abspath(sys.argv[1])
FOLDER = pathlib.Path(os.environ.get("UNTRACK_CORPUS", sys.argv[2]))
ROOT = pathlib.Path(__file__).resolve().parents[2]
MOST = 12  # rules of one ruleset
CAMPUS_RULES, CAMPUS_MOST = "300", 40
# In place of INVALID, and where the first packet of a connection is asked for: changed by design, not written.
OF_CHANGED = ("FIN,SYN FIN,SYN", "FIN,SYN,RST,ACK SYN", "-m socket")


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, errors="surrogateescape", check=False, timeout=300)


def is_within(words, longer):
    """Whether the words stand in the longer list, in their order."""
    rest = iter(longer)
    return all(word in rest for word in words)


def written(old, new):
    """Numbers of the lines that hold a rule the original has in no form."""
    known = set(old)
    rules = [line.split() for line in old if line.startswith("-A")]
    return [i for i, line in enumerate(new)
            if line.startswith("-A") and line not in known and not any(words in line for words in OF_CHANGED)
            and not any(is_within(line.split(), words) for words in rules)]


def spare(path, most, folder):
    """How many rules were taken away, and those whose loss is proven to keep the policy."""
    text = path.read_text(errors="surrogateescape").splitlines()
    done = run(UNTRACK, "rewrite", "--mode", "stateless", "--output", "rules", str(path))
    if done.returncode != 0:
        return 0, []
    new = done.stdout.splitlines()
    numbers = written(text, new)
    numbers = numbers[::max(1, len(numbers) // most)]
    found = []
    for number in numbers:
        less = folder / path.name  # whose name may tell the IP version
        less.write_text("\n".join(new[:number] + new[number + 1:]) + "\n", errors="surrogateescape")
        if run(UNTRACK, "verify", "--mode", "stateless", str(path), str(less)).returncode == 0:
            found.append(f"{path.name}: {new[number]}")
    return len(numbers), found


def main():
    others = sorted([*FOLDER.glob("*.v4.rules"), *FOLDER.glob("*.v6.rules")]) if FOLDER.is_dir() else []
    faults, counts = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "less").mkdir()
        campus = folder / "campus.rules"
        campus.write_text(run(sys.executable, str(ROOT / "bench/generate.py"), "campus", CAMPUS_RULES).stdout)
        for title, paths, most in (("samples", sorted((ROOT / "samples").glob("*.rules")), MOST),
                                   ("a campus", [campus], CAMPUS_MOST), ("rulesets of others", others, MOST)):
            rows = [spare(path, most, folder / "less") for path in paths]
            counts.append(sum(count for count, _ in rows))
            faults += [fault for _, found in rows for fault in found]
            print(f"{title}: {counts[-1]} rules that were written taken away, "
                  f"{sum(len(found) for _, found in rows)} of them spare")
    print("\n".join(faults))
    return 1 if faults or not all(counts[:2]) else 0


sys.exit(main())
