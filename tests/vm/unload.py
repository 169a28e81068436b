"""The unload script on a real modular kernel: refusal while rules need tracking, removal, confirmation,
and rollback when nobody confirms. Two boots; every check is one line `result: NAME yes|no`."""
import shutil
import subprocess
import sys
import tempfile

import machine

STATEFUL = """*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -o eth0 -j MASQUERADE
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
"""
STATELESS = """*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p udp -m udp --sport 53 --dport 32768:60999 -j ACCEPT
COMMIT
"""
# The nat table is left as a host has it after its NAT rules were deleted: with a chain, and a rule that
# translates nothing. Both backends hold one, and both address families have rules.
LEFT_OVER = """
for tool in iptables-legacy iptables-nft; do
  $tool -t nat -N LEFT; $tool -t nat -A PREROUTING -j LEFT
done
ip6tables-legacy -P FORWARD DROP
"""
LIBRARY = """
check() { name=$1; shift; if "$@" >/dev/null 2>&1; then echo "result: $name yes"; else echo "result: $name no"; fi; }
loaded() { grep -q "^$1 " /proc/modules; }
not() { ! "$@"; }
any_conntrack() { grep -qE '^(nf_conntrack|nf_nat|xt_conntrack|xt_MASQUERADE|iptable_nat|ip6table_nat|nft_chain_nat|nft_ct|xt_nat) ' /proc/modules; }
rules() {
  { for n in filter nat; do iptables-legacy-save -t $n; done; ip6tables-legacy-save -t filter; iptables-nft-save; ip6tables-nft-save
  } 2>/dev/null | sed -e '/^#/d' -e 's/\\[[0-9]*:[0-9]*\\]//'
}
filter_rules() { iptables-legacy-save -t filter | sed -e '/^#/d' -e 's/\\[[0-9]*:[0-9]*\\]//'; }
modules() { cut -d' ' -f1 /proc/modules | grep -E 'conntrack|nat|MASQ|nft_ct' | sort; }
mkdir -p /etc/modprobe.d
echo; echo
"""
CONFIRMED = LIBRARY + """
iptables-legacy-restore </guest/stateful.rules
check tracking_is_loaded any_conntrack
$SH /guest/unload.sh --run >/tmp/refusal 2>&1; status=$?
cat /tmp/refusal
check refuses_while_rules_need_tracking [ $status = 1 ]
check refusal_names_state grep -q -- '-m state --state RELATED,ESTABLISHED' /tmp/refusal
check refusal_names_masquerade grep -q -- '-j MASQUERADE' /tmp/refusal
check refusal_changed_nothing any_conntrack
iptables-legacy-restore </guest/stateless.rules; iptables-legacy -t nat -F
iptables-legacy -t nat -X
""" + LEFT_OVER + """
filter_rules >/tmp/before
cut -d' ' -f1-4 /proc/modules
$SH /guest/unload.sh; check dry_run_finds_nothing_against_it [ $? = 0 ]
check dry_run_changed_nothing any_conntrack
$SH /guest/unload.sh --run --confirm-within 60; check run_succeeds [ $? = 0 ]
check everything_is_gone not any_conntrack
filter_rules >/tmp/after
check filter_rules_are_those_of_before cmp /tmp/before /tmp/after
# busybox has a modprobe of its own, which does not read /run/modprobe.d
check blocked_already not /usr/sbin/modprobe nf_conntrack
$SH /guest/unload.sh --confirm; check confirm_succeeds [ $? = 0 ]
check block_is_persistent grep -q '^install nf_conntrack /bin/false' /etc/modprobe.d/untrack-unload.conf
check a_state_rule_no_longer_loads not iptables-legacy -A INPUT -m state --state NEW -j ACCEPT
iptables-legacy -t nat -S
check listing_nat_does_not_bring_it_back not any_conntrack
filter_rules >/tmp/after
check filter_rules_stay cmp /tmp/before /tmp/after
$SH /guest/unload.sh --rollback; check rollback_after_confirm [ $? = 0 ]
check tracking_is_back any_conntrack
check block_is_gone not [ -e /etc/modprobe.d/untrack-unload.conf ]
"""
NOT_CONFIRMED = LIBRARY + """
iptables-legacy-restore </guest/stateful.rules
iptables-legacy-restore </guest/stateless.rules; iptables-legacy -t nat -F
iptables-legacy -t nat -X
""" + LEFT_OVER + """
rules >/tmp/before; modules >/tmp/modules.before
$SH /guest/unload.sh --run --confirm-within 15; check run_succeeds [ $? = 0 ]
check everything_is_gone not any_conntrack
i=0; until cat /var/lib/untrack-unload/run.*/result 2>/dev/null; do sleep 1; i=$((i + 1)); [ $i -lt 60 ] || break; done
cat /var/lib/untrack-unload/run.*/timer.log
check rolled_back grep -q rolled-back /var/lib/untrack-unload/run.*/result
rules >/tmp/after; modules >/tmp/modules.after
check rules_and_policies_are_back cmp /tmp/before /tmp/after
check modules_are_back cmp /tmp/modules.before /tmp/modules.after
check no_block_is_left not ls /etc/modprobe.d/untrack-unload.conf /run/modprobe.d/untrack-unload.conf
check tracking_can_be_loaded_again iptables-legacy -A INPUT -m state --state NEW -j ACCEPT
diff /tmp/before /tmp/after; diff /tmp/modules.before /tmp/modules.after
"""


def make_script(untrack):
    with tempfile.NamedTemporaryFile("w", suffix=".rules") as file:
        file.write(STATELESS)
        file.flush()
        return subprocess.run([untrack, "unload", file.name, "--kernel", "6.1", "--print-script"],
                              capture_output=True, text=True).stdout


def main():
    script = make_script(sys.argv[1])
    results = {}
    for name, shell, guest in (("confirmed", "dash", CONFIRMED),
                               ("not_confirmed", "busybox sh", NOT_CONFIRMED)):
        files = {"main.sh": f"SH='{shell}'\n{guest}", "unload.sh": script,
                 "stateful.rules": STATEFUL, "stateless.rules": STATELESS}
        output = machine.boot(files, 100)
        found = [line.split() for line in output.splitlines() if line.startswith("result: ")]
        expected = sum(line.count("check ") - line.count("check()") for line in guest.splitlines()
                       if not line.startswith("check()"))
        results.update({f"{name}: {check}": answer for _, check, answer in found})
        if len(found) != expected or any(answer != "yes" for _, _, answer in found):
            print(output)
        if len(found) != expected:
            results[f"{name}: {expected} checks expected, {len(found)} seen"] = "no"
    failed = [check for check, answer in results.items() if answer != "yes"]
    for check in failed:
        print(f"FAILED: {check}")
    print(f"{len(results) - len(failed)} checks passed, {len(failed)} failed, on 2 boots")
    return 1 if failed else 0


if __name__ == "__main__":
    machine.run_test(main)
