"""Text and JSON of one ruleset are one model: rulesets are loaded into a namespace, and what
`nft list ruleset` and `nft -j list ruleset` say of them is read and compared, spans apart. Rules of
every kind (nft_rules.txt), the project's own samples, and published rulesets where they are at hand.
Usage: nft_json_test.py MODEL_DUMP FOLDER..."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import netns
from nft_models import differences, normal, of_listings

HERE = pathlib.Path(__file__).parent

# What the rules of nft_rules.txt name.
DECLARED = """
set ports { type inet_service; flags interval; elements = { 22, 80-90 }; }
set hosts { type ipv4_addr; flags interval; elements = { 192.0.2.0/24, 198.51.100.1 }; }
set pairs { type ipv4_addr . inet_service; elements = { 192.0.2.1 . 22, 192.0.2.2 . 80 }; }
set clients { type ipv4_addr; size 1000; flags dynamic,timeout; timeout 1m; }
set connections { type ipv4_addr; size 1000; flags dynamic; }
set numbers { type ct_id; size 1000; flags dynamic; }
map marks { type ipv4_addr : mark; size 1000; flags dynamic; }
map verdicts { type inet_service : verdict; elements = { 22 : accept, 80 : jump other }; }
counter seen { packets 0 bytes 0; }
quota much { over 10 mbytes; }
limit slow { rate 5/second; }
ct helper ftp-of-mine { type "ftp" protocol tcp; l3proto inet; }
ct timeout short { protocol tcp; l3proto ip; policy = { established : 100 }; }
ct expectation more { protocol tcp; dport 5432; timeout 1h; size 12; l3proto ip; }
synproxy shield { mss 1460; wscale 7; }
"""

class Comparison:
    def __init__(self, lab, dumper):
        self.lab = lab
        self.dumper = dumper
        self.loaded = self.refused = self.failed = self.misprinted = 0
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="untrack-nft-json-"))

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def model(self, text, name):
        path = self.folder / name
        path.write_text(text, encoding="utf-8", errors="surrogateescape")
        return normal(netns.run(self.dumper, str(path)).stdout)

    def nft(self, *words, text=None, folder=None):
        return subprocess.run(["nft", *words], input=text, capture_output=True, text=True,
                              errors="surrogateescape", cwd=folder, timeout=60)

    def compare(self, name, *words, text=None, folder=None):
        """Loads, compares, and takes away again."""
        self.nft("flush", "ruleset")
        done = self.nft(*words, text=text, folder=folder)
        if done.returncode:
            self.refused += 1
            return done.stderr.strip().splitlines()[:1]
        self.loaded += 1
        listing = self.nft("list", "ruleset").stdout
        json = self.nft("-j", "list", "ruleset").stdout
        if not listing:
            return None
        models = of_listings(listing, json, (self.model(listing, "listing.nft"), self.model(json, "listing.json")))
        if models is None:
            self.misprinted += 1
            return None
        if models[0] == models[1]:
            return None
        self.failed += 1
        print(f"{name}: text and JSON are two models")
        for line in differences(models):
            print(f"  {line}")
        return None


def ruleset_of(family, hook, rule):
    where = f"device lo priority 0" if family == "netdev" else "priority 0"
    kind = "filter"
    if hook.startswith("nat-"):
        kind, hook = "nat", hook[4:]
    declared = "\n".join(line for line in DECLARED.splitlines()
                         if line and re.search(rf"\b{line.split(' {')[0].split()[-1]}\b", rule))
    return (f"table {family} t {{\nchain other {{ counter; }}\n{declared}\n"
            f"chain c {{ type {kind} hook {hook} {where}; policy accept;\n{rule}\n}}\n}}\n")


def main():
    dumper, *folders = sys.argv[1:]
    if not shutil.which("nft"):
        netns.skip("nft is not installed")
    lab = netns.Namespaces("nft-json", ["host"])
    comparison = Comparison(lab, dumper)
    lab.enter("host")
    netns.run("ip", "link", "set", "lo", "up")
    try:
        refused = []
        for line in (HERE / "nft_rules.txt").read_text(encoding="ascii").splitlines():
            if line and not line.startswith("#"):
                problem = comparison.compare(line, "-f", "-", text=ruleset_of(*line.split(" ", 2)))
                if problem is not None:
                    refused.append((line, problem))
        print(f"rules: {comparison.loaded} loaded, {comparison.refused} refused")
        for line, problem in refused:
            print(f"  refused: {line}: {' '.join(problem)}")
        enough = comparison.loaded > 3 * comparison.refused
        for folder in map(pathlib.Path, folders):
            if not folder.is_dir():
                print(f"{folder}: not there")
                continue
            for path in sorted(folder.rglob("*.nft")):
                comparison.compare(path.name, "-f", path.name, folder=path.parent)
        print(f"{comparison.loaded} loaded, {comparison.refused} refused, {comparison.failed} differ, "
              f"{comparison.misprinted} left out, since nft prints other flags than it should")
    finally:
        lab.enter(None)
        comparison.close()
    if not enough:
        netns.skip("this nft or this kernel takes too few of the rules")
    sys.exit(1 if comparison.failed else 0)


if __name__ == "__main__":
    main()
