"""What arguments.txt says of iptables is asked of iptables: every line is run by the legacy and the nft
backend in a network namespace of this test's own. Exit status 77: skipped, no namespaces or another
iptables than 1.8.9 here."""
import os
import pathlib
import shlex
import shutil
import subprocess
import sys

TABLE = pathlib.Path(__file__).with_name("arguments.txt")
NAMESPACE = f"untrack-accepted-{os.getpid()}"
BACKENDS = ("legacy", "nft")
# (legacy accepts, nft accepts); none: not asked, or one of the two
EXPECTED = {"yes": True, "odd": True, "strict": True, "no": False, "note": False, "gap": False}


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(1 if os.environ.get("UNTRACK_LAB") == "required" else 77)


def words(text):
    """Split at blanks outside double quotes, as tests/unit/parser/command_text.hpp does."""
    found, at = [], 0
    while at < len(text):
        if text[at] == " ":
            at += 1
            continue
        if text[at] == '"':
            end = text.index('"', at + 1)
            found.append(text[at + 1:end])
            at = end + 1
            continue
        end = text.find(" ", at)
        end = len(text) if end < 0 else end
        found.append(text[at:end])
        at = end
    return found


def main():
    for tool in ("ip", "iptables-legacy", "iptables-nft"):
        if not shutil.which(tool):
            skip(f"no {tool}")
    version = subprocess.run(["iptables-nft", "--version"], capture_output=True, text=True).stdout
    if "v1.8.9" not in version:
        skip(f"the table is for iptables 1.8.9, here is {version.strip()}")
    lines = [line for line in TABLE.read_text().splitlines() if line and line[0] != "#"]
    made = subprocess.run(["ip", "netns", "add", NAMESPACE], capture_output=True, text=True)
    if made.returncode != 0:
        skip(f"no network namespace: {made.stderr.strip()}")
    script = []
    for backend in BACKENDS:
        script += [f"{program}-{backend} -N user" for program in ("iptables", "ip6tables")]
        for number, line in enumerate(lines):
            kind, family, text = line.split(" ", 2)
            program = "iptables" if family == "4" else "ip6tables"
            arguments = " ".join(shlex.quote(word) for word in words(text))
            script.append(f"{program}-{backend} {arguments} >/dev/null 2>&1; "
                          f"echo {number} {backend} $? >&3")
    try:
        # Of the shell's own input nothing may be read by the programs it runs.
        done = subprocess.run(["ip", "netns", "exec", NAMESPACE, "sh"], capture_output=True, text=True,
                              input="{ exec 3>&1 >/dev/null 2>&1\n" + "\n".join(script) + "\n}\n")
    finally:
        subprocess.run(["ip", "netns", "del", NAMESPACE])
    answers = {}
    for line in done.stdout.splitlines():
        number, backend, status = line.split()
        answers[int(number), backend] = int(status) == 0
    faults, asked = [], 0
    for number, line in enumerate(lines):
        kind = line.split(" ", 1)[0]
        got = [answers.get((number, backend)) for backend in BACKENDS]
        if None in got:
            faults.append(f"no answer: {line}")
        elif kind in EXPECTED:
            asked += 1
            for backend, answer in zip(BACKENDS, got):
                if answer != EXPECTED[kind]:
                    faults.append(f"{backend} {'accepts' if answer else 'refuses'}: {line}")
        elif kind.startswith("mixed"):
            asked += 1
            if got[0] == got[1]:
                faults.append(f"both answer alike: {line}")
        elif kind != "host":
            faults.append(f"no such kind: {line}")
    print("\n".join(faults + [f"{asked} of {len(lines)} asked, {len(faults)} answered otherwise"]))
    return 1 if faults or asked < 600 else 0


if __name__ == "__main__":
    sys.exit(main())
