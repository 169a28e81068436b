#!/usr/bin/env python3
"""`rewrite --mode notrack --live --entries live`: what has most entries in the kernel's table comes first, and
each service is counted as often as flows were made. Usage: rewrite_entries_test.py UNTRACK"""
import os
import re
import socket
import subprocess
import sys

import netns
import tables

FLOWS = {123: 9, 514: 4, 161: 6}
RULES = ("*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n"
         "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
         + "".join(f"-A INPUT -p udp -m udp --dport {port} -j ACCEPT\n" for port in sorted(FLOWS)) + "COMMIT\n")


def main():
    untrack = os.path.abspath(sys.argv[1])
    wrong = tables.missing("legacy")
    if wrong:
        netns.skip(wrong)
    with tables.own_lock():
        lab = netns.Lab("ordered")
        namespace = lab.netns("firewall")
        lab.enter("firewall")
        wrong = tables.restore("legacy", 4, RULES)
        if wrong:
            netns.skip(f"the rules do not load: {wrong}")
        netns.flush_conntrack()
        for port, count in FLOWS.items():
            for _ in range(count):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
                    one.sendto(b"x", ("127.0.0.1", port))
        lab.enter(None)
        done = subprocess.run([untrack, "rewrite", "--live", "--netns", namespace, "--mode", "notrack", "--entries",
                               "live"], capture_output=True, text=True, timeout=60)
        lab.close()
    seen = [(int(port), int(count)) for count, port in
            re.findall(r"^ +(\d+)  live:ip_tables/filter:\d+:1: .*--dport (\d+)", done.stdout + done.stderr, re.M)]
    expected = sorted(FLOWS.items(), key=lambda row: -row[1])
    if seen != expected:
        print(done.stdout, done.stderr, f"wrong: expected {expected}, told {seen}")
    print(f"{sum(FLOWS.values())} entries, most first: {seen}")
    sys.exit(0 if seen == expected else 1)


if __name__ == "__main__":
    main()
