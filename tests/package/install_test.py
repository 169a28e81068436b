"""Installs the build into an empty prefix, then builds and runs a project that only knows
find_package(untrack); then the example of docs/library.md, as it stands there. Usage: install_test.py BUILD_DIRECTORY SOURCE_DIRECTORY CXX"""
import os
import pathlib
import re
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

    page = pathlib.Path(source, "docs/library.md").read_text()
    example = os.path.join(scratch, "example")
    os.makedirs(example)
    for language, name in (("cmake", "CMakeLists.txt"), ("cpp", "lean_host.cpp")):
        text, = re.findall(rf"^```{language}\n(.*?)^```", page, re.M | re.S)
        pathlib.Path(example, name).write_text(text)
    assert pathlib.Path(example, "lean_host.cpp").read_text() == \
        pathlib.Path(source, "tests/package/consumer/lean_host.cpp").read_text(), "docs/library.md is not the example"
    run("cmake", "-S", example, "-B", os.path.join(example, "build"), "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}",
        f"-DCMAKE_CXX_COMPILER={compiler}", "-DCMAKE_CXX_COMPILER_LAUNCHER=")
    run("cmake", "--build", os.path.join(example, "build"))
    done = subprocess.run([os.path.join(example, "build/lean_host"), "samples/dns-server.rules"], cwd=source,
                          capture_output=True, text=True)
    assert done.returncode == 0 and "--ctstate" not in re.sub(r"(?m)^#.*", "", done.stdout), done
    assert "*filter" in done.stdout and "samples/dns-server.rules:7: UT301" in done.stderr, done
    assert subprocess.run([os.path.join(example, "build/lean_host"), "samples/router-masquerade.rules"], cwd=source,
                          capture_output=True).returncode == 1, "translation cannot do without state"

    print(f"{len(installed)} files installed, the consumer says: {said}", end="")
