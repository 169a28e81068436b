"""A host made of stubs, in namespaces of its own: files stand for the kernel's rules and modules, one
shell script for every program that could change them. Nothing of the real host can be reached:
/proc, /sys/module, /etc, /run, /var/lib are covered, and the network namespace is new."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
STUBS = ["uname", "rmmod", "modprobe", "nft"] + [
    f"{base}-{backend}{suffix}" for base in ("iptables", "ip6tables")
    for backend in ("legacy", "nft") for suffix in ("", "-save", "-restore")]

TOOLS = ("awk", "cat", "chmod", "grep", "id", "mkdir", "mktemp", "mv", "readlink", "rm", "rmdir", "sed",
         "sleep", "sort", "stat", "touch", "tr")

FILTER = """*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -m comment --comment "a \\"quoted\\" -m state" -j ACCEPT
COMMIT
"""
NAT = """*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:LEFT - [0:0]
-A PREROUTING -j LEFT
COMMIT
"""
MODULES = """xt_MASQUERADE 20480 0 - Live 0x0
iptable_nat 16384 1 - Live 0x0
nf_nat 57344 2 xt_MASQUERADE,iptable_nat, Live 0x0
iptable_filter 16384 1 - Live 0x0
xt_conntrack 16384 0 - Live 0x0
nf_conntrack 188416 3 xt_MASQUERADE,nf_nat,xt_conntrack, Live 0x0
nf_defrag_ipv4 16384 1 nf_conntrack, Live 0x0
"""


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def need_namespaces():
    if os.geteuid() != 0:
        skip("needs root for namespaces of its own")
    probe = subprocess.run(["unshare", "--mount", "--net", "--pid", "--fork", "true"],
                           capture_output=True, text=True)
    if probe.returncode != 0:
        skip(f"no namespaces here: {probe.stderr.strip()}")


class World:
    """One fake host. Set files, then run(): the guest script's output, and `self.calls()` after it."""

    def __init__(self, script, shell):
        self.folder = tempfile.TemporaryDirectory(prefix="untrack-world-")
        self.root = pathlib.Path(self.folder.name)
        self.shell = shell
        for name in ("proc/net", "proc/self/ns", "proc/1/ns", "proc/sys/net/netfilter", "etc/modprobe.d",
                     "sys_module", "bin", "lib_modules"):
            (self.root / name).mkdir(parents=True)
        for ns in ("self", "1"):
            (self.root / f"proc/{ns}/ns/net").symlink_to("net:[4026531840]")
        self.write("proc/1/comm", "init\n")
        self.write("proc/net/ip_tables_names", "nat\nfilter\n")
        self.write("proc/modules", MODULES)
        self.write("modules.before", MODULES)
        self.write("proc/sys/net/netfilter/nf_conntrack_max", "65536\n")
        self.write("legacy.4.filter", FILTER)
        self.write("legacy.4.nat", NAT)
        self.write("kernel", "6.1.0-56-amd64\n")
        self.write("calls", "")
        if shell == "busybox":
            # Debian's busybox sh runs its own applets before it looks at PATH.
            stubs = "".join(f'{name}() {{ /world/bin/{name} "$@"; }}\n'
                            for name in ("uname", "rmmod", "modprobe"))
            script = script.replace("set -u\n", "set -u\n" + stubs, 1)
        self.write("unload.sh", script)
        for name in STUBS:
            shutil.copy(HERE / "stub.sh", self.root / "bin" / name)
            os.chmod(self.root / "bin" / name, 0o755)

        # The script's tools: busybox's own under busybox sh. awk by its real path, since Debian's name
        # for it is a link through /etc.
        if shell == "busybox":
            for tool in TOOLS:
                (self.root / "bin" / tool).symlink_to(shutil.which("busybox"))
        else:
            (self.root / "bin/awk").symlink_to(os.path.realpath(shutil.which("awk")))

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def read(self, name):
        path = self.root / name
        return path.read_text() if path.exists() else None

    def calls(self):
        return self.read("calls").splitlines()

    def run(self, guest, seconds=60):
        """Runs shell text in the world; `$SH unload.sh` is the script. Returns status and output."""
        shell = {"dash": "dash", "busybox": "busybox sh"}[self.shell]
        self.write("guest.sh", f"SH='{shell}'\n{guest}\n")
        setup = f"""
set -e
mount --make-rprivate /
mkdir -p /world
mount --bind {self.root} /world
[ ! -d /sys/module ] || mount --bind /world/sys_module /sys/module
[ ! -d /lib/modules ] || mount --bind /world/lib_modules /lib/modules
mount --bind /world/etc /etc
mkdir -p /world/run /world/var_lib
mount --bind /world/run /run
mount --bind /world/var_lib /var/lib
mount --bind /world/proc /proc
cd /world
PATH=/world/bin:$PATH
export PATH
sh guest.sh
"""
        done = subprocess.run(["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child",
                               "sh", "-c", setup],
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds)
        return done.returncode, (done.stdout + done.stderr).decode(errors="replace")


class Checks:
    """Counts what was asserted, and shows what failed with its context."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def __call__(self, holds, what, context=""):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED: {what}\n{context}\n")

    def finish(self):
        print(f"{self.passed} checks passed, {self.failed} failed")
        sys.exit(1 if self.failed else 0)


def make_script(untrack, *options, rules="*filter\n:INPUT DROP [0:0]\nCOMMIT\n"):
    """The script for a ruleset that needs nothing."""
    with tempfile.NamedTemporaryFile("w", suffix=".rules") as file:
        file.write(rules)
        file.flush()
        done = subprocess.run([untrack, "unload", file.name, "--print-script", *options],
                              capture_output=True, text=True)
    if not done.stdout.startswith("#!/bin/sh"):
        raise AssertionError(f"no script: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout
