"""Random rulesets and packets from small pools, so that packets meet rules: `case(seed, number)`."""
import random

import frames

WORDS = {
    4: {"addresses": ["192.0.2.1", "192.0.2.127", "192.0.2.128", "198.51.100.7", "203.0.113.3"],
        "nets": ["192.0.2.0/24", "192.0.2.0/25", "192.0.2.1", "192.0.2.127", "198.51.100.0/24", "0.0.0.0/0"],
        "range": "192.0.2.1-192.0.2.127", "target": "203.0.113.3", "icmp": "icmp",
        "types": ["0", "3", "3/4", "8", "11", "13"], "option": "icmp --icmp-type",
        "rejects": ["icmp-port-unreachable", "icmp-admin-prohibited"]},
    6: {"addresses": ["2001:db8::1", "2001:db8::7f", "2001:db8::80", "2001:db8:1::7", "2001:db8:2::3"],
        "nets": ["2001:db8::/64", "2001:db8::/121", "2001:db8::1", "2001:db8::7f", "2001:db8:1::/48", "::/0"],
        "range": "2001:db8::1-2001:db8::7f", "target": "2001:db8:2::3", "icmp": "ipv6-icmp",
        "types": ["1", "1/4", "2", "128", "129", "135", "137"], "option": "icmp6 --icmpv6-type",
        "rejects": ["icmp6-port-unreachable", "icmp6-adm-prohibited"]},
}
PORTS = [21, 22, 23, 53, 80, 443, 1023, 1024, 65535]
RANGES = ["22", "53", "80", "443", "22:53", "1024:65535", "0:1023", ":22"]
FLAGS = ["SYN", "ACK", "RST", "FIN", "SYN,ACK", "SYN,RST,ACK", "FIN,SYN,RST,ACK", "ALL"]
SENT = ["syn", "syn,ack", "ack", "rst", "rst,ack", "fin,ack", "psh,ack", "none", "syn,fin", "fin,psh,urg",
        "syn,ece,cwr"]
INTERFACES = ["eth0", "eth1", "ppp0"]
STATES = ["NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED"]
HOOKS = {"raw": ("PREROUTING", "OUTPUT"), "filter": ("INPUT", "FORWARD", "OUTPUT"),
         "mangle": ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"),
         "nat": ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING")}
MARKS = ["0x1/0xffffffff", "0x1/0x1", "0x0/0x2", "0x3/0x3", "0x10/0xf0"]


def possible_state(packet):
    """A state near the one that a packet was given, in which it can be: `new` for what begins a flow."""
    state, protocol = packet["state"], frames.protocol_of(packet)
    if packet.get("fragment") or state == "related":
        return state
    begins, continues = True, True
    if protocol == 6:
        flags = frames.flags_of(packet) & 0x17  # URG, PSH, ECE and CWR aside
        begins, continues = flags in (2, 16), flags in (2, 4, 16, 17, 18, 20)
    elif frames.is_icmp(packet):
        kind = frames.icmp_of(packet)[0]
        begins = kind in ((8, 13) if packet["family"] == "ipv4" else (128,))
        continues = begins or kind in (0, 129)
    if state == "invalid" and begins and not frames.has_bad_checksum(packet):
        return "new"
    if state == "new" and not begins:
        return "established" if continues else "invalid"
    return "invalid" if state == "established" and not continues else state


class Generator:
    def __init__(self, chance, v):
        self.chance, self.v, self.words = chance, v, WORDS[v]

    def maybe(self, share):
        return self.chance.random() < share

    def no(self, text):
        """The match, sometimes negated."""
        return ("! " if self.maybe(0.2) else "") + text

    def of_protocol(self):
        pick, protocol = self.chance.choice, self.chance.choice(["tcp", "tcp", "udp", "udp", "icmp", "47", "!"])
        if protocol == "!":
            return [f"! -p {pick(['tcp', 'udp'])}"]
        if protocol == "icmp":
            found = [f"-p {self.words['icmp']}"]
            if self.maybe(0.7):
                match, option = self.words["option"].split()
                found.append(f"-m {match} " + self.no(f"{option} {pick(self.words['types'])}"))
            return found
        found = [f"-p {protocol}"]
        if protocol == "47":
            return found
        kind = self.chance.random()
        if kind < 0.25:
            ports = ",".join(self.chance.sample(["22", "53", "80:443", "1024:65535", "21"], 2))
            found.append("-m multiport " + self.no(f"--{pick(['dports', 'sports', 'ports'])} {ports}"))
        elif kind < 0.8:
            found.append(f"-m {protocol}")
            if self.maybe(0.7):
                found.append(self.no(f"--dport {pick(RANGES)}"))
            if self.maybe(0.3):
                found.append(self.no(f"--sport {pick(RANGES)}"))
            if protocol == "tcp" and self.maybe(0.4):
                mask = pick(FLAGS)
                names = ["SYN", "ACK", "RST", "FIN"] if mask == "ALL" else mask.split(",")
                wanted = ",".join(self.chance.sample(names, self.chance.randint(0, len(names)))) or "NONE"
                found.append(self.no(f"--tcp-flags {mask} {wanted}"))
        return found

    def matches(self, table, chain):
        pick, found = self.chance.choice, []
        for option in ("-s", "-d"):
            if self.maybe(0.25):
                net = pick(self.words["nets"])  # the nft backend refuses a negated /0
                found.append(f"{option} {net}" if net.endswith("/0") else self.no(f"{option} {net}"))
        if chain not in ("OUTPUT", "POSTROUTING") and self.maybe(0.25):
            found.append(self.no(f"-i {pick(INTERFACES + ['lo', 'eth+'])}"))
        if chain not in ("PREROUTING", "INPUT") and self.maybe(0.2):
            found.append(self.no(f"-o {pick(INTERFACES + ['lo', 'eth+'])}"))
        if self.maybe(0.6):
            found += self.of_protocol()
        elif self.v == 4 and self.maybe(0.1):
            found.append(self.no("-f"))
        if self.maybe(0.3 if table != "nat" else 0.1):
            states = ",".join(self.chance.sample(STATES, self.chance.randint(1, 3)))
            found.append(f"-m conntrack {self.no(f'--ctstate {states}')}" if self.maybe(0.6) else
                         f"-m state {self.no(f'--state {states}')}")
        if self.maybe(0.15):
            found.append(f"-m mark {self.no(f'--mark {pick(MARKS)}')}")
        if self.maybe(0.08):
            found.append(f"-m iprange {self.no('--src-range ' + self.words['range'])}")
        if self.maybe(0.08):
            found.append(f"-m addrtype {self.no('--src-type LOCAL')}")
        if self.maybe(0.05) and table == "mangle":
            found.append(f"-m connmark {self.no('--mark 0x1')}")
        return found

    def target(self, table, chain, chains):
        """`chains`: those of the table that may be called from here."""
        pick = self.chance.choice
        if chains and self.maybe(0.3):
            return f"-{'g' if self.maybe(0.25) else 'j'} {pick(chains)}"
        if table == "raw":
            return pick(["-j CT --notrack"] * 3 + ["-j ACCEPT", "-j RETURN", "-j DROP"])
        if table == "mangle":
            if self.maybe(0.6):
                return "-j MARK " + pick(["--set-xmark 0x1/0xffffffff", "--set-xmark 0x3/0x2", "--or-mark 0x10",
                                          "--and-mark 0xfe", "--xor-mark 0x1"])
            return pick(["-j ACCEPT", "-j RETURN", "-j DROP", "",
                         "-j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff",
                         "-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff"])
        if table == "nat":
            rest = ["-j ACCEPT", "-j RETURN"]
            if chain in ("PREROUTING", "OUTPUT"):
                return pick(rest + [f"-j DNAT --to-destination {self.words['target']}"] * 2 +
                            (["-j REDIRECT"] if chain == "PREROUTING" else []))
            if chain == "POSTROUTING":
                return pick(rest + [f"-j SNAT --to-source {self.words['target']}", "-j MASQUERADE"])
            return pick(rest)
        return pick(["-j ACCEPT"] * 4 + ["-j DROP"] * 3 + ["-j RETURN", "", "-j LOG"] +
                    [f"-j REJECT --reject-with {pick(self.words['rejects'])}"])

    def table(self, name):
        hooks = HOOKS[name]
        own = [] if name == "nat" else [f"{name[0]}{n}" for n in range(self.chance.randint(0, 3))]
        lines = [f"*{name}"]
        for chain in hooks:
            share = 0.5 if name == "filter" else 0.03 if name == "raw" else 0
            lines.append(f":{chain} {'DROP' if self.maybe(share) else 'ACCEPT'} [0:0]")
        lines += [f":{chain} - [0:0]" for chain in own]
        for place, chain in enumerate([*hooks, *own]):
            below = own if place < len(hooks) else own[place - len(hooks) + 1:]
            for _ in range(self.chance.randint(0, 5 if name == "filter" else 3)):
                words = [f"-A {chain}", *self.matches(name, chain), self.target(name, chain, below)]
                lines.append(" ".join(filter(None, words)))
        return "\n".join([*lines, "COMMIT", ""])

    def ruleset(self):
        shares = {"raw": 0.4, "mangle": 0.4, "nat": 0.25}
        return "".join(self.table(name) for name, share in shares.items() if self.maybe(share)) + \
            self.table("filter")

    def packet(self):
        pick, path = self.chance.choice, self.chance.choice(["in", "forward", "out"])
        source, destination = self.chance.sample(self.words["addresses"], 2)
        packet = {"path": path, "family": f"ipv{self.v}", "source": source, "destination": destination}
        over_lo = path != "forward" and self.maybe(0.1)
        if path != "out":
            packet["in_interface"] = "lo" if over_lo else pick(INTERFACES)
        if path != "in":
            packet["out_interface"] = "lo" if over_lo else pick(INTERFACES)
        protocol = pick(["tcp", "tcp", "tcp", "udp", "udp", "icmp", 47])
        packet["protocol"] = ("icmp" if self.v == 4 else "icmpv6") if protocol == "icmp" else protocol
        packet["state"] = pick(["new", "new", "established", "invalid"])
        if protocol == "icmp":
            kind, _, code = pick(self.words["types"]).partition("/")
            packet["icmp_type"], packet["icmp_code"] = int(kind), int(code or 0)
            if frames.is_icmp_error(packet):
                packet["state"] = pick(["related", "invalid"])
        elif protocol in ("tcp", "udp"):
            packet["source_port"], packet["destination_port"] = pick(PORTS), pick(PORTS)
            if protocol == "tcp":
                packet["tcp_flags"] = pick(SENT)
        if self.maybe(0.2):
            packet["mark"] = pick([1, 2, 3, 0x10])
        if self.maybe(0.05) and self.v == 4:
            for key in ("source_port", "destination_port", "tcp_flags", "icmp_type", "icmp_code"):
                packet.pop(key, None)
            packet.update(fragment=True, state="new")
        packet["state"] = possible_state(packet)
        return packet


def case(seed, number, packets=16):
    """(IP version, text, packets): the same for the same two numbers, whatever was asked before."""
    v = 4 if number % 2 == 0 else 6
    generator = Generator(random.Random(f"{seed}/{number}"), v)
    return v, generator.ruleset(), [generator.packet() for _ in range(packets)]
