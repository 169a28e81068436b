"""Pairs of rulesets, and the witnesses that `untrack diff` and `untrack verify` have for them."""
import collections
import json
import os
import random
import re
import subprocess
import tempfile

import near_packets
import random_rulesets

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDEN = os.path.join(HERE, "..", "cases", "verify")
PATIENCE = 20  # seconds that the program gets for one pair
# `options` are those of `untrack verify`.
Pair = collections.namedtuple("Pair", "name version before after options")
# `of`: diff, O1 ... O5 or exposure. `packet` and `rewritten`: the same packet with its state in front of
# the first and of the second ruleset. `before`, `after`: what untrack says becomes of it. `where`: what it takes as true.
Witness = collections.namedtuple("Witness", "of packet rewritten before after where")


def spoiled(text, chance, at_most=3):
    """The ruleset with a few lines removed, or with another verdict, port, state or policy; or as it is,
    where it has nothing of that."""
    lines = text.split("\n")
    for _ in range(chance.randint(1, at_most)):
        nat = next((i for i, line in enumerate(lines) if line == "*nat"), len(lines))
        is_nat = range(nat, lines.index("COMMIT", nat) if nat < len(lines) else nat)  # it takes no DROP
        places = [i for i, line in enumerate(lines) if line.startswith("-A ")]
        policies = [i for i, line in enumerate(lines) if i not in is_nat and
                    re.match(r":(INPUT|FORWARD|OUTPUT) (ACCEPT|DROP) ", line)]
        if policies and chance.random() < 0.1:
            swap(lines, chance.choice(policies))
        elif places:
            place = chance.choice(places)
            spoil(lines, place, chance, place in is_nat)
    return "\n".join(lines)


def swap(lines, place):
    words = {"ACCEPT": "DROP", "DROP": "ACCEPT"}
    lines[place] = re.sub(r"(^:\w+ |-j )(ACCEPT|DROP)\b", lambda found: found.group(1) + words[found.group(2)],
                          lines[place])


def spoil(lines, place, chance, is_nat):
    line = lines[place]
    ways = ["remove"]
    if re.search(r"-j (ACCEPT|DROP)\b", line) and not is_nat:
        ways += ["verdict"] * 2
    if re.search(r"--[sd]port \S", line):
        ways += ["port"] * 2
    if re.search(r"--(ct)?state [A-Z,]+", line):
        ways += ["state"] * 2
    way = chance.choice(ways)
    if way == "remove":
        lines.pop(place)
    elif way == "verdict":
        swap(lines, place)
    elif way == "port":
        port = chance.choice(random_rulesets.RANGES)
        lines[place] = re.sub(r"(--[sd]port) \S+", lambda found: f"{found.group(1)} {port}", line, count=1)
    else:
        states = ",".join(chance.sample(random_rulesets.STATES, chance.randint(1, 3)))
        lines[place] = re.sub(r"(--(?:ct)?state) [A-Z,]+", lambda found: f"{found.group(1)} {states}", line, count=1)


def random_pair(seed, number, count=16):
    """(Pair, packets near it): the same for the same two numbers."""
    v, text, packets = random_rulesets.case(seed, number, count)
    chance = random.Random(f"pair {seed}/{number}")
    after = spoiled(text, chance)
    mode = "notrack" if number % 4 < 2 else "stateless"
    packets += near_packets.packets(text + after, v, chance, count)
    return Pair(f"case {number} of seed {seed}", v, text, after, ["--mode", mode]), packets


def golden_pairs():
    """Those of tests/cases/verify that have two rulesets: (pair, whether verify calls the rewrite proven)."""
    for name in sorted(os.listdir(GOLDEN)):
        folder = os.path.join(GOLDEN, name)

        def read(file):
            with open(os.path.join(folder, file), encoding="utf-8") as opened:
                return opened.read()
        if not os.path.exists(os.path.join(folder, "after.rules")):
            continue
        words = read("args").split()
        if words[:1] != ["verify"] or words[-2:] != ["before.rules", "after.rules"] or "--family" not in words:
            continue
        if "--match-set" in read("before.rules"):  # of a set that the kernel has not
            continue
        v = int(words[words.index("--family") + 1].removeprefix("ipv"))
        options = [word for word in words[1:-2] if word not in ("--output", "json")]
        if "--outbound" in options:
            place = options.index("--outbound") + 1
            options[place] = os.path.join(folder, options[place])
        yield (Pair(name, v, read("before.rules"), read("after.rules"), options),
               not os.path.exists(os.path.join(folder, "exit")))


class Program:
    def __init__(self, untrack):
        self.untrack = untrack

    def knows(self, command):
        return subprocess.run([self.untrack, command, "--help"], capture_output=True).returncode == 0

    def ask(self, command, pair, sets=""):
        """Its JSON, or why there is none."""
        options = pair.options if command == "verify" else []
        if "--family" not in options:
            options = [*options, "--family", f"ipv{pair.version}"]
        with tempfile.TemporaryDirectory() as folder:
            for name, content in (("before", pair.before), ("after", pair.after)):
                with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                    file.write(content)
            try:
                done = subprocess.run([self.untrack, command, *options, "--output", "json",
                                       *(os.path.join(folder, name) for name in ("before", "after"))],
                                      capture_output=True, text=True, timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                return f"untrack {command} takes longer than {PATIENCE} s"
        if done.returncode not in (0, 1, 3):
            raise RuntimeError(f"{pair.name}: untrack {command} ends with {done.returncode}: "
                               f"{done.stderr.strip()[:500]}")
        return json.loads(done.stdout)


def of_diff(found):
    for row in found["decisions"]:
        packet = row["witness"]
        yield Witness("diff", packet, packet, row["before"]["decision"], row["after"]["decision"], row["where"])


def of_verify(found):
    for certificate in found["certificate"].values():
        failed = [row for row in certificate["obligations"] if row["witness"]]
        for row in failed + certificate["exposure"]:
            packet = row["witness"]
            rewritten = {**packet, "state": row["rewritten_state"]}
            yield Witness(row.get("id", "exposure"), packet, rewritten, row["before"]["decision"],
                          row["after"]["decision"], row["where"])
