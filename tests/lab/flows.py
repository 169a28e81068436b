"""What a packet finds when it arrives: routes that lead it its way, and the conntrack entry of its flow.
Netlink, without programs: a program for each packet would take ten times as long as the packet."""
import socket
import struct

import frames
import probes
from netns import attribute

CONFIRMED, SEEN_REPLY, ASSURED = 8, 2, 4
SYN_SENT, ESTABLISHED = 1, 3
BE_LIBERAL = b"\x08\x08"  # no window is known
MIRRORED = {4: {8: 0, 13: 14, 15: 16, 17: 18}, 6: {128: 129, 139: 140}}  # ICMP requests and replies


class Netlink:
    """Requests to one protocol of netlink, in the namespace in which it was made."""

    def __init__(self, protocol):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)

    def ask(self, kind, flags, body):
        """The errno of the answer."""
        self.socket.send(struct.pack("=IHHII", 16 + len(body), kind, 0x5 | flags, 1, 0) + body)
        return -struct.unpack_from("=i", self.socket.recv(65536), 16)[0]

    def must(self, kind, flags, body, what):
        wrong = self.ask(kind, flags, body)
        if wrong:
            raise OSError(wrong, what)


class Routes:
    """The routes of a firewall that is asked about one packet after the other."""

    def __init__(self):
        self.netlink = Netlink(0)  # NETLINK_ROUTE
        self.default = {4: None, 6: None}
        self.local = {4: set(), 6: set()}

    def change(self, v, is_new, index, address=None):
        """A route to an interface, or, for index 1 (lo), one that says what is local."""
        is_local = index == 1
        scope = (254 if is_local else 253) if v == 4 else 0
        prefix = 0 if address is None else 32 if v == 4 else 128
        body = struct.pack("=BBBBBBBBI", probes.FAMILY[v], prefix, 0, 0, 254 if address is None else 255,
                           4, scope if is_new or v == 4 else 0, 2 if is_local else 1, 0)
        if address is not None:
            body += attribute(1, socket.inet_pton(probes.FAMILY[v], address))
        body += attribute(4, struct.pack("=I", index))
        self.netlink.must(24 if is_new else 25, 0x600 if is_new else 0, body,
                          f"route {address or 'default'} dev {index}")

    def close(self):
        """No default routes: what looks a name up is told at once that it cannot."""
        for v in (4, 6):
            if self.default[v] is not None:
                self.change(v, False, self.default[v])
                self.default[v] = None

    def lead(self, v, index, local):
        """What is not local goes out of the interface `index`. No route says that everything is local:
        -m addrtype would believe it."""
        if self.default[v] != index and index != 1:
            if self.default[v] is not None:
                self.change(v, False, self.default[v])
            self.change(v, True, index)
            self.default[v] = index
        for address in self.local[v] - local:
            self.change(v, False, 1, address)
        for address in local - self.local[v]:
            self.change(v, True, 1, address)
        self.local[v] = local


def ends(v, source, destination):
    kinds = (1, 2) if v == 4 else (3, 4)
    return attribute(1 | 0x8000, b"".join(
        attribute(kind, socket.inet_pton(probes.FAMILY[v], address))
        for kind, address in zip(kinds, (source, destination))))


def tuple_of(v, packet, source_port, destination_port, protocol, icmp):
    what = attribute(1, bytes([protocol]))
    if icmp:
        first = 4 if v == 4 else 7
        what += (attribute(first, struct.pack("!H", 7)) + attribute(first + 1, bytes([icmp[0]])) +
                 attribute(first + 2, bytes([icmp[1]])))
    elif protocol == 47:  # its keys; 0 in version 0
        what += attribute(2, bytes(2)) + attribute(3, bytes(2))
    elif protocol in (6, 17, 132, 136):
        what += (attribute(2, struct.pack("!H", source_port)) +
                 attribute(3, struct.pack("!H", destination_port)))
    return ends(v, packet["source"], packet["destination"]) + attribute(2 | 0x8000, what)


def mirrored(packet):
    return {"source": packet["destination"], "destination": packet["source"]}


def flow_of(packet):
    """(original tuple, tuple of the replies, status, TCP state, translation) of the flow that a packet continues or,
    if it is an ICMP error, is about."""
    v, protocol, icmp = frames.version_of(packet), frames.protocol_of(packet), None
    source, destination = frames.ports_of(packet)
    here, back = packet, mirrored(packet)
    status, state, is_reply = CONFIRMED | SEEN_REPLY | ASSURED, ESTABLISHED, False
    if packet.get("begun"):  # one packet was seen, and no reply
        status, state = CONFIRMED, SYN_SENT
    if frames.is_icmp_error(packet):
        protocol, source, destination = packet.get("quoted", frames.QUOTED)
        here, back = back, here
    elif frames.is_icmp(packet):
        kind, code = frames.icmp_of(packet)
        requests = {reply: request for request, reply in MIRRORED[v].items()}
        is_reply = kind in requests
        request = requests.get(kind, kind)
        icmp = (request, code), (MIRRORED[v].get(request, request), code)
    elif protocol == 6 and frames.flags_of(packet) & 0x17 == 18:  # the answer to a SYN
        status, state, is_reply = CONFIRMED, SYN_SENT, True
    if is_reply:
        here, back, source, destination = back, here, destination, source
    return (tuple_of(v, here, source, destination, protocol, icmp and icmp[0]),
            tuple_of(v, back, destination, source, protocol, icmp and icmp[1]),
            status, state if protocol == 6 else None, untranslated(v, here))


def untranslated(v, here):
    """What says that NAT has seen the flow and left it as it is, as it has of flows that packets began.
    Where not, ICMP redirects about the flow are dropped as soon as a nat table is there
    (nf_nat_icmp_reply_translation)."""
    return b"".join(
        attribute(kind | 0x8000, attribute(1 if v == 4 else 4, address) +
                  attribute(2 if v == 4 else 5, address))
        for kind, address in ((6, socket.inet_pton(probes.FAMILY[v], here["source"])),
                              (13, socket.inet_pton(probes.FAMILY[v], here["destination"]))))


class Entries:
    """The conntrack entries of the namespace in which it was made."""

    def __init__(self):
        self.netlink = Netlink(12)  # NETLINK_NETFILTER

    def ask(self, message, flags, v, attributes):
        body = struct.pack("=BBH", probes.FAMILY[v] if v else 0, 0, 0) + attributes
        return self.netlink.ask(1 << 8 | message, flags, body)

    def make(self, packet):
        """The entry that the packet finds. None, or why the kernel makes no such entry."""
        original, replies, status, state, translation = flow_of(packet)
        wanted = (attribute(1 | 0x8000, original) + attribute(2 | 0x8000, replies) +
                  attribute(3, struct.pack("!I", status)) + attribute(7, struct.pack("!I", 120)))
        if state is not None:
            wanted += attribute(4 | 0x8000, attribute(1 | 0x8000, attribute(1, bytes([state])) +
                                                      attribute(4, BE_LIBERAL) +
                                                      attribute(5, BE_LIBERAL)))
        wrong = (self.ask(0, 0x600, frames.version_of(packet), wanted + translation) and
                 self.ask(0, 0x600, frames.version_of(packet), wanted))  # a kernel without NAT
        return f"{packet['state']}, of a kind that has no entries" if wrong else None

    def count(self):
        with open("/proc/sys/net/netfilter/nf_conntrack_count", "rb") as file:
            return int(file.read())

    def forget(self, packet):
        """Deletes all entries; the packet's own first, since a flush walks the whole table."""
        v = frames.version_of(packet)
        if not self.count():
            return
        self.ask(2, 0, v, attribute(1 | 0x8000, flow_of(packet)[0]))
        if self.count():
            self.ask(2, 0, 0, b"")
