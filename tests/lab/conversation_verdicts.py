"""What a difference between two hosts means, in the words of docs/obligations.md and docs/exposure.md.
The original is asked what it permits: nothing is read from the text of rules, but which ports clients use,
and whether any of them refuses with a reset."""
import collections

import explain
import frames
import netns
import tables
from conversation_kinds import Conversation, CLIENT, Step
from conversation_player import mirrored, played

# `kind`: broken, new-initiator, narrowed or a kind of exposure. `number`: of the conversation, under the same seed.
Difference = collections.namedtuple("Difference", "kind name number what packet before after")
STATEFUL_FLAGS = (2, 4, 16, 17, 18, 20)  # what a stack sends of FIN, SYN, RST and ACK
QUERIES = {4: (8, 10, 13, 15, 17), 6: (128, 130, 139)}


def in_words(packet):
    """As `untrack explain --packet` reads it."""
    return explain.in_words({key: value for key, value in packet.items() if key != "local"})


def arrival_in_words(arrival):
    if arrival.where is None:
        return "refused"
    ends = f"{arrival.ends.source} > {arrival.ends.destination}"
    return f"{'arrived' if arrival.arrived else 'did not arrive well, but'} at {arrival.where} as {ends}"


def told(difference):
    """One difference in a line."""
    return (f"{difference.kind}: {difference.name} (conversation {difference.number}): {difference.what}: "
            f"{in_words(difference.packet)}; before: {arrival_in_words(difference.before)}, "
            f"after: {arrival_in_words(difference.after)}")


def is_initiator(packet):
    """Whether it begins a flow and can be nothing else. UDP can be an answer, too."""
    if packet.get("fragment"):
        return False
    if frames.protocol_of(packet) == 6:
        return frames.flags_of(packet) & 0x17 == 2
    return frames.is_icmp(packet) and frames.icmp_of(packet)[0] in QUERIES[frames.version_of(packet)]


class Original:
    """Answers what the original ruleset permits. Its host has to be entered before."""

    def __init__(self, host, clients, interfaces=()):
        self.host, self.clients, self.interfaces = host, clients, interfaces

    def permits(self, packet):
        """Whether it accepts a flow that begins so."""
        packet = {**packet, "state": "new"}
        for key in ("sequence", "acknowledged"):
            packet.pop(key, None)
        if frames.protocol_of(packet) == 6:
            packet["tcp_flags"] = "syn"
        asked = Conversation("question", 0, packet, [Step("question", CLIENT, {})], packet["local"], None, True)
        player = played(self.host, asked)
        return not isinstance(player, str) and player.arrivals[0].arrived

    def resets(self, v):
        """How many packets the rules that answer with a reset have met. None: there is no such rule."""
        rows = [count for rule, count in tables.counters(self.host.backend, v, "filter")
                if "--reject-with tcp-reset" in rule]
        return sum(rows) if rows else None

    def refuses_with_reset(self, packet):
        """Whether a reset that leaves may answer what a REJECT refuses; or what it lets in, from whatever port that comes:
        the rule that lets such resets leave is for both. Both are asked."""
        if packet["path"] != "out" or not frames.flags_of(packet) & 4:
            return False
        v = frames.version_of(packet)
        before = self.resets(v)
        if before is None:  # rules of nft count only where they are told to, and are not asked
            return "reject with tcp reset" in netns.run("nft", "list", "ruleset").stdout
        refused = mirrored(packet)
        asked = [refused]  # what is forwarded is refused in the name of whoever it was for
        asked += [{**refused, "path": "forward", "out_interface": name, "local": set()} for name in self.interfaces
                  if name != refused["in_interface"]]
        return any(self.permits(each) or self.resets(v) > before for each in asked)

    def answers(self, packet):
        """Whether it can be an answer to a flow that is permitted, begun from a client's port."""
        back = mirrored(packet)
        if frames.is_icmp(packet):
            back["icmp_type"] = frames.ECHO[frames.version_of(packet)][0]
            return self.permits(back)
        return self.clients.excuses(back["path"], back["protocol"], back["source_port"],
                                    back["destination_port"]) and self.permits(back)


def exposure_of(original, packet):
    """The kind of a packet that only the rewritten ruleset accepts, with no flow behind it; new-initiator
    where it may begin a flow."""
    protocol = frames.protocol_of(packet)
    if packet.get("out_interface") == "lo":
        return "loopback"
    if is_initiator(packet):
        return "new-initiator"
    if packet.get("fragment"):
        return "fragments"
    if frames.is_icmp_error(packet):
        return "icmp-error"
    if protocol == 17:
        return "udp-reply-port" if original.answers(packet) else "new-initiator"
    if frames.is_icmp(packet):
        request = {**packet, "icmp_type": frames.ECHO[frames.version_of(packet)][0]}
        return "echo-reply" if original.answers(packet) or original.permits(request) else "unjustified"
    if protocol != 6:
        return "other-reply" if original.permits(mirrored(packet)) else "new-initiator"
    goes_on = original.permits(packet)
    if not goes_on and not original.answers(packet) and not original.refuses_with_reset(packet):
        return "unjustified"
    flags = frames.flags_of(packet) & 0x17
    if flags not in STATEFUL_FLAGS:
        return "odd-flags"
    return "stray-segments" if goes_on else "rst" if flags & 4 else "ack-scan"


def is_same_place(before, after):
    """Ports that NAT picks may differ."""
    return before.arrived and after.arrived and before.where == after.where and (
        before.ends.source, before.ends.destination, before.ends.destination_port) == (
        after.ends.source, after.ends.destination, after.ends.destination_port)


def differences(original, before, after):
    """Of one conversation: the first that there is. Behind it no real one would go on alike."""
    talk = before.conversation
    for step, packet, other_packet, one, other in zip(talk.steps, before.sent, after.sent, before.arrivals, after.arrivals):
        def of(kind):
            return [Difference(kind, talk.name, talk.number, step.what, other_packet, one, other)]
        if one.arrived and not is_same_place(one, other):
            return of("narrowed" if talk.is_rogue else "broken")
        if not one.arrived and other.arrived:
            return of(exposure_of(original, packet) if step is talk.steps[0] else "continuation")
    return []
