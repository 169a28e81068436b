"""The source ports that flows are begun from, as the assumption client_ports of docs/assumptions.md has them, for one ruleset.
Read from the lines of its built-in chains; what a user chain names counts only where it excuses."""
import re

import twins_test

SYMMETRIC = (67, 68, 123, 137, 138, 500, 4500, 5353)  # as analysis/flows/flows.cpp
CHAINS = {"in": "INPUT", "out": "OUTPUT", "forward": "FORWARD"}
RESOLVERS = (53, (1024, 65535))  # resolvers choose their ports themselves


def ranges(line, option):
    found = []
    for negated, words in re.findall(rf"(! )?--(?:{option}) (\S+)", line):
        for first, colon, last in re.findall(r"(\d*)(:?)(\d*)", words) if not negated else ():
            if first or last:
                found.append((int(first or 0), int((last or 65535) if colon else first)))
    return found


def is_in(port, found):
    return any(first <= port <= last for first, last in found)


class ClientPorts:
    """`of_host`: (first, last) of the ports that the host's own clients use, as `--client-ports` says."""

    def __init__(self, original, of_host=None):
        self.of_host = of_host or twins_test.CLIENTS_OF_HOST
        # [(chain, protocol, source ports, destination ports)] of the rules that a first packet can match
        self.rules = []
        for line in re.sub(r'"[^"]*"', "", original).split("\n"):
            chain, states = re.match(r"(?:\[\S+\] )?-A (\S+)", line), re.search(r"(! )?--(?:ct)?state (\S+)", line)
            if not chain or (states and ("NEW" in states.group(2)) == bool(states.group(1))):
                continue
            either = ranges(line, "ports")
            sources, destinations = ranges(line, "sports?|source-ports?"), ranges(line, "dports?|destination-ports?")
            if sources or destinations or either:
                protocol = re.search(r"-p (\w+)", line)
                self.rules.append((chain.group(1), protocol and protocol.group(1), sources + either, destinations + either))

    def usual(self, path):
        return self.of_host if path == "out" else twins_test.CLIENTS

    def is_of_a_service(self, path, protocol, port):
        """Whether a rule names this UDP port of the host as that of a service: the assumption service_ports."""
        return path == "out" and protocol == "udp" and any(
            kind in (None, "udp") and not here and any(first <= port <= last < first + 128 for first, last in there)
            for _, kind, here, there in self.rules)

    def named(self, path, protocol, destination):
        """Whether a rule of the way's own chain names the service."""
        return any(chain == CHAINS[path] and kind == protocol and is_in(destination, there)
                   for chain, kind, _, there in self.rules)

    def draw(self, path, protocol, destination, chance):
        """One that a client uses."""
        special = []
        if self.named(path, protocol, destination):
            special += [RESOLVERS[1]] if destination == RESOLVERS[0] else []
            special += [(destination, destination)] if protocol == "udp" and destination in SYMMETRIC else []
        special += [one for chain, kind, here, there in self.rules if chain == CHAINS[path] and kind == protocol and here
                    for one in here if is_in(destination, there)]
        if special and chance.random() < 0.3:
            return chance.randint(*chance.choice(special))
        for _ in range(100):
            port = chance.randint(*self.usual(path))
            if not self.is_of_a_service(path, protocol, port):
                break
        return port

    def excuses(self, path, protocol, source, destination):
        """Whether a client may use it, if what cannot be told from the lines is taken for granted."""
        first, last = self.usual(path)
        is_usual = first <= source <= last and not self.is_of_a_service(path, protocol, source)
        return (is_usual or (destination == RESOLVERS[0] and source >= RESOLVERS[1][0]) or
                (protocol == "udp" and source == destination and source in SYMMETRIC) or
                any(is_in(source, here) for _, _, here, _ in self.rules))


class AnyPorts:
    """Of clients that use whatever port they like."""

    @staticmethod
    def usual(_):
        return 1, 65535

    @staticmethod
    def draw(_path, _protocol, _destination, chance):
        return chance.randint(1, 65535)

    @staticmethod
    def excuses(_path, _protocol, _source, _destination):
        return True
