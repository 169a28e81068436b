#!/usr/bin/env python3
"""The facts of docs/facts.md that tracking_test.py does not show, asked of this machine's kernel, with
both backends. Each is a function that yields what it saw to be otherwise. Usage: facts_test.py"""
import errno
import json
import socket
import struct
import subprocess
import sys

import netns
import probes
import tables

CLIENT = {4: "10.98.1.1", 6: "fd98:1::1"}
NOWHERE = {4: "192.0.2.1", 6: "2001:db8::1"}
STATE_RULE = "*filter\n-A INPUT -m state --state ESTABLISHED -j ACCEPT\nCOMMIT\n"
NO_RULES = tables.emptied(tables.TABLES)


class Firewall:
    def __init__(self, backend):
        self.backend = backend
        self.lab = netns.Lab(f"facts-{backend}")
        self.probes = probes.Probes(self.lab)
        tables.load_modules(backend)
        self.number = 20000

    def load(self, v, text):
        """Replaces all rules of the family."""
        wrong = tables.restore(self.backend, v, NO_RULES) or tables.restore(self.backend, v, text)
        if wrong:
            raise RuntimeError(f"{self.backend}: {wrong}: {text}")

    def counters(self, v, table):
        return tables.counters(self.backend, v, table)

    def send(self, v):
        self.number += 1
        return self.probes.send(v, self.number)

    def entries(self):
        with open("/proc/sys/net/netfilter/nf_conntrack_count", encoding="ascii") as file:
            return int(file.read())


def different(what, expected, seen):
    if expected != seen:
        yield f"{what}: expected {expected}, saw {seen}"


# What matches an untracked packet. The rules count, and let the packet go on.
UNTRACKED = {
    "-m conntrack --ctstate UNTRACKED": 1, "-m state --state UNTRACKED": 1,
    "-m conntrack ! --ctstate NEW": 1, "-m conntrack ! --ctstate INVALID": 1,
    "-m conntrack ! --ctstate ESTABLISHED": 1, "-m conntrack ! --ctstate RELATED,ESTABLISHED": 1,
    "-m state ! --state NEW": 1, "-m state ! --state INVALID": 1,
    "-m conntrack --ctstate NEW": 0, "-m conntrack --ctstate ESTABLISHED": 0,
    "-m conntrack --ctstate RELATED": 0, "-m conntrack --ctstate INVALID": 0,
    "-m conntrack --ctstate SNAT": 0, "-m conntrack --ctstate DNAT": 0,
    "-m conntrack --ctproto udp": 0, "-m conntrack ! --ctproto tcp": 0,
    "-m conntrack --ctstatus NONE": 0, "-m conntrack ! --ctstatus ASSURED": 0,
    "-m conntrack --ctorigsrc {client}": 0, "-m conntrack ! --ctorigsrc {nowhere}": 0,
    "-m conntrack --ctdir ORIGINAL": 0, "-m conntrack --ctexpire 0:1000000": 0,
    "-m connmark --mark 0": 0, "-m connmark ! --mark 5": 0,
    "-m connbytes --connbytes 0: --connbytes-dir both --connbytes-mode bytes": 0,
    "-m cluster --cluster-total-nodes 1 --cluster-local-node 1 --cluster-hash-seed 1": 0,
    "-m helper ! --helper ftp": 1, "-m connlabel ! --label 1": 1,
    "-m connlimit --connlimit-upto 100": 1, "-m connlimit --connlimit-above 0": 1,
}


def untracked_packets(firewall):
    """Untracked packets are matched by UNTRACKED, by every negated state, and by a few others."""
    for v in (4, 6):
        rules = [rule.format(client=CLIENT[v], nowhere=NOWHERE[v]) for rule in UNTRACKED]
        text = "".join(f"-A INPUT -p udp --dport {probes.PORT} ! -i lo {rule}\n" for rule in rules)
        firewall.load(v, f"*raw\n-A PREROUTING -p udp -j CT --notrack\nCOMMIT\n*filter\n{text}COMMIT\n")
        firewall.send(v)
        seen = firewall.counters(v, "filter")
        yield from different(f"IPv{v} rules", len(UNTRACKED), len(seen))
        for (rule, expected), (_, packets) in zip(UNTRACKED.items(), seen):
            yield from different(f"IPv{v} untracked, {rule}", expected, packets)
        firewall.load(v, "")


def nat_and_untracked_packets(firewall):
    """Untracked packets do not pass the nat table."""
    for v in (4, 6):
        nat = "*nat\n-A PREROUTING -p udp\n-A PREROUTING -p udp --dport 9 -j REDIRECT\nCOMMIT\n"
        for raw, expected in (("", 2), ("*raw\n-A PREROUTING -p udp -j NOTRACK\nCOMMIT\n", 0)):
            firewall.load(v, raw + nat)
            firewall.send(v)
            seen = firewall.counters(v, "nat")[0][1]
            yield from different(f"IPv{v} packets in nat PREROUTING, {raw.split() or 'tracked'}",
                                 expected, seen)
        firewall.load(v, "")


def last_user_goes(firewall):
    """Tracking ends with the last rule that needs it, at once; the entries run out by themselves."""
    for v in (4, 6):
        netns.flush_conntrack()
        firewall.load(v, STATE_RULE + "*mangle\n-A FORWARD -m connmark --mark 1\nCOMMIT\n")
        tables.restore(firewall.backend, v, tables.emptied(["mangle"]))
        tracked, lost = probes.entries_of(firewall.send(v))
        yield from different(f"IPv{v} with one of two users gone", (6, []), (len(tracked), lost))
        before = firewall.entries()
        tables.restore(firewall.backend, v, tables.emptied(["filter"]))
        tracked, lost = probes.entries_of(firewall.send(v))
        yield from different(f"IPv{v} with both gone", ([], []), (tracked, lost))
        if not 0 < firewall.entries() <= before:
            yield f"IPv{v} entries after the last user went: {firewall.entries()}, before {before}"
        netns.flush_conntrack()


def other_namespaces(firewall):
    """A rule tracks in its own network namespace, not in those that its packets come from or go to."""
    for v in (4, 6):
        firewall.load(v, STATE_RULE)
        tracked, _ = probes.entries_of(firewall.send(v))
        yield from different(f"IPv{v} probes with an entry", 6, len(tracked))
        for name in ("client", "server"):
            firewall.lab.enter(name)
            yield from different(f"IPv{v} entries at the {name}", 0, firewall.entries())
        firewall.lab.enter("firewall")
        firewall.load(v, "")
        netns.flush_conntrack()


def icmp_errors(firewall):
    """An ICMP error about a tracked flow is RELATED; about an untracked one it is INVALID."""
    rules = "".join(f"-A INPUT -p {{icmp}} -m conntrack --ctstate {state}\n"
                    for state in ("RELATED", "INVALID", "UNTRACKED"))
    for v in (4, 6):
        icmp = "icmp --icmp-type 3" if v == 4 else "icmpv6 --icmpv6-type 1"
        state = f"*filter\n{rules.replace('{icmp}', icmp)}COMMIT\n"
        for raw, expected in (("", [1, 0, 0]),
                              ("*raw\n-A OUTPUT -p udp -j NOTRACK\nCOMMIT\n", [0, 1, 0])):
            firewall.load(v, raw + state)
            server = firewall.lab.addresses["server"][v]
            with socket.socket(probes.FAMILY[v], socket.SOCK_DGRAM) as udp:
                udp.connect((server, 9))  # nobody listens: the answer is an ICMP error
                udp.settimeout(probes.WAIT)
                try:
                    udp.send(b"x")
                    udp.recv(1)
                    yield f"IPv{v}: no ICMP error came back"
                except ConnectionRefusedError:
                    pass
            seen = [packets for _, packets in firewall.counters(v, "filter")]
            yield from different(f"IPv{v} RELATED, INVALID, UNTRACKED with {raw.split()}", expected, seen)
        firewall.load(v, "")
        netns.flush_conntrack()


FLAGS = {"S": 2, "A": 16, "PA": 24, "FA": 17, "R": 4, "SA": 18}
FIRST_PACKET = {  # by nf_conntrack_tcp_loose
    1: {"S": "NEW", "A": "NEW", "PA": "NEW", "FA": "INVALID", "R": "INVALID", "SA": "INVALID"},
    0: {"S": "NEW", "A": "INVALID", "PA": "INVALID", "FA": "INVALID", "R": "INVALID", "SA": "INVALID"},
}


def first_tcp_packets(firewall):
    """The state of a TCP packet without an entry, by its flags and nf_conntrack_tcp_loose."""
    for v in (4, 6):
        client, me = CLIENT[v], firewall.lab.addresses["firewall"][v]
        for loose, states in FIRST_PACKET.items():
            with open("/proc/sys/net/netfilter/nf_conntrack_tcp_loose", "w", encoding="ascii") as file:
                file.write(str(loose))
            for flags, expected in states.items():
                netns.flush_conntrack()
                firewall.load(v, "*filter\n" + "".join(
                    f"-A INPUT -p tcp -m conntrack --ctstate {state} -j DROP\n"
                    for state in ("NEW", "INVALID", "ESTABLISHED")) + "COMMIT\n")
                firewall.number += 1
                head = struct.pack("!HHIIBBHHH", firewall.number, probes.PORT, 1, 1, 0x50, FLAGS[flags],
                                   64240, 0, 0)
                firewall.probes.sockets["tcp", v].sendto(
                    probes.segment(v, client, me, 6, head, b"", 16), (me, 0))
                tag = b"behind it"  # a sentinel: what was sent before it has been judged
                head = struct.pack("!HHHH", firewall.number, probes.PORT, 8 + len(tag), 0)
                firewall.probes.sockets["udp", v].sendto(
                    probes.segment(v, client, me, 17, head, tag, 6), (me, 0))
                if not firewall.probes.wait("firewall", v, lambda data, tag=tag: data == tag):
                    yield f"IPv{v}: the packet behind the probe did not arrive"
                seen = [rule.split("--ctstate ")[1].split()[0]
                        for rule, packets in firewall.counters(v, "filter") if packets]
                yield from different(f"IPv{v} {flags}, tcp_loose={loose}", [expected], seen)
        firewall.load(v, "")


NOTRACK = "*raw\n-A PREROUTING -j NOTRACK\nCOMMIT\n"
REASSEMBLED = {  # two fragments are sent, the last one first
    "no rules": ("", False), "NOTRACK alone": (NOTRACK, False), "a state rule": (STATE_RULE, True),
    "a state rule and NOTRACK": (STATE_RULE + NOTRACK, True),
    "the socket match": ("*mangle\n-A PREROUTING -m socket\nCOMMIT\n", True),
}


def fragments(firewall):
    """Conntrack, the socket match and TPROXY reassemble what passes; raw's NOTRACK comes too late."""
    for name, (text, is_reassembled) in REASSEMBLED.items():
        firewall.load(4, text)
        firewall.number += 1
        client, server = CLIENT[4], firewall.lab.addresses["server"][4]
        payload = bytes(1600)
        head = struct.pack("!HHHH", firewall.number, probes.PORT, 8 + len(payload), 0)
        datagram = probes.segment(4, client, server, 17, head, payload, 6)
        firewall.lab.enter("server")
        with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800)) as wire:
            wire.settimeout(probes.WAIT)
            firewall.lab.enter("client")
            with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
                for part, offset, more in ((datagram[800:], 100, 0), (datagram[:800], 0, 0x2000)):
                    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(part), firewall.number,
                                       more | offset, 64, 17, 0, socket.inet_aton(client),
                                       socket.inet_aton(server))
                    raw.sendto(head + part, (server, 0))
            offsets = []
            while len(offsets) < 2:
                try:
                    packet = wire.recv(65536)
                except socket.timeout:
                    break
                if packet[4:6] == struct.pack("!H", firewall.number):
                    offsets.append(struct.unpack("!H", packet[6:8])[0] & 0x1FFF)
        firewall.lab.enter("firewall")
        in_order = offsets == sorted(offsets) and len(offsets) == 2
        yield from different(f"fragments reassembled with {name} ({offsets})", is_reassembled, in_order)
    firewall.load(4, "")
    netns.flush_conntrack()


def large_datagrams_to_the_host(firewall):
    """Without conntrack, INPUT sees IPv6 fragments and IPv4 datagrams."""
    rules = (f"-A INPUT -p udp --dport {probes.PORT} -j ACCEPT\n-A INPUT -p udp -j DROP\n"
             "{state}COMMIT\n")
    state = "-A FORWARD -m conntrack --ctstate NEW\n"
    for v, extra, expected in ((4, "", True), (6, "", False), (6, state, True)):
        firewall.load(v, "*filter\n" + rules.replace("{state}", extra))
        me = firewall.lab.addresses["firewall"][v]
        firewall.lab.enter("client")
        with socket.socket(probes.FAMILY[v], socket.SOCK_DGRAM) as udp:
            tag = f"{firewall.backend} {v} {extra}".encode().ljust(4000)
            udp.sendto(tag, (me, probes.PORT))
            udp.sendto(b"behind it", (me, probes.PORT))
        firewall.lab.enter("firewall")
        got = []
        while b"behind it" not in got:
            if not firewall.probes.wait("firewall", v, lambda data: got.append(data) or True):
                yield f"IPv{v}: the packet behind the large one did not arrive"
                break
        yield from different(f"IPv{v} datagram of 4000 bytes arrives, {extra or 'no conntrack'}",
                             expected, tag in got)
        firewall.load(v, "")
    netns.flush_conntrack()


GROUPS = {4: ("224.0.0.251", "239.1.2.3", "255.255.255.255"), 6: ("ff02::fb", "ff0e::1")}


def packets_from_groups(firewall):
    """What comes from a multicast or broadcast address gets neither to INPUT nor to FORWARD."""
    device = json.loads(netns.run("ip", "-j", "link", "show", "c1").stdout)[0]
    hardware = bytes.fromhex(device["address"].replace(":", ""))
    for v in (4, 6):
        firewall.load(v, "*filter\n-A INPUT -p udp --dport 5353\n-A FORWARD -p udp --dport 5353\nCOMMIT\n")
        me, server = firewall.lab.addresses["firewall"][v], firewall.lab.addresses["server"][v]
        for source in (CLIENT[v], *GROUPS[v]):
            firewall.lab.enter("client")
            with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM) as wire:
                for target in (me, server):
                    head = struct.pack("!HHHH", 5353, 5353, 12, 0)
                    part = probes.segment(v, source, target, 17, head, b"abcd", 6)
                    ends = b"".join(socket.inet_pton(probes.FAMILY[v], end) for end in (source, target))
                    if v == 4:
                        front = struct.pack("!BBHHHBBH", 0x45, 0, 32, 1, 0, 64, 17, 0)
                        packet = front[:10] + struct.pack("!H", probes.checksum(front + ends)) + ends
                    else:
                        packet = struct.pack("!IHBB", 6 << 28, 12, 17, 64) + ends
                    wire.sendto(packet + part, ("c0", 0x0800 if v == 4 else 0x86DD, 0, 0, hardware))
            firewall.lab.enter("firewall")
            firewall.send(v)  # what was sent before has been judged
            seen = [packets for _, packets in firewall.counters(v, "filter")]
            yield from different(f"IPv{v} in INPUT and FORWARD, {source} having sent, too", [1, 1], seen)
        firewall.load(v, "")


def answers_of_groups(firewall):
    """A host that is bound to a multicast address answers from one of its own."""
    group, client, me = GROUPS[4][0], CLIENT[4], firewall.lab.addresses["firewall"][4]
    firewall.lab.enter("firewall")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as service:
        service.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                           socket.inet_aton(group) + socket.inet_aton(me))
        service.bind((group, 5353))
        service.settimeout(probes.WAIT)
        firewall.lab.enter("client")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(client))
            asking.bind((client, 0))
            asking.settimeout(probes.WAIT)
            asking.sendto(b"who", (group, 5353))
            service.sendto(b"I", service.recvfrom(9)[1])
            yield from different("the source of an answer", (me, 5353), asking.recvfrom(9)[1])
            try:  # IP_PKTINFO, struct in_pktinfo: send from this address
                service.sendmsg([b"I"], [(socket.IPPROTO_IP, 8, struct.pack("=i", 0) +
                                          socket.inet_aton(group) + bytes(4))], 0, asking.getsockname())
                yield "an answer was sent from a group"
            except OSError as error:
                yield from different("the error of sending from a group", errno.EINVAL, error.errno)
    firewall.lab.enter("firewall")


FACTS = (untracked_packets, nat_and_untracked_packets, last_user_goes, other_namespaces, icmp_errors,
         first_tcp_packets, fragments, large_datagrams_to_the_host, packets_from_groups,
         answers_of_groups)


def main():
    wrong, ran, skipped = [], 0, 0
    kernel = subprocess.run(["uname", "-r"], capture_output=True, text=True, check=True).stdout.strip()
    with tables.own_lock():
        for backend in tables.BACKENDS:
            if tables.missing(backend):
                skipped += len(FACTS)
                print(f"skipped {len(FACTS)}: {tables.missing(backend)} is not installed")
                continue
            firewall = Firewall(backend)
            for fact in FACTS:
                ran += 1
                wrong += [f"{backend}: {fact.__doc__.split('.')[0]}: {sentence}"
                          for sentence in fact(firewall)]
            firewall.lab.close()
    for sentence in wrong:
        print(f"wrong: {sentence}")
    print(f"Linux {kernel}: {len(FACTS)} facts, ran {ran}, skipped {skipped}, wrong {len(wrong)}")
    if not ran:
        netns.skip("iptables is not installed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
