#!/usr/bin/env python3
"""Replays whole conversations through a host with an original and a host with a rewritten ruleset of iptables, and tells
where they part: flows that break, packets that begin one now, packets that pass with no flow behind them, and flows that
are tracked though nothing should. Each host has network namespaces and a conntrack table of its own; conversations come from
a seed, with addresses, ports and interfaces that the rulesets name.

  outcome = replay(original_text, rewritten_text, services=[Service("tcp", 80)], mode="notrack", seed=1, count=300)
  with Replayer("nft") as replayer:  # for many pairs: namespaces are made once
      outcome = replayer.replay(...)
  outcome.broken, .new_initiators, .unjustified, .exposures, .tracked; outcome.is_faithful; print(outcome)

Usage: conversations.py ORIGINAL REWRITTEN [--mode stateless|notrack] [--service [in:|out:|forward:]tcp/80]... [--family 4|6]
                        [--backend legacy|nft] [--client-ports A:B] [--no-fragments] [--seed N] [--count N]
Exit status 1: the rewritten ruleset is not faithful; 2: the kernel refuses one."""
import argparse
import collections
import random
import re
import sys
import time

import conversation_kinds
import decisions
import host_under_test
import tables
from conversation_player import mirrored, played
from conversation_verdicts import Original, differences, told

# A port that is served: on the host (in), by others for it (out), or beyond it (forward), at any address or one, to those
# who come by any interface or one. In notrack mode its flows must leave no entry.
Service = collections.namedtuple("Service", "protocol port path address interface", defaults=("in", None, None))
SHARES = {"permitted": 0.6, "refused": 0.15, "rogue": 0.25}  # of the conversations; refused: the first or the second packet
ATTEMPTS = 8  # conversations that are tried for each that is wanted
SHOWN = 8  # differences of a kind that are printed


class Outcome:
    def __init__(self):
        self.broken, self.new_initiators, self.exposures, self.narrowed = [], [], [], []
        self.tracked = []  # [(conversation, entries)]: those that left entries where none may be
        self.entries_before = self.entries_after = 0
        self.tracks = None  # whether the rewritten ruleset tracks at all; None: this traffic cannot tell
        self.counts = collections.Counter()  # of conversations and packets
        self.skipped = collections.Counter()
        self.seed, self.seconds = None, 0.0
        self.pool, self.talks = None, {}  # what was drawn from; conversations by number

    def add(self, difference):
        kinds = {"broken": self.broken, "new-initiator": self.new_initiators, "narrowed": self.narrowed}
        kinds.get(difference.kind, self.exposures).append(difference)

    @property
    def unjustified(self):
        return [row for row in self.exposures if row.kind == "unjustified"]

    @property
    def exposure_kinds(self):
        return {row.kind for row in self.exposures}

    @property
    def is_faithful(self):
        """Which kinds of exposure are allowed is for the caller to say."""
        return not (self.broken or self.new_initiators or self.unjustified or self.tracked)

    def __str__(self):
        lines = []
        for found in (self.broken, self.new_initiators, self.exposures, self.narrowed):
            by_kind = collections.defaultdict(list)
            for row in found:
                by_kind[row.kind].append(row)
            for kind, rows in sorted(by_kind.items()):
                lines += [told(row) for row in rows[:SHOWN]]
                if len(rows) > SHOWN:
                    lines.append(f"{kind}: and {len(rows) - SHOWN} more")
        lines += [f"tracked: {talk.name} (conversation {talk.number}): {entries} entries"
                  for talk, entries in self.tracked[:SHOWN]]
        kinds = collections.Counter(row.kind for row in self.exposures)
        tracks = {None: "tracking cannot be told", True: "the rewritten ruleset tracks",
                  False: "the rewritten ruleset does not track"}[self.tracks]
        lines.append(f"seed {self.seed}: {dict(self.counts)}; broken {len(self.broken)}, new initiators "
                     f"{len(self.new_initiators)}, exposures {dict(kinds)}, narrowed {len(self.narrowed)}, tracked "
                     f"{len(self.tracked)}; entries {self.entries_before} before, {self.entries_after} after, {tracks}; "
                     f"{self.seconds:.1f} s" + (f"; skipped {dict(self.skipped)}" if self.skipped else ""))
        return "\n".join(lines)


def family_of(text):
    """6 where a ruleset names what IPv6 alone has; for those who do not say."""
    is_six = re.search(r"icmp6|icmpv6|-[sd] (?:! )?[0-9a-f]*:[0-9a-f:]*", text)
    return 6 if is_six else 4


class Replayer:
    host = host_under_test.Host

    def __init__(self, backend="legacy", test="conversations"):
        self.hosts = []
        try:
            for side in ("before", "after"):
                self.hosts.append(self.host(backend, f"{test}-{side}"))
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        while self.hosts:
            self.hosts.pop().close()

    @staticmethod
    def words(text):
        """The text in the options of iptables, where the pools look for addresses, ports and interfaces."""
        return text

    def prepare(self, v, texts, sets, interfaces):
        """Loads both, with the same interfaces, made in the same order: their addresses are what MASQUERADE picks."""
        for host, text in zip(self.hosts, texts):
            host.enter()
            refusal = host.load({v: text}, sets)
            if refusal:
                raise decisions.Refused(refusal)
            for name in interfaces:
                host.interface(name)

    def replay(self, original, rewritten, services=(), seed=1, count=300, mode=None, family=None, sets="",
               client_ports=None, fragments=True, unassumed=False):
        """The Outcome. `mode`: stateless, where no flow may leave an entry; notrack, where none of `services`
        may; None: entries are counted only. `client_ports`: (first, last) of the host's own clients.
        `fragments`: whether there are any. `unassumed`: see conversation_kinds. Raises decisions.Refused."""
        start, outcome, services = time.monotonic(), Outcome(), [Service(*service) for service in services]
        v, chance = family or family_of(original + rewritten), random.Random(f"conversations {seed}")
        pool = conversation_kinds.pools((self.words(original), self.words(rewritten)), v, [service[:2] for service in services], chance,
                                        client_ports, fragments, [service for service in services if service.address],
                                        unassumed)
        self.prepare(v, (original, rewritten), sets, pool.interfaces)
        before, after = self.hosts
        before.enter()
        pairs = [[player] for player in drawn(before, pool, chance, count, outcome)]
        after.enter()
        for pair in pairs:
            pair.append(played(after, pair[0].conversation, len(pair[0].sent)))
        before.enter()
        judge = Original(before, pool.clients, pool.interfaces)
        for one, other in pairs:
            if isinstance(other, str):
                outcome.skipped[other] += 1
                continue
            outcome.counts["packets"] += len(one.sent)
            outcome.counts["packets arrived"] += sum(arrival.arrived for arrival in one.arrivals)
            outcome.entries_before += one.entries
            outcome.entries_after += other.entries
            for difference in differences(judge, one, other):
                outcome.add(difference)
                outcome.talks[difference.number] = one.conversation
            if other.entries and may_not_track(judge, one.conversation, mode, services):
                outcome.tracked.append((one.conversation, other.entries))
        if outcome.entries_after:
            outcome.tracks = True
        elif outcome.counts["packets arrived"] and not re.search(r"NOTRACK|notrack\b", rewritten):
            outcome.tracks = False
        outcome.seed, outcome.seconds = seed, time.monotonic() - start
        outcome.pool = pool
        return outcome

    def differ_still(self, outcome, rows, texts, sets=""):
        """Of differences that a replay found, those that its conversations show under other texts, too. Raises
        decisions.Refused."""
        self.prepare(outcome.pool.v, texts, sets, outcome.pool.interfaces)
        before, after = self.hosts
        found = []
        for row in rows:
            talk = outcome.talks[row.number]
            before.enter()
            one = played(before, talk)
            after.enter()
            other = one if isinstance(one, str) else played(after, talk, len(one.sent))
            before.enter()
            if not isinstance(other, str):
                judge = Original(before, outcome.pool.clients, outcome.pool.interfaces)
                found += [again for again in differences(judge, one, other) if again.kind == row.kind]
        return found


def drawn(host, pool, chance, count, outcome):
    """Players of `count` conversations behind their play, in shares, as far as the ruleset permits enough."""
    wanted = {kind: round(share * count) for kind, share in SHARES.items()}
    players, spare = [], []
    for number in range(ATTEMPTS * count):
        if not any(wanted.values()):
            break
        is_rogue = wanted["rogue"] > 0 and (chance.random() < SHARES["rogue"] or
                                           not wanted["permitted"] + wanted["refused"])
        talk = (conversation_kinds.rogue if is_rogue else conversation_kinds.conversation)(pool, chance, number)
        if talk is None:
            continue
        player = played(host, talk)
        if isinstance(player, str):
            outcome.skipped[player] += 1
            continue
        is_answered = all(arrival.arrived for arrival in player.arrivals[:2])  # what is not gets no further
        kind = "rogue" if is_rogue else "permitted" if is_answered else "refused"
        if wanted[kind]:
            wanted[kind] -= 1
            outcome.counts[kind] += 1
            players.append(player)
        else:
            spare.append((kind, player))
    for kind, player in spare[:count - len(players)]:
        outcome.counts[kind] += 1
        players.append(player)
    return players


def may_not_track(judge, talk, mode, services):
    """In notrack mode: a flow to a service, or a packet that looks like the answer of one that is permitted."""
    if mode != "notrack":
        return mode == "stateless"
    first = talk.first
    if first.get("out_interface") == "lo":
        return False
    if any(is_for(service, first) for service in services):
        return True
    if not talk.is_rogue or "source_port" not in first:
        return False
    asked = mirrored({**first, "local": talk.local})
    return any(is_for(service, asked) for service in services) and judge.permits(asked)


def is_for(service, packet):
    return ((packet["protocol"], packet["path"], packet.get("destination_port")) == service[:1] + service[2:3] + service[1:2]
            and service.address in (None, packet["destination"])
            and service.interface in (None, packet.get("in_interface")))


def replay(original, rewritten, services=(), seed=1, count=300, mode=None, backend="legacy", **options):
    """Replayer.replay in namespaces of its own."""
    with Replayer(backend) as replayer:
        return replayer.replay(original, rewritten, services, seed, count, mode, **options)


def service(word):
    found = re.fullmatch(r"(?:(in|out|forward):)?(tcp|udp)/(\d+)", word)
    if not found:
        raise argparse.ArgumentTypeError(f"{word} is not like in:tcp/80")
    return Service(found.group(2), int(found.group(3)), found.group(1) or "in")


def port_range(word):
    first, last = word.split(":")
    return int(first), int(last)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("original")
    parser.add_argument("rewritten")
    parser.add_argument("--mode", choices=["stateless", "notrack"])
    parser.add_argument("--service", type=service, action="append", default=[])
    parser.add_argument("--family", type=int, choices=[4, 6])
    parser.add_argument("--backend", choices=tables.BACKENDS, default="legacy")
    parser.add_argument("--client-ports", type=port_range)
    parser.add_argument("--no-fragments", action="store_true")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--count", type=int, default=300)
    wanted = parser.parse_args()
    texts = []
    for name in (wanted.original, wanted.rewritten):
        with open(name, encoding="utf-8") as file:
            texts.append(file.read())
    try:
        outcome = replay(*texts, wanted.service, wanted.seed, wanted.count, wanted.mode, wanted.backend,
                         family=wanted.family, client_ports=wanted.client_ports, fragments=not wanted.no_fragments)
    except decisions.Refused as refusal:
        print(f"refused: {refusal}", file=sys.stderr)
        return 2
    print(outcome)
    return 0 if outcome.is_faithful else 1


if __name__ == "__main__":
    sys.exit(main())
