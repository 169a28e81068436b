#!/usr/bin/env python3
"""Writes a ruleset of a given shape and size, the same bytes for the same words.
Usage: generate.py SHAPE RULES [--ipv6]

  plain      one long chain of 5-tuples, each its own
  random     boxes that overlap: networks of every size, wide ranges of ports on both sides
  blocklist  source addresses to drop, one a rule
  kube       what kube-proxy writes: three chains of about four rules for every service
  campus     zones by interface, a chain for each pair, state matches, a few hosts each
  nft-plain  plain, in nft
  nft-set    one rule that looks into a set of so many addresses
  nft-map    one rule that looks into a verdict map of so many addresses, 64 chains behind it

Addresses are from the ranges for documentation and for private use (RFC 5737, 1918, 3849)."""
import random
import sys


def address(number, ipv6):
    if ipv6:
        return f"2001:db8::{number >> 16 & 0xFFFF:x}:{number & 0xFFFF:x}"
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def header(table, chains):
    yield f"*{table}"
    for name, policy in chains:
        yield f":{name} {policy} [0:0]"


def plain(count, ipv6, dice):
    yield from header("filter", [("INPUT", "DROP"), ("FORWARD", "DROP"), ("OUTPUT", "ACCEPT")])
    whole = 128 if ipv6 else 32
    for _ in range(count):
        source = f"{address(dice.getrandbits(24), ipv6)}/{whole}"
        target = f"{address(dice.getrandbits(24), ipv6)}/{whole}"
        protocol = dice.choice(("tcp", "tcp", "tcp", "udp"))
        first = dice.randrange(1, 60000)
        ports = dice.choice((f"{first}", f"{first}:{first + dice.randrange(1, 2000)}"))
        yield (f"-A FORWARD -s {source} -d {target} -p {protocol} -m {protocol} --dport {ports} "
               f"-j {dice.choice(('ACCEPT', 'ACCEPT', 'DROP'))}")
    yield "COMMIT"


def overlapping(count, ipv6, dice):
    yield from header("filter", [("INPUT", "DROP"), ("FORWARD", "DROP"), ("OUTPUT", "ACCEPT")])
    whole, least = (128, 108) if ipv6 else (32, 12)  # as many bits of the host in both

    def network():
        size = dice.randrange(least, whole + 1)
        number = dice.getrandbits(24) >> whole - size << whole - size
        return f"{address(number, ipv6)}/{size}"

    def ports():
        first, last = sorted(dice.sample(range(65536), 2))
        return f"{first}:{last}"

    for _ in range(count):
        protocol = dice.choice(("tcp", "udp"))
        yield (f"-A FORWARD -s {network()} -d {network()} -p {protocol} -m {protocol} --sport {ports()} "
               f"--dport {ports()} -j {dice.choice(('ACCEPT', 'DROP'))}")
    yield "COMMIT"


def blocklist(count, ipv6, dice):
    yield from header("filter", [("INPUT", "ACCEPT"), ("FORWARD", "ACCEPT"), ("OUTPUT", "ACCEPT"),
                                 ("blocked", "-")])
    yield "-A INPUT -j blocked"
    for number in sorted(dice.sample(range(1 << 24), count - 1)):
        yield f"-A blocked -s {address(number, ipv6)}/{128 if ipv6 else 32} -j DROP"
    yield "COMMIT"


def kube(count, ipv6, dice):
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    whole = 128 if ipv6 else 32
    services = []
    for number in range(max(1, count // 8)):  # eight rules a service with two endpoints
        name = "".join(dice.choice(letters) for _ in range(16))
        services.append((number, name, dice.randrange(1, 60000)))
    chains = [("PREROUTING", "ACCEPT"), ("INPUT", "ACCEPT"), ("OUTPUT", "ACCEPT"),
              ("POSTROUTING", "ACCEPT"), ("KUBE-SERVICES", "-"), ("KUBE-MARK-MASQ", "-"),
              ("KUBE-POSTROUTING", "-")]
    for _, name, _ in services:
        chains += [(f"KUBE-SVC-{name}", "-"), (f"KUBE-SEP-{name}", "-"), (f"KUBE-SEQ-{name}", "-")]
    yield from header("nat", chains)
    yield '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES'
    yield '-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES'
    yield "-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000"
    yield "-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN"
    yield "-A KUBE-POSTROUTING -j MASQUERADE --random-fully"
    yield '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING'
    for number, name, port in services:
        said = f'-m comment --comment "default/service-{number}:http"'
        cluster = f"{address(1 << 23 | number, ipv6)}/{whole}"
        yield f"-A KUBE-SERVICES -d {cluster} -p tcp {said} -m tcp --dport {port} -j KUBE-SVC-{name}"
        yield f"-A KUBE-SVC-{name} ! -s {cluster} -d {cluster} -p tcp {said} -m tcp --dport {port} -j KUBE-MARK-MASQ"
        yield f"-A KUBE-SVC-{name} {said} -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-{name}"
        yield f"-A KUBE-SVC-{name} {said} -j KUBE-SEQ-{name}"
        for half, place in (("SEP", 2 * number), ("SEQ", 2 * number + 1)):
            pod = address(place, ipv6)
            to = f"[{pod}]:8080" if ipv6 else f"{pod}:8080"
            yield f"-A KUBE-{half}-{name} -s {pod}/{whole} {said} -j KUBE-MARK-MASQ"
            yield f"-A KUBE-{half}-{name} -p tcp {said} -m tcp -j DNAT --to-destination {to}"
    yield "COMMIT"


def campus(count, ipv6, dice):
    zones = max(3, int((count / 12) ** 0.5))
    pairs = [(a, b) for a in range(zones) for b in range(zones) if a != b]
    yield from header("filter", [("INPUT", "DROP"), ("FORWARD", "DROP"), ("OUTPUT", "ACCEPT")] +
                      [(f"zone{a}_to_zone{b}", "-") for a, b in pairs])
    yield "-A INPUT -i lo -j ACCEPT"
    yield "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"
    yield "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"
    yield "-A FORWARD -m conntrack --ctstate INVALID -j DROP"
    for a, b in pairs:
        yield f"-A FORWARD -i vlan{a} -o vlan{b} -j zone{a}_to_zone{b}"
    left = max(len(pairs), count - 4 - len(pairs))
    for number in range(left):
        a, b = pairs[number % len(pairs)]
        host = address(b << 16 | dice.getrandbits(12), ipv6)
        port = dice.choice((22, 25, 53, 80, 443, 445, 993, 3306, 5432, 8080))
        what = dice.randrange(8)
        chain = f"-A zone{a}_to_zone{b}"
        if what == 0:
            mac = ":".join(f"{dice.getrandbits(8):02x}" for _ in range(5))
            yield f"{chain} -d {host} -m mac --mac-source 02:{mac} -j ACCEPT"
        elif what == 1:
            yield f"{chain} -d {host} -p udp -m udp --dport {port} -j ACCEPT"
        elif what == 2:
            yield f"{chain} -d {host} -p tcp -m multiport --dports {port},{port + 1},{port + 7} -j ACCEPT"
        else:
            yield (f"{chain} -d {host} -p tcp -m tcp --dport {port} -m conntrack --ctstate NEW "
                   "-j ACCEPT")
    yield "COMMIT"


def nft_chain(hook, policy, lines):
    yield f"\tchain {hook} {{"
    yield f"\t\ttype filter hook {hook} priority filter; policy {policy};"
    yield from (f"\t\t{line}" for line in lines)
    yield "\t}"


def nft_plain(count, ipv6, dice):
    ip = "ip6" if ipv6 else "ip"

    def rules():
        for _ in range(count):
            source, target = (address(dice.getrandbits(24), ipv6) for _ in range(2))
            protocol = dice.choice(("tcp", "tcp", "tcp", "udp"))
            first = dice.randrange(1, 60000)
            ports = dice.choice((f"{first}", f"{first}-{first + dice.randrange(1, 2000)}"))
            yield (f"{ip} saddr {source} {ip} daddr {target} {protocol} dport {ports} "
                   f"{dice.choice(('accept', 'accept', 'drop'))}")
    yield from ("flush ruleset", "table inet filter {")
    yield from nft_chain("forward", "drop", rules())
    yield "}"


def nft_addresses(count, ipv6, dice):
    return (address(number, ipv6) for number in sorted(dice.sample(range(1 << 24), count)))


def nft_set(count, ipv6, dice):
    ip = "ip6" if ipv6 else "ip"
    yield from ("flush ruleset", "table inet filter {", "\tset blocked {",
                f"\t\ttype {'ipv6' if ipv6 else 'ipv4'}_addr", "\t\telements = {")
    yield from (f"\t\t\t{each}," for each in nft_addresses(count, ipv6, dice))
    yield from ("\t\t}", "\t}")
    yield from nft_chain("input", "drop", [f"{ip} saddr @blocked drop", "tcp dport { 80, 443 } accept"])
    yield "}"


def nft_map(count, ipv6, dice):
    ip = "ip6" if ipv6 else "ip"
    chains = 64
    yield from ("flush ruleset", "table inet filter {")
    for number in range(chains):
        yield from (f"\tchain customer{number} {{", f"\t\ttcp dport {1000 + number} accept", "\t}")
    yield from ("\tmap customers {", f"\t\ttype {'ipv6' if ipv6 else 'ipv4'}_addr : verdict",
                "\t\telements = {")
    for number, each in enumerate(nft_addresses(count, ipv6, dice)):
        yield f"\t\t\t{each} : jump customer{number % chains},"
    yield from ("\t\t}", "\t}")
    yield from nft_chain("forward", "drop", [f"{ip} daddr vmap @customers"])
    yield "}"


SHAPES = {"plain": plain, "random": overlapping, "blocklist": blocklist, "kube": kube, "campus": campus,
          "nft-plain": nft_plain, "nft-set": nft_set, "nft-map": nft_map}

if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != "--ipv6"]
    if len(words) != 2 or words[0] not in SHAPES or not words[1].isdigit() or int(words[1]) < 1:
        sys.exit(__doc__)
    shape, count = words[0], int(words[1])
    print(f"# bench/generate.py {' '.join(sys.argv[1:])}")
    for line in SHAPES[shape](count, "--ipv6" in sys.argv, random.Random(20250301)):
        print(line)
