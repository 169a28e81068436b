"""Links the static program and runs it in a root that holds nothing else: the same answers as the
ordinary one, and the reason where it cannot. Usage: static_test.py BUILD_DIRECTORY SOURCE_DIRECTORY. Exit status
77: skipped, since only root may change the root."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

build, source = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
SAME = ("audit samples/web-server.rules", "audit samples/web-server.nft --output json",
        "audit --hosts samples/*.rules samples/*.nft --only-table --jobs 4", "diff samples/web-server.rules samples/stateless-host.rules",
        "rewrite --mode stateless --output diff samples/web-server.rules", "unload samples/stateless-host.rules",
        "pressure --kernel 6.1 --ram 8G --rate tcp=900/s,25s", "checks UT301", "manual audit", "completions bash")
CANNOT = ("audit --live", "snapshot", "pressure --watch 1s")

if os.geteuid() != 0:
    print("skipped: not root, and so no chroot")
    sys.exit(77)
done = subprocess.run(["cmake", "--build", str(build), "--target", "untrack_static"], capture_output=True, text=True)
assert done.returncode == 0, done.stdout + done.stderr


def run(root, program, line):
    def enter():
        if root:
            os.chroot(root)
        os.chdir("/" if root else source)
    done = subprocess.run([program, *line.split()], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          preexec_fn=enter, timeout=60)
    return done.returncode, done.stdout, done.stderr


with tempfile.TemporaryDirectory() as root:
    shutil.copy(build / "untrack-static", root)
    shutil.copytree(source / "samples", pathlib.Path(root, "samples"))
    for line in SAME:
        alone, here = run(root, "/untrack-static", line), run(None, str(build / "untrack"), line)
        assert alone == here, f"{line}: {alone}\n{here}"
        assert alone[0] in (0, 1), (line, alone)
    for line in CANNOT:
        status, said, why = run(root, "/untrack-static", line)
        assert status in (2, 3) and not said and "built without" in why, (line, status, said, why)
print(f"{len(SAME)} commands alike, {len(CANNOT)} refused; {(build / 'untrack-static').stat().st_size // 2**20} MiB")
