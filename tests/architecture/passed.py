"""Remembers which files passed a check, so that a check that takes seconds a file looks only at what
changed: the file itself, or a header of ours that it includes, directly or not."""
import concurrent.futures
import hashlib
import json
import os
import re

import tree


def below(name, seen):
    """All files of ours that `name` includes, directly or not, itself among them."""
    path = tree.ROOT / name
    if name in seen or not path.is_file():
        return seen
    seen.add(name)
    for included in re.findall(r'^\s*#\s*include\s*"([^"]*)"', path.read_text(), re.M):
        below(included, seen)
    return seen


def state_of(name, salt):
    digest = hashlib.sha256(salt.encode())
    for part in sorted(below(name, set())):
        digest.update(part.encode() + (tree.ROOT / part).read_bytes())
    return digest.hexdigest()


def check_all(cache, names, check, salt):
    """Runs check(name), which returns the fault as text or "", two at a time over what did not pass
    before. `salt`: what else the outcome depends on. Returns the faults and how many were checked."""
    return check_groups(cache, names, lambda group: {group[0]: check(group[0])}, salt,
                        lambda todo: [[name] for name in todo])


def check_groups(cache, names, check, salt, group):
    """The same for a check that takes several names and returns the fault of each; `group` splits
    what is to be checked."""
    old = json.loads(cache.read_text()) if cache.exists() else {}
    states = {name: state_of(name, salt) for name in names}
    todo = [name for name in names if old.get(name) != states[name]]
    faults = {}
    with concurrent.futures.ThreadPoolExecutor(max_workers=min(2, os.cpu_count() or 1)) as pool:
        for found in pool.map(check, group(todo)):
            faults.update({name: fault for name, fault in found.items() if fault})
    good = {name: state for name, state in states.items() if name not in faults}
    cache.write_text(json.dumps(good, indent=0, sort_keys=True))
    return list(faults.values()), len(todo)
