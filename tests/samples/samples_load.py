"""Every sample loads: iptables-restore --test in a network namespace of this test's own, for both
backends. The shell script runs there for real. Exit status 77: skipped, no namespaces here."""
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAMESPACE = f"untrack-samples-{os.getpid()}"


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(1 if os.environ.get("UNTRACK_LAB") == "required" else 77)


def run(*command):
    return subprocess.run(command, capture_output=True, text=True)


for tool in ("ip", "iptables-legacy-restore", "iptables-nft-restore"):
    if not shutil.which(tool):
        skip(f"no {tool}")
made = run("ip", "netns", "add", NAMESPACE)
if made.returncode != 0:
    skip(f"no network namespace: {made.stderr.strip()}")
loaded, faults = 0, []
try:
    for path in sorted((ROOT / "samples").iterdir()):
        if path.suffix == ".rules":
            program = "ip6tables" if path.name.endswith(".v6.rules") else "iptables"
            commands = [[f"{program}-{backend}-restore", "--test", str(path)]
                        for backend in ("legacy", "nft")]
        elif path.suffix == ".sh":
            commands = [["sh", "-e", str(path)]]
        else:
            continue
        for command in commands:
            done = run("ip", "netns", "exec", NAMESPACE, *command)
            loaded += done.returncode == 0
            if done.returncode != 0:
                faults.append(f"{' '.join(command)}\n{done.stderr}")
finally:
    run("ip", "netns", "del", NAMESPACE)
print("\n".join(faults + [f"{loaded} loads, {len(faults)} refused"]))
sys.exit(1 if faults or loaded < 20 else 0)
