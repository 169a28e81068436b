"""A conversation, packet by packet, through one host. Each side answers what it saw: where addresses are translated the server
answers the translated ones, and the client takes only what comes from whom it wrote to."""
import frames
import twins_test
from conversation_kinds import CLIENT
from host_under_test import Ends, Unsendable, reversed_ends

QUOTED_BYTES = {4: 48, 6: 96}


def mirrored(packet):
    if packet.get("out_interface") == "lo":
        back = dict(packet, source=packet["destination"], destination=packet["source"])
    else:
        back = twins_test.mirrored(packet)
    if frames.is_icmp(packet):
        answers = frames.ANSWERS[frames.version_of(packet)]
        back["icmp_type"] = answers.get(frames.icmp_of(packet)[0], frames.ECHO[frames.version_of(packet)][1])
    return back


def ends_of(packet):
    if frames.is_icmp(packet):
        ports = (None, None) if frames.is_icmp_error(packet) else (frames.ECHO_ID,) * 2
    elif packet.get("fragment"):
        ports = None, None
    else:
        ports = frames.ports_of(packet)
    return Ends(packet["source"], ports[0], packet["destination"], ports[1])


def with_ends(packet, ends):
    """The packet between other ends."""
    packet = dict(packet, source=ends.source, destination=ends.destination)
    if frames.is_icmp(packet):
        return dict(packet, echo_id=ends.source_port)
    return dict(packet, source_port=ends.source_port, destination_port=ends.destination_port)


class Player:
    """`sent`: the packets; `arrivals`: what became of each; `as_seen`: the ends of the flow as the server sees them."""

    def __init__(self, host, conversation):
        self.host, self.conversation = host, conversation
        self.sent, self.arrivals = [], []
        self.as_written, self.as_seen = ends_of(conversation.first), None
        self.seen_last = {}

    def packet(self, step):
        talk = self.conversation
        is_client, is_first = step.sender == CLIENT, not self.sent
        packet = dict(talk.first) if is_client else with_ends(mirrored(talk.first), reversed_ends(self.as_seen))
        if not is_first:
            packet["state"] = "established"
        fields = dict(step.fields)
        if "error" in fields:
            self.make_error(packet, step.sender, fields.pop("error"), fields.pop("from_router"))
        packet.update(fields)
        if packet["path"] == "out" and packet.get("out_interface") != "lo":
            packet.pop("pieces", None)  # the host's own are cut behind all rules
        if packet.get("out_interface") == "lo":
            packet.pop("pieces", None)
        packet["local"] = talk.local
        return packet

    def make_error(self, packet, sender, kind, from_router):
        for key in ("source_port", "destination_port", "tcp_flags", "payload", "sequence", "acknowledged", "echo_id"):
            packet.pop(key, None)
        v = frames.version_of(packet)
        packet.update(protocol="icmp" if v == 4 else "icmpv6", icmp_type=kind[0], icmp_code=kind[1], state="related",
                      quoting=self.seen_last[sender][:QUOTED_BYTES[v]])
        if from_router and packet["path"] != "out":
            packet["source"] = self.conversation.router

    def is_expected(self, packet, sender, ends):
        """Whether the receiver knows what arrived as of this conversation."""
        if sender == CLIENT and self.as_seen is None:
            return True
        expected = self.as_seen if sender == CLIENT else reversed_ends(self.as_written)
        if frames.is_icmp_error(packet):
            return ends.destination == expected.destination
        return ends == expected

    def play(self, at_most=None):
        """Sends packets until one does not arrive. Returns itself. Raises Unsendable."""
        for step in self.conversation.steps[:at_most]:
            packet = self.packet(step)
            arrival = self.host.deliver(packet)
            if arrival.arrived and not self.is_expected(packet, step.sender, arrival.ends):
                arrival = arrival._replace(arrived=False)
            self.sent.append(packet)
            self.arrivals.append(arrival)
            if not arrival.arrived:
                break
            if step.sender == CLIENT and self.as_seen is None:
                self.as_seen = arrival.ends
            receiver = "server" if step.sender == CLIENT else CLIENT
            if not frames.is_icmp_error(packet):
                self.seen_last[receiver] = arrival.data
        self.entries = self.host.entries_left(self.conversation.first)
        return self


def played(host, conversation, at_most=None):
    """A Player behind its play, or why the stack does not send one of its packets."""
    try:
        return Player(host, conversation).play(at_most)
    except Unsendable as wrong:
        host.entries_left(conversation.first)
        return f"the stack refuses to send it: {wrong}"
