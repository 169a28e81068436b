#!/usr/bin/env python3
"""Writes a directory of rulesets, one file a host, the same bytes for the same words: servers for the most
part, beside them routers, Kubernetes nodes and nft. Usage: fleet.py DIRECTORY HOSTS RULES"""
import pathlib
import random
import sys

import generate


def server(count, ipv6, dice):
    """What a configuration management writes: state first, then who may reach which service."""
    yield from generate.header("filter", [("INPUT", "DROP"), ("FORWARD", "DROP"), ("OUTPUT", "ACCEPT")])
    yield "-A INPUT -i lo -j ACCEPT"
    yield "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"
    yield "-A INPUT -m conntrack --ctstate INVALID -j DROP"
    yield "-A INPUT -p icmp -j ACCEPT"
    for _ in range(max(1, count - 4)):
        source = f"{generate.address(dice.getrandbits(24), ipv6)}/{dice.choice((32, 32, 32, 24))}"
        port = dice.choice((22, 80, 443, 3306, 5432, 6379, 8080, 9100))
        state = dice.choice(("-m conntrack --ctstate NEW ", ""))
        yield f"-A INPUT -s {source} -p tcp -m tcp --dport {port} {state}-j ACCEPT"
    yield "COMMIT"


SHAPES = ((server, "v4"),) * 6 + ((generate.campus, "v4"), (generate.plain, "v4"), (generate.kube, "v4"),
                                  (generate.nft_plain, "nft"))

if __name__ == "__main__":
    if len(sys.argv) != 4 or not sys.argv[2].isdigit() or not sys.argv[3].isdigit():
        sys.exit(__doc__)
    directory = pathlib.Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for host in range(int(sys.argv[2])):
        shape, suffix = SHAPES[host % len(SHAPES)]
        lines = shape(int(sys.argv[3]), False, random.Random(20250301 + host))
        (directory / f"host{host:05}.{suffix}").write_text("\n".join(lines) + "\n")
