"""A ruleset in which nothing depends on what a replay cannot give a packet: rates, what came before, hardware addresses.
`loosened(text, modules)`: what accepts under such a condition accepts without it, what refuses under one is gone."""
import re

OPTIONS = {"limit": "limit", "hashlimit": "hashlimit", "recent": "set|rcheck|update|remove|name|rsource|rdest|mask|seconds|"
           "reap|hitcount|rttl", "quota": "quota", "statistic": "mode|probability|every|packet", "nth": "every|packet",
           "time": "time|date|weekdays|monthdays|kerneltz|contiguous|utc|localtz", "rateest": "rateest", "mac": "mac-source"}
RATES = tuple(name for name in OPTIONS if name != "mac")
REFUSES = re.compile(r"-[jg] (DROP|REJECT|TARPIT)\b")


def without(line, name):
    """The line without the match and its options, or None if it has no such match."""
    if not re.search(rf" -m {name}\b", line):
        return None
    line = re.sub(rf" -m {name}\b", "", line)
    return re.sub(rf"(?: !)? --(?:{OPTIONS[name]})[\w-]*(?: (?![-!])(?:\"[^\"]*\"|\S+))*", "", line)


def only_refuses(lines):
    """The chains that let nothing pass or come back."""
    rules = {}
    for line in lines:
        found = re.match(r"(?:\[\S+\] )?-A (\S+)", line)
        if found:
            rules.setdefault(found.group(1), []).append(line)
    return {chain for chain, of_chain in rules.items() if REFUSES.search(of_chain[-1]) and
            not any(re.search(r"-[jg] (?!DROP|REJECT|TARPIT|LOG|NFLOG)", line) for line in of_chain)}


def loosened(text, modules=RATES):
    lines = text.split("\n")
    refusing = only_refuses(lines)
    kept = []
    for line in lines:
        bare = line
        for name in modules if "-A " in line else ():
            bare = without(bare, name) or bare
        jump = re.search(r"-[jg] (\S+)", line)
        if bare == line or not (REFUSES.search(line) or (jump and jump.group(1) in refusing)):
            kept.append(bare)
    return "\n".join(kept)


def has_any(text, modules):
    return any(re.search(rf"-m {name}\b", text) for name in modules)


