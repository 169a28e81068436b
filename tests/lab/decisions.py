"""What the kernel does with one packet under a ruleset of iptables: accept or dropped, asked by sending it.

A lab has two namespaces. `firewall` holds the ruleset and one veth for each interface that packets
name; the other ends of all are in `wire`, where frames are injected with any address and what
leaves the firewall is seen. Packets are dicts in the form of the JSON contract:
  {path: in|forward|out, family: ipv4|ipv6, in_interface, out_interface, source, destination, protocol,
   source_port, destination_port, tcp_flags: "syn,ack", icmp_type, icmp_code, mark, fragment: true,
   state: new|established|related|invalid, begun: true (an entry is there, but no reply was seen)}

What observes takes no reference of conntrack, unless the ruleset itself does: then a chain that asks
for the state may stand beside it. A packet that was not seen was refused: a frame of
another kind, which no ruleset sees, is sent behind it, and waited for. All on one CPU, since each CPU
has a queue of its own.

  with decisions.Kernel("legacy", "name of the test") as kernel:
      refusal = kernel.load({4: text_of_iptables_save}, sets=text_of_ipset_save)
      answers = [kernel.decide(packet) for packet in packets]
  decisions.witnesses(original_text, rewritten_text, packets)
"""
import collections
import os
import re
import shutil
import socket
import struct

import flows
import frames
import netns
import tables

# `verdict`: accept, dropped, elsewhere (it came through, but on another way, which `where` names) or
# unaskable (`why`). `state`: new, established, related, invalid, untracked, as it is right behind
# conntrack; None where nothing tracks, or the packet did not get there. `entry`: an entry was made or kept. `mark`: that of
# an accepted packet, at the end of its way. `inside`: of a packet sent over lo, what became of it when
# it came in again: (delivered, state, mark).
Answer = collections.namedtuple("Answer", "verdict where state entry mark why inside",
                                defaults=("", None, False, None, "", None))
WAIT = 5.0  # seconds; only a broken lab waits so long
MARKER = 0x88B5  # an Ethernet type for local experiments (IEEE 802)
GROUP = 7
OBSERVER = """table inet untrack_lab {
  chain first { type filter hook prerouting priority -2147483648; @ll,48,16 0x0200 meta mark set @ll,64,32; }
  chain delivered { type filter hook input priority 2147483647; log group 7 snaplen 256 queue-threshold 1; drop; }
  chain leaving { type filter hook postrouting priority 2147483647; log group 7 snaplen 256 queue-threshold 1; }
}
"""
STATES = ("new", "established", "related", "invalid", "untracked")
STATE_OBSERVER = {v: f"table {family} untrack_state {{\n" + "".join(
    f"  chain {hook} {{ type filter hook {hook} priority -199;\n" + "".join(
        f'    ct state {state} log prefix "{state}" group 7 snaplen 256 queue-threshold 1\n'
        for state in STATES) + "  }\n" for hook in ("prerouting", "output")) + "}\n"
    for v, family in ((4, "ip"), (6, "ip6"))}
# What takes a reference of conntrack, as tracking_test.py measures it.
TRACKS = re.compile(r"-m (state|conntrack|connmark|connbytes|connlimit|connlabel|helper|cluster)\b|"
                    r"-j (MASQUERADE|SNAT|DNAT|REDIRECT|NETMAP|CONNMARK|CONNSECMARK|SYNPROXY)\b|"
                    r"-j CT(?!.*--notrack)\b")
CHAINS = {"raw": ("PREROUTING", "OUTPUT"), "filter": ("INPUT", "FORWARD", "OUTPUT"),
          "security": ("INPUT", "FORWARD", "OUTPUT"),
          "nat": ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"),
          "mangle": ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING")}
PREROUTING, LOCAL_IN, LOCAL_OUT, POSTROUTING = 0, 1, 3, 4
SETTINGS = {"ipv4/ip_forward": 1, "ipv6/conf/all/forwarding": 1, "ipv6/conf/default/accept_dad": 0,
            "ipv6/conf/default/addr_gen_mode": 1}
SETTINGS.update({f"ipv4/conf/{device}/{name}": value for device in ("all", "default", "lo")
                 for name, value in (("rp_filter", 0), ("accept_local", 1), ("route_localnet", 1),
                                     ("send_redirects", 0))})


def set_up(settings):
    for path, value in settings.items():
        with open(f"/proc/sys/net/{path}", "w", encoding="ascii") as file:
            file.write(str(value))


def emptied(names):
    """The policies, too: restoring a table leaves those that the text does not name as they were."""
    return "".join(f"*{table}\n" + "".join(f":{chain} ACCEPT [0:0]\n" for chain in CHAINS[table]) +
                   "COMMIT\n" for table in names)


def destinations(v, text):
    """The addresses to which a ruleset translates, the ends of ranges alone."""
    found = set()
    for word in re.findall(r"--to-destination (\S+)", text):
        inside = re.match(r"\[([^]]+)\]", word)
        found |= {*(inside.group(1) if inside else word.split(":")[0] if v == 4 else word).split("-")}
    return found - {""}


class Refused(ValueError):
    """Why the kernel, or iptables-restore, takes no such ruleset."""


class Log:
    """What the observer's chains log: (hook, tag, protocol, mark, prefix, the packet's first bytes)."""

    def __init__(self):
        self.netlink = flows.Netlink(12)
        self.netlink.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        head = struct.pack("=BBH", 0, 0, socket.htons(GROUP))
        config = (netns.attribute(1, b"\1") +  # bind; whole packets; at once
                  netns.attribute(2, struct.pack("!IBB", 256, 2, 0)) +
                  netns.attribute(5, struct.pack("!I", 1)))
        self.netlink.must(4 << 8 | 1, 0, head + config, "NFLOG")
        self.netlink.socket.setblocking(False)

    def read(self):
        while True:
            try:
                data = self.netlink.socket.recv(65536)
            except BlockingIOError:
                return
            place = 0
            while place + 16 <= len(data):
                length, kind = struct.unpack_from("=IH", data, place)
                if kind == 4 << 8:
                    yield self.parsed(data[place + 20:place + length])
                place += length + 3 & ~3

    @staticmethod
    def parsed(data):
        place, found = 0, {}
        while place + 4 <= len(data):
            length, kind = struct.unpack_from("=HH", data, place)
            found[kind & 0x3FFF] = data[place + 4:place + length]
            place += length + 3 & ~3
        payload = found.get(9, b"")
        tag = frames.tag_of(payload)
        return (found[1][2], tag, frames.protocol_in(payload) if tag is not None else None,
                int.from_bytes(found.get(2, b""), "big"),
                found.get(10, b"").rstrip(b"\0").decode(), payload)


class Kernel:
    """A lab with one backend of iptables. The process is in the firewall's namespace afterwards."""

    def __init__(self, backend, test):
        missing = tables.missing(backend) or next((p for p in ("nft",) if not shutil.which(p)), None)
        if missing:
            netns.skip(f"{missing} is not installed")
        self.backend = backend
        self.affinity = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {sorted(self.affinity)[os.getpid() % len(self.affinity)]})
        self.lab = netns.Namespaces(f"{test}-{backend}", ("wire", "firewall"))
        self.lock = tables.own_lock()
        self.lock.__enter__()
        self.lab.enter("wire")
        set_up({"ipv6/conf/default/disable_ipv6": 1})
        self.wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.wire.setsockopt(263, 23, 1)  # SOL_PACKET, PACKET_IGNORE_OUTGOING
        self.wire.settimeout(WAIT)
        self.lab.enter("firewall")
        set_up(SETTINGS)
        netns.run("ip", "link", "set", "lo", "up")
        netns.run("nft", "-f", "-", text=OBSERVER)  # before conntrack: then it runs behind confirm
        self.log = Log()
        tables.load_modules(backend)
        self.routes, self.entries = flows.Routes(), flows.Entries()
        self.behind = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(MARKER))
        self.behind.setsockopt(263, 23, 1)
        self.behind.settimeout(WAIT)
        self.loopback = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.loopback.bind(("lo", 3))
        self.loopback.settimeout(WAIT)
        self.raw = {4: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW),
                    6: socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)}
        self.raw[6].setsockopt(socket.IPPROTO_IPV6, 36, 1)  # IPV6_HDRINCL
        self.interfaces = {"lo": (1, bytes(6), "")}  # index, address, the other end
        self.refused = {}
        self.used, self.states, self.targets = {4: [], 6: []}, [], {4: set(), 6: set()}
        self.tag = self.number = 0
        self.seen = []  # of the last packet: (interface that it left by, or local, the bytes from the IP header on)
        netns.run("ip", "-6", "addr", "add", "fd98:18::1/128", "dev", "lo", "nodad")

    def enter(self):
        """Where several labs are open, before using one."""
        self.lab.enter("firewall")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.lab.close()
        self.lock.__exit__(None, None, None)
        os.sched_setaffinity(0, self.affinity)

    def load(self, texts, sets=""):
        """Replaces all rules by {4: text, 6: text} (or the text of IPv4 alone) and all ipsets. None, or
        why the kernel, or iptables-restore, refuses."""
        texts = {4: texts} if isinstance(texts, str) else texts
        self.routes.close()
        if self.states:
            netns.run("nft", "-f", "-", text="".join(
                f"delete table {family} untrack_state\n" for family in self.states))
            self.states = []
        for v in (4, 6):
            self.restore(v, "")
        if shutil.which("ipset"):
            netns.run("ipset", "flush")  # a list:set holds its members
            netns.run("ipset", "destroy")
        if sets:
            done = netns.run("ipset", "restore", text=sets, check=False)
            if done.returncode:
                return f"ipset: {done.stderr.strip()}"
        for v, text in texts.items():
            wrong = self.restore(v, text)
            if wrong:
                return wrong
        asked = [v for v, text in texts.items() if any(
            TRACKS.search(re.sub(r'"[^"]*"', "", line)) for line in text.split("\n")
            if line.startswith(("-", "[")))]
        netns.run("nft", "-f", "-", text="".join(STATE_OBSERVER[v] for v in asked))
        self.states = ["ip" if v == 4 else "ip6" for v in asked]
        self.targets = {v: destinations(v, texts.get(v, "")) for v in (4, 6)}
        return None

    def restore(self, v, text):
        """Of one family; other families and sets stay."""
        named = tables.named_in(text)
        before = [table for table in self.used[v] if table not in named]
        if not before and not named:
            return None
        wrong = tables.restore(self.backend, v, emptied(before) + text)
        self.used[v] = sorted({*self.used[v], *named}) if wrong else named
        return wrong

    def interface(self, name):
        """(index, hardware address, name of the other end)"""
        if name in self.interfaces:
            return self.interfaces[name]
        self.number += 1
        end = f"w{self.number}"
        netns.run("ip", "link", "add", "name", name, "type", "veth", "peer", "name", end,
                  "netns", self.lab.netns("wire"))
        set_up({f"ipv4/conf/{name}/{key}": value for key, value in
                (("rp_filter", 0), ("accept_local", 1), ("route_localnet", 1), ("send_redirects", 0))})
        # Without ARP no neighbour is asked for: all that leaves goes to one hardware address.
        netns.run("ip", "link", "set", "dev", name, "arp", "off", "up")
        netns.run("ip", "-n", self.lab.netns("wire"), "link", "set", end, "arp", "off", "up")
        netns.run("ip", "addr", "add", f"198.18.{self.number}.1/32", "dev", name)  # for REDIRECT
        netns.run("ip", "addr", "add", f"fd98:18:{self.number}::1/128", "dev", name, "nodad")
        with open(f"/proc/net/dev_snmp6/{name}", encoding="ascii") as file:
            index = int(file.readline().split()[1])
        done = netns.run("ip", "-o", "link", "show", "dev", name)
        address = bytes.fromhex(done.stdout.split("link/ether ")[1].split()[0].replace(":", ""))
        self.interfaces[name] = index, address, end
        return self.interfaces[name]

    def pick_up(self, is_loose):
        """nf_conntrack_tcp_loose: whether a flow may begin with an ACK."""
        set_up({"netfilter/nf_conntrack_tcp_loose": int(is_loose)})

    def decide(self, packet):
        """The kernel's Answer. Entries of earlier packets are forgotten."""
        why = frames.unaskable(packet)
        if why:
            return Answer("unaskable", why=why)
        into, out = packet.get("in_interface"), packet.get("out_interface")
        path, v = packet["path"], frames.version_of(packet)
        for name in (into if path != "out" else None, out if path != "in" else None):
            if name and name in self.refused:
                return Answer("unaskable", why=self.refused[name])
            try:
                if name:
                    self.interface(name)
            except (RuntimeError, OSError):
                self.refused[name] = f"no interface can be named {name}"
                return Answer("unaskable", why=self.refused[name])
        self.lead(packet)
        if packet.get("state") in ("established", "related") or packet.get("begun"):
            why = self.entries.make(packet)
            if why:
                return Answer("unaskable", why=why)
        self.tag = self.tag % frames.TAGS + 1
        try:
            seen = self.send(packet)
        except PermissionError:  # what EPERM says: dropped in OUTPUT
            seen = self.gather(packet, set())
        except OSError as wrong:
            self.gather(packet, set())
            seen = None
            why = f"the stack refuses to send it: {wrong.strerror}"
        made = self.entries.count() > 0
        self.entries.forget(packet)
        if seen is None:
            return Answer("unaskable", why=why)
        places, state, mark, inside = seen
        wanted = "local" if path == "in" else out
        where = wanted if wanted in places else min(places, default=None)
        verdict = "dropped" if where is None else "accept" if where == wanted else "elsewhere"
        return Answer(verdict, where, state, made, mark, "", inside)

    def lead(self, packet):
        path, v = packet["path"], frames.version_of(packet)
        local = {packet["destination"]} if path == "in" else {packet["source"]} if path == "out" else set()
        if "lo" in (packet.get("in_interface"), packet.get("out_interface")):
            local = {packet["source"], packet["destination"]}
        elif path == "in":  # what is translated on its way in stays on its way in
            local |= self.targets[v] - {packet["source"]}
        local = {name for name in local if not name.startswith("127.") and name != "::1"}
        leads_to = packet["in_interface"] if path == "in" else packet["out_interface"]
        self.routes.lead(v, self.interface(leads_to)[0], local)

    def send(self, packet):
        path, v = packet["path"], frames.version_of(packet)
        self.seen = []
        if path == "out":
            self.raw[v].setsockopt(socket.SOL_SOCKET, 36, packet.get("mark", 0))  # SO_MARK
            for data in frames.ip_packets(packet, self.tag):
                self.raw[v].sendto(data, (packet["destination"], 0))
            places = set()
        else:
            _, address, end = self.interface(packet["in_interface"])
            through = self.wire if end else self.loopback
            for data in frames.frames(packet, self.tag, address):
                through.sendto(data, (end or "lo", 0x0800))
            places = set()
        return self.gather(packet, places)

    def gather(self, packet, places):
        """Sends the frame behind the packet through all queues that the packet can be in."""
        marker = bytes(12) + struct.pack("!HI", MARKER, self.tag)
        into, out = packet.get("in_interface"), packet.get("out_interface")
        if packet["path"] != "out" or out == "lo":
            _, address, end = self.interface(into if packet["path"] != "out" else out)
            (self.wire if end else self.loopback).sendto(address + marker[6:], (end or "lo", MARKER))
            while self.behind.recv(2048)[12:18] != marker[12:]:
                pass
        leaves = out if packet["path"] != "in" else into
        protocol, ends = frames.protocol_of(packet), {end: name for name, (_, _, end) in
                                                      self.interfaces.items()}
        if leaves != "lo":
            self.behind.sendto(marker, (leaves, MARKER))
            while True:
                data, sender = self.wire.recvfrom(2048)
                if data[12:18] == marker[12:]:
                    break
                if frames.tag_of(data[14:]) == self.tag and frames.protocol_in(data[14:]) == protocol:
                    places.add(ends[sender[0]])
                    self.seen.append((ends[sender[0]], data[14:]))
        if "lo" in (into, out):
            while True:
                data, sender = self.loopback.recvfrom(2048)
                if data[12:18] == marker[12:]:
                    break
                if (packet["path"] == "out" and sender[2] == socket.PACKET_OUTGOING and
                        frames.tag_of(data[14:]) == self.tag):
                    places.add("lo")
        return places, *self.logged(packet, protocol, places)

    def logged(self, packet, protocol, places):
        """(state, mark, inside) from the log; a packet that was delivered is added to `places`."""
        state = mark = None
        leaves = packet["path"] == "out"
        inside = (False, None, None) if leaves and "lo" in places else None
        for hook, tag, of, has_mark, prefix, data in self.log.read():
            if tag != self.tag or of != protocol:
                continue
            if hook == LOCAL_IN:
                self.seen.append(("local", data))
            if hook == (LOCAL_OUT if leaves else PREROUTING):
                state = prefix or None
            elif hook == PREROUTING:  # sent over lo, and in again
                inside = False, prefix or None, None
            elif hook == POSTROUTING:
                mark = has_mark
            elif hook == LOCAL_IN and leaves:
                inside = True, inside and inside[1], has_mark
            elif hook == LOCAL_IN:
                mark = has_mark
                places.add("local")
        return state, mark, inside


def under_both(kernel, original, rewritten, packets, packets_rewritten=None, sets=""):
    """[(answer under the original, under the rewritten ruleset)]; the texts as for Kernel.load.
    `packets_rewritten`: the same packets, where they are in another state in front of the second. Raises
    Refused where one of the two is."""
    answers = []
    for text, asked in ((original, packets), (rewritten, packets_rewritten or packets)):
        refusal = kernel.load(text, sets)
        if refusal:
            raise Refused(refusal)
        answers.append([kernel.decide(packet) for packet in asked])
    return list(zip(*answers))


def witnesses(original, rewritten, packets, backend="legacy", sets="", test="witnesses"):
    """[(packet, answer under the original, answer under the rewritten ruleset)], in a lab of its own."""
    with Kernel(backend, test) as kernel:
        return [(packet, *both) for packet, both in
                zip(packets, under_both(kernel, original, rewritten, packets, sets=sets))]
