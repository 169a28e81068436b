"""The text of the unload script, for a matrix of plans: clean under shellcheck, read by dash and
busybox sh, the same for the same plan, and free of whatever a ruleset says."""
import itertools
import shutil
import subprocess
import sys
import tempfile
import pathlib

from world import MODULES, Checks, make_script, skip

untrack = sys.argv[1]
check = Checks()
for tool in ("shellcheck", "dash", "busybox"):
    if not shutil.which(tool):
        skip(f"no {tool} here")

BENIGN = "*filter\n:INPUT DROP [0:0]\n:OWN - [0:0]\n-A INPUT -j OWN\nCOMMIT\n"
HOSTILE = ("*filter\n:INPUT DROP [0:0]\n:$(reboot) - [0:0]\n:f2b-';reboot;' - [0:0]\n"
           "-A INPUT -m comment --comment \"'\\\"; reboot #`reboot`\" -j $(reboot)\nCOMMIT\n")

with tempfile.TemporaryDirectory() as scratch:
    loaded = pathlib.Path(scratch) / "modules"
    loaded.write_text(MODULES.replace("iptable_nat 16384 1", "iptable_nat 16384 0"))
    unexplained = pathlib.Path(scratch) / "unexplained"
    unexplained.write_text(MODULES.replace("xt_conntrack 16384 0", "xt_conntrack 16384 5"))
    absent = pathlib.Path(scratch) / "absent"
    absent.write_text("x_tables 1 0 - Live 0x0\n")
    kernels = [[], ["--kernel", "6.1.0-56-amd64"], ["--kernel", "4.18.0-305.el8"],
               ["--kernel", "3.10.0"], ["--kernel", "2.6.18"], ["--kernel", "2.6.9"]]
    modules = [[], ["--modules", str(loaded)], ["--modules", str(unexplained)],
               ["--modules", str(absent)]]
    scripts = {}
    for kernel, module in itertools.product(kernels, modules):
        what = " ".join(kernel + module)
        script = make_script(untrack, *kernel, *module, rules=BENIGN)
        scripts.setdefault(script, what)
        check(make_script(untrack, *kernel, *module, rules=BENIGN) == script, f"{what}: reproducible")
        check(make_script(untrack, *kernel, *module, rules=HOSTILE) == script,
              f"{what}: nothing of the ruleset is in the script")
    for number, (script, what) in enumerate(scripts.items()):
        path = pathlib.Path(scratch) / f"{number}.sh"
        path.write_text(script)
        for command in (["dash", "-n"], ["busybox", "sh", "-n"]):
            done = subprocess.run([*command, str(path)], capture_output=True, text=True)
            check(done.returncode == 0, f"{what}: {command[0]} reads it", done.stderr)
        for command in (["dash"], ["busybox", "sh"]):
            done = subprocess.run([*command, str(path), "--help"], capture_output=True, text=True)
            check(done.returncode == 0 and done.stdout.startswith("usage: "), f"{what}: {command[0]} "
                  "runs --help", done.stdout + done.stderr)
    done = subprocess.run(["shellcheck", "-s", "sh",
                           *sorted(str(p) for p in pathlib.Path(scratch).glob("*.sh"))],
                          capture_output=True, text=True)
    check(done.returncode == 0, f"shellcheck -s sh finds nothing in {len(scripts)} scripts",
          done.stdout + done.stderr)
    check(len(scripts) > 10, f"the plans differ: {len(scripts)} scripts")

old = make_script(untrack, "--kernel", "2.6.18")
for name in ("ip_conntrack", "ipt_state", "iptable_nat", "ipt_MASQUERADE", "ip_nat"):
    check(f" {name} " in old.replace("\\\n", "").replace('"', " "), f"2.6.18: removes {name}")
check.finish()
