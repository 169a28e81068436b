#!/usr/bin/env python3
"""Usage: shapes.py UNTRACK. Gives the program rulesets that are made to be dear, each with a limit
of processor time and of addresses, and looks at what it says: an answer, or which limit ended it.
Each shape once took minutes or gigabytes."""
import pathlib
import resource
import subprocess
import sys
import tempfile

SECONDS = 40  # of the processor; a few on an idle machine
ADDRESSES = 3 << 30


def address(number):
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def iptables(rules, chains=""):
    return ("*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n"
            + chains + "".join(rules) + "COMMIT\n")


def one_large_set():
    elements = ", ".join(address(2 * i) for i in range(50_000))
    rules = "".join(f"ip saddr @large tcp dport {i + 1} accept\n" for i in range(2_000))
    return ("table inet t {\nset large {\ntype ipv4_addr\nelements = { " + elements + " }\n}\n"
            "chain input {\ntype filter hook input priority 0; policy drop;\n" + rules + "}\n}\n")


def many_names():
    return iptables(f"-A INPUT -i eth{i}+ -p tcp --dport {i % 60_000 + 1} -j ACCEPT\n"
                    for i in range(20_000))


def calls_that_double():
    depth = 60
    chains = "".join(f":c{i} - [0:0]\n" for i in range(depth))
    calls = (f"-A c{i} -j c{i + 1}\n" * 2 for i in range(depth - 1))
    last = f"-A c{depth - 1} -p tcp --dport 22 -j ACCEPT\n"
    return iptables(["-A INPUT -j c0\n", *calls, last], chains)


PACKET = "in tcp 192.0.2.1:40000 > 198.51.100.1:{} syn iif eth0"
# Shape, language, arguments behind the file, exit status, what the output says.
CASES = [
    (one_large_set, "nft", ["audit"], 0, "Nothing here forces connection tracking"),
    (many_names, "rules", ["audit"], 0, "Nothing here forces connection tracking"),
    (calls_that_double, "rules", ["audit"], 0, "Nothing here forces connection tracking"),
    (calls_that_double, "rules", ["explain", "--packet", PACKET.format(22)], 0, "accepted by"),
    (calls_that_double, "rules", ["explain", "--packet", PACKET.format(23)], 0, "not known"),
]


def limit():
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))


def main():
    program = sys.argv[1]
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for shape, language, arguments, status, said in CASES:
            path = pathlib.Path(folder, f"{shape.__name__}.{language}")
            path.write_text(shape(), encoding="ascii")
            run = subprocess.run([program, arguments[0], path, *arguments[1:]], text=True,
                                 capture_output=True, preexec_fn=limit, check=False)
            if run.returncode == status and said in run.stdout:
                continue
            failures += 1
            print(f"{shape.__name__}, {' '.join(arguments)}: exit status {run.returncode}, wanted "
                  f"{status} and \"{said}\"\n{run.stdout[:2000]}{run.stderr[:500]}")
    print(f"{len(CASES) - failures} of {len(CASES)} shapes as they should be")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
