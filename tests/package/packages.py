"""Builds the Debian packages of a build directory; runs programs that must not fail."""
import glob
import os
import subprocess


def run(*command, status=0):
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == status, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


def built(build, scratch):
    """(path of libuntrack-dev, path of untrack)"""
    run("cpack", "-G", "DEB", "--config", os.path.join(build, "CPackConfig.cmake"), "-B", scratch)
    packages = sorted(glob.glob(os.path.join(scratch, "*.deb")))
    names = [os.path.basename(p).split("_")[0] for p in packages]
    assert names == ["libuntrack-dev", "untrack"], names
    return packages


def field(package, name):
    return run("dpkg-deb", "-f", package, name).strip()


def older(package, scratch, version, extra):
    """The package as an older version that also has the file `extra`, which is gone by now."""
    tree = os.path.join(scratch, "older")
    run("dpkg-deb", "-R", package, tree)
    control = os.path.join(tree, "DEBIAN/control")
    with open(control) as file:
        text = file.read()
    here = field(package, "Version")
    assert f"Version: {here}\n" in text, text
    with open(control, "w") as file:
        file.write(text.replace(f"Version: {here}\n", f"Version: {version}\n"))
    path = os.path.join(tree, extra)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write("of an older version\n")
    run("dpkg", "--compare-versions", version, "lt", here)
    made = os.path.join(scratch, f"untrack_{version}.deb")
    run("dpkg-deb", "--root-owner-group", "-b", tree, made)
    return made
