"""Packets as the JSON contract writes them (docs/glossary.md has the words), turned into bytes, with a tag
that survives forwarding, NAT and fragmentation: the identification of IPv4, the flow label of IPv6."""
import ipaddress
import socket
import struct
import sys

import probes

# The names that the program prints (model/catalog/protocols.cpp), and two more.
PROTOCOLS = {"all": 0, "icmp": 1, "igmp": 2, "ggp": 3, "ipencap": 4, "st": 5, "tcp": 6, "egp": 8, "igp": 9,
             "pup": 12, "udp": 17, "hmp": 20, "xns-idp": 22, "rdp": 27, "iso-tp4": 29, "dccp": 33, "xtp": 36,
             "ddp": 37, "idpr-cmtp": 38, "ipv6": 41, "ipv6-route": 43, "ipv6-frag": 44, "idrp": 45, "rsvp": 46,
             "gre": 47, "esp": 50, "ah": 51, "skip": 57, "icmpv6": 58, "ipv6-icmp": 58, "ipv6-nonxt": 59,
             "ipv6-opts": 60, "rspf": 73, "vmtp": 81, "eigrp": 88, "ospf": 89, "ax.25": 93, "ipip": 94,
             "etherip": 97, "encap": 98, "pim": 103, "ipcomp": 108, "vrrp": 112, "l2tp": 115, "isis": 124,
             "sctp": 132, "fc": 133, "mobility-header": 135, "udplite": 136, "mpls-in-ip": 137, "manet": 138,
             "hip": 139, "shim6": 140, "wesp": 141, "rohc": 142, "ethernet": 143}
FLAGS = {"fin": 1, "syn": 2, "rst": 4, "psh": 8, "ack": 16, "urg": 32, "ece": 64, "cwr": 128}
ERRORS = {4: (3, 4, 5, 11, 12), 6: (1, 2, 3, 4)}  # ICMP types that quote the packet they are about
ECHO = {4: (8, 0), 6: (128, 129)}
ANSWERS = {4: {8: 0, 13: 14, 17: 18}, 6: {128: 129}}  # of ICMP queries: echo, timestamp, address mask
TAGS = 0xFFFF  # tags are 1 to this
ECHO_ID = 7  # unless `echo_id` says another
FAR = 185  # where a later fragment begins, in units of eight bytes
QUOTED = (17, 33001, 53)  # protocol and ports of the flow that an ICMP error quotes, unless `quoted` says others


def version_of(packet):
    return 4 if packet["family"] == "ipv4" else 6


def protocol_of(packet):
    name = packet.get("protocol", "udp")
    return name if isinstance(name, int) else int(PROTOCOLS.get(name, name))


def flags_of(packet):
    names = packet.get("tcp_flags", "syn")
    if isinstance(names, int):
        return names
    return sum(FLAGS[name] for name in names.replace(" ", ",").split(",") if name not in ("", "none"))


def icmp_of(packet):
    return packet.get("icmp_type", ECHO[version_of(packet)][0]), packet.get("icmp_code", 0)


def is_icmp(packet):
    return protocol_of(packet) == (1 if version_of(packet) == 4 else 58)


def is_icmp_error(packet):
    return is_icmp(packet) and icmp_of(packet)[0] in ERRORS[version_of(packet)]


def ports_of(packet):
    return packet.get("source_port", 40000), packet.get("destination_port", 9)


def quoted(packet, hops=64):
    """The datagram that an ICMP error is about: sent by the one who gets the error."""
    v, (protocol, source, destination) = version_of(packet), packet.get("quoted", QUOTED)
    sender, receiver = packet["destination"], packet["source"]
    begin = probes.segment(v, sender, receiver, protocol,
                           struct.pack("!HHHH", source, destination, 16, 0), bytes(8), 6)
    return header(v, sender, receiver, protocol, len(begin), 0, hops) + begin


def header(v, source, destination, protocol, length, tag, hops=64, fragment=0):
    ends = socket.inet_pton(probes.FAMILY[v], source) + socket.inet_pton(probes.FAMILY[v], destination)
    if v == 6:
        return struct.pack("!IHBB", 6 << 28 | tag, length, protocol, hops) + ends
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, tag, fragment, hops, protocol, 0) + ends
    return head[:10] + struct.pack("!H", probes.checksum(head)) + head[12:]


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def transport(packet):
    v, protocol = version_of(packet), protocol_of(packet)
    ends = packet["source"], packet["destination"]
    source, destination = ports_of(packet)
    if protocol == 6:
        flags = flags_of(packet)
        head = struct.pack("!HHIIBBHHH", source, destination, packet.get("sequence", 1),
                           packet.get("acknowledged", 1 if flags & 16 else 0), 0x50, flags, 64240, 0, 0)
        return probes.segment(v, *ends, protocol, head, bytes(packet.get("payload", 0)), 16), 16
    if protocol in (17, 136):
        payload = bytes(packet.get("payload", 8))
        length = 8 + len(payload) if protocol == 17 else 8  # UDP-Lite says here how much its checksum covers
        return probes.segment(v, *ends, protocol, struct.pack("!HHHH", source, destination, length, 0),
                              payload, 6), 6
    if is_icmp(packet):
        body = (packet.get("quoting") or quoted(packet)) if is_icmp_error(packet) else bytes(8)
        rest = (struct.pack("!HH", 0, 1500) if is_icmp_error(packet) else
                struct.pack("!HH", packet.get("echo_id", ECHO_ID), 1))
        head = struct.pack("!BBH", *icmp_of(packet), 0) + rest
        if v == 6:
            return probes.segment(v, *ends, protocol, head, body, 2), 2
        return head[:2] + struct.pack("!H", probes.checksum(head + body)) + rest + body, 2
    if protocol == 132:  # an INIT chunk
        chunk = struct.pack("!BBHIIHHI", 1, 0, 20, 1, 65536, 1, 1, 1)
        data = struct.pack("!HHII", source, destination, 0, 0) + chunk
        return data[:8] + struct.pack("<I", crc32c(data)) + data[12:], 8
    if protocol == 47:
        return struct.pack("!HHI", 0, 0x0800, 0) + bytes(8), None
    return bytes(16), None


def ip_packet(packet, tag):
    """The bytes from the IP header on. A later fragment is sent alone, without the first."""
    v, protocol = version_of(packet), protocol_of(packet)
    data, checksum_at = transport(packet)
    if packet.get("state") == "invalid" and has_bad_checksum(packet):
        data = data[:checksum_at] + bytes([data[checksum_at] ^ 0x55]) + data[checksum_at + 1:]
    fragment = 0
    if packet.get("fragment"):
        data = bytes(16)
        if v == 4:
            fragment = FAR
        else:
            data = struct.pack("!BBHI", protocol, 0, FAR << 3, tag) + data
            protocol = 44
    return header(v, packet["source"], packet["destination"], protocol, len(data), tag,
                  fragment=fragment) + data


def has_bad_checksum(packet):
    """Whether an invalid packet is made invalid so: where nothing else about it is wrong. Conntrack
    verifies checksums in PREROUTING only (nf_conntrack_checksum)."""
    if packet["path"] == "out" or packet.get("fragment"):
        return False
    if protocol_of(packet) == 6:
        return flags_of(packet) & 0x17 in (2, 16)  # SYN and ACK would begin a flow
    if is_icmp(packet):
        return icmp_of(packet)[0] == ECHO[version_of(packet)][0]
    return protocol_of(packet) in (17, 136, 132)


def ip_packets(packet, tag):
    """The bytes of one that is sent whole, or of its fragments where it has `pieces` (of 8 bytes at least)."""
    whole, count = ip_packet(packet, tag), packet.get("pieces", 1)
    if count == 1:
        return [whole]
    v, protocol = version_of(packet), protocol_of(packet)
    data = whole[20 if v == 4 else 40:]
    size = -(-len(data) // count) + 7 & ~7
    found = []
    for place in range(0, len(data), size):
        piece, more = data[place:place + size], place + size < len(data)
        if v == 6:
            piece = struct.pack("!BBHI", protocol, 0, place | more, tag) + piece
        found.append(header(v, packet["source"], packet["destination"], protocol if v == 4 else 44, len(piece), tag,
                            fragment=more << 13 | place // 8) + piece)
    return found


def frames(packet, tag, to):
    """With Ethernet headers: to the firewall's interface, from an address that holds the mark."""
    kind = 0x0800 if version_of(packet) == 4 else 0x86DD
    mark = packet.get("mark", 0).to_bytes(4, sys.byteorder)
    head = to + b"\x02\x00" + mark + struct.pack("!H", kind)
    return [head + data for data in ip_packets(packet, tag)]


def tag_of(data):
    """The tag of bytes that begin with an IP header, or None."""
    if len(data) >= 20 and data[0] >> 4 == 4:
        return struct.unpack_from("!H", data, 4)[0]
    if len(data) >= 40 and data[0] >> 4 == 6:
        return struct.unpack_from("!I", data)[0] & 0xFFFFF
    return None


def protocol_in(data):
    """The protocol in bytes that begin with an IP header."""
    if data[0] >> 4 == 4:
        return data[9]
    return data[40] if data[6] == 44 else data[6]


def unaskable(packet):
    """Why no such packet can be sent here, or why the stack itself would refuse it; or None."""
    v, protocol = version_of(packet), protocol_of(packet)
    for side in ("source", "destination"):
        address = ipaddress.ip_address(packet[side])
        if address.version != v:
            return "an address of the other family"
        if address.is_multicast or address.is_unspecified or packet[side] == "255.255.255.255":
            return f"a {side} that is no single host's"
        if v == 4 and int(address) >> 24 == 0:
            return f"a {side} that the stack calls martian"
        inside = "lo" in (packet.get("in_interface"), packet.get("out_interface"))
        if address.is_loopback and (not inside or (v == 6 and packet["path"] == "forward")):
            return "a loopback address on another interface"
        if v == 6 and address.is_link_local and packet["path"] != "in":
            return "a link-local address leaves its link"
        if v == 6 and address.is_link_local and side == "destination":
            return "a link-local destination, which is one interface's own"
    for side, wanted in (("in_interface", packet["path"] != "out"),
                         ("out_interface", packet["path"] != "in")):
        name = packet.get(side, "")
        if wanted and not 0 < len(name.encode()) < 16:
            return f"no {side} of 1 to 15 bytes"
        if wanted and (name in (".", "..", "all", "default") or any(c in name for c in "/: \t")):
            return "a name that no interface can have"
    if packet["path"] == "out" and packet["source"] == packet["destination"] and packet["out_interface"] != "lo":
        return "sent to the sender itself, but not over the loopback interface"
    if packet["path"] == "forward" and "lo" in (packet["in_interface"], packet["out_interface"]):
        return "forwarded over the loopback interface"
    if protocol in ((0, 43, 44, 58, 60, 135) if v == 4 else (0, 1, 43, 44, 59, 60)) and not is_icmp(packet):
        return "a protocol number that the other family uses"
    state = packet.get("state", "new")
    if state == "related" and not is_icmp_error(packet):
        return "a related packet that is no ICMP error needs a helper"
    if is_icmp_error(packet) and state in ("new", "established"):
        return f"an ICMP error is never {state.upper()}"
    return None
