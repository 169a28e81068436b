"""The example units for Prometheus' textfile collector: systemd finds no fault in them and calls them
hardened, and their commands do their work with no more than the capabilities that they name, in a
network namespace with rules in it. Usage: units_test.py UNTRACK SOURCE_DIRECTORY. Exit status 77:
skipped, with the reason."""
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

from packages import run

program, source = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
for tool in ("systemd-analyze", "setpriv", "unshare", "nft"):
    if not shutil.which(tool):
        print(f"skipped: no {tool}")
        sys.exit(77)
units = source / "packaging/examples"
service = (units / "untrack-textfile.service").read_text()
commands = re.findall(r"^ExecStart=(.*)$", service, re.M)
assert len(commands) == 2, commands

with tempfile.TemporaryDirectory() as scratch:
    # systemd looks whether the program is there.
    here = os.path.join(scratch, "untrack-textfile.service")
    pathlib.Path(here).write_text(service.replace("/usr/bin/untrack", program))
    shutil.copy(units / "untrack-textfile.timer", scratch)
    verified = subprocess.run(["systemd-analyze", "verify", "--man=no", here,
                               os.path.join(scratch, "untrack-textfile.timer")], capture_output=True, text=True)
    # What it does not know it passes over, and only says so; it also speaks of the machine's own units.
    faults = [line for line in verified.stderr.splitlines() if "untrack-textfile" in line]
    assert verified.returncode == 0 and not faults, verified.stderr
    exposure = run("systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20", here)
    exposure = re.search(r"Overall exposure level.*: ([\d.]+) OK", exposure).group(1)

    if os.geteuid() != 0:
        print("skipped: the commands read the kernel, which needs root")
        sys.exit(77)
    capabilities = re.search(r"^CapabilityBoundingSet=(.*)$", service, re.M).group(1).split()
    bounding = "-all," + ",".join("+" + each.removeprefix("CAP_").lower() for each in capabilities)
    rules = os.path.join(scratch, "rules.nft")
    pathlib.Path(rules).write_text("table inet t { chain c { type filter hook input priority 0;\n"
                                   "ct state established accept; tcp dport 22 accept; }; }\n")
    collector = os.path.join(scratch, "collector")
    os.mkdir(collector)
    confined = ["setpriv", f"--bounding-set={bounding}", "--inh-caps=-all", "--no-new-privs"]
    lines = [f"nft -f {shlex.quote(rules)}"]
    for command in commands * 2:  # again: over the files of the first time
        words = [word.replace("/var/lib/prometheus/node-exporter", collector)
                 for word in shlex.split(command)]
        words[0] = program
        allowed = "01" + "3" * ("SuccessExitStatus=1 3" in service)
        lines.append(f"{shlex.join(confined + words)} >{shlex.quote(scratch)}/said 2>&1 && status=0 || status=$?")
        lines.append(f"case $status in [{allowed}]) ;; *) cat {shlex.quote(scratch)}/said; exit 1 ;; esac")
    run("unshare", "--net", "sh", "-ec", "\n".join(lines))
    files = {p.name: p for p in pathlib.Path(collector).iterdir()}
    assert set(files) == {"untrack-audit.prom", "untrack-pressure.prom"}, files
    audit = files["untrack-audit.prom"].read_text()
    assert 'untrack_tracking_forced{family="ipv4"} 1\n' in audit, audit
    assert 'untrack_not_understood{command="audit"} 0\n' in audit, audit
    assert "untrack_conntrack_max " in files["untrack-pressure.prom"].read_text()
    for path in files.values():
        assert path.stat().st_mode & 0o444 == 0o444, "node_exporter cannot read it"
    print(f"two units without fault, exposure {exposure} of 10; {len(commands)} commands ran confined to "
          + " ".join(capabilities))
