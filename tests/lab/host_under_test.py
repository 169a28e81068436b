"""A host, which may be a router, that holds one ruleset while conversations pass it. Other than for decisions.py, the entries
of a conversation stay from one of its packets to the next, and it is told what a packet looks like where it arrives."""
import collections
import socket
import struct

import decisions
import flows
import frames
import netns

# Addresses and ports in a packet; of an ICMP echo its identification stands for both ports; None where there are none.
Ends = collections.namedtuple("Ends", "source source_port destination destination_port")
# `arrived`: all of it, where it was to go. `where`: local, or the name of an interface; of a packet that went elsewhere, too.
# `data`: its first bytes as they arrived, from the IP header on; of several pieces, of the first.
Arrival = collections.namedtuple("Arrival", "arrived where ends data")
REFUSED = Arrival(False, None, None, b"")


class Unsendable(ValueError):
    """Why the stack itself does not send such a packet."""


def reversed_ends(ends):
    return Ends(ends.destination, ends.destination_port, ends.source, ends.source_port)


def parsed(data):
    """(Ends, place of the first byte behind the IP header in the datagram, place behind the last)"""
    v = data[0] >> 4
    if v == 4:
        head, protocol, place = (data[0] & 15) * 4, data[9], (struct.unpack_from("!H", data, 6)[0] & 0x1FFF) * 8
        length = struct.unpack_from("!H", data, 2)[0] - head
    else:
        head, protocol, place = 40, data[6], 0
        length = struct.unpack_from("!H", data, 4)[0]
        if protocol == 44:
            head, protocol, place = 48, data[40], struct.unpack_from("!H", data, 42)[0] & ~7
            length -= 8
    size = 4 if v == 4 else 16
    at = 12 if v == 4 else 8
    source, destination = (socket.inet_ntop(socket.AF_INET if v == 4 else socket.AF_INET6, data[i:i + size])
                           for i in (at, at + size))
    ports = None, None
    if place == 0 and protocol in (6, 17) and len(data) >= head + 4:
        ports = struct.unpack_from("!HH", data, head)
    elif place == 0 and (v, protocol) in ((4, 1), (6, 58)) and data[head] in {*frames.ANSWERS[v], *frames.ANSWERS[v].values()}:
        ports = struct.unpack_from("!H", data, head + 4) * 2
    return Ends(source, ports[0], destination, ports[1]), place, place + length


# Tags of what is sent in pieces. Where nothing reassembles, nftables takes bytes of later fragments for ports: in IPv6 the
# flow label's, which is the tag, for the destination port. A service's rule must not let pieces pass by that chance.
PIECES = 8


class Host(decisions.Kernel):
    def load(self, texts, sets=""):
        """As that of the base, but nothing that observes asks for states: what tracks is the ruleset itself."""
        refusal = super().load(texts, sets)
        if self.states:
            netns.run("nft", "-f", "-", text="".join(
                f"delete table {family} untrack_state\n" for family in self.states))
            self.states = []
        self.entries.ask(2, 0, 0, b"")
        self.next, self.next_in_pieces = PIECES, 0  # the same packets have the same tags
        return refusal

    def lead(self, packet):
        """Local is what the conversation says, whichever way its packets go."""
        v, path = frames.version_of(packet), packet["path"]
        local = set(packet["local"]) | (self.targets[v] - {packet["source"]} if path == "in" else set())
        local = {name for name in local if not name.startswith(("127.", "198.18.", "fd98:18:")) and name != "::1"}
        self.routes.lead(v, self.interface(packet["in_interface" if path == "in" else "out_interface"])[0], local)

    def deliver(self, packet):
        """The packet's Arrival."""
        if "pieces" in packet:
            self.tag = self.next_in_pieces = self.next_in_pieces % PIECES + 1
        else:
            self.tag = self.next = self.next + 1 if self.next < frames.TAGS else PIECES + 1
        try:
            self.send(packet)
        except PermissionError:  # dropped in OUTPUT
            self.gather(packet, set())
        except OSError as wrong:
            self.gather(packet, set())
            raise Unsendable(wrong.strerror) from None
        wanted = "local" if packet["path"] == "in" or packet.get("out_interface") == "lo" else packet["out_interface"]
        seen = [(place, data, *parsed(data)) for place, data in self.seen]
        whole = len(frames.ip_packet(packet, 1)) - (20 if frames.version_of(packet) == 4 else 40)
        begin, end = (frames.FAR * 8, frames.FAR * 8 + 16) if packet.get("fragment") else (0, whole)
        there = sorted((row for row in seen if row[0] == wanted), key=lambda row: row[3])
        for _, _, _, first, behind in there:
            if first <= begin:
                begin = max(begin, behind)
        if begin >= end:
            return Arrival(True, wanted, there[0][2], there[0][1])
        if there:
            return Arrival(False, f"{wanted}, in part", there[0][2], there[0][1])
        return Arrival(False, seen[0][0], seen[0][2], seen[0][1]) if seen else REFUSED

    def send(self, packet):
        for side in ("in_interface", "out_interface"):
            if side in packet:
                self.interface(packet[side])
        self.lead(packet)
        return super().send(packet)

    def entries_left(self, first):
        """How many entries a conversation that began with `first` has left. They are deleted."""
        found = self.entries.count()
        if found:
            v = frames.version_of(first)
            for packet in (first, {**first, "source": first["destination"], "destination": first["source"],
                                   "source_port": first.get("destination_port", 9),
                                   "destination_port": first.get("source_port", 40000)}):
                if self.entries.count():  # a flush walks the whole table
                    self.entries.ask(2, 0, v, flows.attribute(1 | 0x8000, flows.flow_of(packet)[0]))
            if self.entries.count():
                self.entries.ask(2, 0, 0, b"")
        return found
