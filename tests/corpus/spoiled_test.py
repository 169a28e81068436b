"""Spoils rulesets of others, and our samples, line by line as a hand that slips does (a line gone, twice, two
swapped, a word of another line, a line of another ruleset), and runs every command over them: no internal
error, no signal, each in its time; what `rewrite` gives is taken by `verify`, by a second rewrite as nothing to
do, and by iptables-restore or nft, where they took what went in; what differs in nothing has no `diff`.
Usage: spoiled_test.py UNTRACK FOLDER [COUNT [MINUTES]]. Fixed seed, UNTRACK_SEED varies it; UNTRACK_CORPUS names
another folder. What breaks something is kept in UNTRACK_KEEP, if that names a directory.
"""
import collections
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

UNTRACK = os.path.abspath(sys.argv[1])
FOLDER = pathlib.Path(os.environ.get("UNTRACK_CORPUS", sys.argv[2]))
SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "samples"
NAMESPACE = f"untrack-spoiled-{os.getpid()}"
SECONDS = 60
LARGEST = 60_000  # bytes of a ruleset; what is larger costs minutes under every command
KINDS = {"iptables-save-v4": "ipv4", "iptables-save-v6": "ipv6", "nft": "nft", "iptables-cmds": "commands",
         "nft-json": "nft-json", "shell-script": "commands", "iptables-frag": "commands"}
PACKETS = ("in tcp 192.0.2.1:40000 > 198.51.100.2:22 syn iif eth0 state new",
           "in tcp [2001:db8::1]:40000 > [2001:db8::2]:22 syn iif eth0 state new")
FORMS = ("json", "sarif", "github", "gitlab", "junit", "checkstyle", "rdjsonl", "prometheus", "markdown", "html")


def run(*words, text=None):
    return subprocess.run(words, input=text, capture_output=True, check=False, timeout=SECONDS)


def rulesets():
    """Kind -> [(name, lines)]."""
    rows = []
    if (FOLDER / "INDEX.tsv").exists():
        for line in (FOLDER / "INDEX.tsv").read_text().splitlines():
            name, kind = line.split("\t")[:2]
            if kind in KINDS:
                rows.append((FOLDER / name, KINDS[kind]))
    for path in sorted(SAMPLES.iterdir()):
        if path.suffix in (".rules", ".nft", ".sh"):
            rows.append((path, {".nft": "nft", ".sh": "commands"}.get(
                path.suffix, "ipv6" if path.name.endswith(".v6.rules") else "ipv4")))
    found = collections.defaultdict(list)
    for path, kind in rows:
        data = path.read_bytes()
        if len(data) <= LARGEST:
            found[kind].append((path.name, data.decode("latin-1").split("\n")))
    return found


def spoil(lines, others, dice):
    lines = list(lines)
    for _ in range(dice.choice((1, 1, 2, 3, 5))):
        place = dice.randrange(len(lines))
        other = dice.randrange(len(lines))
        way = dice.randrange(6)
        if way == 0 and len(lines) > 1:
            del lines[place]
        elif way == 1:
            lines.insert(other, lines[place])
        elif way == 2:
            lines[place], lines[other] = lines[other], lines[place]
        elif way == 3:
            lines.insert(place, dice.choice(dice.choice(others)[1]))
        else:
            words, donor = lines[place].split(" "), lines[other].split(" ")
            if way == 4:
                words[dice.randrange(len(words))] = dice.choice(donor)
            else:
                words.insert(dice.randrange(len(words) + 1), dice.choice(donor))
            lines[place] = " ".join(words)
    return lines


class Judge:
    def __init__(self, scratch):
        self.scratch = scratch
        self.counts = collections.Counter()
        self.faults = []
        self.keep = os.environ.get("UNTRACK_KEEP")
        self.can_load = os.geteuid() == 0 and all(map(shutil.which, (
            "ip", "nft", "iptables-legacy-restore", "iptables-nft-restore")))
        self.can_load = self.can_load and run("ip", "netns", "add", NAMESPACE).returncode == 0

    def close(self):
        if self.can_load:
            run("ip", "netns", "del", NAMESPACE)

    def fault(self, name, what, *texts):
        self.faults.append(f"{name}: {what}")
        print(self.faults[-1][:600], flush=True)
        if self.keep:
            for number, text in enumerate(texts):
                path = pathlib.Path(self.keep) / f"{len(self.faults)}-{number}-{name}"
                path.write_bytes(text)

    def untrack(self, name, text, *words):
        """What the command says; None, and a fault, if it broke."""
        self.counts[words[0]] += 1
        try:
            done = run(UNTRACK, *words)
        except subprocess.TimeoutExpired:
            self.fault(name, f"{' '.join(words)}: over {SECONDS} s", text)
            return None
        if done.returncode not in (0, 1, 3):
            said = done.stderr.decode(errors="replace")[-300:]
            self.fault(name, f"{' '.join(words)}: exit status {done.returncode}: {said}", text)
            return None
        return done

    def takes(self, kind, text):
        """The tools that would load it."""
        if not self.can_load or kind == "commands":
            return set()
        asked = {"nft": ("nft", "-c", "-f", "-"), "nft-json": ("nft", "-j", "-c", "-f", "-")}
        if kind not in asked:
            program = "iptables" if kind == "ipv4" else "ip6tables"
            asked = {backend: (f"{program}-{backend}-restore", "--test") for backend in ("legacy", "nft")}
        else:
            asked = {kind: asked[kind]}
        return {tool for tool, words in asked.items()
                if run("ip", "netns", "exec", NAMESPACE, *words, text=text).returncode == 0}

    def rewrites(self, name, kind, text, path, family):
        for mode in ("stateless", "notrack"):
            new = self.scratch / f"new-{mode}"
            new.unlink(missing_ok=True)
            words = ("rewrite", "--mode", mode, *family, "--to", str(new), "--output", "json")
            done = self.untrack(name, text, *words, str(path))
            if done is None or done.returncode == 3 or not new.exists():
                continue
            written = new.read_bytes()
            if written == text:
                continue  # which may be in halves as it came
            self.counts[f"rewritten {mode}"] += 1
            proof = self.untrack(name, text, "verify", "--mode", mode, *family, str(path), str(new))
            if proof is not None and proof.returncode != 0 and done.returncode == 0:
                self.fault(name, f"{mode}: verify says {proof.returncode}: {proof.stdout.decode()[:300]}", text,
                           written)
            again = self.untrack(name, written, "rewrite", "--mode", mode, *family, "--output", "rules", str(new))
            if again is not None and again.stdout not in (b"", written):
                self.fault(name, f"{mode}: a second rewrite changes more", text, written, again.stdout)
            missing = self.takes(kind, text) - self.takes(kind, written)
            if missing:
                self.fault(name, f"{mode}: what was taken is refused by {missing}", text, written)

    def judge(self, name, kind, lines, original, form):
        text = "\n".join(lines).encode("latin-1")
        path, old = self.scratch / "rules", self.scratch / "old"
        path.write_bytes(text)
        old.write_bytes("\n".join(original).encode("latin-1"))
        family = ("--family", kind) if kind in ("ipv4", "ipv6") else ()
        self.untrack(name, text, "audit", *family, str(path))
        self.untrack(name, text, "audit", *family, "--output", form, str(path))
        self.untrack(name, text, "explain", *family, "--packet", PACKETS[kind == "ipv6"], "--state", "all", str(path))
        self.untrack(name, text, "unload", *family, str(path))
        self.untrack(name, text, "pressure", str(path))
        self.untrack(name, text, "diff", *family, str(old), str(path))
        self.untrack(name, text, "verify", "--mode", "stateless", *family, str(old), str(path))
        same = self.untrack(name, text, "diff", *family, str(path), str(path))
        if same is not None and same.returncode == 1:
            self.fault(name, "differs from itself", text)
        self.rewrites(name, kind, text, path, family)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the namespace goes on every way out
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 60
    end = time.monotonic() + 60 * (float(sys.argv[4]) if len(sys.argv) > 4 else 8)
    seed = int(os.environ.get("UNTRACK_SEED", "1"))
    dice = random.Random(seed)
    found = rulesets()
    if not FOLDER.exists():
        print("no rulesets of others: samples alone")
    done = 0
    with tempfile.TemporaryDirectory() as folder:
        judge = Judge(pathlib.Path(folder))
        try:
            while done < count and time.monotonic() < end:
                kind = dice.choice(sorted(found))
                name, original = dice.choice(found[kind])
                judge.judge(name, kind, spoil(original, found[kind], dice), original, dice.choice(FORMS))
                done += 1
        finally:
            judge.close()
    for what, number in judge.counts.most_common():
        print(f"{number:6} {what}")
    if not judge.can_load:
        print("loaded: nothing, for want of root, namespaces or the tools")
    print("\n".join([f"{done} spoiled rulesets, seed {seed}", *judge.faults, f"{len(judge.faults)} faults"]))
    return 1 if judge.faults or not done else 0


sys.exit(main())
