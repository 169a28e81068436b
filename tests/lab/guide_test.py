"""docs/table-full.md, followed word by word on a name server in a network namespace, with the rules of
its example: what reads and what loads is run there, in the order of the page, while a client asks the
server. What writes settings of the machine is not run, but what it writes to must be there.
Usage: guide_test.py UNTRACK"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import netns

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNTRACK = os.path.abspath(sys.argv[1])
HOST, PEER = "192.0.2.53", "192.0.2.20"
SERVER = """
import socket
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("0.0.0.0", 53))
print("ready", flush=True)
while True:
    text, peer = server.recvfrom(512)
    server.sendto(text, peer)
"""
CLIENT = """
import socket, sys
for _ in range(int(sys.argv[2])):
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(1)
    client.connect((sys.argv[1], 53))
    client.send(b"x")
    assert client.recv(16) == b"x"
"""
page = (ROOT / "docs/table-full.md").read_text()
blocks = re.findall(r"^<!-- host: (reads|writes|loads) -->\n```sh\n(.*?)^```", page, re.M | re.S)
assert [kind for kind, _ in blocks] == ["writes", "reads", "writes", "writes", "writes", "reads", "reads", "reads",
                                        "reads", "loads", "loads", "reads", "loads"], "the page has other blocks than this test follows"
assert page.count("```sh\n") == len(blocks), "a block of commands says not what it does"
for tool in ("iptables-restore", "conntrack", "ip"):
    if not any(os.access(os.path.join(d, tool), os.X_OK) for d in os.environ["PATH"].split(":")):
        netns.skip(f"no {tool}")

spaces = netns.Namespaces("guide", ("host", "peer"))
host, peer = spaces.netns("host"), spaces.netns("peer")
netns.run("ip", "link", "add", "v0", "netns", host, "type", "veth", "peer", "name", "v1", "netns", peer)
for space, device, address in ((host, "v0", HOST), (peer, "v1", PEER)):
    netns.run("ip", "-n", space, "address", "add", f"{address}/24", "dev", device)
    netns.run("ip", "-n", space, "link", "set", device, "up")
    netns.run("ip", "-n", space, "link", "set", "lo", "up")


def inside(space, *words, folder=None):
    return subprocess.run(["ip", "netns", "exec", space, *words], capture_output=True, text=True, cwd=folder,
                          env={**os.environ, "PATH": f"{os.path.dirname(UNTRACK)}:{os.environ['PATH']}"})


def ask(times=5):
    done = inside(peer, sys.executable, "-c", CLIENT, HOST, str(times))
    assert done.returncode == 0, f"the name server does not answer:\n{done.stderr}"


def server_pid():
    """Of the name server: `ip netns exec` becomes what it runs."""
    return server.pid


def entries():
    return inside(host, "conntrack", "-L", "-p", "udp", "--dport", "53").stdout.count("\n")


def follow(commands, folder):
    """Its output; fails if a command does, but for those that only look for something."""
    done = inside(host, "bash", "-ec", commands, folder=folder)
    assert done.returncode == 0, f"{commands}\nended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


server = subprocess.Popen(["ip", "netns", "exec", host, sys.executable, "-c", SERVER], stdout=subprocess.PIPE)
try:
    with tempfile.TemporaryDirectory() as folder:
        server.stdout.readline()
        done = inside(host, "iptables-restore", str(ROOT / "samples/dns-server.rules"))
        assert done.returncode == 0, done.stderr
        ask(5)
        assert entries() >= 5, "the example tracks nothing"
        (sizes, expired, timeouts, silent, delete, look, others, keep, write, load, accept, see, back) = (text for _, text in blocks)
        assert re.search(r"^drop=\d+ early_drop=\d+$", follow(look, folder), re.M), "no sums of all processors"
        assert re.search(r"nf_conntrack_count = \d+$", follow(expired, folder), re.M), "no count behind the listing"
        if all(any(os.access(os.path.join(d, tool), os.X_OK) for d in os.environ["PATH"].split(":"))
               for tool in ("lsns", "nsenter")):
            server_space = os.stat(f"/proc/{server_pid()}/ns/net").st_ino
            assert re.search(rf"^{server_space} \d+ .*: \d+$", follow(others, folder), re.M), "the namespace is not told"
        follow(keep, folder)
        for name in ("settings", "entries", "rules.v4", "rules.v6"):
            assert os.path.getsize(os.path.join(folder, name)) > 0 or name == "rules.v6", f"{name} is empty"
        done = inside(host, UNTRACK, "pressure", "rules.v4", "--sysctl", "settings", "--ram", "4G", "--entries",
                      "entries", "--address", f"{HOST}/24", folder=folder)
        assert done.returncode == 0 and "Entries admitted by" in done.stdout, done.stdout + done.stderr

        for text in (sizes, timeouts):
            assert inside(host, "bash", "-nc", text).returncode == 0, text
            for name in re.findall(r"sysctl -w ([\w.]+)=[\d$]", text, re.M):
                assert os.path.exists("/proc/sys/" + name.replace(".", "/")), name
        file, = re.findall(r"^echo \d+ > (\S+)$", sizes, re.M)
        assert os.path.exists(file) or not os.path.isdir("/sys/module/nf_conntrack"), file

        # Of four connections two have been silent for more than the new timeout, with the old one.
        old, = re.findall(r"^old=(\$\(.*\)) new=7440$", timeouts, re.M)
        assert follow(f"printf %s {old}", folder).isdigit(), old
        for port, left in ((1, 431990), (2, 300000), (3, 50000), (4, 5000)):
            netns.run("ip", "netns", "exec", host, "conntrack", "-I", "-p", "tcp", "-s", PEER, "-d", HOST, "--sport",
                      str(port), "--dport", "22", "--state", "ESTABLISHED", "--timeout", str(left), "-u",
                      "SEEN_REPLY,ASSURED")
        # Where the old timeout is not known, or was not much longer, every one of them may be alive.
        for known in ("", "old= new=7440\n", "old=7440 new=7440\n", "old=14880 new=7440\n"):
            assert follow(known + silent, folder).split() == ["0"], f"{known!r} finds silent connections"
        # One that has 5,000 s left of a day has not been silent for two hours less.
        assert follow("old=86400 new=7440\n" + silent, folder).split() == ["1"], "of a timeout of one day"
        assert follow("old=432000 new=7440\n" + silent, folder).split() == ["2"], "other connections are silent"
        follow(delete, folder)
        kept = inside(host, "conntrack", "-L", "-p", "tcp").stdout
        assert sorted(re.findall(r"sport=(\d) ", kept)) == ["1", "4"], kept
        netns.run("ip", "netns", "exec", host, "conntrack", "-D", "-p", "tcp")

        follow(write, folder)
        before = inside(host, "iptables-save").stdout
        # The waiting shell ends with the test; that it puts the rules back is seen with a shorter wait.
        started = time.monotonic()
        load = load.replace("sleep 120", "sleep 3")
        assert "sleep 3;" in load
        follow(load, folder)
        ask()
        assert "--notrack" in inside(host, "iptables-save").stdout
        while "--notrack" in inside(host, "iptables-save").stdout:
            assert time.monotonic() - started < 30, "the old rules do not come back by themselves"
            time.sleep(0.2)
        follow(load, folder)
        follow(accept, folder)
        assert entries() == 0
        time.sleep(4)
        ask(20)
        assert "--notrack" in inside(host, "iptables-save").stdout, "put back although all was well"
        assert entries() == 0, "queries still make entries"
        said = follow(see, folder)
        assert re.search(r"nf_conntrack_count = 0\n0\n", said) and "CT notrack" in said, said
        follow(back, folder)
        ask()
        assert entries() >= 5, "the old rules are not back"
        rules = re.compile(r"^-A .*$", re.M)
        assert rules.findall(inside(host, "iptables-save").stdout) == rules.findall(before)
finally:
    server.kill()
    server.wait()
    spaces.close()
print(f"{len(blocks)} blocks of docs/table-full.md followed: relieved, untracked, seen, and back")
