"""docs/untrack.1 names the commands that `untrack --help` lists, and for each the options that its own
--help lists, neither more nor fewer; so do the pages that `untrack manual` prints; and groff finds
nothing to complain about in any.
Usage: manual_current.py UNTRACK"""
import re
import shutil
import subprocess
import sys

import tree

program = sys.argv[1]
LONG = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]*")
page = (tree.ROOT / "docs/untrack.1").read_text()
problems = []


def help_of(*words):
    done = subprocess.run([program, *words, "--help"], capture_output=True, text=True, check=True)
    return done.stdout


def declared(text):
    """Options that a help text lists: at the start of an indented line, behind short names."""
    lines = [re.split(r"\s{2,}", line.strip())[0] for line in text.splitlines()
             if re.match(r"\s+-", line)]
    return {option for line in lines for option in LONG.findall(line)} - {"--help"}


def documented(section):
    """Options of the .TP paragraphs of a section: the line below .TP."""
    heads = re.findall(r"^\.T[PQ]\n(.*)$", section.replace("\\-", "-"), re.M)
    return {option for head in heads for option in LONG.findall(head)}


commands = re.findall(r"^  ([a-z][a-z-]*) ", help_of().split("Subcommands:", 1)[1], re.M)
sections = {}
for part in re.split(r"^\.SS ", page.split(".SH COMMANDS", 1)[1].split("\n.SH ", 1)[0], flags=re.M)[1:]:
    head, _, body = part.partition("\n")
    sections[head.strip('"').split()[0]] = body
for name in sorted(set(commands) ^ set(sections)):
    problems.append(f"docs/untrack.1: command {name} is " +
                    ("missing" if name in commands else "no command of the program"))
for name in commands:
    there, said = declared(help_of(name)), documented(sections.get(name, ""))
    for option in sorted(there ^ said):
        problems.append(f"docs/untrack.1: {name} {option} is " +
                        ("missing" if option in there else "no option of the program"))
for code in range(5):
    if f".B {code}\n" not in page:
        problems.append(f"docs/untrack.1: exit status {code} is missing")
pages = {"docs/untrack.1": page}
for name in commands:
    pages[f"untrack manual {name}"] = own = subprocess.run([program, "manual", name], capture_output=True,
                                                           text=True, check=True).stdout
    heads = re.findall(r"^\.TP\n\.BI? \"(.*?)\"", own.replace("\\-", "-"), re.M)
    said = {option for head in heads for option in LONG.findall(head)} - {"--help"}
    if said != declared(help_of(name)):
        problems.append(f"untrack manual {name} is not what --help lists: {sorted(said ^ declared(help_of(name)))}")
if shutil.which("man"):
    for name, text in pages.items():
        done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", "-"], input=text,
                              capture_output=True, text=True)
        problems += [f"{name}: {line}" for line in done.stderr.splitlines()]
tree.report(problems, f"{len(commands)} commands")
