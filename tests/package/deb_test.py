"""Builds the Debian packages, installs the program's into an empty root, and runs it there.
Usage: deb_test.py BUILD_DIRECTORY. Exit status 77: skipped, the tools are not there."""
import glob
import gzip
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

build = sys.argv[1]
for tool in ("dpkg-deb", "dpkg-shlibdeps", "apt-get"):
    if not shutil.which(tool):
        print(f"skipped: no {tool}")
        sys.exit(77)


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


with tempfile.TemporaryDirectory() as scratch:
    run("cpack", "-G", "DEB", "--config", os.path.join(build, "CPackConfig.cmake"), "-B", scratch)
    packages = sorted(glob.glob(os.path.join(scratch, "*.deb")))
    names = [os.path.basename(p).split("_")[0] for p in packages]
    assert names == ["libuntrack-dev", "untrack"], names
    for package in packages:
        assert re.fullmatch(r"[a-z-]+_\d+\.\d+\.\d+_[a-z0-9]+\.deb", os.path.basename(package)), package
    package = packages[1]

    def field(name):
        return run("dpkg-deb", "-f", package, name).strip()

    for name in ("Package", "Version", "Architecture", "Maintainer", "Section", "Priority",
                 "Description", "Depends", "Installed-Size"):
        assert field(name), f"no field {name}"
    depends = field("Depends")
    for library in ("libc6", "libfmt9", "libstdc++6"):
        assert re.search(rf"(^|, ){re.escape(library)} \(>=", depends), f"{library}: {depends}"

    root = os.path.join(scratch, "root")
    run("dpkg-deb", "-x", package, root)
    files = {str(p.relative_to(root)) for p in pathlib.Path(root).rglob("*") if p.is_file()}
    wanted = {"usr/bin/untrack", "usr/share/man/man1/untrack.1.gz",
              "usr/share/bash-completion/completions/untrack", "usr/share/zsh/vendor-completions/_untrack",
              "usr/share/fish/vendor_completions.d/untrack.fish",
              "usr/share/doc/untrack/copyright", "usr/share/doc/untrack/changelog.gz"}
    assert files == wanted, f"missing or too many: {sorted(files ^ wanted)}"
    with gzip.open(os.path.join(root, "usr/share/man/man1/untrack.1.gz"), "rt") as manual:
        assert manual.read().startswith(".TH UNTRACK 1")
    # -s: apt resolves the dependencies against this system and installs nothing.
    run("apt-get", "-s", "-q", "install", *packages)

    said = run(os.path.join(root, "usr/bin/untrack"), "version")
    version = field("Version")
    assert said == f"untrack {version}\n", said
    if os.geteuid() == 0:  # dpkg itself, with a database of its own, in a root of its own
        installed = os.path.join(scratch, "installed")
        for folder in ("info", "updates", "triggers"):
            os.makedirs(os.path.join(installed, "var/lib/dpkg", folder))
        for file in ("status", "available"):
            pathlib.Path(installed, "var/lib/dpkg", file).touch()
        # The root is empty, so the libraries it depends on are not in it: those apt has judged.
        run("dpkg", f"--root={installed}", "--log=/dev/null", "--force-depends", "-i", package)
        said = run(os.path.join(installed, "usr/bin/untrack"), "version")
        assert said == f"untrack {version}\n", said
        run("dpkg", f"--root={installed}", "--log=/dev/null", "-r", "untrack")
        assert not os.path.exists(os.path.join(installed, "usr/bin/untrack"))
    print(f"{os.path.basename(package)} installs, runs and goes; Depends: {depends}")
