"""Each mutation that equivalent.txt calls known to change nothing is one that could still be made, with a reason
below it: a line that has changed has to be thought about again. Usage: known_current.py"""
import sys

import mutate
import sites

known = mutate.known_equivalent()
enums = sites.enumerations(mutate.texts(mutate.ROOT, mutate.HEADERS, ".hpp").values())
there = set()
for name in sorted({key.split(":")[0] for key in known}):
    if (mutate.ROOT / name).is_file():
        whole = (mutate.ROOT / name).read_text()
        there.update(one.key(whole) for one in sites.Finder(name, whole, enums).run())
problems = [f"no such mutation any more: {key}" for key in known if key not in there]
problems += [f"no reason: {key}" for key, reason in known.items() if not reason]
print("\n".join(problems) or f"{len(known)} mutations, each with its reason")
sys.exit(1 if problems else 0)
