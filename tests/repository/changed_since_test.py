"""`untrack audit --changed-since REV` in a git repository made here: what changed is audited and compared
with what it was, what did not is not; git's own state stays as it is; revisions and paths that look
like options start nothing. Usage: changed_since_test.py UNTRACK"""
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

UNTRACK = os.path.abspath(sys.argv[1])
SAVE = """*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
{}COMMIT
"""
SSH = "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n"
WEB = "-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT\n"
STATE = "-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\n"
IPSET = "create a hash:ip family inet hashsize 1024 maxelem 65536\n"
INCLUDING = 'include "set.nft"\n'
SET = "table inet filter {{\n\tchain input {{\n\t\ttype filter hook input priority 0; policy drop;\n\t\ttcp dport {} accept\n\t}}\n}}\n"


def git(root, *words):
    done = subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *words], cwd=root,
                          capture_output=True, text=True, check=True)
    return done.stdout


def state_of(root):
    """All that git holds: nothing of it may change."""
    digest = hashlib.sha256()
    for path in sorted((root / ".git").rglob("*")):
        digest.update(str(path).encode())
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()


def audit(directory, *words, environment=None):
    return subprocess.run([UNTRACK, "audit", *words], cwd=directory, capture_output=True, text=True,
                          check=False, env={**os.environ, **(environment or {})})


def document(directory, *words):
    done = audit(directory, *words, "--output", "json")
    assert done.returncode in (0, 1, 3), done
    return json.loads(done.stdout)


def rows(found):
    return {row["host"]: row["packets"] for row in found["table"]}


def main():
    if shutil.which("git") is None:
        print("skipped: git is not installed")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch) / "work tree"
        fleet = root / "fleet"
        for name, text in {"same.v4": SAVE.format(SSH), "opened.v4": SAVE.format(SSH),
                           "tracked.v4": SAVE.format(WEB), "gone.v4": SAVE.format(SSH),
                           "pair/rules.v4": SAVE.format(SSH), "pair/rules.v6": SAVE.format(SSH),
                           "nft/main.nft": INCLUDING, "nft/set.nft": SET.format(22), "README": "None\n"}.items():
            (fleet / name).parent.mkdir(parents=True, exist_ok=True)
            (fleet / name).write_text(text)
        git(root, "init", "-q")
        git(root, "add", ".")
        git(root, "commit", "-qm", "First")
        git(root, "tag", "v1")
        before = state_of(root)

        found = document(root, "--hosts", "fleet/*", "--changed-since", "v1")
        assert found["table"] == [] and found["unchanged"] == 6 and found["gone"] == [], found
        assert found["since"] == "v1"

        (fleet / "opened.v4").write_text(SAVE.format(SSH + WEB))
        (fleet / "tracked.v4").write_text("# moved\n" + SAVE.format(STATE + WEB))
        (fleet / "gone.v4").unlink()
        (fleet / "pair/rules.v6").unlink()
        (fleet / "nft/set.nft").write_text(SET.format("{ 22, 80 }"))
        (fleet / "new.v4").write_text(SAVE.format(WEB))
        found = document(root, "--hosts", "fleet/*", "--changed-since", "v1")
        assert rows(found) == {"fleet/new.v4": "new", "fleet/nft": "differ", "fleet/opened.v4": "differ",
                               "fleet/pair": "differ", "fleet/tracked.v4": "differ"}, rows(found)
        assert found["unchanged"] == 1 and found["gone"] == ["fleet/gone.v4"], found
        by_name = {each["host"]: each for each in found["hosts"]}
        assert "diff" not in by_name["fleet/new.v4"]
        opened = by_name["fleet/opened.v4"]["diff"]
        assert "v1:fleet/opened.v4" in json.dumps(opened), opened
        assert scratch not in json.dumps(found), "a path of the scratch directory is told"

        # From below, of one host, and of what is committed since.
        found = document(fleet, "opened.v4", "--changed-since", "HEAD")
        assert rows(found) == {"opened.v4": "differ"}, found
        found = document(fleet, "pair", "--changed-since", "v1")
        assert rows(found) == {"pair": "differ"}, found
        markdown = audit(root, "--hosts", "fleet/*", "--changed-since", "v1", "--output", "markdown").stdout
        assert "| fleet/opened.v4 | differ |" in markdown and "<details open>" in markdown, markdown
        assert "newly accepted" in markdown.lower(), markdown
        told = audit(root, "fleet/same.v4", "--verbose").stderr
        assert "untrack: no configuration file\n" in told and "read fleet/same.v4: iptables-save" in told, told
        assert re.search(r"reading took \d+\.\d ms, the audit \d+\.\d ms\n.*writing took \d+\.\d ms", told), told
        assert state_of(root) == before, "git's own files were changed"

        git(root, "add", "-A")
        git(root, "commit", "-qm", "Second")
        assert document(root, "--hosts", "fleet/*", "--changed-since", "HEAD")["table"] == []
        assert len(rows(document(root, "--hosts", "fleet/*", "--changed-since", "HEAD~1"))) == 5

        # Settings of the host are inputs, too; so are sets, which stand among its rules.
        (root / "untrack.toml").write_text('[[host]]\nname = "web"\nrules = "fleet/same.v4"\nsysctl = "web.conf"\n'
                                           '[[host]]\nname = "sets"\nrules = ["fleet/with.v4", "fleet/with.ipset"]\n')
        (root / "web.conf").write_text("net.netfilter.nf_conntrack_max = 1000\n")
        (fleet / "same.v4").write_text(SAVE.format(STATE + WEB))
        (fleet / "with.v4").write_text(SAVE.format("-A INPUT -m set --match-set a src -j ACCEPT\n"))
        (fleet / "with.ipset").write_text(IPSET + "add a 192.0.2.1\n")
        git(root, "add", "-A")
        git(root, "commit", "-qm", "Third")
        assert document(root, "--changed-since", "HEAD")["unchanged"] == 2
        (root / "web.conf").write_text("net.netfilter.nf_conntrack_max = 4000\n")
        found = document(root, "--changed-since", "HEAD")
        assert rows(found) == {"web": "alike"} and found["unchanged"] == 1, found
        values = found["hosts"][0]["diff"]["pressure"]["values"]
        assert [(row["name"], row["old"], row["new"], row["why"]) for row in values] == [
            ("nf_conntrack_max", 1000, 4000, "web.conf:1")], values
        assert scratch not in json.dumps(found), "a path of the scratch directory is told"
        (root / "web.conf").write_text("net.netfilter.nf_conntrack_max = 1000\n")
        (fleet / "with.ipset").write_text(IPSET + "add a 192.0.2.2\n")
        assert rows(document(root, "--changed-since", "HEAD")) == {"sets": "differ"}

        # Nothing that is no revision starts anything.
        trap = pathlib.Path(scratch) / "trap"
        for bad in ("no-such", "--output=x", f"--upload-pack=touch {trap}", "-h", "HEAD; touch x", "", "HEAD:fleet"):
            done = audit(root, "--hosts", "fleet/*", f"--changed-since={bad}")
            if bad == "":
                continue
            assert done.returncode == 2 and "neither a directory nor a revision" in done.stderr, (bad, done)
        assert not trap.exists() and not (root / "x").exists()
        outside = pathlib.Path(scratch) / "outside"
        outside.mkdir()
        (outside / "a.v4").write_text(SAVE.format(SSH))
        done = audit(outside, "a.v4", "--changed-since", "HEAD",
                     environment={"GIT_CEILING_DIRECTORIES": scratch})
        assert done.returncode == 2 and "not a git repository" in done.stderr, done
        left = [path for path in pathlib.Path(tempfile.gettempdir()).glob("untrack-since-*")
                if path.stat().st_mtime > root.stat().st_mtime]
        assert not left, left
    print("changed since: ok")


main()
