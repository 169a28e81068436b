"""The unload script made of, and run on, hosts whose modules, tables, rules, settings and files have names that are
made to be run by a shell: none of them is, whatever the script answers. In dash and in busybox sh, on hosts of
stubs in namespaces of their own. Fixed seed, UNTRACK_SEED varies it. Usage: script_hostile.py UNTRACK [COUNT]"""
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

from world import FILTER, MODULES, NAT, Checks, World, need_namespaces, skip

RUN = ("$(touch${IFS}/world/owned)", "`touch${IFS}/world/owned`", ";touch${IFS}/world/owned;")
PIECES = (*RUN, *RUN, *RUN, "'", '"', "\\", "$IFS", "&", "|", "-rf", "*", "{a,b}", "xt_a", "nf_conntrack", "\x1b[2J",
          "%s%n", "../../owned", "#", "é", "<", ">", "!")
dice = random.Random(int(os.environ.get("UNTRACK_SEED", "8")))


def name(most=3):
    return "".join(dice.choice(PIECES) for _ in range(dice.randint(1, most)))


def spoiled(text):
    """Some words of it hostile, or parts of them."""
    lines = text.split("\n")
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(len(lines))
        words = lines[at].split(" ")
        word = dice.randrange(len(words))
        words[word] = dice.choice((name(), words[word] + name(1), name(1) + words[word]))
        lines[at] = " ".join(words)
    return "\n".join(lines)


def made(untrack, scratch):
    """A script for a hostile host, or for a good one where none is made for that."""
    folder = pathlib.Path(scratch) / (dice.choice(("$(touch owned)", "a;touch owned;", "'b'", "c")))
    folder.mkdir(exist_ok=True)
    texts = {"rules": "*filter\n:INPUT DROP [0:0]\nCOMMIT\n",
             "modules": MODULES.replace("iptable_nat 16384 1", "iptable_nat 16384 0"),
             "dep": "kernel/net/nf_conntrack.ko: kernel/net/nf_defrag_ipv4.ko\n"
                    "kernel/net/xt_conntrack.ko: kernel/net/nf_conntrack.ko\n",
             "builtin": "kernel/net/x.ko\n"}
    for file, text in texts.items():
        (folder / file).write_text(spoiled(text) if dice.randrange(6) == 0 else text)
    words = [untrack, "unload", str(folder / "rules"), "--print-script", "--modules", str(folder / "modules")]
    if dice.randrange(2) == 0:
        words += ["--modules-dep", str(folder / "dep"), "--modules-builtin", str(folder / "builtin")]
    done = subprocess.run(words, capture_output=True, timeout=60, cwd=scratch)
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


def main():
    need_namespaces()
    for tool in ("dash", "busybox"):
        if not shutil.which(tool):
            skip(f"no {tool} here")
    untrack, count = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 25
    check, scripts = Checks(), 0
    with tempfile.TemporaryDirectory() as scratch:
        for number in range(count):
            status, script, said = made(untrack, scratch)
            check(status in (0, 1, 3), f"{number}: exit status {status}", said)
            if not script.startswith("#!/bin/sh"):
                continue
            scripts += 1
            for shell in ("dash", "busybox"):
                path = pathlib.Path(scratch) / "script.sh"
                path.write_text(script)
                done = subprocess.run([shell, *(["sh"] if shell == "busybox" else []), "-n", str(path)],
                                      capture_output=True, text=True)
                check(done.returncode == 0, f"{number}: {shell} reads it", done.stderr + script)
                world = World(script, shell)
                files = {"proc/modules": MODULES, "proc/net/ip_tables_names": "nat\nfilter\n",
                         "legacy.4.filter": FILTER, "legacy.4.nat": NAT, "kernel": "6.1.0-56-amd64\n",
                         "proc/sys/net/netfilter/nf_conntrack_max": "65536\n", "proc/1/comm": "init\n"}
                for file, text in files.items():
                    if dice.randrange(2) == 0:
                        world.write(file, spoiled(text))
                if dice.randrange(2) == 0:
                    world.write("proc/modules", MODULES + "".join(f"{name()} 4096 0 - Live 0x0\n" for _ in range(5)))
                _, output = world.run("$SH unload.sh; $SH unload.sh --run --confirm-within 60; "
                                      "$SH unload.sh --rollback")
                check(not (world.root / "owned").exists(), f"{number}: {shell} runs a name", output)
                check(not any("owned" in entry.name for entry in pathlib.Path(scratch).iterdir()
                              if entry.is_file()), f"{number}: a name is run", output)
    check(scripts * 3 > count, f"{scripts} scripts of {count}")
    print(f"{scripts} scripts")
    check.finish()


main()
