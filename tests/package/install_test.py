"""Installs the build into an empty prefix, then builds and runs a project that only knows
find_package(untrack). Usage: install_test.py BUILD_DIRECTORY SOURCE_DIRECTORY CXX"""
import os
import pathlib
import subprocess
import sys
import tempfile

build, source, compiler = sys.argv[1:4]


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


with tempfile.TemporaryDirectory() as scratch:
    prefix = os.path.join(scratch, "prefix")
    run("cmake", "--install", build, "--prefix", prefix)

    version = run(os.path.join(prefix, "bin", "untrack"), "version")
    assert version.startswith("untrack "), version

    installed = [path for path in pathlib.Path(prefix).rglob("*") if path.is_file()]
    for path in installed:
        if path.suffix == ".cmake":
            for place in (source, build):
                assert place not in path.read_text(), f"{path} names {place}"
    headers = {str(p.relative_to(source)) for folder in
               ("model", "parser", "analysis", "rewriter", "report", "app")
               for p in pathlib.Path(source, folder).rglob("*.hpp")} | {"app/version.hpp"}
    include = pathlib.Path(prefix, "include", "untrack")
    found = {str(p.relative_to(include)) for p in include.rglob("*.hpp")}
    assert headers == found, f"headers missing or too many: {sorted(headers ^ found)}"

    consumer = os.path.join(scratch, "consumer")
    run("cmake", "-S", os.path.join(source, "tests/package/consumer"), "-B", consumer, "-G", "Ninja",
        f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_CXX_COMPILER={compiler}",
        "-DCMAKE_CXX_COMPILER_LAUNCHER=")
    run("cmake", "--build", consumer)
    said = run(os.path.join(consumer, "consumer"))
    assert said == "1 table\n" + version, said
    print(f"{len(installed)} files installed, the consumer says: {said}", end="")
