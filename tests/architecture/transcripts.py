"""The transcripts in the documents are what the program prints today. In a Markdown file, the code
block below a line `<!-- transcript -->` holds commands behind "$ " and their output; `untrack` is run
in memory of nothing but the tree: no terminal, no environment but PATH, the root as directory.
Usage: transcripts.py UNTRACK. UPDATE=1 writes what is printed now."""
import os
import re
import shlex
import subprocess
import sys

import tree

BLOCK = re.compile(r"(<!-- transcript -->\n```console\n)(.*?)(```\n)", re.S)
program = os.path.abspath(sys.argv[1])
update = os.environ.get("UPDATE") == "1"
problems, count = [], 0


def transcript(commands):
    for command in commands:
        words = shlex.split(command)
        if words[0] == "./demo":
            words[0] = "untrack"
        assert words[0] == "untrack", f"only untrack is run here: {command}"
        done = subprocess.run([program, *words[1:]], cwd=tree.ROOT, env={"PATH": os.environ["PATH"]},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        yield f"$ {command}\n{done.stdout}{done.stderr}"


for page in tree.files(".md"):
    text = (tree.ROOT / page).read_text()

    def renewed(found):
        global count
        count += 1
        commands = re.findall(r"^\$ (.*)$", found.group(2), re.M)
        return found.group(1) + "".join(transcript(commands)) + found.group(3)

    now = BLOCK.sub(renewed, text)
    if now != text and update:
        (tree.ROOT / page).write_text(now)
        print("updated", page)
    elif now != text:
        lines = next((i for i, (a, b) in enumerate(zip(text.splitlines(), now.splitlines()), 1)
                      if a != b), 0)
        problems.append(f"{page}:{lines}: the transcript is not what the program prints; "
                        "UPDATE=1 ctest -L documents writes it")
if count == 0:
    problems.append("no transcript was found")
tree.report(problems, f"{count} transcripts")
