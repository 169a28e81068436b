"""Is a snapshot what the host is, and as good as the host? In a namespace with rules of legacy iptables,
iptables-nft and nft, an ipset, addresses, a socket that listens and an action of tc: the file has what the
kernel's own files and programs say, fits its schema, and every command answers from it as from --live.
Then rulesets one by one: the audit of an anonymized snapshot differs from that of a plain one in nothing
but names, and no name or comment of the host is left in it.
Usage: snapshot_test.py UNTRACK SCHEMA FOLDER..."""
import collections
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile

import live_test
import netns

# Of the published rulesets every so many, since there are hundreds.
STEP = int(os.environ.get("UNTRACK_SNAPSHOT_STEP", "41"))
NFT = """table inet office {
    set peers { type ipv4_addr; flags interval; elements = { 198.51.100.7-198.51.100.20, 203.0.113.0/28 } }
    map ways { type ifname : verdict; elements = { "eth0" : jump fromoffice, "wg7" : drop } }
    counter seen { }
    chain fromoffice {
        tcp dport 22 ip saddr @peers accept comment "ops desk"
        meta mark 7 jump { ip saddr 198.51.100.9 drop; }
    }
    chain input {
        type filter hook input priority 0; policy drop
        ct state established,related accept
        iifname vmap @ways
        counter name seen log prefix "office drop: "
    }
}
"""
LEGACY = """*filter
:INPUT DROP [0:0]
:office-in - [0:0]
-A INPUT -i eth0 -m state --state NEW -j office-in
-A INPUT -s 192.0.2.0/24 -m set --match-set friends src -j ACCEPT
-A office-in -s 10.1.2.3 -p tcp -m tcp --dport 443 -m comment --comment "the boss" -j ACCEPT
-A office-in -m iprange --src-range 192.0.2.9-192.0.2.40 -j ACCEPT
COMMIT
"""
problems = []


def expect(is_so, what):
    if not is_so:
        problems.append(what)
        print(f"wrong: {what}")


def ask(untrack, *words):
    done = subprocess.run([untrack, *words], capture_output=True, text=True, errors="surrogateescape",
                          timeout=120)
    return done.returncode, done.stdout


def snapshot(untrack, *words):
    done = subprocess.run([untrack, "snapshot", *words], capture_output=True, timeout=60)
    return done.returncode, done.stdout


def pure(text):
    """A report without what tells the two sources apart."""
    return text.replace("live:", "host.json:")


def proc(path):
    return pathlib.Path(path).read_text().strip()


def check_host(untrack, schema, folder):
    live_test.run("ip", "link", "add", "wg7", "type", "veth", "peer", "name", "wg8")
    live_test.run("ip", "address", "add", "192.0.2.77/24", "dev", "wg7")
    live_test.run("ip", "link", "set", "lo", "up")
    live_test.run("ipset", "create", "friends", "hash:net")
    live_test.run("ipset", "add", "friends", "203.0.113.64/26")
    expect(live_test.run("iptables-legacy-restore", text=LEGACY) is not None, "the legacy rules load")
    expect(live_test.run("nft", "-f", "-", text=NFT) is not None, "the rules of nft load")
    has_tc = live_test.run("tc", "actions", "add", "action", "connmark") is not None
    listener = socket.create_server(("127.0.0.1", 4711))
    before = live_test.state_of_kernel()
    status, text = snapshot(untrack, "--entries")
    expect(before == live_test.state_of_kernel(), "making a snapshot changes nothing")
    expect(status == 0, f"a snapshot is made: {status}")
    made = json.loads(text)
    (folder / "host.json").write_bytes(text)
    try:
        import jsonschema
        rules = json.loads(pathlib.Path(schema).read_text())
        validator = jsonschema.Draft202012Validator(rules)
        for error in validator.iter_errors(made):
            expect(False, f"the schema: {error.message}")
        spoiled = dict(made)
        spoiled.pop("not_read")
        expect(not validator.is_valid(spoiled), "the schema sees what is missing")
    except ImportError:
        print("python3-jsonschema is missing: the schema was not looked at")
    texts = {one["name"]: one["text"] for one in made["rules"]}
    expect({"live:ip_tables/filter", "live:nf_tables/inet/office", "live:ip_set"} <= set(texts),
           f"rules of all backends: {sorted(texts)}")
    for name in ("nf_conntrack_max", "nf_conntrack_buckets", "nf_conntrack_tcp_timeout_established"):
        expect(made["settings"].get(f"net.netfilter.{name}") == proc(f"/proc/sys/net/netfilter/{name}"),
               f"the setting {name}")
    expect(made["settings"]["net.ipv4.ip_local_port_range"] ==
           proc("/proc/sys/net/ipv4/ip_local_port_range"), "ip_local_port_range")
    expect(made["host"]["kernel"] == os.uname().release, "the kernel")
    addresses = {one["name"]: one["addresses"] for one in made["interfaces"]}
    expect("192.0.2.77/24" in addresses.get("wg7", []), f"addresses: {addresses}")
    expect({"protocol": "tcp", "address": "127.0.0.1", "port": 4711} in made["listening"],
           f"who listens: {made['listening']}")
    users = {one["what"]: one for one in made["other_users"]}
    expect(users["tc"]["state"] == ("used" if has_tc else "not_used"), f"tc: {users['tc']}")
    listener.close()
    packet = "in tcp 10.1.2.3:40000 > 192.0.2.77:443 syn iif eth0"
    os.chdir(folder)
    for words in (["audit"], ["explain", "--packet", packet], ["rewrite", "--mode", "stateless"],
                  ["rewrite", "--mode", "notrack"]):
        live = ask(untrack, words[0], "--live", *words[1:], "--output", "json")
        filed = ask(untrack, words[0], "host.json", *words[1:], "--output", "json")
        if words == ["audit"]:
            live, filed = [(one[0], json.loads(one[1])) for one in (live, filed)]
            for one in (live[1], filed[1]):  # what only a snapshot tells, and commands that name the input
                for key in ("kernel", "other_users", "not_seen", "shares", "entries", "next"):
                    one.pop(key, None)
            live, filed = [(one[0], json.dumps(one[1])) for one in (live, filed)]
        expect(live[0] == filed[0], f"{words}: ends with {live[0]} live and {filed[0]} from the file")
        expect(pure(live[1]) == filed[1], f"{words}: answers alike")
    expect(ask(untrack, "diff", "--live", "host.json")[0] == 0, "diff sees no difference")
    pressed = json.loads(ask(untrack, "pressure", "host.json", "--output", "json")[1])
    expect(str(pressed["table"]["max"]) == proc("/proc/sys/net/netfilter/nf_conntrack_max"),
           "pressure takes the settings")
    unload = json.loads(ask(untrack, "unload", "host.json", "--output", "json")[1])
    if not made["loads_modules"]:
        expect(any(one.get("kind") == "built_in" for one in unload["holders"]),
               "unload knows that it is built in")


SHOWN = re.compile(r"\d+\.\d+\.\d+\.\d+|\b[0-9a-f]*:[0-9a-f:]*\b")


def answers(report):
    """An audit without names: neither places within lines nor packets are the same."""
    found = [(one["code"], one["severity"], one["location"]["line"], one["families"], one["need"],
              sorted(one["modules"])) for one in report["findings"]]
    verdicts = {family: (one["tracking"], len(one["forced_by"])) for family, one in
                report["verdict"].items()}
    flows = [(one["family"], one["path"], one["need"], sorted(one["exposure"]) if one["exposure"] and
              isinstance(one["exposure"][0], str) else len(one["exposure"]),
              (one["admitted_by"] or {}).get("line")) for one in report["flows"]]
    return {"findings": sorted(found, key=str), "verdict": verdicts, "flows": sorted(flows, key=str),
            "modules": report["modules"] and [one["name"] for one in report["modules"]],
            "not_understood": len(report["not_understood"])}


NAMES = re.compile(r"^:([\w-]+) - |--comment \"([^\"]+)\"|--comment ([\w-]+)|comment \"([^\"]+)\"|"
                   r"prefix \"([^\"]+)\"|^create (\S+) |^\tchain (\S+) \{|^\tset (\S+) \{", re.MULTILINE)
USUAL = re.compile(r"^(input|output|forward|prerouting|postrouting)$", re.IGNORECASE)
ADDRESS = re.compile(r"(?<![\w.:])(\d+\.\d+\.\d+\.\d+)(?![\w.])")
KEPT = re.compile(r"^(0|127|22[4-9]|23\d|24\d|25\d)\.")


def check_names(name, plain, hidden, counts):
    """No name of the plain texts is left, as far as it is no word of the language, too."""
    told = "\n".join(one["text"] for one in plain["rules"])
    kept = "\n".join(one["text"] for one in hidden["rules"])
    for found in NAMES.finditer(told):
        word = next(filter(None, found.groups()))
        counts["names"] += 1
        if len(word) > 3 and not USUAL.match(word) and re.search(
                rf"(?:[-gj@:A] ?|comment \"?|prefix \"|(?:chain|set|jump|goto|create|add) )"
                rf"{re.escape(word)}(?![\w-])", kept):
            expect(False, f"{name}: {word!r} is left")
    old = [one for one in ADDRESS.findall(told) if not KEPT.match(one)]
    new = ADDRESS.findall(kept)
    counts["addresses"] += len(old)
    if len(set(old)) > 4:
        left = set(old) & set(new)
        expect(len(left) < len(set(old)) / 2, f"{name}: addresses that are left: {sorted(left)[:5]}")


def check_anonymized(name, untrack, folder, counts):
    status, plain = snapshot(untrack)
    hidden_status, hidden = snapshot(untrack, "--anonymize")
    if status == 0 and hidden_status == 3:
        counts["refused to anonymize"] += 1
        return
    expect(status == hidden_status == 0, f"{name}: ends with {status} and {hidden_status}")
    if status or hidden_status:
        return
    counts["compared"] += 1
    reports = []
    for file, text in (("plain.json", plain), ("hidden.json", hidden)):
        (folder / file).write_bytes(text)
        reports.append(ask(untrack, "audit", str(folder / file), "--output", "json"))
    check_names(name, json.loads(plain), json.loads(hidden), counts)
    expect(reports[0][0] == reports[1][0], f"{name}: exit status {reports[0][0]}, {reports[1][0]}")
    one, other = (answers(json.loads(text)) for _, text in reports)
    for key, value in one.items():
        if value != other[key]:
            expect(False, f"{name}: {key} differ")
            if isinstance(value, list):
                print("  -", [v for v in value if v not in other[key]][:4])
                print("  +", [v for v in other[key] if v not in value][:4])
            else:
                print("  -", value, "\n  +", other[key])


def sampled(rulesets):
    """All that the tests have of their own, and some of the others."""
    return (one for number, one in enumerate(rulesets) if number % STEP == 0)


def main():
    untrack, schema, *folders = sys.argv[1:]
    folders = [folder.resolve() for folder in map(pathlib.Path, folders) if folder.is_dir()]
    untrack, schema = os.path.abspath(untrack), os.path.abspath(schema)
    if not all(map(shutil.which, ("nft", "iptables-legacy", "ipset"))):
        netns.skip("nft, iptables and ipset are needed")
    lab = netns.Namespaces("snapshot", ["host", "others", "nft"])
    folder = pathlib.Path(tempfile.mkdtemp(prefix="untrack-snapshot-"))
    counts = collections.Counter()
    try:
        lab.enter("host")
        check_host(untrack, schema, folder)
        check_anonymized("the host", untrack, folder, counts)
        lab.enter("others")
        for name, version, text in sampled(live_test.iptables_rulesets(folders)):
            live_test.flush()
            if live_test.run(f"{live_test.TOOLS[version]}-legacy-restore", text=text) is not None:
                check_anonymized(name, untrack, folder, counts)
        lab.enter("nft")
        for name, text, where in sampled(live_test.nft_rulesets(folders)):
            live_test.flush()
            done = subprocess.run(["nft", "-f", "-"], input=text, capture_output=True, text=True,
                                  errors="surrogateescape", cwd=where, timeout=60)
            if done.returncode == 0:
                check_anonymized(name, untrack, folder, counts)
    finally:
        lab.enter(None)
        os.chdir("/")
        shutil.rmtree(folder, ignore_errors=True)
    print(", ".join(f"{count} {what}" for what, count in sorted(counts.items())))
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
