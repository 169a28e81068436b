"""lintian finds no error and no warning in the Debian packages. Usage: lintian_test.py BUILD_DIRECTORY.
Exit status 77: skipped, the tools are not there."""
import shutil
import subprocess
import sys
import tempfile

from packages import built

for tool in ("lintian", "dpkg-deb", "dpkg-shlibdeps"):
    if not shutil.which(tool):
        print(f"skipped: no {tool}")
        sys.exit(77)

with tempfile.TemporaryDirectory() as scratch:
    done = subprocess.run(["lintian", "--fail-on", "error,warning", "--tag-display-limit", "0",
                           *built(sys.argv[1], scratch)],
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)
    print(done.stdout + done.stderr)
    sys.exit(1 if done.returncode else 0)
