#!/usr/bin/env python3
"""What the report of `untrack rewrite` says to do next: its commands are run in a namespace, word for word but
for the places of files and the time to wait, and connections are open while the rules change. The old rules
come back by themselves, or the new ones stay; connections go on as docs/rewrite.md says, and hang where it says so.
Usage: next_test.py UNTRACK"""
import collections
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import netns

WEB = """*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -m conntrack --ctstate INVALID -j DROP
-A INPUT -p tcp -m multiport --dports 80,22 -m conntrack --ctstate NEW -j ACCEPT
COMMIT
"""
NFT = """table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		iifname "lo" accept
		ct state vmap { established : accept, related : accept, invalid : drop }
		icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
		tcp dport { 22, 80 } ct state new accept
	}
}
"""
# Of one language: a ruleset, arguments of rewrite, commands that load it and show what is loaded, what a command to go
# back looks like.
Language = collections.namedtuple("Language", "name text arguments load show back")
# Rules of iptables-nft beside those of nft, which nft lists and cannot load.
BESIDE = ("iptables-nft -t nat -A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE; "
          "iptables-nft -A FORWARD -p tcp --dport 22 -m recent --name x --set; nft -f old.rules")
RAW = "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n"
LANGUAGES = (
    Language("iptables", WEB, ["--family", "ipv4", "old.rules"], "iptables-restore < old.rules", "iptables-save | grep ^-A",
             "-restore <"),
    Language("nft", NFT, ["old.rules"], "nft -f old.rules", "nft list ruleset", "nft -f"),
    Language("nft that flushes", "flush ruleset\n" + NFT, ["old.rules"], "nft -f old.rules", "nft list ruleset", "nft -f"),
    Language("nft beside iptables-nft", NFT, ["old.rules"], BESIDE, "iptables-nft-save | grep ^-A; nft list table inet filter",
             "nft -f"),
    Language("legacy iptables, live", RAW + WEB, ["--live"], "iptables-legacy-restore < old.rules",
             "iptables-legacy-save | grep ^-A; nft list ruleset", "-legacy-restore <"),
    Language("iptables-nft, live", WEB, ["--live"], "iptables-nft-restore < old.rules", "iptables-nft-save | grep ^-A",
             "-nft-restore <"),
    Language("nft, two tables, live", NFT + "table ip aside {\n\tset s {\n\t\ttype ipv4_addr\n\t}\n}\n", ["--live"],
             "nft -f old.rules", "nft list table inet filter; nft list table ip aside", "nft -f"))
HOST, PEER = "192.0.2.10", "192.0.2.20"
# Sends and reads back what it is told to on connections that stay open.
SERVER = """
import socket, sys, threading
def serve(port):
    listener = socket.create_server(("0.0.0.0", port))
    while True:
        threading.Thread(target=echo, args=listener.accept()[:1], daemon=True).start()
def echo(connection):
    while True:
        text = connection.recv(65536)
        if not text: return
        connection.sendall(text)
threads = [threading.Thread(target=serve, args=(int(port),)) for port in sys.argv[1:]]
for thread in threads: thread.start()
print("ready", flush=True)
"""
CLIENT = """
import socket, sys
open_ones = {}
for line in sys.stdin:
    name, *rest = line.split()
    try:
        if rest[0] == "open":
            open_ones[name] = socket.create_connection((rest[1], int(rest[2])), 2)
        else:
            left = int(rest[1])
            while left:
                part = min(left, 30000)
                open_ones[name].sendall(b"x" * part)
                while part:
                    got = len(open_ones[name].recv(part))
                    part, left = part - got, left - got
        print("ok", flush=True)
    except OSError:
        print("lost", flush=True)
"""


class Site:
    """A host with rules and a peer without."""

    def __init__(self, folder):
        self.spaces = netns.Namespaces("next", ("host", "peer"))
        self.folder, self.programs = folder, []
        host, peer = self.spaces.netns("host"), self.spaces.netns("peer")
        netns.run("ip", "link", "add", "v0", "netns", host, "type", "veth", "peer", "name", "v1", "netns", peer)
        for space, device, address in ((host, "v0", HOST), (peer, "v1", PEER)):
            netns.run("ip", "-n", space, "address", "add", f"{address}/24", "dev", device)
            netns.run("ip", "-n", space, "link", "set", device, "up")
            netns.run("ip", "-n", space, "link", "set", "lo", "up")
        for space, ports in (("host", ("80",)), ("peer", ("443",))):
            self.start(space, SERVER, *ports).stdout.readline()
        self.clients = {"in": self.start("peer", CLIENT), "out": self.start("host", CLIENT)}

    def start(self, space, text, *words):
        program = subprocess.Popen(["ip", "netns", "exec", self.spaces.netns(space), sys.executable, "-c", text, *words],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.programs.append(program)
        return program

    def on_host(self, command):
        return subprocess.run(["ip", "netns", "exec", self.spaces.netns("host"), "bash", "-c", command],
                              capture_output=True, text=True, cwd=self.folder)

    def do(self, way, words):
        self.clients[way].stdin.write(words + "\n")
        self.clients[way].stdin.flush()
        return self.clients[way].stdout.readline().strip()

    def rules(self, language):
        return self.on_host(language.show).stdout.split("\n")

    def close(self):
        for program in self.programs:
            program.kill()
            program.wait()
        self.spaces.close()


def commands_of(untrack, site, folder, mode, language):
    """Those of the report: before the mark is removed, to remove it, behind."""
    words = " ".join([untrack, "rewrite", "--mode", mode, *language.arguments, "--to", "'new rules'"])
    done = site.on_host(words)
    if done.returncode:
        raise RuntimeError(f"{words}: {done.returncode} {done.stderr}")
    said = done.stdout[done.stdout.index("\nNext:") + 1:].split("\n\n")[0]
    lines = [line.strip() for line in said.split("\n") if line.startswith("      ")]
    lines = [re.sub(r"/(etc|run)/", folder + "/", line).replace("sleep 120", "sleep 2") for line in lines]
    place = next(i for i, line in enumerate(lines) if line.startswith("rm "))
    return lines[:place], lines[place], lines[place + 1:]


def expect(what, seen, wanted, wrong):
    if seen != wanted:
        wrong.append(f"{what}: {seen}, wanted {wanted}")


def switch(site, commands, wrong):
    for command in commands:
        done = site.on_host(command)
        # conntrack says there how many entries it deleted.
        if done.returncode or (done.stderr and not command.startswith("conntrack")):
            wrong.append(f"{command}: {done.returncode} {done.stderr.strip()}")


def try_mode(untrack, language, mode, keeps, deletes, wrong):
    name = f"{language.name}, {mode}, {'kept' if keeps else 'not kept'}, {'entries deleted' if deletes else 'entries left'}"
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "old.rules"), "w", encoding="ascii") as file:
            file.write(language.text)
        site = Site(folder)
        try:
            if site.on_host(language.load).returncode:
                netns.skip(f"{language.load} does not work here")
            trial, keep, later = commands_of(untrack, site, folder, mode, language)
            old = site.rules(language)
            for way, words in (("in", f"a open {HOST} 80"), ("out", f"b open {PEER} 443")):
                expect(f"{name}: {words}", site.do(way, words), "ok", wrong)
            switch(site, trial, wrong)
            new = site.rules(language)
            expect(f"{name}: rules changed", new != old, True, wrong)
            if deletes:
                for command in later:
                    if command.startswith("conntrack") and "-f ipv6" not in command:
                        switch(site, [command.replace("ADDRESS", HOST).replace("PORT", "80")], wrong)
            # More than a window, so that an entry that has not seen it is out of date.
            for way, words in (("in", "a send 3000000"), ("out", "b send 3000000"), ("in", f"c open {HOST} 80")):
                expect(f"{name}: new rules: {words}", site.do(way, words), "ok", wrong)
            if keeps:
                switch(site, [keep], wrong)
            time.sleep(3)
            expect(f"{name}: rules in the end", site.rules(language), new if keeps else old, wrong)
            if keeps:
                switch(site, [line for line in later if language.back in line], wrong)
                expect(f"{name}: rules after going back", site.rules(language), old, wrong)
            hangs = mode == "notrack" and not deletes
            expect(f"{name}: old rules: a", site.do("in", "a send 1000"), "lost" if hangs else "ok", wrong)
            for way, words in (("out", "b send 1000"), ("in", "c send 1000"), ("in", f"d open {HOST} 80")):
                expect(f"{name}: old rules: {words}", site.do(way, words), "ok", wrong)
        finally:
            site.close()
    print(f"{name}: {len(trial) + 1 + len(later)} commands", flush=True)


def main():
    untrack, = sys.argv[1:]
    for program in ("iptables-restore", "nft", "conntrack"):
        if not shutil.which(program):
            netns.skip(f"{program} is not installed")
    wrong = []
    for number, language in enumerate(LANGUAGES):
        is_whole = number < 2  # the others differ in what they keep and load
        for keeps in (True, False):
            if is_whole or not keeps:
                try_mode(os.path.abspath(untrack), language, "stateless", keeps, False, wrong)
            for deletes in (True, False):
                if is_whole or (keeps and deletes):
                    try_mode(os.path.abspath(untrack), language, "notrack", keeps, deletes, wrong)
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
