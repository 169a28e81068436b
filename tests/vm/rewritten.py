"""The whole way on a real modular kernel: a ruleset with state is loaded, rewritten without it by untrack,
the new one is loaded, and the unload plan's script is run. Packets of another namespace judge whether
filtering still works, and connections opened while the kernel tracked have to live on. Then each reason
to refuse. One boot; every check is one line `result: NAME yes|no`."""
import os
import re
import subprocess
import sys
import tempfile

import machine

LEGACY = """*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -m conntrack --ctstate INVALID -j DROP
-A INPUT -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -j ACCEPT
-A INPUT -p tcp -m tcp --dport 443 -m state --state NEW -j ACCEPT
COMMIT
"""
NFT = """table inet mine {
	chain input {
		type filter hook input priority filter; policy drop;
		iifname "lo" accept
		ct state established,related accept
		ct state invalid drop
		tcp dport { 22, 443 } ct state new accept
	}
	chain output {
		type filter hook output priority filter; policy accept;
	}
}
"""
STATELESS = """*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 23 -j DROP
COMMIT
"""
GUEST = r"""
U=%s
check() { name=$1; shift; if "$@" >/dev/null 2>&1; then echo "result: $name yes"; else echo "result: $name no"; return 1; fi; }
not() { ! "$@"; }
# Everything that stands on nf_conntrack names it in its line or is named in that of nf_conntrack.
tracking() { grep -E '(^| |,)nf_conntrack[, ]' /proc/modules; }
modules() { cut -d' ' -f1,3,4 /proc/modules | sort; }
rules() {
  { nft list ruleset; [ ! -s /proc/net/ip_tables_names ] || iptables-legacy-save -t filter
  } 2>/dev/null | sed -e '/^#/d' -e 's/\[[0-9]*:[0-9]*\]//' -e 's/packets [0-9]* bytes [0-9]*//'
}
# busybox has an ip of its own, which knows no namespaces.
IP=/usr/sbin/ip
peer() { $IP netns exec peer "$@"; }
answers() { timeout 6 "$@" </dev/null 2>/dev/null | grep -q hello; }
filters() {
  check $1_the_service_answers answers $IP netns exec peer nc -w 4 192.0.2.1 22
  check $1_this_host_is_answered answers nc -w 4 192.0.2.2 80
  check $1_another_port_is_closed not answers $IP netns exec peer nc -w 1 192.0.2.1 23
}
load_nft() { { echo flush ruleset; cat; } | nft -f -; }
# $1: a name; $2: port of the server; the rest: who connects to where.
connect() {
  name=$1; port=$2; shift 2
  rm -f /tmp/$name
  # With an end of its input a server would end the connection.
  sleep 200 | nc -l -p $port >/tmp/$name &
  usleep 300000
  { echo one; until [ -e /tmp/go ]; do usleep 200000; done; echo two; usleep 500000; } | "$@" &
  i=0; until grep -q one /tmp/$name || [ $i -gt 20 ]; do usleep 200000; i=$((i + 1)); done
}
two_arrives() { i=0; until grep -q two /tmp/$1; do usleep 200000; i=$((i + 1)); [ $i -lt 25 ] || return 1; done; }
# $1: name; $2: rules with state; $3: how they are loaded; $4: shell; $5: how the run ends.
round() {
  kind=$1; load=$3
  rm -f /tmp/go
  $load </guest/$2
  check ${kind}_tracks tracking
  filters ${kind}_with_state
  connect lo_$kind 7000 nc 127.0.0.1 7000
  connect eth_$kind 443 $IP netns exec peer nc 192.0.2.1 443
  check ${kind}_connections_are_open grep -q one /tmp/lo_$kind /tmp/eth_$kind
  $U rewrite --mode stateless /guest/$2 --to /tmp/new.$kind >/tmp/rewrite 2>&1
  check ${kind}_is_rewritten [ $? = 0 ]
  $load </tmp/new.$kind
  check ${kind}_new_rules_are_loaded [ $? = 0 ]
  rules >/tmp/rules.before
  $U unload /tmp/new.$kind --kernel $(uname -r) --modules /proc/modules --script /tmp/$kind.sh >/tmp/plan 2>&1
  check ${kind}_plan_is_ready [ $? = 0 ]
  $4 /tmp/$kind.sh --run --ignore-namespaces --confirm-within $6 >/tmp/run 2>&1
  check ${kind}_run_succeeds [ $? = 0 ] || cat /tmp/plan /tmp/run
  check ${kind}_everything_is_gone not tracking
  filters ${kind}_without_state
  touch /tmp/go
  check ${kind}_connection_on_lo_lives_on two_arrives lo_$kind
  check ${kind}_connection_from_outside_lives_on two_arrives eth_$kind
  $5 $4 /tmp/$kind.sh
  check ${kind}_is_rolled_back grep -q rolled-back $(cat /var/lib/untrack-unload/current)/result
  rules >/tmp/rules.after
  check ${kind}_rules_are_those_of_before cmp /tmp/rules.before /tmp/rules.after
  check ${kind}_tracking_is_back tracking
  nft flush ruleset 2>/dev/null; iptables-legacy -P INPUT ACCEPT; iptables-legacy -F
}
by_hand() { "$@" --rollback >/dev/null 2>&1; }
by_the_timer() {
  i=0; until [ -s $(cat /var/lib/untrack-unload/current)/result ] || [ $i -gt 60 ]; do sleep 1; i=$((i + 1)); done
}
# $1: name; $2: what the refusal says; the rest: options of the script.
refusal() {
  case=$1; words=$2; shift 2
  modules >/tmp/modules.before; rules >/tmp/rules.before
  dash /guest/unload.sh --run "$@" >/tmp/refusal 2>&1
  check ${case}_is_refused [ $? = 1 ]
  check ${case}_is_named grep -q -e "$words" /tmp/refusal || cat /tmp/refusal
  modules >/tmp/modules.after; rules >/tmp/rules.after
  check ${case}_changed_no_module cmp /tmp/modules.before /tmp/modules.after
  check ${case}_changed_no_rule cmp /tmp/rules.before /tmp/rules.after
  check ${case}_blocks_nothing not ls /run/modprobe.d/untrack-unload.conf /etc/modprobe.d/untrack-unload.conf
}
echo; echo
$IP netns add peer
$IP link add eth0 type veth peer name eth0 netns peer
$IP addr add 192.0.2.1/24 dev eth0; $IP link set eth0 up
peer $IP addr add 192.0.2.2/24 dev eth0; peer $IP link set eth0 up; peer $IP link set lo up
printf '#!/bin/sh\necho hello\n' >/tmp/hello; chmod +x /tmp/hello
nc -ll -p 22 -e /tmp/hello & nc -ll -p 23 -e /tmp/hello & peer nc -ll -p 80 -e /tmp/hello &
check no_tracking_at_the_start not tracking
round legacy legacy.rules iptables-legacy-restore dash by_hand 100
round iptables_nft legacy.rules iptables-nft-restore 'busybox sh' by_hand 100
round nft mine.nft load_nft dash by_the_timer 12
peer iptables-legacy -A INPUT -m state --state NEW -j ACCEPT
refusal namespace 'other network namespaces'
refusal use_by_another_namespace 'is used .* times by something that is no module' --ignore-namespaces
peer iptables-legacy -F
peer nft -f /guest/mine.nft
refusal use_by_nft_elsewhere 'nft_ct is used .* times by something that is no module' --ignore-namespaces
peer nft flush ruleset
nft -f /guest/mine.nft
refusal nft_here 'nft: these lines hold conntrack' --ignore-namespaces
nft flush ruleset
iptables-nft -A INPUT -m conntrack --ctstate NEW -j ACCEPT
refusal iptables_nft_here "(iptables-nft): these rules hold" --ignore-namespaces
nft flush ruleset
dash /guest/unload.sh --run --ignore-namespaces --confirm-within 100 >/tmp/run 2>&1
check nothing_is_left_to_refuse [ $? = 0 ] || cat /tmp/run
check all_is_gone_at_the_end not tracking
"""


KINDS = ("legacy", "iptables_nft", "nft")
REFUSALS = ("namespace", "use_by_another_namespace", "use_by_nft_elsewhere", "nft_here",
            "iptables_nft_here")


def expected_checks():
    """Every name that the guest has to report: a loop that was not gone through is a failure."""
    names = set(re.findall(r"^ *check ([a-z_]+) ", GUEST, re.MULTILINE))
    for kind in KINDS:
        for name in re.findall(r"^ *check \$\{kind\}_(\w+) ", GUEST, re.MULTILINE):
            names.add(f"{kind}_{name}")
        for name in re.findall(r"^ *check \$1_(\w+) ", GUEST, re.MULTILINE):
            names |= {f"{kind}_{state}_state_{name}" for state in ("with", "without")}
    for refusal in REFUSALS:
        for name in re.findall(r"^ *check \$\{case\}_(\w+) ", GUEST, re.MULTILINE):
            names.add(f"{refusal}_{name}")
    return names


def main():
    program = os.path.realpath(sys.argv[1])
    with tempfile.NamedTemporaryFile("w", suffix=".rules") as file:
        file.write(STATELESS)
        file.flush()
        script = subprocess.run([program, "unload", file.name, "--kernel", "6.1", "--print-script"],
                                capture_output=True, text=True).stdout
    output = machine.boot({"main.sh": GUEST.replace("%s", program, 1), "unload.sh": script,
                           "legacy.rules": LEGACY, "mine.nft": NFT}, 200, program)
    found = dict(re.findall(r"^result: (\w+) (yes|no)$", output, re.MULTILINE))
    expected = expected_checks()
    failed = sorted(name for name in expected | found.keys() if found.get(name) != "yes")
    if failed:
        print(output)
    for name in failed:
        print(f"FAILED: {name}" + ("" if name in found else " (not reached)"))
    print(f"{len(expected) - len(failed)} checks passed of {len(expected)}, on 1 boot")
    return 1 if failed else 0


if __name__ == "__main__":
    machine.run_test(main)
