"""The metrics of `untrack audit` and `untrack pressure`: what the JSON report says, in the exposition
format of Prometheus; unknown values have no sample; text of a ruleset and names of files cannot break
out of a label; both files can stand in one directory. `promtool check metrics` judges each, where it is
installed. Usage: prometheus_test.py UNTRACK SOURCE. Exit status 77: passed but for promtool, which is
not there."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

UNTRACK = str(pathlib.Path(sys.argv[1]).resolve())
SOURCE = pathlib.Path(sys.argv[2])
LABEL = r'[a-z_]+="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf'([a-z_]+)(\{{{LABEL}(?:,{LABEL})*\}})? (-?\d+(?:\.\d+)?(?:e[-+]\d+)?)')
judged = 0


def written(words, directory=SOURCE, given=b""):
    """(metrics, JSON) of one run."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([UNTRACK, *words, "--output", f"prometheus={folder}/m.prom", "--output", "json"],
                              cwd=directory, capture_output=True, input=given, check=False)
        assert done.returncode in (0, 1, 3), done
        left = os.listdir(folder)
        assert left == ["m.prom"], f"left beside the file: {left}"
        return pathlib.Path(folder, "m.prom").read_bytes().decode("utf-8"), json.loads(done.stdout)


def samples_of(text, is_judged=True):
    """{(name, labels): value}; fails for what is not the format, or is there twice."""
    global judged
    found, name, typed = {}, None, set()
    assert text.endswith("\n"), text
    for line in text.split("\n")[:-1]:
        assert not re.search(r"[\x00-\x1f\x7f]", line), repr(line)
        if line.startswith("# HELP "):
            name = line.split(" ")[2]
            assert name not in typed, f"{name}: samples are not together"
        elif line.startswith("# TYPE "):
            kind = "counter" if name.endswith("_total") else "gauge"
            assert line == f"# TYPE {name} {kind}", line
            typed.add(name)
        else:
            sample = SAMPLE.fullmatch(line)
            assert sample, line
            assert sample.group(1) == name, line
            key = (name, sample.group(2) or "")
            assert key not in found, f"twice: {key}"
            found[key] = float(sample.group(3))
    if is_judged and shutil.which("promtool"):
        done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
        assert done.returncode == 0 and not done.stderr, done.stderr
        judged += 1
    return found


def check_audit(words, directory=SOURCE, given=b"", is_judged=True):
    text, report = written(["audit", *words], directory, given)
    found = samples_of(text, is_judged)
    known = {f: v for f, v in report["verdict"].items() if v["tracking"] in ("forced", "not_forced")}
    told = {key[1]: value for key, value in found.items() if key[0] == "untrack_tracking_forced"}
    assert told == {f'{{family="{f}"}}': float(v["tracking"] == "forced") for f, v in known.items()}, told
    counting = [f for f in report["findings"] if not f["suppressed"]]
    for severity in ("error", "warning", "note"):
        count = sum(f["severity"] == severity for f in counting)
        assert found["untrack_findings", f'{{severity="{severity}"}}'] == count, (words, severity)
    files = sum(value for (name, _), value in found.items() if name == "untrack_file_findings")
    assert files == len(counting), words
    doubts = len(report["not_understood"])
    assert found["untrack_not_understood", '{command="audit"}'] == doubts, words
    doubtful = {each["family"] for each in report["flows_not_known"]}
    for family, verdict in report["verdict"].items():
        for need in ("free", "priced", "bound"):
            there = found.get(("untrack_flow_classes", f'{{family="{family}",need="{need}"}}'))
            wanted = sum((f["family"], f["need"]) == (family, need) for f in report["flows"])
            if family in doubtful or verdict["tracking"] == "not_forced":
                wanted = None
            assert there == wanted, (words, family, need, there, wanted)
    return found


samples = sorted(str(p.relative_to(SOURCE)) for p in (SOURCE / "samples").iterdir()
                 if p.suffix in (".rules", ".nft"))
audits = [check_audit([sample]) for sample in samples]
assert len(audits) > 5
cases = 0
for args in sorted((SOURCE / "tests/cases/audit").glob("**/args")):
    words = args.read_text().splitlines()
    if words[0] != "audit" or {"--output", "--hosts", "--changed-since"} & set(words) or not (args.parent / "stdout.txt").exists():
        continue
    stdin = args.parent / "stdin"
    check_audit(words[1:], args.parent, stdin.read_bytes() if stdin.exists() else b"", False)
    cases += 1
assert cases > 50, cases

# Of many hosts, each sample has its host, and all of a name stand together, behind one line of help.
done = subprocess.run([UNTRACK, "audit", "--hosts", "--output", "prometheus", *samples[:3]], cwd=SOURCE,
                      capture_output=True, text=True, check=False)
helps = [line.split()[2] for line in done.stdout.splitlines() if line.startswith("# HELP")]
assert len(helps) == len(set(helps)) > 5, helps
of_hosts = samples_of(done.stdout, True)
for sample, alone in zip(samples, audits[:3]):
    own = {(name, labels.replace(f'host="{sample}",', "")): value for (name, labels), value in of_hosts.items()
           if labels.startswith(f'{{host="{sample}",')}
    assert own == alone, (sample, own, alone)

settings = ("net.netfilter.nf_conntrack_max = 1000\nnet.netfilter.nf_conntrack_count = 900\n"
            "net.netfilter.nf_conntrack_buckets = 512\nkernel.osrelease = 6.1.0\n")
with tempfile.TemporaryDirectory() as folder:
    here = pathlib.Path(folder)
    (here / "settings").write_text(settings)
    table = samples_of(written(["pressure", "--sysctl", "settings"], folder)[0])
    assert table["untrack_conntrack_max", ""] == 1000 and table["untrack_conntrack_entries", ""] == 900
    assert table["untrack_conntrack_buckets", ""] == 512
    assert table["untrack_conntrack_occupancy_ratio", ""] == 0.9
    findings = sum(value for (name, _), value in table.items() if name == "untrack_pressure_findings")
    assert findings == len(written(["pressure", "--sysctl", "settings"], folder)[1]["findings"]) > 0
    # What the kernel would choose by itself is not what a host has.
    reckoned = samples_of(written(["pressure", "--kernel", "6.1", "--ram", "8G"], folder)[0])
    assert not any(name.startswith("untrack_conntrack") for name, _ in reckoned), reckoned
    # node_exporter gives nothing at all where a sample stands in two files.
    for audited in audits:
        assert not set(audited) & set(table), set(audited) & set(table)

    hostile = 'a"} 1\nuntrack_findings{severity="error"} 0\n\\\x1b[31m.rules'
    rules = (SOURCE / "samples/web-server.rules").read_bytes()
    (here / hostile).write_bytes(rules)
    (here / os.fsdecode(b"\xff.rules")).write_bytes(rules.replace(b"web", b"\xfe\x07"))
    found = samples_of(written(["audit", hostile, os.fsdecode(b"\xff.rules")], folder)[0])
    assert found["untrack_findings", '{severity="error"}'] == 8, found
    (here / "odd.rules").write_text("*filter\n:INPUT DROP [0:0]\n-A INPUT -m nosuch --x -j ACCEPT\nCOMMIT\n")
    text, report = written(["audit", "odd.rules"], folder)
    found = samples_of(text)
    assert report["not_understood"] and found["untrack_not_understood", '{command="audit"}'] > 0
    assert ("untrack_tracking_forced", '{family="ipv4"}') not in found, "not known, and told all the same"

print(f"metrics of {len(samples)} samples, {cases} cases and of what is hostile or not known; promtool judged {judged}")
if not judged:
    print("skipped: no promtool; all but its judgement passed")
    sys.exit(77)
