#!/usr/bin/env python3
"""Predicted against measured: flows of each kind at a steady rate, and the entries that stand in the table
then; many flows at once under each configuration, and the bytes that the kernel's slabs grow by for one.
Prints a table, which with UPDATE=1 is written into DOCUMENT between its marks.
Usage: predicted_test.py UNTRACK DOCUMENT"""
import os
import pathlib
import re
import select
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

import netns
import pressure_test
import tables

HERE = "127.0.0.1"
SETTINGS = "/proc/sys/net/netfilter/"
RULES = "*filter\n-A INPUT -m state --state ESTABLISHED -j ACCEPT\nCOMMIT\n"
SECONDS = 3  # each timeout, so that a steady state is soon there
# What --rate is told, the timeout that counts, and how many flows a second.
KINDS = {"tcp={}/s,0s,closed": ("nf_conntrack_tcp_timeout_time_wait", 60),
         "tcp={}/s,0s,reset": ("nf_conntrack_tcp_timeout_close", 60),
         "udp={}/s": ("nf_conntrack_udp_timeout", 200),
         "icmp={}/s": ("nf_conntrack_icmp_timeout", 100)}
MANY = 20000
# Within these the test passes; what it saw is in the table.
ENTRIES_WITHIN = 0.15
BYTES_WITHIN = 0.05
MARKS = ("<!-- tests/lab/predicted_test.py -->\n", "<!-- end -->\n")
problems = []


def expect(is_so, what):
    if not is_so:
        problems.append(what)
        print(f"wrong: {what}")


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def echo(number):
    packet = struct.pack("!BBHHH", 8, 0, 0, number & 0xffff, 1)
    total = sum(struct.unpack("!4H", packet))
    total = ~((total >> 16) + (total & 0xffff)) & 0xffff
    return struct.pack("!BBHHH", 8, 0, total, number & 0xffff, 1)


class Maker:
    """Makes one flow of a kind, so many times."""

    def __init__(self):
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.icmp = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        self.icmp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sink.bind(("0.0.0.0", 9))
        self.number = 0

    def make(self, kind):
        self.number += 1
        if kind.startswith("udp"):
            self.udp.sendto(b"x", (f"127.1.{self.number >> 8 & 255}.{self.number & 255}", 9))
        elif kind.startswith("icmp"):
            self.icmp.sendto(echo(self.number), (HERE, 0))
            while select.select([self.icmp], [], [], 0)[0]:
                self.icmp.recv(100)
        elif kind.endswith("closed"):
            pressure_test.tcp_closed()
        else:
            pressure_test.tcp_reset()


def alive(protocol, state):
    """Listing leaves out what has expired."""
    with open(pressure_test.TABLE, encoding="ascii") as file:
        return sum(1 for line in file if line.split()[2] == protocol and state in line)


STATES = {"tcp={}/s,0s,closed": ("tcp", "TIME_WAIT"), "tcp={}/s,0s,reset": ("tcp", " CLOSE "),
          "udp={}/s": ("udp", ""), "icmp={}/s": ("icmp", "")}


def entries(untrack):
    """(what, predicted, measured) of each kind, all at once."""
    for setting, _ in KINDS.values():
        write(SETTINGS + setting, str(SECONDS))
    loads = [kind.format(rate) for kind, (_, rate) in KINDS.items()]
    said = pressure_test.pressure(untrack, *(word for load in loads for word in ("--rate", load)))
    predicted = [row["entries"] for row in said["scenarios"] if row["kind"] == "load"][:len(loads)]
    netns.flush_conntrack()
    maker = Maker()
    began = time.monotonic()
    done = dict.fromkeys(KINDS, 0)
    samples = {kind: [] for kind in KINDS}
    next_sample = SECONDS + 2.0
    while (now := time.monotonic() - began) < SECONDS + 7:
        for kind, (_, rate) in KINDS.items():
            while done[kind] < rate * now:
                done[kind] += 1
                maker.make(kind)
        if now > next_sample:
            next_sample += 1
            for kind, (protocol, state) in STATES.items():
                samples[kind].append(alive(protocol, state))
        time.sleep(0.002)
    for (kind, (_, rate)), expected in zip(KINDS.items(), predicted):
        yield kind.format(rate), expected, sum(samples[kind]) / len(samples[kind])


def slabs():
    """Bytes in use of the caches that entries and their extension blocks come from. (Those of the kernel
    that others use besides: the many flows drown them.)"""
    used = 0
    with open("/proc/slabinfo", encoding="ascii") as file:
        for line in file:
            found = re.match(r"(nf_conntrack|kmalloc-(?:rnd-\d+-)?(?:128|192|256)) +(\d+) +\d+ +(\d+) ", line)
            if found:
                used += int(found[2]) * int(found[3])
    return used


def nat(rule):
    return f"*nat\n-A {rule}\nCOMMIT\n"


def raw(target):
    return f"*raw\n-A OUTPUT -p udp -j CT {target}\nCOMMIT\n"


def filtering(match):
    return RULES.replace("COMMIT", f"-A OUTPUT {match} -j ACCEPT\nCOMMIT")


HELPER = raw("--helper tftp")
ACCT, TIMESTAMP, EVENTS = (f"nf_conntrack_{name}" for name in ("acct", "timestamp", "events"))
# (name, the settings that are set, rules besides RULES, whether somebody listens to events)
CONFIGURATIONS = (
    ("state rule alone", {}, "", False),
    ("nf_conntrack_acct = 1", {ACCT: 1}, "", False),
    ("nf_conntrack_timestamp = 1", {TIMESTAMP: 1}, "", False),
    ("nf_conntrack_events = 1", {EVENTS: 1}, "", False),
    ("nf_conntrack_events = 1, a listener", {EVENTS: 1}, "", True),
    ("nf_conntrack_events = 2, a listener", {}, "", True),
    ("nf_conntrack_events = 0, a listener", {EVENTS: 0}, "", True),
    ("MASQUERADE that matches", {}, nat("POSTROUTING -p udp -j MASQUERADE"), False),
    ("SNAT", {}, nat("POSTROUTING -p udp -j SNAT --to-source 127.0.0.2"), False),
    ("DNAT", {}, nat("OUTPUT -p udp --dport 9 -j DNAT --to-destination :10"), False),
    ("CT --helper", {}, HELPER, False),
    ("CT --helper, SNAT", {}, HELPER + nat("POSTROUTING -p udp -j SNAT --to-source 127.0.0.2"), False),
    ("CT --helper, acct, events = 1", {ACCT: 1, EVENTS: 1}, HELPER, False),
    ("CT --ctevents", {}, raw("--ctevents new,destroy"), False),
    ("CT --ctevents, nf_conntrack_events = 0", {EVENTS: 0}, raw("--ctevents new,destroy"), False),
    ("connlabel", {}, filtering("-m connlabel --label 1"), False),
    ("connbytes", {}, filtering("-m connbytes --connbytes 1000 --connbytes-dir both --connbytes-mode bytes"),
     False),
)


def nft(chain, rule, more=""):
    return f"table ip predicted {{\n{more}\nchain c {{\n{chain};\n{rule}\n}}\n}}\n"


NAT_CHAIN, FILTER_CHAIN = "type nat hook postrouting priority 100", "type filter hook output priority 0"
NFT_CONFIGURATIONS = (
    ("nft masquerade", nft(NAT_CHAIN, "ip daddr 127.3.0.0/16 masquerade")),
    ("nft snat", nft(NAT_CHAIN, "ip daddr 127.3.0.0/16 snat to 127.0.0.2")),
    ("nft ct helper set", nft(FILTER_CHAIN, 'ip protocol udp ct helper set "t"',
                              'ct helper t { type "tftp" protocol udp; }')),
    ("nft ct label", nft(FILTER_CHAIN, "ct label 1 accept")),
    ("nft ct label set", nft(FILTER_CHAIN, "ct label set 1")),
    ("nft ct original bytes", nft(FILTER_CHAIN, "ct original bytes > 1000 accept")),
    ("nft ct state", nft(FILTER_CHAIN, "ct state established accept")),
)


def configurations():
    yield from CONFIGURATIONS
    if shutil.which("nft"):
        yield from ((name, {}, rules, False) for name, rules in NFT_CONFIGURATIONS)


def load(rules):
    if rules.startswith("table"):
        pressure_test.load(4, RULES)
        subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True)
    else:
        pressure_test.load(4, RULES + rules)


def size_of(inputs):
    with_block = inputs["extension_used"]["value"]
    return inputs["entry_bytes_with_extension" if with_block else "entry_bytes"]["value"]


def inputs_of(untrack, *words):
    return {row["name"]: row for row in pressure_test.pressure(untrack, *words)["inputs"]}


def bytes_per_entry(untrack):
    # By the table of kernels alone, which is what other hosts are told.
    table = inputs_of(untrack, "--kernel", os.uname().release, "--ram", "8G")["entry_bytes"]["value"]
    rules_file = pathlib.Path(tempfile.mkdtemp()) / "rules"
    for name, settings, rules, has_listener in configurations():
        before = {setting: pathlib.Path(SETTINGS + setting).read_text() for setting in (ACCT, TIMESTAMP, EVENTS)}
        for setting, value in settings.items():
            write(SETTINGS + setting, str(value))
        listener = None
        if has_listener:
            try:
                listener = subprocess.Popen(["conntrack", "-E"], stdout=subprocess.DEVNULL,
                                            stderr=subprocess.DEVNULL)
            except FileNotFoundError:
                continue
            time.sleep(0.3)
        # Before the rules are loaded: loading connbytes switches accounting on, and that is to be foretold.
        write(rules_file, rules if rules.startswith("table") else RULES + rules)
        inputs = inputs_of(untrack, str(rules_file))
        load(rules)
        predicted = size_of(inputs)
        live = size_of(inputs_of(untrack, "--live"))
        expect(table == inputs["entry_bytes"]["value"],
               f"the slabs have {inputs['entry_bytes']['value']} bytes, the table of kernels {table}")
        expect(live == predicted, f"{name}: {predicted} bytes by the rules, {live} by --live")
        netns.flush_conntrack()
        time.sleep(0.2)
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        start = slabs()
        for i in range(MANY):
            sender.sendto(b"x", (f"127.3.{i >> 8 & 255}.{i & 255}", 9))
        grown = slabs() - start
        made = int(pathlib.Path(SETTINGS + "nf_conntrack_count").read_text())
        sender.close()
        if listener:
            listener.terminate()
            listener.wait()
        pressure_test.load(4, RULES)
        if rules.startswith("table"):
            subprocess.run(["nft", "delete", "table", "ip", "predicted"], check=True)
        for setting, value in before.items():
            write(SETTINGS + setting, value)
        expect(0.99 * MANY <= made <= 1.01 * MANY, f"{name}: {made} entries of {MANY} flows")
        yield name, predicted, grown / made


def difference(predicted, measured):
    return f"{(measured - predicted) / predicted:+.1%}".replace("%", " %")


def main():
    untrack, document = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    if not os.path.exists(SETTINGS + "nf_conntrack_max"):
        netns.skip("nf_conntrack is not loaded here")
    if not os.access("/proc/slabinfo", os.R_OK):
        netns.skip("no /proc/slabinfo")
    pressure_test.BACKEND = next((b for b in tables.BACKENDS if not tables.missing(b)), None)
    if pressure_test.BACKEND is None:
        netns.skip("iptables is not installed")
    lines = []
    with tables.own_lock():
        lab = netns.Lab("predicted")
        lab.enter("firewall")
        pressure_test.load(4, RULES)
        lines += ["| flows | entries predicted | mean seen | difference |", "| --- | --- | --- | --- |"]
        for name, predicted, seen in entries(untrack):
            expect(abs(seen - predicted) <= ENTRIES_WITHIN * predicted,
                   f"{name}: predicted {predicted}, saw {seen:.0f}")
            lines.append(f"| `{name}`, timeout {SECONDS} s | {predicted} | {seen:.0f} | "
                         f"{difference(predicted, seen)} |")
        lines += ["", f"| {MANY:,} UDP flows with | bytes an entry, predicted | measured | difference |",
                  "| --- | --- | --- | --- |"]
        for name, predicted, seen in bytes_per_entry(untrack):
            expect(abs(seen - predicted) <= BYTES_WITHIN * predicted,
                   f"{name}: predicted {predicted} bytes, measured {seen:.1f}")
            lines.append(f"| {name} | {predicted} | {seen:.1f} | {difference(predicted, seen)} |")
        lab.close()
    table = f"Linux {os.uname().release.split('-')[0]}, `tests/lab/predicted_test.py`:\n\n" + "\n".join(lines) + "\n"
    print(table)
    if os.environ.get("UPDATE") == "1" and not problems:
        text = document.read_text()
        begin = text.index(MARKS[0]) + len(MARKS[0])
        end = text.index(MARKS[1], begin)
        document.write_text(text[:begin] + "\n" + table + "\n" + text[end:])
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
