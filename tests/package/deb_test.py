"""Builds the Debian packages, installs the program's into an empty root, upgrades it from an older
version there, runs it, and removes it. Usage: deb_test.py BUILD_DIRECTORY SOURCE_DIRECTORY. Exit status
77: skipped, the tools are not there."""
import gzip
import os
import pathlib
import re
import shutil
import sys
import tempfile

from packages import built, field, older, run

build, source = sys.argv[1:3]
for tool in ("dpkg-deb", "dpkg-shlibdeps", "apt-get"):
    if not shutil.which(tool):
        print(f"skipped: no {tool}")
        sys.exit(77)

with tempfile.TemporaryDirectory() as scratch:
    packages = built(build, scratch)
    for package in packages:
        assert re.fullmatch(r"[a-z-]+_\d+\.\d+\.\d+-\d+_[a-z0-9]+\.deb", os.path.basename(package)), package
        for name in ("Package", "Version", "Architecture", "Maintainer", "Section", "Priority",
                     "Description", "Depends", "Installed-Size"):
            assert field(package, name), f"{package}: no field {name}"
    package = packages[1]
    depends = field(package, "Depends")
    for library in ("libc6", "libfmt9", "libstdc++6"):
        assert re.search(rf"(^|, ){re.escape(library)} \(>=", depends), f"{library}: {depends}"

    root = os.path.join(scratch, "root")
    run("dpkg-deb", "-x", package, root)
    files = {str(p.relative_to(root)) for p in pathlib.Path(root).rglob("*") if p.is_file()}
    documents = "usr/share/doc/untrack/"
    wanted = {"usr/bin/untrack", "usr/share/man/man1/untrack.1.gz",
              "usr/share/bash-completion/completions/untrack", "usr/share/zsh/vendor-completions/_untrack",
              "usr/share/fish/vendor_completions.d/untrack.fish", "usr/share/lintian/overrides/untrack",
              documents + "copyright", documents + "changelog.gz", documents + "changelog.Debian.gz"}
    for kind in ("*.md", "checks/*.md", "start/*.md", "schema/*.json", "table-full/*"):
        wanted |= {f"{documents}docs/{p.relative_to(pathlib.Path(source, 'docs'))}"
                   for p in pathlib.Path(source, "docs").glob(kind)}
    commands = re.findall(r"^  ([a-z]+) ", run(os.path.join(root, "usr/bin/untrack"), "--help").split("Subcommands:")[1],
                          re.M)
    wanted |= {f"usr/share/man/man1/untrack-{command}.1.gz" for command in commands}
    wanted |= {f"{documents}examples/untrack-textfile.{kind}" for kind in ("service", "timer")}
    assert files == wanted, f"missing or too many: {sorted(files ^ wanted)}"
    with gzip.open(os.path.join(root, "usr/share/man/man1/untrack.1.gz"), "rt") as manual:
        assert manual.read().startswith(".TH UNTRACK 1")
    with gzip.open(os.path.join(root, documents, "changelog.Debian.gz"), "rt") as changes:
        assert changes.readline().startswith(f"untrack ({field(package, 'Version')}) ")
    # -s: apt resolves the dependencies against this system and installs nothing.
    run("apt-get", "-s", "-q", "install", *packages)

    said = run(os.path.join(root, "usr/bin/untrack"), "version")
    assert said == f"untrack {field(package, 'Version').split('-')[0]}\n", said
    if os.geteuid() == 0:  # dpkg itself, with a database of its own, in a root of its own
        installed = os.path.join(scratch, "installed")
        for folder in ("info", "updates", "triggers"):
            os.makedirs(os.path.join(installed, "var/lib/dpkg", folder))
        for file in ("status", "available"):
            pathlib.Path(installed, "var/lib/dpkg", file).touch()

        def dpkg(*words):
            # The root is empty, so the libraries it depends on are not in it: those apt has judged.
            run("dpkg", f"--root={installed}", "--log=/dev/null", "--force-depends", *words)

        gone = pathlib.Path(installed, "usr/share/untrack/gone")
        dpkg("-i", older(package, scratch, "0.0.9-1", "usr/share/untrack/gone"))
        assert gone.exists()
        dpkg("-i", package)
        assert not gone.exists(), "a file of the older version is left"
        assert run(os.path.join(installed, "usr/bin/untrack"), "version") == said
        dpkg("-P", "untrack")
        left = [str(p) for p in pathlib.Path(installed).rglob("*untrack*")]
        assert not left, f"left behind: {left}"
    print(f"{os.path.basename(package)} installs, upgrades, runs and goes; Depends: {depends}")
