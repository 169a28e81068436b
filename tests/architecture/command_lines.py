"""Every command line of `untrack` in the documents is one that the program knows: the command, its
options, and which of them take a value. In Markdown, the lines of code blocks and `untrack ...` in the
text; what is run by transcripts.py is looked at, too. Usage: command_lines.py UNTRACK | --self-test"""
import functools
import re
import shlex
import subprocess
import sys

import tree

FENCE = re.compile(r"^```\w*\n(.*?)^```", re.M | re.S)
CODE = re.compile(r"`(untrack [^`\n]+)`")
END = re.compile(r"^(\||>|<|&&|;|\)|2>.*|>.*)$")


def options_of(help_text):
    """{name: whether it takes a value} of a help text."""
    found = {}
    for line in help_text.splitlines():
        if not re.match(r"\s+-", line):
            continue
        head = line.strip()
        names = re.match(r"(?:-\w,)?(--[a-z-]+)", head)
        short = re.match(r"-\w\b", head)
        behind = head[names.end():] if names else ""
        takes = bool(re.match(r" [A-Za-z0-9]\S*", behind)) and not re.match(r" (Excludes|Needs):", behind)
        for name in filter(None, (names and names.group(1), short and short.group())):
            found[name] = takes
    return found


def lines_of(text):
    """(line number, command line) of a page"""
    def number(at):
        return text.count("\n", 0, at) + 1

    for block in FENCE.finditer(text):
        for offset, line in enumerate(re.sub(r"\\\n", "  ", block.group(1)).splitlines()):
            for found in re.finditer(r"(?:^|\| |\$ |\()(untrack [a-z].*)$", line.strip()):
                yield number(block.start(1)) + offset, found.group(1)
    prose = FENCE.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)
    for found in CODE.finditer(prose):
        yield number(found.start()), found.group(1).replace("\\|", "|")


def problem_of(line, help_of):
    try:
        words = shlex.split(line, comments=True)[1:]
    except ValueError:
        return None  # a quotation that goes on elsewhere
    if not words or not re.fullmatch(r"[a-z-]+", words[0]) or words[0].startswith("-"):
        return None
    options = help_of(words[0])
    if options is None:
        return f"no command {words[0]}"
    for at, word in enumerate(words[1:], 1):
        if END.match(word):
            break
        name, _, value = word.partition("=")
        if not re.fullmatch(r"-\w|--[a-z-]+", name):
            continue
        if name not in options:
            return f"{words[0]} has no option {name}"
        follows = words[at + 1] if at + 1 < len(words) else None
        if options[name] and not value and (follows is None or END.match(follows)):
            # `untrack rewrite --only` in a sentence names the option alone.
            if at + 1 < len(words):
                return f"{words[0]} {name} takes a value"
        if not options[name] and value:
            return f"{words[0]} {name} takes no value"
    return None


def self_test():
    table = {"audit": {"--live": False, "--output": True, "--help": False, "-o": True}}
    wanted = {"untrack audit x --live --output json": None, "untrack audit --lives": "audit has no option --lives",
              "untrack audits x": "no command audits", "untrack audit --live=x": "audit --live takes no value",
              "untrack audit --output | less": "audit --output takes a value",
              "untrack audit x | grep --line-buffered y": None}
    for line, problem in wanted.items():
        assert problem_of(line, table.get) == problem, (line, problem_of(line, table.get))
    assert list(lines_of("a\n```sh\n$ untrack audit x\n```\n`untrack diff`\n")) == [
        (3, "untrack audit x"), (5, "untrack diff")]
    print("self-test: each planted fault was found")


def helper(untrack):
    """A function from a command to its options, asked of the program once; None: there is none."""
    @functools.cache
    def help_of(command):
        done = subprocess.run([untrack, command, "--help"], capture_output=True, text=True)
        return options_of(done.stdout) if done.returncode == 0 else None
    return help_of


def main():
    if sys.argv[1] == "--self-test":
        self_test()
        return
    help_of = helper(sys.argv[1])
    problems, count = [], 0
    for page in tree.files(".md"):
        if page.startswith(("tests/", "bench/")):
            continue
        for number, line in lines_of((tree.ROOT / page).read_text()):
            count += 1
            problem = problem_of(line, help_of)
            if problem:
                problems.append(f"{page}:{number}: {problem}: {line}")
    tree.report(problems, f"{count} command lines")


if __name__ == "__main__":
    main()
