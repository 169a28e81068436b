"""The unload script on this machine's own kernel, where conntrack is built into it: the script refuses,
says what can be reached instead, and changes nothing. In namespaces of its own; skipped (77) where the
kernel has conntrack as a module, or where there is no root."""
import os
import pathlib
import subprocess
import sys
import tempfile

STATELESS = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n"
# What the script writes to is laid over by empty folders that go with the namespace.
GUEST = """
mount --make-rprivate / && mount -t tmpfs none /var/lib && mount -t tmpfs none /run || exit 90
mkdir -p /etc/modprobe.d && mount -t tmpfs none /etc/modprobe.d || exit 90
"$1" "$2" --run --ignore-namespaces --ignore-boot-rules
status=$?
find /var/lib /run /etc/modprobe.d -type f | sed 's/^/left: /'
exit $status
"""


def main():
    untrack = sys.argv[1]
    core = pathlib.Path("/sys/module/nf_conntrack")
    if os.geteuid() != 0 or not core.is_dir() or (core / "initstate").exists():
        print("skipped: needs root and a kernel with conntrack built in")
        return 77
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        (folder / "new.rules").write_text(STATELESS)
        script = folder / "unload.sh"
        subprocess.run([untrack, "unload", str(folder / "new.rules"), "--kernel",
                        os.uname().release, "--script", str(script)], check=True,
                       capture_output=True)
        (folder / "guest.sh").write_text(GUEST)
        failed = 0
        for shell in ("dash", "sh"):
            run = subprocess.run(["unshare", "--net", "--mount", "sh", str(folder / "guest.sh"),
                                  shell, str(script)], capture_output=True, text=True, timeout=60)
            if run.returncode == 90 or "unshare:" in run.stderr:
                print(f"skipped: no namespace can be made here: {run.stderr.strip()}")
                return 77
            for name, is_so in (
                    ("refuses", run.returncode == 1),
                    ("says that it is built in", "is built into this kernel" in run.stdout),
                    ("says what can be reached", "no hooks are registered" in run.stdout),
                    ("writes nothing", "left: " not in run.stdout)):
                if not is_so:
                    failed += 1
                    print(f"FAILED: {shell}: {name}\n{run.stdout}{run.stderr}")
        print(f"{8 - failed} checks passed of 8")
        return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
