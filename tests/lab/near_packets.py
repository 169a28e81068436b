"""Packets that a given ruleset speaks of: with its addresses, ports, interfaces and marks, and those beside
them. `packets(text, version, chance, count)`; `chance` is a random.Random."""
import ipaddress
import re

import frames
import random_rulesets

HISTORY = re.compile(r"-m (limit|hashlimit|recent|quota|statistic|connlimit|connbytes|time|rateest|nth)\b|"
                     r"-j (SET|RATEEST|IDLETIMER|TPROXY|TEE|SYNPROXY|NFQUEUE|QUEUE)\b")
ADDRESS = {4: r"\b\d+\.\d+\.\d+\.\d+(?:/\d+(?:\.\d+\.\d+\.\d+)?)?", 6: r"[0-9a-fA-F:]*:[0-9a-fA-F:]*(?:/\d+)?"}
ELSEWHERE = {4: ["192.0.2.9", "198.51.100.9"], 6: ["2001:db8:9::9", "2001:db8:8::8"]}


def addresses_in(text, v):
    found = set()
    for word in re.findall(r"(?:-[sd]|--(?:src|dst)-range|--to-\w+) (?:! )?(\S+)", text):
        for part in re.findall(ADDRESS[v], word):
            try:
                net = ipaddress.ip_network(part, strict=False)
            except ValueError:
                continue
            if net.version != v or net.prefixlen == 0:
                continue
            first, last = int(net[0]), int(net[-1])
            for number in (first, last, first - 1, last + 1):
                if 0 < number < 1 << (32 if v == 4 else 128):
                    found.add(str(ipaddress.ip_address(number) if v == 4 else
                                  ipaddress.IPv6Address(number)))
    return sorted(found) + ELSEWHERE[v]


def ports_in(text):
    found = {9, 40000}
    for word in re.findall(r"(?:--[sd]ports?|--ports|--to-ports) (?:! )?(\S+)", text):
        for number in re.findall(r"\d+", word):
            found |= {max(int(number) - 1, 0), int(number) & 0xFFFF, min(int(number) + 1, 0xFFFF)}
    return sorted(found)


def interfaces_in(text, chance, at_most=4):
    names = {name.strip('"').replace("+", "7") for name in re.findall(r"-[io] (?:! )?(\S+)", text)} - {"lo", "7"}
    return chance.sample(sorted(names), min(at_most, len(names))) + ["eth0", "eth1"]


def packets(text, v, chance, count):
    rules = "\n".join(line for line in text.split("\n") if "-A " in line)
    rules = re.sub(r'"[^"]*"', '""', rules)
    addresses, ports = addresses_in(rules, v), ports_in(rules)
    interfaces = interfaces_in(rules, chance)
    marks = [int(word, 0) for word in re.findall(r"--mark (?:! )?(0x[0-9a-f]{1,8}|\d{1,9})\b", rules)]
    made = random_rulesets.Generator(chance, v)
    found = []
    while len(found) < count:
        packet = made.packet()
        packet["source"], packet["destination"] = chance.sample(addresses, 2)
        for side in ("in_interface", "out_interface"):
            if packet.get(side, "lo") != "lo":
                packet[side] = chance.choice(interfaces)
        for side in ("source_port", "destination_port"):
            if side in packet:
                packet[side] = chance.choice(ports)
        if "mark" in packet and marks:
            packet["mark"] = chance.choice(marks)
        if not frames.unaskable(packet):
            found.append(packet)
    return found
