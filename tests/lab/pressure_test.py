#!/usr/bin/env python3
"""What `untrack pressure` predicts, asked of this machine's kernel: which timeout each way of ending a
flow leaves behind and whether the entry is ASSURED, how many entries a steady rate keeps, how large
an entry is, and that a ruleset called dead adds none. Usage: pressure_test.py UNTRACK"""
import json
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time

import netns
import tables

HERE = "127.0.0.1"
TABLE = "/proc/net/nf_conntrack"
STATE_RULE = "*filter\n-A INPUT -m state --state ESTABLISHED -j ACCEPT\nCOMMIT\n"
STATELESS = "*filter\n-A INPUT -p udp --dport 9 -j ACCEPT\nCOMMIT\n"
RST_ON_CLOSE = struct.pack("ii", 1, 0)


def pressure(untrack, *arguments):
    """The JSON; settings are read from /proc, which shows the namespace that this process is in."""
    done = subprocess.run([untrack, "pressure", "--output", "json", *arguments], text=True,
                          capture_output=True, check=False)
    if done.returncode > 1:
        raise RuntimeError(f"untrack pressure {' '.join(arguments)}: {done.stderr}{done.stdout}")
    return json.loads(done.stdout)


def entries(protocol, port=None):
    """(seconds left, line) of the entries of a protocol, or of those to a port."""
    with open(TABLE, encoding="ascii") as file:
        for line in file:
            words = line.split()
            if words[2] == protocol and (port is None or f"dport={port} " in line):
                yield int(words[4]), line


def listener():
    server = socket.socket()
    server.bind((HERE, 0))
    server.listen(1)
    return server, server.getsockname()[1]


def connection():
    server, port = listener()
    client = socket.create_connection((HERE, port))
    peer = server.accept()[0]
    server.close()
    return client, peer, port


def tcp_closed():
    client, peer, port = connection()
    client.close()
    peer.recv(1)
    peer.close()
    return "tcp", port


def tcp_reset():
    client, peer, port = connection()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST_ON_CLOSE)
    client.close()
    peer.close()
    return "tcp", port


def tcp_abandoned():
    client, peer, port = connection()
    KEPT.extend((client, peer))
    return "tcp", port


def tcp_unanswered():
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex(("10.98.1.77", 9))  # nobody there; the SYN waits for a neighbour that never is
    KEPT.append(client)
    return "tcp", 9


def udp_pair():
    one, two = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    one.bind((HERE, 0))
    two.bind((HERE, 0))
    one.connect(two.getsockname())
    two.connect(one.getsockname())
    one.settimeout(2)
    two.settimeout(2)
    return one, two


def udp_exchange(one, two):
    one.send(b"request")
    two.recv(9)
    two.send(b"reply")
    one.recv(9)


def udp_once():
    one, two = udp_pair()
    udp_exchange(one, two)
    return "udp", two.getsockname()[1]


def udp_stream():
    one, two = udp_pair()
    udp_exchange(one, two)
    time.sleep(2.2)
    udp_exchange(one, two)
    return "udp", two.getsockname()[1]


def icmp_echo():
    subprocess.run(["ping", "-c", "1", "-w", "2", HERE], capture_output=True, check=True)
    return "icmp", None


def other_protocol():
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, 253) as raw:  # RFC 3692: experimental
        raw.sendto(b"x", (HERE, 0))
    return "unknown", None


KEPT = []  # sockets of flows that must stay open
# What --rate is told -> the flow that is made.
ENDINGS = {
    "tcp=1/s,0s,closed": tcp_closed, "tcp=1/s,0s,reset": tcp_reset,
    "tcp=1/s,0s,abandoned": tcp_abandoned, "tcp=1/s,0s,unanswered": tcp_unanswered,
    "udp=1/s": udp_once, "udp=1/s,3s": udp_stream, "icmp=1/s": icmp_echo, "other=1/s": other_protocol,
}


def endings(untrack):
    """The timeout that each ending of a flow leaves, and whether its entry is ASSURED."""
    for load, make in ENDINGS.items():
        netns.flush_conntrack()
        protocol, port = make()
        scenario = pressure(untrack, "--rate", load)["scenarios"][0]
        inputs = {row["name"]: row["value"] for row in pressure(untrack)["inputs"]}
        expected = inputs[scenario["timeout"]]
        seen = list(entries(protocol, port))
        if len(seen) != 1:
            yield f"{load}: {len(seen)} entries instead of 1"
            continue
        left, line = seen[0]
        if not expected - 5 <= left <= expected:
            yield f"{load}: expected {expected} s ({scenario['timeout']}), saw {left}: {line.strip()}"
        if ("[ASSURED]" in line) != scenario["assured"]:
            yield f"{load}: expected assured {scenario['assured']}, saw {line.strip()}"


def refused_connections(untrack):
    """A RST in answer to a SYN ends the entry at once, so that a scan of closed ports leaves none."""
    netns.flush_conntrack()
    server, port = listener()
    server.close()
    with socket.socket() as client:
        if client.connect_ex((HERE, port)) == 0:
            yield "the port was not closed"
    if list(entries("tcp", port)):
        yield "a refused connection left an entry"


def steady_state(untrack):
    """A steady rate of single UDP packets keeps rate x timeout entries, by Little's law."""
    rate, timeout = 300, 3
    with open("/proc/sys/net/netfilter/nf_conntrack_udp_timeout", "w", encoding="ascii") as file:
        file.write(str(timeout))
    predicted = pressure(untrack, "--rate", f"udp={rate}/s")
    expected = predicted["table"]["entries"]
    if expected != rate * timeout:
        yield f"predicted {expected} instead of {rate} x {timeout}"
    netns.flush_conntrack()
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind((HERE, 0))
    receiver.setblocking(False)
    began = time.monotonic()
    sent, samples = 0, []
    while (now := time.monotonic() - began) < 9:
        while sent < rate * now:
            sent += 1
            sender.sendto(b"x", (f"127.1.{sent >> 8}.{sent & 255}", 9))
        if now > timeout + 1 and len(samples) < int(now - timeout):
            with open("/proc/sys/net/netfilter/nf_conntrack_count", encoding="ascii") as file:
                counted = int(file.read())
            # Listing leaves out what has expired, and collects it.
            samples.append((counted, sum(1 for _ in entries("udp", 9))))
        time.sleep(0.005)
    late = predicted["table"]["entries_expired_at_most"]
    for counted, alive in samples:
        if not 0.8 * expected <= alive <= 1.2 * expected:
            yield f"{alive} entries that have not expired, expected {expected}"
        if not 0.8 * alive <= counted <= 1.2 * (expected + late):
            yield f"{counted} entries counted, expected {expected} and at most {late} late"
    if len(samples) < 3:
        yield f"only {len(samples)} samples: the machine is too slow to say"
    print(f"  steady state: expected {expected}, saw (counted, alive) {samples}")


def entry_size(untrack):
    """Bytes of an entry, as the slab allocator hands them out."""
    with open("/proc/slabinfo", encoding="ascii") as file:
        sizes = [int(found[1]) for line in file
                 if (found := re.match(r"nf_conntrack +\d+ +\d+ +(\d+) ", line))]
    # With a kernel's name it is the table of kernels that answers; else it would be the same file.
    said = pressure(untrack, "--kernel", os.uname().release, "--ram", "8G")
    expected = {row["name"]: row["value"] for row in said["inputs"]}["entry_bytes"]
    if sizes != [expected]:
        yield f"expected {expected} bytes, the slab has {sizes}"


def dead_tuning(untrack):
    """Where untrack calls the tuning dead, traffic adds no entry; where it does not, it does."""
    with tempfile.TemporaryDirectory() as scratch:
        for text, dead in ((STATELESS, True), (STATE_RULE, False)):
            names = [f"{scratch}/rules.v{v}" for v in (4, 6)]
            for name, tool in zip(names, ("iptables", "ip6tables")):
                with open(name, "w", encoding="ascii") as file:
                    file.write(f"# Generated by {tool}-save v1.8.9\n{text}")
            said = pressure(untrack, *names)
            if said["dead"] != dead:
                yield f"expected dead {dead}, untrack says {said['dead']}: {said['tracking']}"
            for v in (4, 6):
                load(v, text)
            netns.flush_conntrack()
            udp_once()
            if (len(list(entries("udp"))) == 0) != dead:
                yield f"expected dead {dead}, the kernel has {list(entries('udp'))}"


FACTS = (endings, refused_connections, steady_state, entry_size, dead_tuning)
BACKEND = None


def load(v, text):
    wrong = (tables.restore(BACKEND, v, tables.emptied(tables.TABLES)) or
             tables.restore(BACKEND, v, text))
    if wrong:
        raise RuntimeError(wrong)


def main():
    global BACKEND
    untrack = os.path.abspath(sys.argv[1])
    if not os.path.exists("/proc/sys/net/netfilter/nf_conntrack_max"):
        netns.skip("nf_conntrack is not loaded here")
    BACKEND = next((b for b in tables.BACKENDS if not tables.missing(b)), None)
    if BACKEND is None:
        netns.skip("iptables is not installed")
    wrong, skipped = [], 0
    with tables.own_lock():
        lab = netns.Lab("pressure")
        lab.enter("firewall")
        load(4, STATE_RULE)
        if not os.path.exists(TABLE):
            netns.skip(f"this kernel has no {TABLE}")
        for fact in FACTS:
            if fact is entry_size and not os.access("/proc/slabinfo", os.R_OK):
                skipped += 1
                print("skipped entry_size: no /proc/slabinfo")
                continue
            wrong += [f"{fact.__doc__.split('.')[0]}: {sentence}" for sentence in fact(untrack)]
        lab.close()
    for sentence in wrong:
        print(f"wrong: {sentence}")
    print(f"Linux {os.uname().release}: {len(FACTS)} facts, ran {len(FACTS) - skipped}, "
          f"skipped {skipped}, wrong {len(wrong)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
