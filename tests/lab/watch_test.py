#!/usr/bin/env python3
"""`untrack pressure --watch` beside a load that is known: so many new flows a second, so many that the table
is full and throws out entries, and none. Usage: watch_test.py UNTRACK"""
import json
import os
import socket
import subprocess
import sys
import threading
import time

import netns
import tables

RULES = "*filter\n-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\nCOMMIT\n"
MAX = "/proc/sys/net/netfilter/nf_conntrack_max"
SECONDS = 3
FLOWS_A_SECOND = 100
MOST_TO_FILL = 600000  # a larger table would take too long
problems = []


def expect(is_so, what):
    if not is_so:
        problems.append(what)
        print(f"wrong: {what}")


class Sender(threading.Thread):
    """A new UDP flow so many times a second, until it is stopped. Its socket is made where the process is."""

    def __init__(self, rate):
        super().__init__()
        self.rate, self.going = rate, True
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def run(self):
        began, sent = time.monotonic(), 0
        while self.going:
            while sent < self.rate * (time.monotonic() - began):
                self.socket.sendto(b"x", (f"127.9.{sent >> 8 & 255}.{sent & 255}", 9))
                sent += 1
            time.sleep(0.002)

    def stop(self):
        self.going = False
        self.join()
        self.socket.close()


def watch(untrack, namespace, *words):
    done = subprocess.run([untrack, "pressure", "--live", "--netns", namespace, "--watch", f"{SECONDS}s",
                           "--output", "json", *words], capture_output=True, text=True, timeout=60)
    report = json.loads(done.stdout)
    return done.returncode, report["watch"], [finding["name"] for finding in report["findings"]]


def fill(size):
    made = 0
    for port in range(1, 65536):
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for host in range(1, 255):
            if made > size:
                return
            try:
                sender.sendto(b"x", (f"127.8.{port & 127}.{host}", 1000 + (port >> 7)))
            except PermissionError:
                pass  # dropped: full
            made += 1
        sender.close()


def main():
    untrack = os.path.abspath(sys.argv[1])
    if not os.path.exists(MAX):
        netns.skip("nf_conntrack is not loaded here")
    backend = next((b for b in tables.BACKENDS if not tables.missing(b)), None)
    if backend is None:
        netns.skip("iptables is not installed")
    with tables.own_lock():
        lab = netns.Lab("watch")
        namespace = lab.netns("firewall")
        lab.enter("firewall")
        wrong = tables.restore(backend, 4, RULES)
        if wrong:
            netns.skip(f"the rules do not load: {wrong}")
        netns.flush_conntrack()
        status, seen, findings = watch(untrack, namespace)
        expect(seen["made_at_least"] == seen["gone_at_least"] == 0 == seen["growth_per_second"],
               f"nothing happens, and it says {seen}")
        expect(seen["seconds_to_full"] is None and findings == [] and status == 0, f"quiet: {findings}")
        sender = Sender(FLOWS_A_SECOND)
        sender.start()
        time.sleep(0.5)
        status, seen, findings = watch(untrack, namespace)
        sender.stop()
        expect(abs(seen["made_per_second"] - FLOWS_A_SECOND) < 0.15 * FLOWS_A_SECOND,
               f"{FLOWS_A_SECOND} new flows a second, and it says {seen['made_per_second']}")
        expect(abs(seen["growth_per_second"] - FLOWS_A_SECOND) < 0.15 * FLOWS_A_SECOND,
               f"it says that {seen['growth_per_second']} a second come to be")
        with open(MAX, encoding="ascii") as file:
            size = int(file.read())
        expect(seen["seconds_to_full"] and abs(seen["seconds_to_full"] * seen["growth_per_second"] +
                                               seen["count_after"] - size) < 0.01 * size,
               f"full after {seen['seconds_to_full']} s")
        expect(seen["not_read"] == [] and status == 0, f"not read: {seen['not_read']}")
        print(f"  {FLOWS_A_SECOND} a second: {seen['made_per_second']} made, {seen['growth_per_second']} more")
        if size <= MOST_TO_FILL:
            with open("/proc/sys/net/netfilter/nf_conntrack_udp_timeout", "w", encoding="ascii") as file:
                file.write("300")
            fill(size)
            sender = Sender(FLOWS_A_SECOND)
            sender.start()
            status, seen, findings = watch(untrack, namespace)
            sender.stop()
            more = {row["name"]: row["more"] for row in seen["counters"]}
            expect(more["early_drop"] + more["drop"] > FLOWS_A_SECOND * SECONDS / 2,
                   f"the table is full and it says {seen}")
            is_full = "table-full" in findings or "table-nearly-full" in findings
            expect("losing-now" in findings and is_full and status == 1,
                   f"findings of a full table: {findings}, status {status}")
            print(f"  full: {more}")
        netns.flush_conntrack()
        lab.close()
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
