#!/usr/bin/env python3
"""Path MTU discovery through a router that lets nothing out but what is RELATED to what it forwards: what a client sends
arrives under the ruleset and under its rewrites, and stands still where the router's own ICMP errors are left out, which
`verify` has to refuse. Usage: path_mtu_test.py UNTRACK"""
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

import netns

SENT = 60_000  # bytes: more than any first window
WAIT = 3  # seconds: so long nothing comes if nothing comes
SAVED = """*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT DROP [0:0]
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -d 10.98.2.1/32 -i c1 -o s1 -p tcp -m tcp --dport 443 -m conntrack --ctstate NEW -j ACCEPT
-A OUTPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
"""
NFT = """table inet filter {
	chain inward {
		type filter hook input priority filter; policy drop;
		icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
	}

	chain forwarded {
		type filter hook forward priority filter; policy drop;
		ct state established,related accept
		iifname "c1" oifname "s1" ip daddr 10.98.2.1 tcp dport 443 accept
		iifname "c1" oifname "s1" ip6 daddr fd98:2::1 tcp dport 443 accept
	}

	chain outward {
		type filter hook output priority filter; policy drop;
		icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
		ct state established,related accept
	}
}
"""
LOADERS = {"rules": ("iptables-legacy-restore",), "nft": ("nft", "-f", "-")}

# What lets the router's own errors out, as the rewrite spells it.

def without_own_errors(kind, text):
    """Without what lets the router's own errors out, as the rewrite spells it."""
    if kind == "rules":
        return re.sub(r"^-A OUTPUT .*icmp.*\n", "", text, flags=re.MULTILINE)
    head, tail = text.split("chain outward {")
    return head + "chain outward {" + re.sub(r"^.*icmp(?:v6)? type (?!\{ nd).*\n", "", tail, flags=re.MULTILINE)


def arrives(lab, v, loader, text):
    """How many bytes of a client's reach the server."""
    flush = "" if loader[0] != "nft" else "flush ruleset\n"
    netns.run("ip", "netns", "exec", lab.netns("firewall"), *loader, text=flush + text)
    # What the client learned of the path under the last ruleset is of no account.
    netns.run("ip", "-n", lab.netns("client"), f"-{v}", "route", "flush", "cache")
    family = socket.AF_INET if v == 4 else socket.AF_INET6
    lab.enter("server")
    listener = socket.create_server((netns.Lab.addresses["server"][v], 443), family=family)
    lab.enter("client")
    sender = socket.socket(family, socket.SOCK_STREAM)
    lab.enter(None)
    listener.settimeout(WAIT)
    sender.settimeout(WAIT)
    got = 0
    with listener, sender:
        sender.connect((netns.Lab.addresses["server"][v], 443))
        connection, _ = listener.accept()
        connection.settimeout(WAIT)
        with connection:
            pump = threading.Thread(target=lambda: sender.sendall(bytes(SENT)), daemon=True)
            pump.start()
            try:
                while got < SENT:
                    got += len(connection.recv(65536))
            except TimeoutError:
                pass
        pump.join(2 * WAIT)
    return got


def rewritten(untrack, mode, name, folder):
    to = folder / f"{mode}-{name.name}"
    words = [untrack, "rewrite", "--mode", mode, "--to", str(to)]
    if mode == "notrack":
        words += ["--allow", "ack-scan"]
    done = subprocess.run([*words, str(name)], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1) and to.exists(), done.stdout + done.stderr
    return to


def main():
    untrack = sys.argv[1]
    for tool in ("iptables-legacy-restore", "nft"):
        if not shutil.which(tool):
            netns.skip(f"{tool} is not installed")
    lab = netns.Lab("pathmtu")
    netns.run("ip", "-n", lab.netns("firewall"), "link", "set", "s1", "mtu", "1300")
    with tempfile.TemporaryDirectory() as folder:
        judge(untrack, lab, pathlib.Path(folder))


def judge(untrack, lab, folder):
    conversations = faults = 0
    for kind, text, versions in (("rules", SAVED, (4,)), ("nft", NFT, (4, 6))):
        name = folder / f"router.{kind}"
        name.write_text(text, encoding="utf-8")
        alike = [text, *(rewritten(untrack, mode, name, folder).read_text(encoding="utf-8")
                         for mode in ("stateless", "notrack"))]
        for v in versions:
            for each in alike:
                got = arrives(lab, v, LOADERS[kind], each)
                assert got == SENT, (kind, v, got, each)
                conversations += 1
        for each in alike[1:2]:
            spoiled = without_own_errors(kind, each)
            assert spoiled != each
            fault = folder / f"fault.{kind}"
            fault.write_text(spoiled, encoding="utf-8")
            done = subprocess.run([untrack, "verify", "--mode", "stateless", str(name), str(fault)],
                                  capture_output=True, text=True, check=False)
            assert done.returncode == 1 and "ICMP error" in done.stdout, done.stdout + done.stderr
            for v in versions:
                got = arrives(lab, v, LOADERS[kind], spoiled)
                assert got < SENT, (kind, v, "the kernel sees no fault")
                faults += 1
        # What the other backend's tables hold would be asked, too.
        if kind == "rules":
            netns.run("ip", "netns", "exec", lab.netns("firewall"), "iptables-legacy-restore",
                      text="*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n"
                           "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n")
    print(f"{conversations} conversations got through; {faults} faults are refused and seen")


main()
