"""Does `pressure` say of each entry of the kernel's table which rule let it in? Flows are made through, to,
from and within a firewall, so many for each rule, translated ones among them; the shares that are told from
a snapshot, and from the table and addresses as files, must be exactly those. Then a rule goes, and its
entries are those that no rule admits. Usage: attribution_test.py UNTRACK"""
import collections
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile

import netns

RULES = """*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -d 10.98.1.2/32 -p udp -m udp --dport 5003 -j DNAT --to-destination 10.98.2.1:5004
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:inner - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p udp -m udp --dport 6001:6002 -j inner
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -p udp -m udp --dport 5002 -j ACCEPT
-A FORWARD -s 10.98.1.0/24 -p udp -m udp --dport 5001 -j ACCEPT
-A FORWARD -i c1 -p udp -m udp --dport 5004 -j ACCEPT
-A OUTPUT -p udp -m udp --dport 7001 -j ACCEPT
-A inner -p udp -m udp --dport 6002 -j DROP
-A inner -j ACCEPT
COMMIT
"""
# from, to, port, how many, what lets them in
FLOWS = [("client", "10.98.2.1", 5001, 7, "-A FORWARD -s 10.98.1.0/24 -p udp -m udp --dport 5001 -j ACCEPT"),
         ("client", "10.98.2.1", 5002, 5, "-A FORWARD -p udp -m udp --dport 5002 -j ACCEPT"),
         ("client", "10.98.1.2", 5003, 3, "-A FORWARD -i c1 -p udp -m udp --dport 5004 -j ACCEPT"),
         ("client", "10.98.1.2", 6001, 4, "-A inner -j ACCEPT"),
         ("client", "10.98.1.2", 6002, 9, None),
         ("client", "10.98.2.1", 5009, 9, None),
         ("firewall", "10.98.2.1", 7001, 2, "-A OUTPUT -p udp -m udp --dport 7001 -j ACCEPT"),
         ("firewall", "10.98.2.1", 7002, 6, "policy OUTPUT"),
         ("firewall", "127.0.0.1", 8001, 8, "-A INPUT -i lo -j ACCEPT")]
problems = []


def expect(is_so, what):
    if not is_so:
        problems.append(what)
        print(f"wrong: {what}")


def send(lab, where, to, port, count):
    lab.enter(where)
    for _ in range(count):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.sendto(b"x", (to, port))
    lab.enter(None)


def shares(untrack, *words):
    """({rule or policy: entries}, the rest of the report)"""
    done = subprocess.run([untrack, "pressure", *words, "--output", "json"], capture_output=True, text=True,
                          timeout=60)
    expect(done.returncode in (0, 1), f"pressure ends with {done.returncode}: {done.stderr}")
    report = json.loads(done.stdout)
    counts = collections.Counter()
    for share in report["shares"]:
        names = set()
        for by in share["admitted_by"]:
            place = by["location"]
            names.add(f"policy {by['policy']}" if by["policy"] else texts[place["path"]][place["line"] - 1])
        counts["; ".join(sorted(names))] += share["entries"]
    return dict(counts), report["entries"]


texts = {}  # lines by path


def learn(path):
    for one in json.loads(path.read_text())["rules"]:
        texts[f"{path}:{one['name'].removeprefix('live:')}"] = one["text"].splitlines()
        texts[one["name"]] = one["text"].splitlines()


def main():
    untrack = os.path.abspath(sys.argv[1])
    if not shutil.which("iptables-legacy-restore"):
        netns.skip("iptables-legacy is not installed")
    lab = netns.Lab("attribution")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="untrack-attribution-"))
    firewall = lab.netns("firewall")
    try:
        done = subprocess.run(["ip", "netns", "exec", firewall, "iptables-legacy-restore"], input=RULES,
                              text=True, capture_output=True)
        if done.returncode:
            netns.skip(f"the rules do not load: {done.stderr.strip()}")
        lab.enter("firewall")
        netns.flush_conntrack()
        lab.enter(None)
        for where, to, port, count, _ in FLOWS:
            send(lab, where, to, port, count)
        expected = {by: count for _, _, _, count, by in FLOWS if by}
        made = folder / "host.json"
        subprocess.run([untrack, "snapshot", "--netns", firewall, "--entries", "-o", str(made)],
                       check=True, capture_output=True)
        learn(made)
        found, rest = shares(untrack, str(made))
        expect(found == expected, f"from a snapshot: {found}")
        expect(rest["refused"]["entries"] == rest["not_known"]["entries"] == 0, f"the rest: {rest}")
        expect(rest["all"]["entries"] == sum(expected.values()), f"all: {rest['all']}")
        # The namespace alone, which needs no file and no option; and its table as the kernel's own file has
        # it, while the snapshot's came over netlink where the kernel has that.
        found, rest = shares(untrack, "--live", "--netns", firewall)
        expect(found == expected, f"from the kernel: {found}")
        lab.enter("firewall")
        table = pathlib.Path("/proc/net/nf_conntrack")
        listing = table.read_text() if table.exists() else ""
        lab.enter(None)
        if listing:
            (folder / "table").write_text(listing)
            words = ["--live", "--netns", firewall, "--entries", str(folder / "table")]
            from_file, rest_of_file = shares(untrack, *words)
            expect(from_file == expected, f"from the kernel's file: {from_file}")
            expect(rest_of_file == rest, f"netlink says {rest}, the file {rest_of_file}")
        # Without addresses nothing is wrong, and less is certain.
        snapshot = json.loads(made.read_text())
        snapshot["interfaces"] = []
        blind = folder / "blind.json"
        blind.write_text(json.dumps(snapshot))
        learn(blind)
        found, rest = shares(untrack, str(blind))
        expect(sum(found.values()) + rest["not_known"]["entries"] == sum(expected.values()),
               f"without addresses: {found}")
        for by, count in expected.items():
            expect(sum(n for name, n in found.items() if by in name.split("; ")) >= count,
                   f"without addresses {by} is left out: {found}")
        # The rule that let five of them in goes.
        lab.enter("firewall")
        subprocess.run(["iptables-legacy", "-D", "FORWARD", "-p", "udp", "--dport", "5002", "-j", "ACCEPT"],
                       check=True)
        lab.enter(None)
        subprocess.run([untrack, "snapshot", "--netns", firewall, "--entries", "-o", str(made)],
                       check=True, capture_output=True)
        learn(made)
        found, rest = shares(untrack, str(made))
        gone = "-A FORWARD -p udp -m udp --dport 5002 -j ACCEPT"
        expect(found == {by: n for by, n in expected.items() if by != gone}, f"with a rule less: {found}")
        expect(rest["refused"]["entries"] == 5, f"entries of no rule: {rest}")
    finally:
        lab.enter(None)
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{sum(expected.values())} entries of {len(expected)} rules and policies")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
