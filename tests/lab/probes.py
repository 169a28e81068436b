"""Packets that show whether a firewall tracks: to it, through it, from it and over its loopback, in
UDP, TCP and ICMP, IPv4 and IPv6. An entry counts only for a probe whose arrival was seen, so that a
lost packet is never taken for an untracked one."""
import select
import socket
import struct
import time

PORT = 5000
WAIT = 2.0  # seconds until a probe counts as lost
FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
LOOPBACK = {4: "127.0.0.1", 6: "::1"}


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def pseudo_header(v, source, destination, protocol, length):
    ends = socket.inet_pton(FAMILY[v], source) + socket.inet_pton(FAMILY[v], destination)
    if v == 4:
        return ends + struct.pack("!BBH", 0, protocol, length)
    return ends + struct.pack("!IHBB", length, 0, 0, protocol)


def segment(v, source, destination, protocol, head, payload, place):
    """A transport header with its checksum filled in at byte `place`."""
    data = head + payload
    total = checksum(pseudo_header(v, source, destination, protocol, len(data)) + data)
    return data[:place] + struct.pack("!H", total) + data[place + 2:]


class Probes:
    """Call with the process outside of any namespace of the lab; leaves it inside the firewall's."""

    def __init__(self, lab):
        self.address = lab.addresses
        self.sockets = {}
        for v in (4, 6):
            lab.enter("server")
            self.sockets["server", v] = self.receiver(v)
            lab.enter("client")
            icmp = socket.IPPROTO_ICMP if v == 4 else socket.IPPROTO_ICMPV6
            for name, protocol in (("udp", 17), ("tcp", 6), ("icmp", icmp)):
                raw = socket.socket(FAMILY[v], socket.SOCK_RAW, protocol)
                raw.setblocking(False)
                self.sockets[name, v] = raw
            lab.enter("firewall")
            self.sockets["firewall", v] = self.receiver(v)
            listener = socket.socket(FAMILY[v], socket.SOCK_STREAM)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if v == 6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind(("", PORT))
            listener.listen(64)
            self.sockets["listener", v] = listener

    @staticmethod
    def receiver(v):
        udp = socket.socket(FAMILY[v], socket.SOCK_DGRAM)
        if v == 6:
            udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        udp.bind(("", PORT))
        udp.setblocking(False)
        return udp

    def wait(self, name, v, is_mine):
        """True when a packet that is mine has come in; others are thrown away."""
        receiver, end = self.sockets[name, v], time.monotonic() + WAIT
        while True:
            try:
                if is_mine(receiver.recv(65536)):
                    return True
            except BlockingIOError:
                left = end - time.monotonic()
                if left <= 0 or not select.select([receiver], [], [], left)[0]:
                    return False

    def send(self, v, number):
        """Sends all probes of a family with `number` (up to 65535) as source port or ICMP id. Returns
        {name of the probe: (arrived, what its line in /proc/net/nf_conntrack holds)}."""
        client, firewall = self.address["client"][v], self.address["firewall"][v]
        server, loopback = self.address["server"][v], LOOPBACK[v]
        seen = {}
        ports = f" sport={number} dport={PORT} "

        for probe, to, name in (("to the firewall, UDP", firewall, "firewall"),
                                ("through it, UDP", server, "server")):
            tag = f"{probe} {number}".encode()
            head = struct.pack("!HHHH", number, PORT, 8 + len(tag), 0)
            self.sockets["udp", v].sendto(segment(v, client, to, 17, head, tag, 6), (to, 0))
            seen[probe] = (self.wait(name, v, lambda data, tag=tag: data == tag),
                           ("udp", spelled(v, client), spelled(v, to), ports))

        with socket.socket(FAMILY[v], socket.SOCK_DGRAM) as udp:
            udp.bind(("", number))
            for probe, to, name in (("from it, UDP", server, "server"),
                                    ("over its loopback, UDP", loopback, "firewall")):
                tag = f"{probe} {number}".encode()
                try:
                    udp.sendto(tag, (to, PORT))
                except OSError:  # refused on the way out
                    pass
                source = loopback if to == loopback else own_address(v)
                seen[probe] = (self.wait(name, v, lambda data, tag=tag: data == tag),
                               ("udp", spelled(v, source), spelled(v, to), ports))

        syn = struct.pack("!HHIIBBHHH", number, PORT, 1, 0, 0x50, 2, 64240, 0, 0)
        self.sockets["tcp", v].sendto(segment(v, client, firewall, 6, syn, b"", 16), (firewall, 0))
        skipped = 20 if v == 4 else 0  # a raw IPv4 socket delivers the IP header, too
        answer = struct.pack("!HH", PORT, number)
        seen["to the firewall, TCP"] = (
            self.wait("tcp", v, lambda data: data[skipped:skipped + 4] == answer),
            ("tcp", spelled(v, client), spelled(v, firewall), ports))

        request, reply = (8, 0) if v == 4 else (128, 129)
        echo = struct.pack("!BBHHH", request, 0, 0, number, 1)
        if v == 4:  # the kernel fills in the checksum of ICMPv6
            echo = echo[:2] + struct.pack("!H", checksum(echo)) + echo[4:]
        self.sockets["icmp", v].sendto(echo, (firewall, 0))
        seen["to the firewall, ICMP echo"] = (
            self.wait("icmp", v, lambda data: data[skipped] == reply and
                      data[skipped + 4:skipped + 6] == struct.pack("!H", number)),
            ("icmp", spelled(v, client), spelled(v, firewall), f" id={number} "))
        return seen


def own_address(v):
    return "10.98.2.2" if v == 4 else "fd98:2::2"


def spelled(v, address):
    """As /proc/net/nf_conntrack spells it: IPv6 addresses in full."""
    if v == 4:
        return address
    return ":".join(f"{part:04x}" for part in struct.unpack("!8H", socket.inet_pton(FAMILY[v], address)))


def entries_of(seen):
    """The probes that arrived and have an entry, and those that did not arrive."""
    with open("/proc/thread-self/net/nf_conntrack", encoding="ascii") as file:
        lines = file.readlines()
    tracked, lost = [], []
    for probe, (arrived, (protocol, source, destination, ends)) in seen.items():
        mark = f" src={source} dst={destination} "
        found = any(protocol in line and mark in line and ends in line for line in lines)
        if found:
            tracked.append(probe)
        elif not arrived:
            lost.append(probe)
    return tracked, lost
