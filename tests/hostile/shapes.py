#!/usr/bin/env python3
"""Usage: shapes.py UNTRACK. Gives the program rulesets that are made to be dear, each with a limit
of processor time and of addresses, and looks at what it says: an answer, or which limit ended it.
Each shape once took minutes or gigabytes."""
import os
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


def long_command():
    return iptables(["-A INPUT " + "-s 10.0.0.1 " * 300_000 + "-j ACCEPT\n"])


def long_list():
    return iptables(["-A INPUT -s " + ",".join(address(i) for i in range(100_000)) + " -j ACCEPT\n"])


def long_word():
    return iptables([f"-A INPUT -m comment --comment \"{'x' * 3_000_000}\" -j ACCEPT\n"])


def many_conditions():
    return iptables(f"-A INPUT -m limit --limit {i % 9_000 + 1}/sec --limit-burst {i // 9_000 + 1} -j ACCEPT\n"
                    for i in range(60_000))


def deep_calls():
    depth = 60_000
    return iptables(["-A INPUT -j c0\n", *(f"-A c{i} -j c{i + 1}\n" for i in range(depth - 1))],
                    "".join(f":c{i} - [0:0]\n" for i in range(depth)))


def loop():
    return iptables(["-A INPUT -j a\n", "-A a -j b\n", "-A b -j a\n"], ":a - [0:0]\n:b - [0:0]\n")


def nft_input(rule, before=""):
    return (f"{before}table ip t {{\nchain i {{\ntype filter hook input priority 0; policy drop;\n"
            f"{rule}\n}}\n}}\n")


def deep_braces():
    return nft_input("ip saddr " + "{ " * 300_000 + "192.0.2.1 " + "} " * 300_000 + " accept")


def deep_chains():
    return nft_input("jump { " * 100_000 + "accept " + "} " * 100_000)


def deep_json():
    return '{"nftables": ' + "[" * 1_000_000 + "]" * 1_000_000 + "}"


def large_set():
    return nft_input("ip saddr { " + ", ".join(address(2 * i) for i in range(200_000)) + " } accept")


def variables_that_double():
    return nft_input("ip saddr $x40 accept", "define x0 = { 192.0.2.1, 192.0.2.2 }\n" +
                     "".join(f"define x{i + 1} = {{ $x{i}, $x{i} }}\n" for i in range(40)))


def includes_itself():
    return nft_input("accept", 'include "./includes_itself.nft"\n')


def includes_zero():
    return nft_input("accept", 'include "/dev/zero"\n')


def includes_link_to_zero():
    return nft_input("accept", 'include "./zero"\n')


def includes_pipe():
    return nft_input("accept", 'include "./pipe"\n')


PACKET = "in tcp 192.0.2.1:40000 > 198.51.100.1:{} syn iif eth0"
CERTAIN = "Nothing here forces connection tracking for IPv4"
EXPLAIN = ["explain", "--packet", PACKET.format(22)]
# {}: the same file once more.
DIFF, VERIFY = ["diff", "{}"], ["verify", "--mode", "stateless", "{}"]
REWRITE = ["rewrite", "--mode", "stateless"]
ALIKE = "decide every packet alike"
# Shape, language, command and what stands behind the file, exit status, what the output says.
CASES = [
    (one_large_set, "nft", ["audit"], 0, "Nothing here forces connection tracking"),
    (many_names, "rules", ["audit"], 0, "Nothing here forces connection tracking"),
    (calls_that_double, "rules", ["audit"], 0, "Nothing here forces connection tracking"),
    (calls_that_double, "rules", EXPLAIN, 0, "accepted by"),
    (calls_that_double, "rules", ["explain", "--packet", PACKET.format(23)], 0, "not known"),
    (calls_that_double, "rules", DIFF, 0, ALIKE),
    (long_command, "rules", ["audit"], 3, "a command of 600004 words"),
    (long_command, "rules", EXPLAIN, 3, "a command of 600004 words"),
    (long_command, "rules", DIFF, 3, "a command of 600004 words"),
    (long_command, "rules", VERIFY, 3, "a command of 600004 words"),
    (long_command, "rules", REWRITE, 3, "a command of 600004 words"),
    (long_list, "rules", ["audit"], 0, CERTAIN),
    (long_list, "rules", EXPLAIN, 0, "dropped by the policy of INPUT"),
    (long_word, "rules", ["audit"], 0, CERTAIN),
    (long_word, "rules", EXPLAIN, 0, "accepted by"),
    (many_conditions, "rules", ["audit"], 0, "note[UT902]"),
    (many_conditions, "rules", DIFF, 3, "Not all could be compared: the limit of the analysis was reached"),
    (many_conditions, "rules", VERIFY, 3, "not checked"),
    (deep_calls, "rules", ["audit"], 0, CERTAIN),
    (deep_calls, "rules", EXPLAIN, 0, "not known"),
    (deep_calls, "rules", DIFF, 0, ALIKE),
    (loop, "rules", ["audit"], 3, "loop"),
    (loop, "rules", EXPLAIN, 3, "loop"),
    (deep_braces, "nft", ["audit"], 3, "expected less nesting"),
    (deep_braces, "nft", DIFF, 3, "expected less nesting"),
    (deep_chains, "nft", ["audit"], 3, "expected less nesting"),
    (deep_chains, "nft", EXPLAIN, 3, "expected less nesting"),
    (deep_json, "nft", ["audit"], 3, "more levels than this program reads"),
    (large_set, "nft", ["audit"], 0, CERTAIN),
    (large_set, "nft", EXPLAIN, 0, "dropped by the policy of i"),
    (large_set, "nft", DIFF, 0, ALIKE),
    (variables_that_double, "nft", ["audit"], 3, "$x"),
    (includes_itself, "nft", ["audit"], 3, "includes itself"),
    (includes_itself, "nft", DIFF, 3, "includes itself"),
    (includes_zero, "nft", ["audit"], 3, "/dev/zero is not below the directory"),
    (includes_zero, "nft", ["audit", "--include-path", "/dev"], 3, "is not a regular file"),
    (includes_link_to_zero, "nft", ["audit"], 3, "zero is not below the directory"),
    (includes_pipe, "nft", ["audit"], 3, "is not a regular file"),
    (includes_pipe, "nft", EXPLAIN, 3, "is not a regular file"),
    (includes_pipe, "nft", DIFF, 3, "is not a regular file"),
    (includes_pipe, "nft", REWRITE, 3, "is not a regular file"),
]


def limit():
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))


def main():
    program = sys.argv[1]
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        os.mkfifo(pathlib.Path(folder, "pipe"))
        os.symlink("/dev/zero", pathlib.Path(folder, "zero"))
        for shape, language, arguments, status, said in CASES:
            path = pathlib.Path(folder, f"{shape.__name__}.{language}")
            if not path.exists():
                path.write_text(shape(), encoding="ascii")
            words = [str(path) if word == "{}" else word for word in arguments[1:]]
            run = subprocess.run([program, arguments[0], path, *words], text=True,
                                 capture_output=True, preexec_fn=limit, check=False)
            # Lines are broken where they are long.
            text = " ".join((run.stdout + run.stderr).split())
            if run.returncode == status and said in text:
                continue
            failures += 1
            print(f"{shape.__name__}, {' '.join(arguments)}: exit status {run.returncode}, wanted "
                  f"{status} and \"{said}\"\n{run.stdout[:2000]}{run.stderr[:500]}")
    print(f"{len(CASES) - failures} of {len(CASES)} shapes as they should be")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
