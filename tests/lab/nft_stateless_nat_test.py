#!/usr/bin/env python3
"""What `untrack rewrite --stateless-nat` gives away, judged by the kernel: a client outside and a server inside talk through a
router, with checksums that nobody but they make, once under NAT and once under what was made of it; both have to see the same
addresses and the same bytes, and no entry may be left. Then rewrites with a known fault: `verify` has to refuse them, and the
conversations to differ. Usage: nft_stateless_nat_test.py UNTRACK"""
import array
import fcntl
import json
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile

import netns

OUTSIDE = {4: "10.98.1.25", 6: "fd98:1::25"}  # the server's address out there
INSIDE, CLIENT = netns.Lab.addresses["server"], netns.Lab.addresses["client"]
FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
WAIT = 0.4  # seconds: so long nothing comes if nothing comes
RULESET = """
table inet nat {
	chain to_inside {
		type nat hook prerouting priority dstnat; policy accept;
		iifname "c1" ip daddr 10.98.1.25 counter dnat ip to 10.98.2.1
		iifname "c1" ip6 daddr fd98:1::25 dnat ip6 to fd98:2::1
	}

	chain to_outside {
		type nat hook postrouting priority srcnat; policy accept;
		oifname "c1" ip saddr 10.98.2.1 snat ip to 10.98.1.25
		oifname "c1" ip6 saddr fd98:2::1 snat ip6 to fd98:1::25
	}
}

table inet filter {
	chain forwarded {
		type filter hook forward priority filter; policy drop;

		ct state established,related accept
		iifname "c1" oifname "s1" ip daddr 10.98.2.1 tcp dport 25 accept
		iifname "c1" oifname "s1" ip6 daddr fd98:2::1 tcp dport 25 accept
		iifname "c1" oifname "s1" ip daddr 10.98.2.1 udp dport { 53, 54 } accept
		iifname "c1" oifname "s1" ip6 daddr fd98:2::1 udp dport { 53, 54 } accept
		iifname "c1" oifname "s1" ip daddr 10.98.2.1 icmp type echo-request accept
		iifname "c1" oifname "s1" ip6 daddr fd98:2::1 icmpv6 type echo-request accept
		iifname "s1" oifname "c1" ip saddr 10.98.2.1 udp dport 53 accept
		iifname "s1" oifname "c1" ip6 saddr fd98:2::1 udp dport 53 accept
		iifname "s1" oifname "c1" ip saddr 10.98.2.1 tcp dport 80 accept
		iifname "s1" oifname "c1" ip6 saddr fd98:2::1 tcp dport 80 accept
	}
}
"""


def without_offload(lab):
    """Checksums are made by who sends and looked at by who receives, and not left to a card that is none."""
    for side, device in (("client", "c0"), ("server", "s0"), ("firewall", "c1"), ("firewall", "s1")):
        lab.enter(side)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            for command in (0x17, 0x15, 0x1F, 0x24):  # ETHTOOL_STXCSUM, SRXCSUM, STSO, SGSO: linux/ethtool.h
                value = array.array("I", [command, 0])
                request = struct.pack("16sP", device.encode(), value.buffer_info()[0])
                try:
                    fcntl.ioctl(any_socket, 0x8946, request)  # SIOCETHTOOL
                except OSError:
                    if command == 0x17:
                        raise
        lab.enter(None)


class Talks:
    """Between the client outside and the server inside."""

    def __init__(self, lab):
        self.lab, self.open = lab, []

    def socket(self, side, v, kind, protocol=0):
        self.lab.enter(side)
        made = socket.socket(FAMILY[v], kind, protocol)
        self.lab.enter(None)
        made.settimeout(WAIT)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.open.append(made)
        return made

    def stream(self, v, sides, bound, to, port):
        asks, serves = sides
        listener = self.socket(serves, v, socket.SOCK_STREAM)
        listener.bind((bound[v], port))
        listener.listen()
        caller = self.socket(asks, v, socket.SOCK_STREAM)
        try:
            caller.connect((to[v], port))
            called, peer = listener.accept()
        except OSError as wrong:
            return type(wrong).__name__
        self.open.append(called)
        called.settimeout(WAIT)
        counts = []
        for one, other in ((caller, called), (called, caller)):
            one.sendall(b"x" * 20000)
            count = 0
            while count < 20000:
                count += len(other.recv(65536))
            counts.append(count)
        return f"{peer[0]} asks {caller.getpeername()[0]}: {counts}"

    def datagram(self, v, sides, bound, to, port, size):
        asks, serves = sides
        listener = self.socket(serves, v, socket.SOCK_DGRAM)
        listener.bind((bound[v], port))
        caller = self.socket(asks, v, socket.SOCK_DGRAM)
        try:
            caller.sendto(b"?" * size, (to[v], port))
            asked, peer = listener.recvfrom(65536)
            listener.sendto(b"!" * size, peer)
            answer, answerer = caller.recvfrom(65536)
        except OSError as wrong:
            return type(wrong).__name__
        return f"{peer[0]} asks {len(asked)} bytes, {answerer[0]} answers {len(answer)}"

    def echo(self, v):
        caller = self.socket("client", v, socket.SOCK_DGRAM,
                             socket.IPPROTO_ICMP if v == 4 else socket.IPPROTO_ICMPV6)
        try:
            caller.sendto(struct.pack("!BBHHH", 8 if v == 4 else 128, 0, 0, 0, 1) + b"ping", (OUTSIDE[v], 0))
            answer, answerer = caller.recvfrom(65536)
        except OSError as wrong:
            return type(wrong).__name__
        return f"{answerer[0]} answers {answer[8:].decode()}"

    def unreachable(self, v):
        """The ICMP error about a port that is closed inside: what it quotes is the address inside."""
        caller = self.socket("client", v, socket.SOCK_DGRAM)
        caller.connect((OUTSIDE[v], 54))
        try:
            caller.send(b"?")
            caller.recv(10)
        except OSError as wrong:
            return type(wrong).__name__
        return "answered"

    def all(self):
        """{what: what came of it}"""
        inwards, outwards = ("client", "server"), ("server", "client")
        found = {}
        for v in (4, 6):
            found[v, "mail"] = self.stream(v, inwards, INSIDE, OUTSIDE, 25)
            found[v, "what is refused"] = self.stream(v, inwards, INSIDE, OUTSIDE, 26)
            found[v, "the server's own stream"] = self.stream(v, outwards, CLIENT, CLIENT, 80)
            for size in (20, 5000):  # in fragments
                found[v, f"{size} bytes"] = self.datagram(v, inwards, INSIDE, OUTSIDE, 53, size)
                found[v, f"{size} bytes of the server's own"] = self.datagram(v, outwards, CLIENT, CLIENT, 53, size)
                self.close()
            found[v, "echo"] = self.echo(v)
            found[v, "unreachable"] = self.unreachable(v)
            self.close()
        return found

    def close(self):
        while self.open:
            self.open.pop().close()


def talked(lab, text):
    """What came of all conversations under a ruleset, and how many entries they left."""
    lab.enter("firewall")
    netns.run("nft", "flush", "ruleset")
    netns.flush_conntrack()
    netns.run("nft", "-f", "-", text=text)
    lab.enter(None)
    found = Talks(lab).all()
    lab.enter("firewall")
    entries = int(pathlib.Path("/proc/sys/net/netfilter/nf_conntrack_count").read_text(encoding="ascii"))
    lab.enter(None)
    return found, entries


def verified(untrack, original, rewritten):
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, text in (("before.nft", original), ("after.nft", rewritten)):
            paths.append(pathlib.Path(folder, name))
            paths[-1].write_text(text, encoding="utf-8")
        run = subprocess.run([untrack, "verify", "--mode", "stateless", "--stateless-nat", *paths], capture_output=True,
                             text=True, check=False)
    return run.returncode


def spoiled(rewritten):
    """(what, text)"""
    yield "no way back", rewritten.replace("ip saddr set 10.98.1.25 accept", "accept")
    yield "another address", rewritten.replace("ip daddr set 10.98.2.1 accept", "ip daddr set 10.98.2.9 accept")
    yield "back from another address", rewritten.replace("ip6 saddr set fd98:1::25", "ip6 saddr set fd98:1::26")
    yield "over another interface", rewritten.replace('oifname "c1" ip saddr 10.98.2.1', 'oifname "s1" ip saddr 10.98.2.1')
    yield "translated late", rewritten.replace("hook prerouting priority dstnat", "hook input priority 0")


def main():
    untrack = sys.argv[1]
    run = subprocess.run([untrack, "rewrite", "--mode", "stateless", "--stateless-nat", "--output", "json", "-"], input=RULESET,
                         capture_output=True, text=True, check=False)
    report = json.loads(run.stdout)
    rewritten = report["files"][0]["text"]
    outcomes = {family: row["outcome"] for family, row in report["families"].items()}
    assert set(outcomes.values()) == {"rewritten"}, outcomes
    assert verified(untrack, RULESET, rewritten) == 0, "the rewrite is not what verify proves"
    lab = netns.Lab("statelessnat")
    without_offload(lab)
    for v in (4, 6):
        netns.run("ip", "-n", lab.netns("client"), f"-{v}", "route", "add", OUTSIDE[v], "via",
                  netns.Lab.addresses["firewall"][v])
    lab.enter("client")
    pathlib.Path("/proc/sys/net/ipv4/ping_group_range").write_text("0 2147483647", encoding="ascii")
    lab.enter(None)
    before, entries_before = talked(lab, RULESET)
    after, entries_after = talked(lab, rewritten)
    for what, seen in before.items():
        if what[1] == "unreachable":
            # The assumption errors_untranslated.
            assert (seen, after[what]) == ("ConnectionRefusedError", "TimeoutError"), (what, seen, after[what])
            continue
        assert seen.endswith("Error") == (what[1] == "what is refused"), (what, seen)
        assert after[what] == seen, (what, seen, after[what])
    assert entries_before > 0 and entries_after == 0, (entries_before, entries_after)
    faults = 0
    for what, text in spoiled(rewritten):
        assert text != rewritten, what
        assert verified(untrack, RULESET, text) == 1, f"verify takes a rewrite with a fault: {what}"
        assert talked(lab, text)[0] != after, f"the kernel sees no fault: {what}"
        faults += 1
    print(f"{len(before)} conversations alike; {entries_before} entries before, none after; {faults} faults are refused and seen")


main()
