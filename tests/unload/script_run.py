"""What the unload script does, on a host of stubs, in dash and in busybox sh: order of the calls,
nobody locked out, rollback when not confirmed, refusals that change nothing."""
import shutil
import sys

from world import MODULES, NAT, Checks, World, make_script, need_namespaces, skip

untrack = sys.argv[1]
need_namespaces()
check = Checks()
script = make_script(untrack)
ORDER = ["iptable_nat", "xt_MASQUERADE", "xt_conntrack", "nf_nat", "nf_conntrack"]


def names_of_modules(text):
    return sorted(line.split()[0] for line in text.splitlines())


def nothing_changed(world, status, output, what):
    check(status == 1, f"{what}: exit status 1, not {status}", output)
    check(world.calls() == [], f"{what}: nothing is called that changes anything", output)
    check(world.read("proc/modules") == MODULES, f"{what}: the modules stay", output)
    check("refused: " in output and "nothing was changed" in output, f"{what}: says so", output)


def dry_run(shell):
    world = World(script, shell)
    status, output = world.run("$SH unload.sh")
    check(status == 0, "dry run: exit status 0", output)
    check(world.calls() == [], "dry run: changes nothing", "\n".join(world.calls()))
    shown = [output.find(f"would  remove {name}\n") for name in ORDER]
    check(shown == sorted(shown) and shown[0] > 0, "dry run: shows the order", output)
    check("remove xt_nat" not in output, "dry run: names only what is loaded", output)
    check(not (world.root / "var_lib/untrack-unload").exists(), "dry run: leaves no files", output)


def run_and_confirm(shell, confirmation):
    world = World(script, shell)
    before = world.read("legacy.4.filter")
    status, output = world.run(
        f"$SH unload.sh --run --confirm-within 60 || exit 9\n{confirmation}\n"
        "cat /run/modprobe.d/* 2>/dev/null && echo BLOCK STILL IN RUN\nexit 0")
    calls = world.calls()
    log = output + "\n".join(calls)
    check(status == 0, "run: exit status 0", log)
    opened = [i for i, call in enumerate(calls) if call.endswith(" ACCEPT")]
    closed = [i for i, call in enumerate(calls) if call.endswith(" DROP") and " -P " in call]
    flushed = [i for i, call in enumerate(calls) if " -F" in call]
    check(len(opened) == 2 and len(closed) == 2 and len(flushed) == 1, "run: policies, one flush", log)
    check(opened and flushed and max(opened) < min(flushed), "run: policies are ACCEPT before anything is flushed", log)
    check("policies 0 DROP" in calls, "run: no policy is DROP while tables are flushed", log)
    removed = [call.split()[1] for call in calls if call.startswith("rmmod ")]
    check(removed == ORDER, "run: modules go in order, one at a time", log)
    check("rmmod iptable_nat" in calls and max(closed) < calls.index("rmmod iptable_nat"), "run: policies are back before that", log)
    check(names_of_modules(world.read("proc/modules")) == ["iptable_filter", "nf_defrag_ipv4"],
          "run: the modules are gone, the others stay", log)
    check(world.read("legacy.4.filter") == before, "run: the filter rules are those of before", log)
    block = world.read("etc/modprobe.d/untrack-unload.conf") or ""
    check("blacklist nf_conntrack\ninstall nf_conntrack /bin/false\n" in block,
          "confirmed: blocked for good", log + block)
    check("BLOCK STILL IN RUN" not in output, "confirmed: the transient block is gone", log)
    check("restore" not in "".join(calls), "confirmed: nothing is rolled back", log)


def not_confirmed(shell):
    world = World(script, shell)
    rules = world.read("legacy.4.filter"), world.read("legacy.4.nat")
    status, output = world.run(
        "$SH unload.sh --run --confirm-within 4 || exit 9\n"
        "grep -q nf_conntrack /proc/modules && echo STILL THERE\n"
        "i=0; until grep -qs . /var/lib/untrack-unload/run.*/result; do\n"
        "  sleep 1; i=$((i + 1)); [ $i -lt 40 ] || exit 8; done\n"
        "$SH unload.sh --confirm; echo late $?")
    log = output + "\n".join(world.calls())
    check(status == 0, "not confirmed: the script itself succeeds", log)
    check("STILL THERE" not in output, "not confirmed: it was really unloaded before", log)
    check(names_of_modules(world.read("proc/modules")) == names_of_modules(MODULES),
          "not confirmed: the modules are back", log)
    check((world.read("legacy.4.filter"), world.read("legacy.4.nat")) == rules,
          "not confirmed: rules and policies are back", log)
    check(world.read("etc/modprobe.d/untrack-unload.conf") is None
          and world.read("run/modprobe.d/untrack-unload.conf") is None,
          "not confirmed: no block is left", log)
    check("late 3" in output, "not confirmed: --confirm is told that it is too late", log)


def rollback_after_confirm(shell):
    world = World(script, shell)
    rules = world.read("legacy.4.filter"), world.read("legacy.4.nat")
    status, output = world.run("$SH unload.sh --run && $SH unload.sh --confirm && "
                               "$SH unload.sh --rollback")
    log = output + "\n".join(world.calls())
    check(status == 0, "--rollback: exit status 0", log)
    check(names_of_modules(world.read("proc/modules")) == names_of_modules(MODULES),
          "--rollback: the modules are back", log)
    check((world.read("legacy.4.filter"), world.read("legacy.4.nat")) == rules,
          "--rollback: the rules are back", log)
    check(world.read("etc/modprobe.d/untrack-unload.conf") is None, "--rollback: no block", log)


def rollback_long_after(shell):
    """What was changed since the confirmation is no work of the run: no policy may lock anybody out."""
    world = World(script, shell)
    nat = world.read("legacy.4.nat")
    status, output = world.run(
        "$SH unload.sh --run && $SH unload.sh --confirm && cp legacy.4.filter since && "
        "sed -i -e 's/^:INPUT DROP/:INPUT ACCEPT/' -e '/^-A/d' legacy.4.filter && cp legacy.4.filter since && "
        "$SH unload.sh --rollback")
    log = output + "\n".join(world.calls())
    check(status == 0, "--rollback, rules changed since: exit status 0", log)
    check(world.read("since") != "" and world.read("legacy.4.filter") == world.read("since"),
          "--rollback, rules changed since: they stay", log)
    check("policies" in log and ":INPUT ACCEPT" in world.read("legacy.4.filter"),
          "--rollback, rules changed since: no policy becomes DROP", log)
    check("table filter: changed since" in output, "--rollback, rules changed since: says so", log)
    check(names_of_modules(world.read("proc/modules")) == names_of_modules(MODULES),
          "--rollback, rules changed since: the modules are back", log)
    check(world.read("legacy.4.nat") == nat, "--rollback, rules changed since: nat is back", log)


def failure_in_the_middle(shell):
    world = World(script, shell)
    world.write("busy", "nf_nat\n")
    rules = world.read("legacy.4.filter"), world.read("legacy.4.nat")
    status, output = world.run("$SH unload.sh --run")
    log = output + "\n".join(world.calls())
    check(status == 3, "busy module: rolled back at once, exit status 3", log)
    check(names_of_modules(world.read("proc/modules")) == names_of_modules(MODULES),
          "busy module: those removed before are back", log)
    check((world.read("legacy.4.filter"), world.read("legacy.4.nat")) == rules,
          "busy module: the rules are back", log)


def refusals(shell):
    """Each a small change to the host, and what the refusal has to name."""
    def state_rule(world):
        world.write("legacy.4.filter", world.read("legacy.4.filter").replace(
            "COMMIT", '-A INPUT -m comment --comment "\x1b]0;gotcha\x07$(reboot)" '
            "-m state --state NEW -j ACCEPT\nCOMMIT"))

    def rule_behind_a_newline(world):
        world.write("legacy.4.filter", world.read("legacy.4.filter").replace(
            "COMMIT", '-A INPUT -m comment --comment "a\n-A b" -m state --state NEW -j DROP\nCOMMIT'))

    def notrack(world):
        world.write("legacy.4.nat", NAT.replace("*nat", "*raw").replace("-j LEFT", "-j CT --notrack"))
        world.write("proc/net/ip_tables_names", "nat\n")

    def nft_ct(world):
        world.write("proc/modules", MODULES + "nf_tables 1 0 - Live 0x0\n")
        world.write("nft.ruleset", 'table inet f {\n\tchain c {\n\t\tct state new accept\n\t}\n}\n')

    def nft_nat_chain(world):
        world.write("proc/modules", MODULES + "nf_tables 1 0 - Live 0x0\n")
        world.write("nft.ruleset", "table ip mine {\n\tchain c {\n\t\ttype nat hook prerouting "
                                   "priority 0; policy accept;\n\t}\n}\n")

    def nft_compat(world):
        world.write("proc/modules", MODULES + "nf_tables 1 0 - Live 0x0\n")
        world.write("nft.ruleset", 'table ip f {\n\tchain c {\n\t\txt match "state" drop\n\t}\n}\n')

    def ip6(world):
        world.write("proc/net/ip6_tables_names", "filter\n")
        world.write("legacy.6.filter", "*filter\n:INPUT DROP [0:0]\n"
                                       "-A INPUT -m conntrack --ctstate NEW -j DROP\nCOMMIT\n")

    def count(world):
        world.write("proc/modules", MODULES.replace("xt_conntrack 16384 0", "xt_conntrack 16384 2"))

    def foreign_user(world):
        world.write("proc/modules", MODULES.replace("16384 0 - Live", "16384 1 my_module, Live")
                    + "my_module 1 0 - Live 0x0\n")

    def no_unloading(world):
        world.write("proc/modules", "nf_conntrack 188416 - - Live 0x0\n")

    def namespace(world):
        (world.root / "proc/77/ns").mkdir(parents=True)
        (world.root / "proc/77/ns/net").symlink_to("net:[4026532222]")
        world.write("proc/77/comm", "contain\x1ber\n")

    def boot_rules(world):
        world.write("etc/iptables/rules.v4", "*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n")

    def built_in(world):
        world.write("proc/modules", "")

    def old_kernel(world):
        world.write("kernel", "3.10.0-1160.el7.x86_64\n")

    cases = [
        (state_rule, "-m state --state NEW -j ACCEPT"),
        (rule_behind_a_newline, "-m state --state NEW -j DROP"),
        (notrack, "-j CT --notrack"),
        (nft_ct, "ct state new accept"),
        (nft_nat_chain, "type nat hook prerouting"),
        (nft_compat, 'xt match "state" drop'),
        (ip6, "IPv6, table filter"),
        (count, "xt_conntrack is used 2 times by something that is no module"),
        (foreign_user, "is used by my_module, which this plan does not remove"),
        (no_unloading, "this kernel cannot unload modules"),
        (namespace, "net:[4026532222] process 77 contain?er"),
        (boot_rules, "/etc/iptables/rules.v4 would not load at boot"),
        (built_in, "no hooks are registered"),
        (old_kernel, "4.10 and later"),
    ]
    for change, named in cases:
        for action in ("", "--run"):
            world = World(script, shell)
            change(world)
            modules = world.read("proc/modules")
            status, output = world.run(f"$SH unload.sh {action}")
            what = f"{shell} {change.__name__} {action}"
            check(status == 1, f"{what}: exit status 1, not {status}", output)
            check(world.calls() == [], f"{what}: nothing that changes anything", output)
            check(world.read("proc/modules") == modules, f"{what}: the modules stay", output)
            check(named in output, f"{what}: names {named!r}", output)
            check("nothing was changed" in output, f"{what}: says so", output)
            check("\x1b" not in output and "\x07" not in output,
                  f"{what}: no control character reaches the terminal", output)


def usage(shell):
    world = World(script, shell)
    for arguments in ("--confirm-within 0 --run", "--confirm-within x --run", "--run --confirm-within",
                      "--wrong", "--confirm-within 99999999999"):
        status, output = world.run(f"$SH unload.sh {arguments}")
        check(status == 2, f"{arguments}: exit status 2, not {status}", output)
    for arguments in ("--confirm", "--rollback"):
        status, output = world.run(f"$SH unload.sh {arguments}")
        check(status == 1, f"{arguments} without a run: exit status 1, not {status}", output)
    check(world.calls() == [], "bad usage changes nothing")


for shell in ("dash", "busybox"):
    if not shutil.which(shell):
        skip(f"no {shell} here")
    dry_run(shell)
    run_and_confirm(shell, "$SH unload.sh --confirm || exit 8")
    run_and_confirm(shell, 'for d in /var/lib/untrack-unload/run.*; do touch "$d/confirmed"; done; i=0\n'
                           "until grep -qs . /var/lib/untrack-unload/run.*/result; do\n"
                           "  sleep 1; i=$((i + 1)); [ $i -lt 40 ] || exit 8; done")
    not_confirmed(shell)
    rollback_after_confirm(shell)
    rollback_long_after(shell)
    failure_in_the_middle(shell)
    refusals(shell)
    usage(shell)
check.finish()
