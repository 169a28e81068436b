"""The transcripts in the documents are what the program prints today. In a Markdown file, the code
block below a line `<!-- transcript -->` holds commands behind "$ " and their output; `untrack` is run
in memory of nothing but the tree: no terminal, no environment but PATH, the root as directory. Below
`<!-- transcript: excerpt -->` a line `...` stands for any lines that are left out.
Usage: transcripts.py UNTRACK. UPDATE=1 writes what is printed now, but no excerpts."""
import os
import re
import shlex
import subprocess
import sys

import tree

BLOCK = re.compile(r"(<!-- transcript -->\n```console\n)(.*?)(```\n)", re.S)
EXCERPT = re.compile(r"<!-- transcript: excerpt -->\n```console\n(.*?)```\n", re.S)
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


def excerpt_problem(block):
    """What an excerpt shows that the program does not print; nothing if all is there, in order."""
    parts = re.split(r"^\$ (.*)\n", block, flags=re.M)[1:]
    assert parts, "an excerpt without a command"
    for command, shown in zip(parts[::2], parts[1::2]):
        printed = "".join(transcript([command])).split("\n", 1)[1].splitlines()
        is_gap, at = False, 0
        for line in shown.splitlines():
            if line == "...":
                is_gap = True
                continue
            there = [i for i in range(at, len(printed) if is_gap else at + 1) if printed[i:i + 1] == [line]]
            if not there:
                return f"`{command}` does not print, there: {line}"
            is_gap, at = False, there[0] + 1
        if at < len(printed) and not is_gap:
            return f"`{command}` prints more behind: {printed[at - 1]}"
    return None


for page in tree.files(".md"):
    text = (tree.ROOT / page).read_text()

    def renewed(found):
        global count
        count += 1
        commands = re.findall(r"^\$ (.*)$", found.group(2), re.M)
        return found.group(1) + "".join(transcript(commands)) + found.group(3)

    for found in EXCERPT.finditer(text):
        count += 1
        problem = excerpt_problem(found.group(1))
        if problem:
            problems.append(f"{page}:{text.count(chr(10), 0, found.start()) + 1}: {problem}")
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
