"""Network namespaces of a test, and questions to the kernel inside them. Made for the lab tests: three
namespaces in a row (client, firewall, server), joined by veth pairs, with IPv4 and IPv6. Everything
made here is deleted on every way out; names carry the test's name and process id, so that tests may
run side by side."""
import atexit
import ctypes
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys

SKIP = 77  # ctest's SKIP_RETURN_CODE
CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def skip(reason):
    """Ends the test as skipped, or as failed where UNTRACK_LAB=required asks for the kernel."""
    required = os.environ.get("UNTRACK_LAB") == "required"
    print(f"{'failed, since UNTRACK_LAB=required' if required else 'skipped'}: {reason}", flush=True)
    sys.exit(1 if required else SKIP)


def run(*words, text=None, check=True):
    done = subprocess.run(words, input=text, capture_output=True, text=True)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()}")
    return done


class Namespaces:
    """Namespaces of a test, without links. The process itself is in the namespace `name` after
    `enter(name)`; sockets keep the namespace in which they were made."""

    def __init__(self, test, names):
        if os.geteuid() != 0:
            skip("network namespaces need root")
        if not shutil.which("ip"):
            skip("iproute2 is not installed")
        self.prefix = f"untrack-{test}-{os.getpid()}"
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY)
        self.made = []
        atexit.register(self.close)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: sys.exit(1))
        for name in names:
            done = run("ip", "netns", "add", self.netns(name), check=False)
            if done.returncode:
                skip(f"no network namespace can be made: {done.stderr.strip()}")
            self.made.append(name)

    def netns(self, name):
        return f"{self.prefix}-{name}"

    def enter(self, name):
        """Moves this process into a namespace; None: back to where it started."""
        descriptor = self.home if name is None else os.open(f"/run/netns/{self.netns(name)}", os.O_RDONLY)
        try:
            if libc.setns(descriptor, CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
        finally:
            if name is not None:
                os.close(descriptor)

    def close(self):
        self.enter(None)
        for name in self.made:
            subprocess.run(["ip", "netns", "del", self.netns(name)], check=False)
        self.made = []


class Lab(Namespaces):
    """client -- firewall -- server."""

    names = ("client", "firewall", "server")
    addresses = {
        "client": {4: "10.98.1.1", 6: "fd98:1::1"},
        "firewall": {4: "10.98.1.2", 6: "fd98:1::2"},
        "server": {4: "10.98.2.1", 6: "fd98:2::1"},
    }

    def __init__(self, test):
        super().__init__(test, self.names)
        self.link("client", "firewall", "c", 1)
        self.link("server", "firewall", "s", 2)
        for side, net in (("client", 1), ("server", 2)):
            for v, default in ((4, f"10.98.{net}.2"), (6, f"fd98:{net}::2")):
                run("ip", "-n", self.netns(side), f"-{v}", "route", "add", "default", "via", default)

    def link(self, side, firewall, letter, net):
        """A veth pair; .1 is the side's address, .2 the firewall's."""
        run("ip", "link", "add", f"{letter}0", "netns", self.netns(side), "type", "veth",
            "peer", "name", f"{letter}1", "netns", self.netns(firewall))
        for name, device, host in ((side, f"{letter}0", 1), (firewall, f"{letter}1", 2)):
            self.enter(name)
            for path, value in (("ipv4/ip_forward", 1), ("ipv6/conf/all/forwarding", 1),
                                ("ipv4/conf/all/rp_filter", 0),
                                (f"ipv4/conf/{device}/rp_filter", 0),
                                ("ipv6/conf/all/accept_dad", 0),
                                (f"ipv6/conf/{device}/accept_dad", 0),
                                (f"ipv6/conf/{device}/dad_transmits", 0)):
                with open(f"/proc/sys/net/{path}", "w", encoding="ascii") as file:
                    file.write(str(value))
            self.enter(None)
            netns = self.netns(name)
            run("ip", "-n", netns, "link", "set", "lo", "up")
            run("ip", "-n", netns, "link", "set", device, "up")
            run("ip", "-n", netns, "addr", "add", f"10.98.{net}.{host}/24", "dev", device)
            run("ip", "-n", netns, "addr", "add", f"fd98:{net}::{host}/64", "dev", device, "nodad")


# Netlink: just enough of it for objects whose programs (nfacct, nfct) are rarely installed.

def attribute(kind, value):
    data = struct.pack("=HH", 4 + len(value), kind) + value
    return data + b"\0" * (-len(data) % 4)


def nfnetlink(subsystem, message, flags=0, attributes=b""):
    """Sends one request of nfnetlink and returns the errno of the answer."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12) as netlink:  # NETLINK_NETFILTER
        body = struct.pack("=BBH", socket.AF_UNSPEC, 0, 0) + attributes
        kind = subsystem << 8 | message
        netlink.send(struct.pack("=IHHII", 16 + len(body), kind, 0x5 | flags, 1, 0) + body)
        answer = netlink.recv(65536)
    return -struct.unpack_from("=i", answer, 16)[0]


def batch(subsystem, message, family, attributes):
    """Sends one request of nfnetlink that changes something, as nf_tables wants it; 0, or the errno."""
    def one(kind, flags, number, body):
        return struct.pack("=IHHII", 16 + len(body), kind, flags, number, 0) + body
    frame = struct.pack(">BBH", 0, 0, subsystem)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12) as netlink:
        netlink.settimeout(5)
        netlink.send(one(0x10, 1, 1, frame) +
                     one(subsystem << 8 | message, 0xc05, 2,
                         struct.pack("=BBH", family, 0, 0) + attributes) +
                     one(0x11, 1, 3, frame))
        answer = netlink.recv(65536)
    return -struct.unpack_from("=i", answer, 16)[0]


def add_inner_rule(table, chain):
    """An expression of Linux 6.2 that looks into a VXLAN, which nft 1.0.6 and libnftnl 1.2.4 do not
    know; into a chain of ip."""
    def number(kind, value):
        return attribute(kind, struct.pack(">I", value))
    look = attribute(1, b"payload\0") + attribute(
        0x8002, number(1, 1) + number(2, 1) + number(3, 12) + number(4, 4))
    inner = attribute(1, b"inner\0") + attribute(
        0x8002, number(1, 0) + number(2, 1) + number(3, 0xf) + number(4, 8) + attribute(0x8005, look))
    return batch(10, 6, 2, attribute(1, table.encode() + b"\0") + attribute(2, chain.encode() + b"\0") +
                 attribute(0x8004, attribute(0x8001, inner)))


def flush_conntrack():
    """As `conntrack -F`; does not itself turn tracking on."""
    return nfnetlink(1, 2)  # NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_DELETE


def make_accounting_object(name):
    return nfnetlink(7, 0, 0x600, attribute(1, name.encode() + b"\0"))  # NFNL_MSG_ACCT_NEW


def make_timeout_policy(name, family):
    """For UDP: unreplied entries live ten seconds."""
    number = struct.pack(">H", socket.AF_INET if family == 4 else socket.AF_INET6)
    nested = attribute(1, struct.pack(">I", 10))
    return nfnetlink(8, 0, 0x600, attribute(1, name.encode() + b"\0") + attribute(2, number) +
                     attribute(3, b"\x11") + attribute(4 | 0x8000, nested))
