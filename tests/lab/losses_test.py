#!/usr/bin/env python3
"""Each loss that `untrack pressure --watch` explains is provoked on this kernel, in a known number, while it
watches; the counters that it tells must be those. Usage: losses_test.py UNTRACK"""
import json
import os
import socket
import struct
import subprocess
import sys
import time

import netns
import tables

RULES = "*filter\n-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\nCOMMIT\n"
QUEUE = ("*mangle\n-A PREROUTING -i c1 -p tcp --dport 7001 -j NFQUEUE --queue-num 7\n"
         "-A PREROUTING -i c1 -p udp --dport 7001 -j NFQUEUE --queue-num 7\nCOMMIT\n")
MAX = "/proc/sys/net/netfilter/nf_conntrack_max"
MOST_TO_FILL = 600000  # a larger table would take too long
LOST = 20
CLIENT = "10.98.1.1"
SILENT = "10.98.2.9"  # nobody is there, and no answer ends an entry
problems = []


def expect(is_so, what):
    if not is_so:
        problems.append(what)
        print(f"wrong: {what}")


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def syn(port):
    """A SYN from the client to the server's port 7001, without an IP header."""
    def segment(check):
        return struct.pack("!HHIIBBHHH", port, 7001, 1, 0, 5 << 4, 2, 1000, check, 0)
    pseudo = socket.inet_aton(CLIENT) + socket.inet_aton(SILENT) + struct.pack("!BBH", 0, 6, 20)
    return segment(checksum(pseudo + segment(0)))


def echo(kind, wrong=0):
    def message(check):
        return struct.pack("!BBHHH", kind, 0, check, 77, 1)
    return message(checksum(message(0)) ^ wrong)


class Queue:
    """Queue 7 of NFQUEUE: holds packets before their entries are confirmed, and lets them go."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
        self.socket.settimeout(5)
        self.ask(2, netns.attribute(1, struct.pack(">BBH", 1, 0, socket.AF_INET)))  # bind
        self.ask(2, netns.attribute(2, struct.pack(">IB", 0, 1)))  # the number of the packet is enough

    def ask(self, message, attributes, wants_answer=True):
        body = struct.pack(">BBH", 0, 0, 7) + attributes
        self.socket.send(struct.pack("=IHHII", 16 + len(body), 3 << 8 | message,
                                     5 if wants_answer else 1, 1, 0) + body)
        if wants_answer:
            error = -struct.unpack_from("=i", self.socket.recv(65536), 16)[0]
            if error:
                raise OSError(error, "NFQUEUE")

    def accept(self, count):
        """Waits until so many packets stand in the queue, then accepts them."""
        held = []
        while len(held) < count:
            packet = self.socket.recv(65536)
            at = 20
            while at < len(packet):
                length, kind = struct.unpack_from("=HH", packet, at)
                if kind == 1:  # NFQA_PACKET_HDR
                    held.append(packet[at + 4:at + 8])
                at += (length + 3) & ~3
        for number in held:
            self.ask(1, netns.attribute(2, struct.pack(">I", 1) + number), wants_answer=False)


def fill(size):
    """Puts in entries of UDP that are ASSURED, over netlink, until the table is full: whether the last one
    was refused for this."""
    def nested(kind, *inner):
        return netns.attribute(0x8000 | kind, b"".join(inner))

    def entry(number):
        one = struct.pack(">I", 0x0a000000 + number)
        other = struct.pack(">I", 0x0b000001)

        def a_tuple(kind, source, target, sport, dport):
            return nested(kind, nested(1, netns.attribute(1, source), netns.attribute(2, target)),
                          nested(2, netns.attribute(1, b"\x11"), netns.attribute(2, struct.pack(">H", sport)),
                                 netns.attribute(3, struct.pack(">H", dport))))
        body = (struct.pack(">BBH", socket.AF_INET, 0, 0) + a_tuple(1, one, other, 5000, 9) +
                a_tuple(2, other, one, 9, 5000) +
                netns.attribute(3, struct.pack(">I", 0xe)) +  # SEEN_REPLY, ASSURED, CONFIRMED
                netns.attribute(7, struct.pack(">I", 300)))
        return struct.pack("=IHHII", 16 + len(body), 1 << 8, 0x601, number, 0) + body
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12) as netlink:
        netlink.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        for first in range(0, size + 100, 100):
            netlink.send(b"".join(entry(number) for number in range(first, first + 100)))
            try:
                answer = netlink.recv(65536, socket.MSG_DONTWAIT)  # errors alone are answered
            except BlockingIOError:
                continue
            return -struct.unpack_from("=i", answer, 16)[0] in (12, 28)  # ENOMEM, ENOSPC
    return False


def sleeps(process):
    try:
        with open(f"/proc/{process.pid}/wchan", encoding="ascii") as file:
            return "nanosleep" in file.read()
    except OSError:
        return False


def watch(untrack, namespace, provoke, seconds=5):
    """Provokes once the first readings are made. The counters that grew, the findings, the text of another
    watch at the same time."""
    words = [untrack, "pressure", "--live", "--netns", namespace, "--watch", f"{seconds}s", "--output"]
    processes = []
    try:
        for form in ("json", "text"):
            processes.append(subprocess.Popen([*words, form], stdout=subprocess.PIPE,
                                              stderr=subprocess.DEVNULL, text=True))
        end = time.monotonic() + 30
        while not all(sleeps(process) for process in processes) and time.monotonic() < end:
            if any(process.poll() is not None for process in processes):
                break
            time.sleep(0.02)
        provoke()
        report, text = (process.communicate(timeout=60)[0] for process in processes)
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
                process.wait()
    report = json.loads(report)
    grown = {row["name"]: row["more"] for row in report["watch"]["counters"] if row["more"]}
    return grown, [finding["name"] for finding in report["findings"]], " ".join(text.split())


def main():
    untrack = os.path.abspath(sys.argv[1])
    if not os.path.exists(MAX):
        netns.skip("nf_conntrack is not loaded here")
    backend = next((b for b in tables.BACKENDS if not tables.missing(b)), None)
    if backend is None:
        netns.skip("iptables is not installed")
    with open(MAX, encoding="ascii") as file:
        size = int(file.read())
    not_provoked = ["chaintoolong (the hash is keyed; fewer buckets would be the whole host's)",
                    "insert_failed of two flows translated to one (NFQUEUE cannot hold a packet after SNAT)",
                    "search_restart (an entry must move within a look-up)"]
    with tables.own_lock():
        lab = netns.Lab("losses")
        namespace = lab.netns("firewall")
        lab.enter("client")
        raw = {protocol: socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol)
               for protocol in (socket.IPPROTO_ICMP, socket.IPPROTO_TCP)}
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        lab.enter("firewall")
        netns.run("ip", "neigh", "add", SILENT, "lladdr", "02:00:00:00:00:09", "dev", "s1")
        wrong = tables.restore(backend, 4, RULES)
        if wrong:
            netns.skip(f"the rules do not load: {wrong}")

        def icmp(message):
            for _ in range(LOST):
                raw[socket.IPPROTO_ICMP].sendto(message, (SILENT, 0))

        def case(what, provoke, wanted, is_losing, cause):
            grown, findings, text = watch(untrack, namespace, provoke)
            print(f"  {what}: {grown}", flush=True)
            expect(grown == wanted, f"{what}: {grown} grew, not {wanted}")
            expect(("losing-now" in findings) == is_losing, f"{what}: findings {findings}")
            for name, more in wanted.items():
                expect(f" {name} {more} " in text, f"{what}: the text does not say {name} {more}")
            expect(cause in text, f"{what}: the text does not say: {cause}")

        case("ICMP replies without a request", lambda: icmp(echo(0)), {"invalid": LOST}, False,
                 "are of no flow and begin none")
        case("wrong checksums", lambda: icmp(echo(8, 0x55)), {"error": LOST}, False,
                 "a bad checksum")

        wrong = tables.restore(backend, 4, QUEUE)
        try:
            queue = None if wrong else Queue()
        except OSError as error:
            queue, wrong = None, str(error)
        if queue is None:
            not_provoked.append(f"insert_failed, clash_resolve (no NFQUEUE: {wrong})")
        else:
            def race(send):
                for number in range(LOST):
                    for _ in range(2):
                        send(number)
                    queue.accept(2)

            def send_udp(port):
                lab.enter("client")
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                    sender.bind((CLIENT, port))
                    sender.sendto(b"x", (SILENT, 7001))
                lab.enter("firewall")
            case("two SYN at once", lambda: race(lambda number: raw[socket.IPPROTO_TCP].sendto(
                syn(20000 + number), (SILENT, 0))), {"insert_failed": LOST, "drop": LOST}, True,
                 "another packet of the same flow was first")
            case("two first packets of UDP", lambda: race(lambda number: send_udp(20000 + number)),
                 {"clash_resolve": LOST}, False,
                 "nothing was lost")

        if size > MOST_TO_FILL:
            not_provoked.append(f"drop of a full table (max is {size})")
        else:
            netns.flush_conntrack()
            expect(fill(size), "the table does not fill")

            def new_flows():
                for port in range(30000, 30000 + LOST):
                    udp.sendto(b"x", (SILENT, port))
            case("new flows at a table full of ASSURED entries", new_flows, {"drop": LOST}, True,
                 "the table was full and nothing in it could be thrown out")
        netns.flush_conntrack()
        lab.close()
    print(f"not provoked: {'; '.join(not_provoked)}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
