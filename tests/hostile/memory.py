#!/usr/bin/env python3
"""Usage: memory.py UNTRACK. Runs out of memory in every command, under `ulimit -d` and `ulimit -v`:
each has to end with its message and exit status, never with a signal or an internal error; and one
host of many must not end the others."""
import json
import pathlib
import re
import resource
import subprocess
import sys
import tempfile

MIB = 1 << 20
CURE = ("Nothing more was judged. Give fewer or smaller inputs at once, or more memory to the "
        "process.\n")
PACKET = "in tcp 192.0.2.1:40000 > 198.51.100.1:22 syn iif eth0"


def large_map():
    elements = ", ".join(f"{2 * i} : drop" for i in range(150_000))
    return ("table ip t {\nchain i {\ntype filter hook input priority 0; policy drop;\n"
            "meta mark vmap { " + elements + " }\n}\n}\n")


def large_rules():
    rules = "".join(f"-A INPUT -p tcp -m tcp --dport {i % 65535 + 1} -j ACCEPT\n" for i in range(60_000))
    return "*filter\n:INPUT DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n" + rules + "COMMIT\n"


def large_json():
    elements = ",".join(str(2 * i) for i in range(200_000))
    return ('{"nftables":[{"table":{"family":"ip","name":"t"}},{"set":{"family":"ip","table":"t",'
            '"name":"s","type":"mark","elem":[' + elements + "]}}]}")


def large_sets():
    return "".join(f"create s{i} hash:ip family inet\n" for i in range(60_000))


def large_script():
    return "#!/bin/sh\n" + "iptables -A INPUT -s 192.0.2.1 -p tcp --dport 22 -j ACCEPT\n" * 60_000


INPUTS = {"map.nft": large_map, "rules.rules": large_rules, "json.nft": large_json,
          "sets.ipset": large_sets, "script.sh": large_script}
COMMANDS = [["audit"], ["audit", "--output", "json"], ["audit", "--output", "html"],
            ["audit", "--output", "sarif"], ["explain", "--packet", PACKET], ["diff", "{}"],
            ["verify", "--mode", "stateless", "{}"], ["rewrite", "--mode", "stateless"],
            ["pressure"], ["unload", "--rules", "{}"]]


def run(program, words, limit=None, kind=resource.RLIMIT_DATA):
    def bound():
        resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
        if limit is not None:
            resource.setrlimit(kind, (limit, limit))
    return subprocess.run([program, *words], text=True, capture_output=True, preexec_fn=bound, check=False)


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    if b"__asan_init" in pathlib.Path(program).read_bytes():
        print("sanitizers take addresses of their own, beside which no limit can be set")
        return 77
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        for name, shape in INPUTS.items():
            pathlib.Path(folder, name).write_text(shape(), encoding="ascii")
        small = pathlib.Path(folder, "small.rules")
        small.write_text("*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j ACCEPT\nCOMMIT\n", encoding="ascii")

        def check(what, done, line):
            wanted = f"untrack: {line}.\n{CURE}"
            if done.returncode == 3 and re.fullmatch(wanted, done.stderr) and not done.stdout:
                return
            failures.append(what)
            print(f"{what}: exit status {done.returncode}\n{done.stdout[:500]}{done.stderr[:500]}")

        # In full, for each reader.
        lines = {"map.nft": "[12]", "rules.rules": r"\d+", "json.nft": 1, "sets.ipset": r"\d+", "script.sh": r"\d+"}
        for name in INPUTS:
            size = pathlib.Path(folder, name).stat().st_size
            for kind, word in ((resource.RLIMIT_DATA, "ulimit -d"), (resource.RLIMIT_AS, "ulimit -v")):
                limit = 24 * MIB if kind == resource.RLIMIT_DATA else 40 * MIB
                done = run(program, ["audit", f"{folder}/{name}"], limit, kind)
                check(f"audit {name} ({word})", done,
                      rf"{re.escape(folder)}/{name}:{lines[name]}: memory ran out behind this line: to read this "
                      rf"input of {size} bytes needs more than the {limit // MIB} MiB that this process may take")
        # Wherever it runs out: in reading, in what follows, in writing.
        for command in COMMANDS:
            for limit in (28, 60, 120):
                path = f"{folder}/rules.rules"
                words = [command[0], *([path] if command[0] != "unload" else []),
                         *(path if word == "{}" else word for word in command[1:])]
                done = run(program, words, limit * MIB)
                if done.returncode in (0, 1, 2, 3) and "internal error" not in done.stderr:
                    continue
                failures.append(command)
                print(f"{command} under {limit} MiB: exit status {done.returncode}\n{done.stderr[:500]}")
        # One of many.
        done = run(program, ["audit", "--hosts", f"{folder}/map.nft", small, "--output", "json"], 64 * MIB)
        hosts = json.loads(done.stdout)["hosts"] if done.stdout else []
        if (done.returncode != 3 or len(hosts) != 2 or hosts[0]["audit"] is not None
                or "memory ran out" not in hosts[0]["unreadable"][0] or hosts[1]["audit"] is None):
            failures.append("one of many hosts")
            print(f"one of many hosts: exit status {done.returncode}\n{done.stdout[:900]}{done.stderr[:500]}")
    print(f"{len(failures)} of all ends without memory are not as they should be")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
