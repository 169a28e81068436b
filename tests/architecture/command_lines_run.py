"""Runs each command line of `untrack` in the documents, in a folder that holds the files which they name, and
tells what is not run, and why: a placeholder stands in it, it only names a command or an option, or it asks what
this host does not have. Those that ask the kernel are run by root alone, in a network namespace of their own. What a line prints is the business of transcripts.py; here it must not be a wrong use (2) or fail (4).
Usage: command_lines_run.py UNTRACK | --self-test"""
import collections
import concurrent.futures
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import command_lines
import tree

# Names in the documents, and what stands for them.
FILES = {
    "rules.v4": "samples/dns-server.rules", "new.rules": "samples/dns-server-notrack.rules",
    "hosts/web1/rules.v4": "samples/dns-server.rules",
    "hosts/web1/rules.v4.new": "samples/dns-server-notrack.rules",
    "known.json": "tests/cases/lint/baseline-known/known.json",
    "hosts/web1/nftables.conf": "samples/web-server.nft", "old/nftables.conf": "samples/web-server.nft",
    "new/nftables.conf": "samples/web-server.nft", "host.json": "tests/cases/diff/pressure-settings/before.json",
}
# Files of a host that documents name by their full path, and the sample that is read in their place.
HOST_FILES = {
    "/etc/nftables.conf": "samples/web-server.nft", "/etc/iptables/rules.v4": "samples/web-server.rules",
    "/etc/iptables/rules.v6": "samples/dns-server.rules",
}
MANUAL = "docs/untrack.1"
OWN_FILE_MISSES = re.compile(r"cannot read (?!/)[^\n]*: No such file")
PLACEHOLDER = re.compile(r"\b(RULES|FILE|OLD|NEW|DIRECTORY|COMMAND|CERTIFICATE|REV|FORM|ORIGINAL|CODE)\b|\w\|\w")
THE_KERNEL = re.compile(r"--live\b|^snapshot\b")
THIS_HOST = re.compile(r"--netns\b|\s/(proc|etc)/")
DESCRIBES_A_HOST = re.compile(r"--(sysctl|kernel) ")  # no ruleset is needed then
IN_NAMESPACE = ["unshare", "--net"] if os.geteuid() == 0 and shutil.which("unshare") else None
WITHOUT_OPERANDS = ("checks", "version")
FEWEST = 25  # lines that are run


def commands_of(line):
    """The words of each call of the program in a line, without what the shell does."""
    for part in re.split(r"&&|;", line):
        words = shlex.split(part, comments=True)
        if not words or words[0] != "untrack":
            continue
        end = next((at for at, word in enumerate(words) if command_lines.END.match(word)), len(words))
        # `$(untrack ...)` leaves its bracket.
        yield [word.rstrip(")") for word in words[1:end]]


def lines_of(page):
    """(line number, command line) of a page, or of the examples in the manual page."""
    text = (tree.ROOT / page).read_text()
    if page != MANUAL:
        yield from command_lines.lines_of(text)
        return
    for block in re.finditer(r"^\.EX\n(.*?)^\.EE\n", text, re.M | re.S):
        first = text.count("\n", 0, block.start(1)) + 1
        for number, line in enumerate(block.group(1).replace("\\-", "-").splitlines(), first):
            found = re.search(r"(?:^|\| )(untrack [a-z].*)$", line)
            if found:
                yield number, found.group(1)


def operands_of(words, options):
    rest, found = list(words[1:]), []
    while rest:
        word = rest.pop(0)
        if not word.startswith("-") or word == "-":
            found.append(word)
        elif "=" not in word and options.get(word) and rest:
            rest.pop(0)
    return found


def why_not(words, options):
    """Why these words are not run; None: they are."""
    line = " ".join(words)
    if PLACEHOLDER.search(line):
        return "a placeholder"
    if THIS_HOST.search(line):
        return "asks this host"
    if THE_KERNEL.search(line):
        return None if IN_NAMESPACE else "asks the kernel, which takes root"
    if not operands_of(words, options) and not DESCRIBES_A_HOST.search(line) and words[0] not in WITHOUT_OPERANDS:
        return "names a command or an option"
    return None


def prepare(folder):
    for name in ("samples", "docs"):
        shutil.copytree(tree.ROOT / name, folder / name)
    for name, source in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(tree.ROOT / source, folder / name)


def fault_of(untrack, words):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        prepare(folder)
        around = IN_NAMESPACE if IN_NAMESPACE and THE_KERNEL.search(" ".join(words)) else []
        done = subprocess.run([*around, untrack, *words], cwd=folder, capture_output=True, text=True, check=False, timeout=60,
                              input=(folder / "samples/web-server.nft").read_text())
        # Of a host it is told what is not there; a document's own files have to be.
        misses = (OWN_FILE_MISSES.search(done.stderr) if around
                  else "No such file" in done.stdout + done.stderr)
        if done.returncode in (0, 1, 3) and not misses:
            return None
        return f"exit status {done.returncode}: {done.stderr.strip()[:300]}"


def self_test(untrack):
    assert list(commands_of("untrack audit x > y && untrack diff a 'b c' | less")) == [
        ["audit", "x"], ["diff", "a", "b c"]]
    options = {"--output": True, "--quiet": False}
    for words in (["audit", "RULES"], ["audit"], ["audit", "--live", "--netns", "a"],
                  ["audit", "--output", "json"]):
        assert why_not(words, options), words
    for words in (["audit", "rules.v4"], ["audit", "--quiet", "rules.v4"], ["audit", "--output", "json", "-"]):
        assert why_not(words, options) is None, words
    assert fault_of(untrack, ["audit", "no-such-file"]), "a file that is not there"
    assert fault_of(untrack, ["audit", "--no-such-option", "rules.v4"]), "an option that is not there"
    assert fault_of(untrack, ["audit", "rules.v4"]) is None
    if IN_NAMESPACE:
        assert fault_of(untrack, ["diff", "--live", "no-such-file"]), "a file that is not there, beside the kernel"
        assert fault_of(untrack, ["diff", "--live", "new.rules"]) is None
    assert list(lines_of(MANUAL)), "the manual page has examples"
    print("self-test: each planted fault was found")


def main():
    untrack = str(pathlib.Path(sys.argv[-1]).resolve())
    if sys.argv[1] == "--self-test":
        self_test(untrack)
        return
    help_of = command_lines.helper(untrack)
    wanted, counts, named = {}, collections.Counter(), set()
    for page in [*tree.files(".md"), MANUAL]:
        if page.startswith(("tests/", "bench/")):
            continue
        for number, line in lines_of(page):
            for words in commands_of(line):
                words = [HOST_FILES.get(word, word) for word in words]
                named.update(shlex.split(line, comments=True))
                reason = why_not(words, help_of(words[0]) or {})
                if reason is None:
                    wanted.setdefault(tuple(words), f"{page}:{number}")
                else:
                    counts[reason] += 1
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        faults = list(pool.map(lambda words: fault_of(untrack, words), wanted))
    problems = [f"{place}: untrack {shlex.join(words)}: {fault}"
                for (words, place), fault in zip(wanted.items(), faults) if fault]
    problems += [f"no command line names {name}; take it out of the table"
                 for name in [*FILES, *HOST_FILES] if name not in named]
    if len(wanted) < FEWEST:
        problems.append(f"only {len(wanted)} command lines are run")
    tree.report(problems, f"{len(wanted)} command lines run; not run: " +
                ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items())))


if __name__ == "__main__":
    main()
