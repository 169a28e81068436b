#!/usr/bin/env python3
"""The assumption service_ports, asked of the kernel: no client is given a UDP port that a program has, nor a reserved one,
and any other it may be given. And the rewrite that rests on it: under iptables and nft a service of the firewall, let in
from one address, gets nothing from a stranger, and the answers to what the firewall asks come back.
Usage: service_ports_test.py UNTRACK"""
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile

import netns

FIRST, LAST = 40000, 40007  # the range of clients in the first part
SERVICE = 40003
PORT = 51820
SAVED = """*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -s 10.98.1.1/32 -p udp -m udp --dport 51820 -j ACCEPT
COMMIT
"""
NFT = """table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ct state established,related accept
		ip saddr 10.98.1.1 udp dport 51820 accept
	}
}
"""
LOADERS = {"rules": ("iptables-legacy-restore",), "nft": ("nft", "-f", "-")}
WAIT = 0.7  # seconds: so long nothing comes if nothing comes


def given(lab, has_service, reserved):
    """The ports that the kernel gives to as many clients as there are ports."""
    for name, value in (("ip_local_port_range", f"{FIRST} {LAST}"), ("ip_local_reserved_ports", reserved)):
        netns.run("ip", "netns", "exec", lab.netns("firewall"), "sysctl", "-qw", f"net.ipv4.{name}={value}")
    lab.enter("firewall")
    sockets = []
    try:
        if has_service:
            sockets.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            sockets[-1].bind(("", SERVICE))
        ports = set()
        for _ in range(LAST - FIRST + 1):
            client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sockets.append(client)
            try:
                client.connect(("10.98.2.1", 53))
            except OSError:
                break  # none is left
            ports.add(client.getsockname()[1])
        return ports
    finally:
        lab.enter(None)
        for each in sockets:
            each.close()


def comes(sender, to, receiver):
    """Whether a datagram arrives, and from where."""
    sender.sendto(b"x", to)
    try:
        return receiver.recvfrom(64)[1]
    except TimeoutError:
        return None


def bound(lab, name, address):
    lab.enter(name)
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    lab.enter(None)
    made.bind(address)
    made.settimeout(WAIT)
    return made


def seen_under(lab, loader, text):
    """(peer reaches the service, stranger does, an answer comes back)."""
    flush = "" if loader[0] != "nft" else "flush ruleset\n"
    netns.run("ip", "netns", "exec", lab.netns("firewall"), *loader, text=flush + text)
    service = bound(lab, "firewall", ("", PORT))
    peer, stranger = bound(lab, "client", ("10.98.1.1", 40000)), bound(lab, "server", ("10.98.2.1", 40000))
    client, asked = bound(lab, "firewall", ("", 0)), bound(lab, "server", ("10.98.2.1", 5300))
    with service, peer, stranger, client, asked:
        reached = [comes(peer, ("10.98.1.2", PORT), service) is not None,
                   comes(stranger, ("10.98.2.2", PORT), service) is not None]
        back = comes(client, ("10.98.2.1", 5300), asked)
        reached.append(back is not None and comes(asked, back, client) is not None)
    return tuple(reached)


def main():
    untrack = sys.argv[1]
    for tool in ("iptables-legacy-restore", "nft"):
        if not shutil.which(tool):
            netns.skip(f"{tool} is not installed")
    lab = netns.Lab("service_ports")
    everything = set(range(FIRST, LAST + 1))
    for has_service, reserved, wanted in ((True, "", everything - {SERVICE}), (False, str(SERVICE), everything - {SERVICE}),
                                          (False, "", everything)):
        got = given(lab, has_service, reserved)
        assert got == wanted, (has_service, reserved, sorted(got))
    netns.run("ip", "netns", "exec", lab.netns("firewall"), "sysctl", "-qw", "net.ipv4.ip_local_port_range=32768 60999")
    for kind, text in (("rules", SAVED), ("nft", NFT)):
        with tempfile.TemporaryDirectory() as folder:
            given_file = pathlib.Path(folder, f"input.{kind}")
            given_file.write_text(text)
            done = subprocess.run([untrack, "rewrite", "--mode", "stateless", "--output", "rules", str(given_file)],
                                  capture_output=True, text=True, check=True)
        for ruleset in (text, done.stdout):
            seen = seen_under(lab, LOADERS[kind], ruleset)
            assert seen == (True, False, True), (kind, seen, ruleset)
        # What is said to be kept out would come in without that.
        opened = done.stdout.replace("32768:51819,51821:60999", "32768:60999").replace(
            "32768-51819, 51821-60999", "32768-60999").replace("-m multiport --dports 32768:60999", "-m udp --dport 32768:60999")
        assert opened != done.stdout, done.stdout
        seen = seen_under(lab, LOADERS[kind], opened)
        assert seen == (True, True, True), (kind, seen, opened)
        netns.run("ip", "netns", "exec", lab.netns("firewall"), "nft", "flush", "ruleset")
        netns.run("ip", "netns", "exec", lab.netns("firewall"), "iptables-legacy", "-P", "INPUT", "ACCEPT")
        netns.run("ip", "netns", "exec", lab.netns("firewall"), "iptables-legacy", "-F")
    print("3 ranges of ports, 2 rulesets with their rewrites")


main()
