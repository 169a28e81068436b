"""Conversations that a ruleset may meet: who sends what after what. `conversation(pools, chance, number)` and, for packets with
nothing behind them, `rogue(pools, chance, number)`; both None where no such packet can be sent."""
import collections
import re

import client_ports
import frames
import near_packets

CLIENT, SERVER = "client", "server"
HANDSHAKE = 3  # packets
WELL_KNOWN = (22, 25, 53, 80, 123, 443, 8080)
LOOPBACK = {4: "127.0.0.1", 6: "::1"}
# `fields` replace those of the first packet, or of its mirror. `error`: an ICMP error of this type and code about the
# last packet that came to the sender; `from_router`: by a router on the sender's way, if the sender is not the host itself.
Step = collections.namedtuple("Step", "what sender fields")
# `local`: the addresses of the host. `router`: whoever else sends errors.
Conversation = collections.namedtuple("Conversation", "name number first steps local router is_rogue")
# `placed`: services (conversations.Service) that stand at one address, which few would come to by chance. `unassumed`: with
# what the assumptions of docs/assumptions.md leave out: any client port, TCP in mid-stream, ICMP queries other than echo.
Pools = collections.namedtuple("Pools", "v addresses ports named_sources interfaces services paths clients fragments placed "
                               "unassumed", defaults=((), False))
MTU_ERROR = {4: (3, 4), 6: (2, 0)}
PORT_ERROR, TIME_ERROR = {4: (3, 3), 6: (1, 4)}, {4: (11, 0), 6: (3, 0)}
OTHER_ERRORS = {4: [(3, 0), (3, 1), (3, 13), (12, 0)], 6: [(1, 0), (1, 3), (4, 0), (4, 1)]}
ROGUE_TCP = {"SYN-ACK of no connection": "syn,ack", "ACK of no connection": "ack", "data of no connection": "psh,ack",
             "RST of no connection": "rst", "RST,ACK of no connection": "rst,ack", "FIN,ACK of no connection": "fin,ack",
             "null": "none", "xmas": "fin,psh,urg", "SYN+FIN": "syn,fin", "SYN+RST": "syn,rst",
             "SYN from a service's port": "syn"}
ROGUES = [*ROGUE_TCP, *["SYN from a service's port", "UDP from a service's port"] * 3, "UDP from a client's port",
          "unasked echo reply", *["forged ICMP error"] * 2, "later fragment"]
BEGINS_INVALID = ("SYN-ACK", "RST", "null", "xmas", "SYN+", "unasked", "forged")  # what conntrack calls INVALID


def pools(texts, v, services, chance, host_ports=None, fragments=True, placed=(), unassumed=False):
    """What rulesets name, and a bit beside it."""
    text = "\n".join(line for line in "\n".join(texts).split("\n") if "-A " in line)
    text = re.sub(r'"[^"]*"', '""', text)
    sources = {int(number) for word in re.findall(r"--(?:sport|sports|source-ports?) (?:! )?(\S+)", text)
               for number in re.findall(r"\d+", word)}
    paths = ["in"] * 4 + ["out"] * 4 + ["loopback"] + ["forward"] * (4 if "-A FORWARD" in text else 1)
    return Pools(v, near_packets.addresses_in(text, v), near_packets.ports_in(text), sorted(sources | {53}),
                 sorted(set(near_packets.interfaces_in(text, chance))), list(services), paths,
                 client_ports.AnyPorts() if unassumed else client_ports.ClientPorts(texts[0], host_ports), fragments,
                 list(placed), unassumed)


def usual_port(pool, path, chance):
    return chance.randint(*pool.clients.usual(path))


def server_port(pool, protocol, chance):
    served = [port for kind, port in pool.services if kind == protocol]
    if served and chance.random() < 0.5:
        return chance.choice(served)
    if chance.random() < 0.2:
        return usual_port(pool, chance.choice(["in", "out"]), chance)
    return chance.choice([*pool.ports, *WELL_KNOWN])


def ends(pool, path, chance):
    """(first packet without what it carries, local addresses, a router's address), or None."""
    packet = {"path": "out" if path == "loopback" else path, "family": f"ipv{pool.v}", "state": "new"}
    source, destination, router = (chance.sample(pool.addresses, 3) if len(pool.addresses) > 2 else
                                   [*chance.sample(pool.addresses, 2), near_packets.ELSEWHERE[pool.v][0]])
    if path == "loopback":
        packet["out_interface"] = "lo"
        if chance.random() < 0.7:
            source = destination = LOOPBACK[pool.v]
    else:
        for side, skipped in (("in_interface", "out"), ("out_interface", "in")):
            if path != skipped:
                named = [name for name in pool.interfaces if not name.startswith("eth")] if chance.random() < 0.7 else ()
                packet[side] = chance.choice(named or pool.interfaces)
    local = {"in": {destination}, "out": {source}, "loopback": {source, destination}, "forward": set()}[path]
    return {**packet, "source": source, "destination": destination}, local, router


def is_own_from_outside(first, local):
    """Whether a packet comes in by a wire from one of the host's own addresses. IPv4 drops it as a martian on its way from
    PREROUTING to INPUT (ip_route_input, fib_validate_source; measured) unless accept_local is 1, as it is here, where a host
    has whatever address it is asked for; IPv6 lets it in. What it would answer, the host sends over lo and by no wire, so
    that the original cannot be asked whether that is permitted: what would have to be asked about is judged by nobody."""
    return first["path"] == "in" and first["source"] in local


def is_judged_alone(first):
    """Whether it is plain without a question what it means that it passes: it begins something, whatever is behind it, or
    is a part of something (conversation_verdicts.exposure_of)."""
    return bool(first.get("fragment") or frames.is_icmp_error(first) or first.get("tcp_flags") == "syn")


class Segments:
    """TCP, with the numbers that a stack would send, so that conntrack finds each in its window."""

    def __init__(self):
        self.next, self.steps = {CLIENT: 1000, SERVER: 5000}, []

    def send(self, sender, what, flags, payload=0):
        fields = {"tcp_flags": flags, "sequence": self.next[sender], "payload": payload}
        if "ack" in flags:
            fields["acknowledged"] = self.next[SERVER if sender == CLIENT else CLIENT]
        self.next[sender] += payload + ("syn" in flags) + ("fin" in flags)
        self.steps.append(Step(what, sender, fields))


def error(what, sender, kind, from_router):
    return Step(what, sender, {"error": kind, "from_router": from_router})


def some_error(v, sender, chance):
    kind = chance.choice([MTU_ERROR[v]] * 3 + [TIME_ERROR[v], PORT_ERROR[v], chance.choice(OTHER_ERRORS[v])])
    name = "path-MTU error" if kind == MTU_ERROR[v] else f"ICMP error {kind[0]}/{kind[1]}"
    from_router = chance.random() < 0.6
    return error(f"{name} from the {sender}'s {'way' if from_router else 'side'}", sender, kind, from_router)


def tcp(v, chance):
    """(name, steps)"""
    talk = Segments()
    talk.send(CLIENT, "SYN", "syn")
    ending = chance.choice(["FIN by the client", "FIN by the server", "reset by the client", "reset by the server",
                            "refused", "errors"])
    name = f"TCP, {ending}"
    if ending == "refused":
        talk.steps.append(Step("RST in answer to the SYN", SERVER, {"tcp_flags": "rst,ack", "sequence": 0,
                                                                  "acknowledged": talk.next[CLIENT]}))
        return name, talk.steps
    talk.send(SERVER, "SYN-ACK", "syn,ack")
    talk.send(CLIENT, "ACK of the handshake", "ack")
    talk.send(CLIENT, "request", "psh,ack", 64)
    talk.send(SERVER, "ACK of the request", "ack")
    talk.send(SERVER, "response", "psh,ack", 128)
    if ending == "errors":
        talk.steps += [some_error(v, CLIENT, chance), some_error(v, SERVER, chance)]
        ending = "FIN by the client"
    talk.send(CLIENT, "ACK of the response", "ack")
    one, other = (CLIENT, SERVER) if ending.endswith("client") else (SERVER, CLIENT)
    if ending.startswith("reset"):
        talk.send(one, "RST", chance.choice(["rst", "rst,ack"]))
    else:
        talk.send(one, "FIN", "fin,ack")
        talk.send(other, "ACK of the FIN", "ack")
        talk.send(other, "FIN of the other side", "fin,ack")
        talk.send(one, "last ACK", "ack")
    return name, talk.steps


def udp(v, chance):
    one, other = Step("request", CLIENT, {}), Step("reply", SERVER, {})
    kind = chance.choice(["twice", "twice", "fragments", "port unreachable", "reply to a closed port", "traceroute", "errors"])
    steps = {"twice": [one, other, one, other],
             "fragments": [Step("request in fragments", CLIENT, {"payload": 400, "pieces": 3}),
                           Step("reply in fragments", SERVER, {"payload": 400, "pieces": 3}), one, other],
             "port unreachable": [one, error("port-unreachable error", SERVER, PORT_ERROR[v], False)],
             "reply to a closed port": [one, other, error("port-unreachable error", CLIENT, PORT_ERROR[v], False)],
             "traceroute": [one, error("time-exceeded error", SERVER, TIME_ERROR[v], True)],
             "errors": [one, other, some_error(v, CLIENT, chance), some_error(v, SERVER, chance), one, other]}[kind]
    return f"UDP, {kind}", steps


def icmp(v, chance):
    request, reply = Step("echo request", CLIENT, {}), Step("echo reply", SERVER, {})
    if chance.random() < 0.3:
        return "ping, error", [request, error("time-exceeded error", SERVER, TIME_ERROR[v], True)]
    return "ping", [request, reply, request, reply]


def icmp_name(v):
    return "icmp" if v == 4 else "icmpv6"


def some_place(pool, chance):
    return chance.choice(pool.placed) if pool.placed and chance.random() < 0.4 else None


def to_place(pool, place, chance):
    """What ends() gives, for a conversation with a placed service; None if it would be with itself."""
    first, local, router = ends(pool, place.path, chance)
    if first["source"] == place.address:
        return None
    first["destination"] = place.address
    if place.interface:
        first["in_interface"] = place.interface
    return first, {place.address} if place.path == "in" else local, router


def conversation(pool, chance, number):
    place = some_place(pool, chance)
    if place:
        found = to_place(pool, place, chance)
        return found and talk(pool, chance, number, place.path, place.protocol, place.port, found)
    path, protocol = chance.choice(pool.paths), chance.choice(["tcp", "tcp", "tcp", "udp", "udp", "icmp"])
    served = [kind for kind, _ in pool.services]
    if served and chance.random() < 0.3:
        protocol = chance.choice(served)
    return talk(pool, chance, number, path, protocol, None, ends(pool, path, chance))


def talk(pool, chance, number, path, protocol, port, found):
    first, local, router = found
    if protocol == "icmp":
        query = chance.choice(list(frames.ANSWERS[pool.v])) if pool.unassumed else frames.ECHO[pool.v][0]
        first.update(protocol=icmp_name(pool.v), icmp_type=query, icmp_code=0)
    else:
        port = port or server_port(pool, protocol, chance)
        first.update(protocol=protocol, destination_port=port,
                     source_port=pool.clients.draw(first["path"], protocol, port, chance))
    name, steps = {"tcp": tcp, "udp": udp, "icmp": icmp}[protocol](pool.v, chance)
    if pool.unassumed and protocol == "tcp" and len(steps) > HANDSHAKE and chance.random() < 0.2:
        name, steps = f"{name}, in mid-stream", steps[HANDSHAKE:]
    first.update({key: value for key, value in steps[0].fields.items() if key != "pieces"})
    if frames.unaskable(first) or is_own_from_outside(first, local) or (not pool.fragments and "fragments" in name):
        return None
    return Conversation(f"{name}, {path}", number, first, steps, local, router, False)


def asked_of(place):
    to = {"destination": place.address, "destination_port": place.port}
    return {**to, "in_interface": place.interface} if place.interface else to


def answer_of(place, first):
    """What looks like an answer of the service."""
    back = {"source": place.address, "source_port": place.port}
    if place.interface:
        back.update(out_interface=place.interface, in_interface=first["out_interface"])
    return back


def rogue(pool, chance, number):
    name, path = chance.choice(ROGUES), chance.choice(pool.paths)
    first, local, router = ends(pool, path, chance)
    fields = {}
    if name in ROGUE_TCP or name.startswith("UDP"):
        protocol = "udp" if name.startswith("UDP") else "tcp"
        named = pool.named_sources * (1 + 9 // len(pool.named_sources))  # half of all
        served = [*named, *[port for kind, port in pool.services if kind == protocol], *WELL_KNOWN]
        is_client = "client" in name or ("service" not in name and chance.random() < 0.5)
        own_end = "out" if path == "in" else "in"  # where an answer would go to, were this one
        to_client = chance.random() < 0.4
        fields = {"protocol": protocol,
                  "source_port": usual_port(pool, first["path"], chance) if is_client else chance.choice(served),
                  "destination_port": usual_port(pool, own_end, chance) if to_client else server_port(pool, protocol, chance)}
        if protocol == "tcp":
            fields["tcp_flags"] = ROGUE_TCP[name]
    elif name == "later fragment":
        fields = {"protocol": chance.choice(["udp", "tcp"]), "fragment": True}
    else:
        kind = (frames.ECHO[pool.v][1], 0) if name == "unasked echo reply" else chance.choice(
            [MTU_ERROR[pool.v], PORT_ERROR[pool.v], TIME_ERROR[pool.v], *OTHER_ERRORS[pool.v]])
        fields = {"protocol": icmp_name(pool.v), "icmp_type": kind[0], "icmp_code": kind[1]}
    place = some_place(pool, chance)
    if place and place.protocol == fields.get("protocol") and path == "forward" == place.path:
        fields.update(answer_of(place, first) if chance.random() < 0.6 else asked_of(place))
    first.update(fields, state="invalid" if name.startswith(BEGINS_INVALID) else "new")
    if frames.unaskable(first) or (not pool.fragments and first.get("fragment")):
        return None
    if is_own_from_outside(first, local) and not is_judged_alone(first):
        return None
    return Conversation(f"{name}, {path}", number, first, [Step(name, CLIENT, {})], local, router, True)
