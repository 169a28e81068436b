"""The Debian package in a clean root that debootstrap makes, with nothing but Debian's minimum in it:
installed by apt with what it depends on, used, upgraded, removed and purged, with nothing left.
Usage: root_test.py BUILD_DIRECTORY SOURCE_DIRECTORY. Exit status 77: skipped, with the reason."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from packages import built, field, older, run

build, source = sys.argv[1:3]
for tool in ("debootstrap", "dpkg-deb", "dpkg-shlibdeps", "chroot"):
    if not shutil.which(tool):
        print(f"skipped: no {tool}")
        sys.exit(77)
if os.geteuid() != 0:
    print("skipped: debootstrap and chroot need root")
    sys.exit(77)

with tempfile.TemporaryDirectory() as scratch:
    root = os.path.join(scratch, "root")
    suite = run("sh", "-c", ". /etc/os-release && echo $VERSION_CODENAME").strip()
    made = subprocess.run(["debootstrap", "--variant=minbase", suite, root], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL)
    if made.returncode != 0:
        print(made.stdout[-2000:] + made.stderr[-2000:])
        print("skipped: debootstrap finds no packages here, or cannot unpack them")
        sys.exit(77)
    # As this system asks for packages, the clean one does.
    for kind in ("apt.conf.d", "sources.list.d"):
        for file in pathlib.Path("/etc/apt", kind).glob("*"):
            if file.is_file() and (kind == "sources.list.d" or "proxy" in file.read_text().lower()
                                   or "Check-" in file.read_text()):
                shutil.copy(file, os.path.join(root, "etc/apt", kind))

    def inside(*command, status=0):
        return run("env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
                   "DEBIAN_FRONTEND=noninteractive", "chroot", root, *command, status=status)

    package = built(build, scratch)[1]
    version = field(package, "Version")
    for path in (package, older(package, scratch, "0.0.9-1", "usr/share/untrack/gone")):
        shutil.copy(path, os.path.join(root, "srv", "new.deb" if path == package else "old.deb"))
    shutil.copy(os.path.join(source, "samples/web-server.rules"), os.path.join(root, "srv"))
    before = set(inside("dpkg-query", "-W", "-f", "${Package}\n").split())
    files_before = set(inside("find", "/usr", "/etc", "/var/lib", "-name", "*untrack*").split())
    assert not files_before, files_before

    inside("apt-get", "update", "-q")
    inside("apt-get", "install", "-q", "-y", "--no-install-recommends", "/srv/old.deb")
    assert inside("dpkg-query", "-W", "-f", "${Version}", "untrack") == "0.0.9-1"
    said = inside("untrack", "audit", "/srv/web-server.rules", status=1)
    assert said.startswith("Connection tracking is forced for IPv4 by 4 constructs"), said[:300]
    inside("apt-get", "install", "-q", "-y", "/srv/new.deb")
    assert inside("dpkg-query", "-W", "-f", "${Version}", "untrack") == version
    assert not os.path.exists(os.path.join(root, "usr/share/untrack")), "left by the older version"
    changed = inside("untrack", "rewrite", "--mode", "stateless", "--output", "rules", "/srv/web-server.rules")
    assert "\n# in place of: -A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT\n" in changed, changed
    assert inside("dpkg", "--verify", "untrack").strip() == "", "files are not as packed"
    inside("apt-get", "remove", "-q", "-y", "untrack")
    assert not os.path.exists(os.path.join(root, "usr/bin/untrack"))
    inside("dpkg", "-P", "untrack")
    left = set(inside("find", "/usr", "/etc", "/var/lib", "-name", "*untrack*").split())
    assert not left, f"left behind: {sorted(left)}"
    inside("apt-get", "autoremove", "-q", "-y", "--purge")
    after = set(inside("dpkg-query", "-W", "-f", "${Package}\n").split())
    assert after <= before, f"packages left behind: {sorted(after - before)}"
    print(f"untrack {version} in a clean {suite}: installed, upgraded, used, removed, nothing left")
