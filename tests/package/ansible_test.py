"""The Ansible role, run by ansible-playbook against this machine (connection: local), which stands for
three hosts: three network namespaces of our own, one whose rules force tracking, one without state, one
without rules. yamllint and ansible-lint judge the role, where they are installed. Usage: ansible_test.py
UNTRACK SOURCE_DIRECTORY. Exit status 77: skipped, with the reason."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from packages import run

program, source = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
for tool in ("ansible-playbook", "ip", "nft"):
    if not shutil.which(tool):
        print(f"skipped: no {tool}")
        sys.exit(77)
if os.geteuid() != 0:
    print("skipped: making network namespaces needs root")
    sys.exit(77)
role = source / "packaging/ansible"
RULES = {"tracked": "ct state established accept; tcp dport 22 accept;", "stateless": "tcp dport 22 accept;",
         "empty": None}
namespaces = {host: f"untrack-ansible-{os.getpid()}-{host}" for host in RULES}
judges = []


def play(scratch, *words, hosts="tracked,stateless,empty", **values):
    values.setdefault("untrack_program", program)
    values.setdefault("untrack_controller_program", program)
    values.setdefault("untrack_directory", str(scratch / "collected"))
    done = subprocess.run(
        ["ansible-playbook", "-i", str(scratch / "hosts"), "--limit", hosts, str(role / "audit.yml"),
         "-e", json.dumps(values), *words],
        cwd=scratch, capture_output=True, text=True, stdin=subprocess.DEVNULL,
        env={**os.environ, "ANSIBLE_LOCAL_TEMP": str(scratch / "local"), "ANSIBLE_HOME": str(scratch / "home"),
             "ANSIBLE_REMOTE_TEMP": str(scratch / "remote"), "ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0",
             "ANSIBLE_NOCOWS": "1", "LC_ALL": "C.UTF-8", "ANSIBLE_RETRY_FILES_ENABLED": "0"})
    said = done.stdout + done.stderr
    recap = dict(re.findall(r"^(\w+) +: .*?failed=(\d+)", said, re.M))
    assert set(recap) <= set(RULES) and recap, said
    return said, {host for host, failed in recap.items() if failed != "0"}


def check(scratch):
    (scratch / "hosts").write_text("".join(
        f"{host} ansible_connection=local ansible_python_interpreter={sys.executable} untrack_netns={name}\n"
        for host, name in namespaces.items()))
    before = set(pathlib.Path(tempfile.gettempdir()).glob("untrack.*"))
    said, failed = play(scratch)
    assert failed == {"tracked"}, (failed, said)
    assert "Connection tracking is forced for" in said and "findings at or above error" in said, said
    collected = scratch / "collected"
    assert {p.name for p in collected.iterdir()} == {f"{host}.{kind}.json" for host in RULES
                                                     for kind in ("snapshot", "audit")}
    assert collected.stat().st_mode & 0o077 == 0, "others may read the snapshots"
    assert set(pathlib.Path(tempfile.gettempdir()).glob("untrack.*")) <= before, "a snapshot is left on the host"
    verdicts = {host: json.loads((collected / f"{host}.audit.json").read_text())["verdict"] for host in RULES}
    assert verdicts["tracked"]["ipv4"]["tracking"] == "forced", verdicts
    assert verdicts["stateless"]["ipv4"]["tracking"] == "not_forced", verdicts

    textfiles = scratch / "textfiles"
    textfiles.mkdir()
    copied = scratch / "copied-untrack"
    said, failed = play(scratch, hosts="tracked", untrack_fail_on="never", untrack_textfile=str(textfiles),
                        untrack_copy_from=program, untrack_program=str(copied))
    assert not failed, said
    assert os.access(copied, os.X_OK)
    metrics = (textfiles / "untrack-audit.prom").read_text()
    assert 'untrack_tracking_forced{family="ipv4"} 1\n' in metrics, metrics
    said, failed = play(scratch, hosts="stateless", untrack_fail_on="note", untrack_anonymize=True)
    assert not failed and re.search(r"^stateless +: .*changed=0 ", said, re.M), said
    said, failed = play(scratch, hosts="stateless", untrack_program=str(scratch / "nothing"))
    assert failed == {"stateless"}, said
    said, failed = play(scratch, hosts="stateless", untrack_fail_on="sometimes")
    assert failed == {"stateless"} and "must be one of" in said, said


for lint in (["yamllint", "-s", "-d", "{extends: default, rules: {line-length: {max: 120}}}", "."],
             ["ansible-lint", "--offline", "-q", "audit.yml"]):
    if shutil.which(lint[0]):
        with tempfile.TemporaryDirectory() as scratch:
            here = shutil.copytree(role, os.path.join(scratch, "ansible"))
            done = subprocess.run(lint, cwd=here, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                                  env={**os.environ, "HOME": scratch, "LC_ALL": "C.UTF-8"})
            assert done.returncode == 0, f"{lint[0]}: {done.stdout}{done.stderr}"
            judges.append(lint[0])

with tempfile.TemporaryDirectory() as folder:
    made = []
    try:
        for host, name in namespaces.items():
            run("ip", "netns", "add", name)
            made.append(name)
            if RULES[host] is not None:
                rules = pathlib.Path(folder, host)
                rules.write_text("table inet t { chain c { type filter hook input priority 0; policy drop;\n"
                                 f"{RULES[host]} }}; }}\n")
                run("ip", "netns", "exec", name, "nft", "-f", str(rules))
        check(pathlib.Path(folder))
    finally:
        for name in made:
            run("ip", "netns", "del", name)
print(f"five plays against three hosts went as they should; judged by {', '.join(judges) or 'no linter'}")
