"""No file names a place that exists on its author's machine only."""
import re

import tree

PRIVATE = re.compile(r"(?<![\w.$}~-])/(?:work|tmp/wt|home/[a-z]|root)/")
names = tree.files()
problems = []
for name in names:
    if name == "tests/architecture/no_private_paths.py":
        continue
    try:
        text = (tree.ROOT / name).read_text()
    except UnicodeDecodeError:
        continue
    for number, line in enumerate(text.splitlines(), 1):
        if PRIVATE.search(line):
            problems.append(f"{name}:{number}: {line.strip()[:120]}")
tree.report(problems, f"{len(names)} files")
