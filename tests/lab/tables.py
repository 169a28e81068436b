"""Loading rulesets with iptables-restore, into the namespace in which the process is."""
import contextlib
import os
import shutil
import subprocess
import tempfile

import netns

BACKENDS = ("legacy", "nft")
TABLES = ("filter", "nat", "mangle", "raw", "security")


def program(backend, family, what):
    return f"{'iptables' if family == 4 else 'ip6tables'}-{backend}-{what}"


def missing(backend):
    """The first program of a backend that is not installed, or None."""
    for family in (4, 6):
        for what in ("restore", "save"):
            if not shutil.which(program(backend, family, what)):
                return program(backend, family, what)
    return None


@contextlib.contextmanager
def own_lock():
    """The lock of iptables-legacy is one for the whole machine; the lab's namespaces share nothing."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XTABLES_LOCKFILE"] = os.path.join(folder, "xtables.lock")
        yield


def restore(backend, family, text):
    """None, or why the ruleset was refused."""
    done = subprocess.run([program(backend, family, "restore")], input=text, capture_output=True,
                          text=True)
    return None if done.returncode == 0 else " ".join(done.stderr.split()) or "refused"


def load_modules(backend):
    """On a modular kernel: nf_conntrack and its sysctls and files are there after the first rule."""
    rule = "*filter\n-A INPUT -m conntrack --ctstate NEW\nCOMMIT\n"
    for family in (4, 6):
        wrong = restore(backend, family, rule) or restore(backend, family, emptied(["filter"]))
        if wrong:
            netns.skip(f"this kernel takes no rule of conntrack: {wrong}")
    if not os.path.exists("/proc/thread-self/net/nf_conntrack"):
        netns.skip("this kernel has no /proc/net/nf_conntrack (CONFIG_NF_CONNTRACK_PROCFS)")


def saved(backend, family):
    """All tables, as iptables-save prints them."""
    return subprocess.run([program(backend, family, "save")], capture_output=True, text=True,
                          check=True).stdout


def counters(backend, family, table):
    """[(rule, packets)] of a table, in its order."""
    text = subprocess.run([program(backend, family, "save"), "-c", "-t", table], capture_output=True,
                          text=True, check=True).stdout
    found = []
    for line in text.split("\n"):
        if line.startswith("["):
            count, _, rule = line.partition(" ")
            found.append((rule, int(count[1:].split(":")[0])))
    return found


def named_in(text):
    return [table for table in TABLES if f"*{table}\n" in text]


def emptied(tables):
    return "".join(f"*{table}\nCOMMIT\n" for table in tables)
