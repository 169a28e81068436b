"""`--live` and `snapshot` on a real modular kernel: no command loads a module or makes a table, whatever is there. One
boot; every check is one line `result: NAME yes|no`."""
import os
import sys

import machine

GUEST = """
U=%s
check() { name=$1; shift; if "$@" >/dev/null 2>&1; then echo "result: $name yes"; else echo "result: $name no"; fi; }
not() { ! "$@"; }
loaded() { grep -q "^$1 " /proc/modules; }
kernel() { cut -d' ' -f1 /proc/modules | sort; cat /proc/net/ip_tables_names /proc/net/ip6_tables_names 2>/dev/null; }
commands() {
  kernel >/tmp/before
  $U audit --live >/tmp/audit 2>&1; status=$?
  $U explain --live --packet 'in tcp 192.0.2.1:40000 > 198.51.100.2:22 syn' >/dev/null 2>&1
  $U pressure --live >/dev/null 2>&1
  $U unload --live >/dev/null 2>&1
  $U rewrite --live --mode notrack >/dev/null 2>&1
  $U diff --live /guest/other.rules >/dev/null 2>&1
  $U verify --live --mode notrack /guest/other.rules >/dev/null 2>&1
  rm -f /tmp/host.json
  $U snapshot -o /tmp/host.json >/tmp/snapshot 2>&1; taken=$?
  kernel >/tmp/after
  diff /tmp/before /tmp/after
}
echo; echo
commands
check nothing_is_there [ $status = 0 ]
check nothing_was_loaded cmp /tmp/before /tmp/after
check snapshot_is_taken [ $taken = 0 ]
check snapshot_tells_what_is_not_there grep -q 'nf_tables is' /tmp/host.json
check nf_tables_is_not_loaded not loaded nf_tables
check nf_tables_is_told grep -q 'nf_tables is' /tmp/audit
cat /tmp/audit
iptables-legacy -A INPUT -p tcp --dport 22 -m comment --comment live -j ACCEPT
commands
check legacy_is_read grep -q 'live:ip_tables/filter' /tmp/audit
check legacy_loads_nothing cmp /tmp/before /tmp/after
check no_nat_table not loaded iptable_nat
check no_ip6_tables not loaded ip6_tables
check no_tracking not loaded nf_conntrack
ip6tables-legacy -A INPUT -m state --state NEW -j ACCEPT
commands
check state_is_found [ $status = 1 ]
check ip6_tables_is_read grep -q 'live:ip6_tables/filter' /tmp/audit
check state_loads_nothing cmp /tmp/before /tmp/after
check no_ip6_nat_table not loaded ip6table_nat
nft add table inet mine
nft add chain inet mine input '{ type filter hook input priority 0; }'
nft add rule inet mine input ct state established accept
iptables-nft -t raw -A PREROUTING -m recent --name x --set
commands
check nft_is_read grep -q 'live:nf_tables/inet/mine' /tmp/audit
check iptables_nft_is_read grep -q 'live:nf_tables/ip/raw' /tmp/audit
check snapshot_of_nft_is_taken [ $taken = 0 ]
check snapshot_holds_nft grep -q 'live:nf_tables/inet/mine' /tmp/host.json
check snapshot_holds_legacy grep -q 'live:ip6_tables/filter' /tmp/host.json
check nft_loads_nothing cmp /tmp/before /tmp/after
check ip_set_is_not_loaded not loaded ip_set
modprobe ip_set
commands
check ip_set_loads_nothing cmp /tmp/before /tmp/after
check ip_set_is_asked grep -q 'ipset: this' /tmp/audit
cat /tmp/audit
"""
OTHER = "*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n"


def main():
    program = os.path.realpath(sys.argv[1])
    guest = GUEST % program
    output = machine.boot({"main.sh": guest, "other.rules": OTHER}, 300, program)
    found = [line.split() for line in output.splitlines() if line.startswith("result: ")]
    expected = sum(line.startswith("check ") for line in guest.splitlines())
    failed = [check for _, check, answer in found if answer != "yes"]
    if failed or len(found) != expected:
        print(output)
    for check in failed:
        print(f"FAILED: {check}")
    print(f"{len(found) - len(failed)} checks passed of {expected}, on 1 boot")
    return 1 if failed or len(found) != expected else 0


if __name__ == "__main__":
    machine.run_test(main)
