// table
#include "rewriter/unload/script_library.hpp"

namespace untrack {

// The parts of the script that are the same in every plan. POSIX sh with tr, awk, sed, grep, sort,
// mktemp and readlink as busybox has them; no `local`, no arrays, no process substitution.
// Conventions: a check returns 0 (go on), 3 (nothing to do) or anything else (refuse); what may
// hold text from rules or programs goes through printable().
std::string_view script_library() {
  return R"sh(
say() { printf '%s\n' "$*"; }
complain() { printf 'unload: %s\n' "$*" >&2; }
refuse() {
  refusals=$((refusals + 1))
  printf 'refused: %s\n' "$*"
}

# Rules and process names may hold anything: only printable ASCII reaches the terminal.
printable() { LC_ALL=C tr -c '\11\12\40-\176' '?'; }

usage() {
  cat <<'END'
usage: sh unload.sh                      say what would be done, after all checks; changes nothing
       sh unload.sh --run [--confirm-within SECONDS]
                                         do it; roll back unless confirmed in time (default: 120)
       sh unload.sh --confirm            keep it, also after the next boot
       sh unload.sh --rollback           put back rules, policies, modules; also after --confirm
options: --ignore-namespaces   go on although there are other network namespaces
         --ignore-boot-rules   go on although rules loaded at boot need tracking
exit status: 0 done, or nothing speaks against it; 1 refused, nothing was changed; 2 bad usage;
             3 rolled back; 4 the rollback was not complete
END
}

# --- modules

loaded_modules() { cat /proc/modules 2>/dev/null; }
is_loaded() { loaded_modules | awk -v name="$1" '$1 == name { found = 1 } END { exit !found }'; }
use_count() { loaded_modules | awk -v name="$1" '$1 == name { print $3 }'; }

# 0: loaded and used by nothing, 3: not loaded.
is_unused() {
  is_loaded "$1" || return 3
  [ "$(use_count "$1")" = 0 ] && return 0
  complain "$1 is in use: $(loaded_modules | awk -v name="$1" '$1 == name { print $3, $4 }')"
  return 1
}

is_built_in() {
  is_loaded "$1" && return 1
  grep -q "/$1[.]ko" "/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null && return 0
  [ -d "/sys/module/$1" ] && [ ! -e "/sys/module/$1/initstate" ]
}

tracking_is_built_in() {
  for core in $cores; do
    is_loaded "$core" && return 1
  done
  for core in $cores; do
    is_built_in "$core" && return 0
  done
  [ -e /proc/sys/net/netfilter/nf_conntrack_max ] || [ -e /proc/sys/net/ipv4/ip_conntrack_max ]
}

# Modules of the plan that something else uses: modules that the plan does not remove, or what is no
# module at all (rules of another namespace or backend, tc actions, sockets).
held_modules() {
  loaded_modules | awk -v planned=" $modules " -v flushed=" $(flushed_modules | tr '\n' ' ') " '
    index(planned, " " $1 " ") {
      if ($3 == "-") { print $1 ": this kernel cannot unload modules"; next }
      if (index($4, "[permanent]")) { print $1 " can never be unloaded (it has no exit)"; next }
      known = 0
      count = split($4, user, ",")
      for (i = 1; i <= count; i++) {
        if (user[i] == "" || user[i] == "-") continue
        known++
        if (!index(planned, " " user[i] " "))
          print $1 " is used by " user[i] ", which this plan does not remove"
      }
      extra = $3 - known
      if (extra > 0 && !index(flushed, " " $1 " "))
        print $1 " is used " extra " times by something that is no module"
    }'
}

# Modules whose uses go in the step flush-nat: the base chains of an nft nat table hold nft_chain_nat;
# a legacy nat table holds its module as long as there are more rules or chains than at its start.
flushed_modules() {
  case $(nat_tables) in
    *nft*) echo "nft_chain_nat nft_chain_nat_ipv4 nft_chain_nat_ipv6" ;;
  esac
  case $(nat_tables) in
    *legacy*) echo "iptable_nat ip6table_nat" ;;
  esac
}

write_block() {
  mkdir -p "${1%/*}" || return 1
  {
    echo "# Written by unload.sh: keeps connection tracking from being loaded again."
    echo "# Removed by: sh unload.sh --rollback"
    for name in $blocked; do
      echo "blacklist $name"
      echo "install $name /bin/false"
    done
  } >"$1.new" && chmod 644 "$1.new" && mv "$1.new" "$1"
}

# --- rules

# `iptables -t nat -S` would load iptable_nat: only tables that are already there are ever named.
legacy_tables() {
  case $1 in
    4) names=/proc/net/ip_tables_names ;;
    *) names=/proc/net/ip6_tables_names ;;
  esac
  [ ! -r "$names" ] || sort "$names"
}

nft_is_there() { is_loaded nf_tables || is_built_in nf_tables; }

# The command for one backend: iptables-legacy, or iptables where that is the legacy one.
tool_for() {
  if command -v "$1-$2-save" >/dev/null 2>&1; then
    echo "$1-$2"
    return 0
  fi
  command -v "$1-save" >/dev/null 2>&1 || return 1
  case $("$1" -V 2>/dev/null </dev/null) in
    *nf_tables*) kind=nft ;;
    *) kind=legacy ;;
  esac
  [ "$kind" = "$2" ] && echo "$1"
}

# Lines `BACKEND FAMILY TOOL`.
tools() {
  for family in 4 6; do
    case $family in
      4) base=iptables ;;
      *) base=ip6tables ;;
    esac
    for backend in legacy nft; do
      tool=$(tool_for "$base" "$backend") && echo "$backend $family $tool"
    done
  done
}

# Lines `BACKEND FAMILY TOOL TABLE`, for the tables that exist.
tables() {
  tools | while read -r backend family tool; do
    case $backend in
      legacy) legacy_tables "$family" ;;
      *) if nft_is_there; then "$tool-save" 2>/dev/null </dev/null | sed -n 's/^\*\([a-z]*\).*$/\1/p'; fi ;;
    esac | while read -r table; do
      echo "$backend $family $tool $table"
    done
  done
}

nat_tables() { tables | awk '$4 == "nat"'; }
save_table() { "$1-save" -c -t "$2" 2>/dev/null </dev/null; }

# iptables-save text on standard input; prints the rules that hold conntrack, and whatever cannot be
# read for certain (a comment may hold a newline: its second line could hide a rule).
# $1: 1 if a nat table holds it too.
holding_rules() {
  awk -v matches=" $holding_matches " -v targets=" $holding_targets " -v nat="$1" '
    /^#/ || /^COMMIT/ || /^:/ || /^[ \t]*$/ { next }
    /^\*/ { if (nat && $1 == "*nat") print NR ": " $0; next }
    {
      line = $0
      gsub(/"([^"\\]|\\.)*"/, "Q", line)
      gsub(/\047[^\047]*\047/, "Q", line)
      sub(/^[ \t]+/, "", line)
      sub(/^\[[0-9]+:[0-9]+\] */, "", line)
      holds = line !~ /^-/ || index(line, "\"") || line ~ /\\$/
      count = split(line, word, " ")
      for (i = 1; i <= count; i++) {
        name = word[i + 1]
        if (word[i] ~ /^-[mjg]./) { name = substr(word[i], 3); word[i] = substr(word[i], 1, 2) }
        sub(/=.*$/, "", name)
        if (word[i] == "-m" || word[i] ~ /^--mat/) holds = holds || index(matches, " " name " ")
        if (word[i] == "-j" || word[i] ~ /^--j/) holds = holds || index(targets, " " name " ")
        if (word[i] ~ /^--(match|jump)=/) holds = 1
        if (nat && word[i] == "-t" && name == "nat") holds = 1
      }
      if (holds) print NR ": " $0
    }'
}

# `nft list ruleset` or an nft file on standard input. The nat tables that iptables-nft made are
# flushed by this script; any other chain of type nat holds nft_chain_nat.
# $1: 1 if those of iptables-nft hold it too.
holding_nft() {
  awk -v names=" $holding_matches $holding_targets " -v nat="$1" '
    BEGIN {
      count = split("ct masquerade snat dnat synproxy notrack flow flowtable include", list, " ")
      for (i = 1; i <= count; i++) holding[list[i]] = 1
    }
    /^table / { table = $2 " " $3 }
    {
      line = $0
      holds = 0
      rest = line
      while (match(rest, /xt (match|target) "[^"]*"/)) {
        name = substr(rest, RSTART, RLENGTH)
        rest = substr(rest, RSTART + RLENGTH)
        sub(/^xt (match|target) "/, "", name)
        sub(/"$/, "", name)
        if (index(names, " " name " ")) holds = 1
      }
      gsub(/"[^"]*"/, "Q", line)
      sub(/#.*$/, "", line)
      if (index(line, "\"")) holds = 1
      gsub(/[{}();,]/, " ", line)
      count = split(line, word, " ")
      for (i = 1; i <= count; i++) {
        if (word[i] in holding) holds = 1
        if (word[i] == "redirect" && word[i - 1] != "type") holds = 1
        if (word[i] == "type" && word[i + 1] == "nat" && (nat || table !~ /^ip6? nat$/)) holds = 1
      }
      if (holds) print NR ": " $0
    }'
}

check_modular() {
  tracking_is_built_in || return 0
  refuse "connection tracking is built into this kernel and cannot be unloaded.
  What can be reached is that no hooks are registered, so that no packet is tracked: that is so
  as soon as no rule in any network namespace needs tracking (see the other checks)."
}

check_counts() {
  found=$(held_modules | printable)
  [ -z "$found" ] || refuse "modules in use:
$found"
}

# Prints what of the running rules holds conntrack; refuses what cannot be read.
check_running_rules() {
  for family in 4 6; do
    if [ -n "$(legacy_tables "$family")" ] && ! tools | grep -q "^legacy $family "; then
      refuse "IPv$family: legacy iptables tables are loaded, and there is no tool to read them"
    fi
  done
  list=$(tables)
  while read -r backend family tool table <&3; do
    [ -n "$table" ] || continue
    if ! text=$(save_table "$tool" "$table"); then
      refuse "IPv$family: $tool-save -t $table failed"
      continue
    fi
    found=$(printf '%s\n' "$text" | holding_rules 0 | printable)
    [ -z "$found" ] || refuse "IPv$family, table $table ($tool): these rules hold conntrack:
$found"
  done 3<<END
$list
END
  nft_is_there || return 0
  if ! command -v nft >/dev/null 2>&1; then
    say "note: there is no nft here; what native nft tables hold is seen in the use counts only"
    return 0
  fi
  if ! text=$(nft list ruleset 2>/dev/null </dev/null); then
    refuse "nft list ruleset failed"
    return 0
  fi
  found=$(printf '%s\n' "$text" | holding_nft 0 | printable)
  [ -z "$found" ] || refuse "nft: these lines hold conntrack:
$found"
}

# With the modules blocked, a rules file that needs one of them would fail as a whole at boot, and
# leave the host without a firewall.
check_boot_rules() {
  for file in /etc/iptables/rules.v4 /etc/iptables/rules.v6 /etc/iptables.rules \
    /etc/iptables.up.rules /etc/ip6tables.rules /etc/ip6tables.up.rules /etc/sysconfig/iptables \
    /etc/sysconfig/ip6tables /etc/iptables/iptables.rules /etc/iptables/ip6tables.rules \
    /var/lib/iptables/rules-save /var/lib/ip6tables/rules-save; do
    [ -r "$file" ] || continue
    found=$(holding_rules 1 <"$file" | printable)
    [ -z "$found" ] || boot_refusal "$file" "$found"
  done
  for file in /etc/nftables.conf /etc/nftables.nft /etc/sysconfig/nftables.conf; do
    [ -r "$file" ] || continue
    found=$(holding_nft 1 <"$file" | printable)
    [ -z "$found" ] || boot_refusal "$file" "$found"
  done
  if grep -qi '^ENABLED=yes' /etc/ufw/ufw.conf 2>/dev/null; then
    for file in /etc/ufw/before.rules /etc/ufw/before6.rules /etc/ufw/after.rules \
      /etc/ufw/after6.rules /etc/ufw/user.rules /etc/ufw/user6.rules; do
      [ -r "$file" ] || continue
      found=$(holding_rules 1 <"$file" | printable)
      [ -z "$found" ] || boot_refusal "$file" "$found"
    done
  fi
}
boot_refusal() {
  if [ "$ignore_boot_rules" = 1 ]; then
    say "note: $1 needs the modules that are going to be blocked, and will not load at boot"
  else
    refuse "$1 would not load at boot (--ignore-boot-rules: go on all the same):
$2"
  fi
}

# --- other network namespaces: their rules hold the same modules, and are not seen from here

other_namespaces() {
  own=$(readlink /proc/self/ns/net 2>/dev/null) || return 0
  {
    for link in /proc/[0-9]*/ns/net; do
      other=$(readlink "$link" 2>/dev/null) || continue
      [ "$other" != "$own" ] || continue
      pid=${link#/proc/}
      pid=${pid%%/*}
      other=${other#*[}
      echo "${other%]} process $pid $(cat "/proc/$pid/comm" 2>/dev/null)"
    done
    for file in /run/netns/* /var/run/netns/* /run/docker/netns/*; do
      [ -e "$file" ] || continue
      inode=$(stat -c %i "$file" 2>/dev/null) || continue
      [ "net:[$inode]" = "$own" ] || echo "$inode $file"
    done
  } | sort -u | awk '!seen[$1]++ { print "  net:[" $1 "]" substr($0, length($1) + 1) }'
}

check_namespaces() {
  found=$(other_namespaces | printable)
  [ -n "$found" ] || return 0
  if [ "$ignore_namespaces" = 1 ]; then
    say "note: network namespaces that were not looked into:
$found"
  else
    refuse "other network namespaces, whose rules hold the same modules (--ignore-namespaces: go on):
$found"
  fi
}

# --- backup and restore, table by table

save_everything() {
  tables >"$dir/tables" || return 1
  while read -r backend family tool table <&3; do
    save_table "$tool" "$table" >"$dir/$backend.$family.$table" || return 1
  done 3<"$dir/tables"
  if nft_is_there && command -v nft >/dev/null 2>&1; then
    nft list ruleset >"$dir/nft.ruleset" 2>/dev/null </dev/null || return 1
  fi
  loaded_modules >"$dir/modules"
  for file in /sys/module/nf_conntrack/parameters/hashsize \
    /sys/module/ip_conntrack/parameters/hashsize /proc/sys/net/netfilter/nf_conntrack_* \
    /proc/sys/net/ipv4/ip_conntrack_max /proc/sys/net/ipv4/netfilter/ip_conntrack_*; do
    if [ -r "$file" ]; then echo "$file $(cat "$file")"; fi
  done >"$dir/settings"
}

# iptables fails at once while another program holds its lock.
again() {
  left=5
  until "$@" </dev/null; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || return 1
    sleep 1
  done
}

# $1: ACCEPT or DROP, for every built-in chain that the backup shows with the policy DROP.
set_policies() {
  while read -r backend family tool table <&3; do
    chains=$(sed -n 's/^:\([A-Z]*\) DROP .*/\1/p' "$dir/$backend.$family.$table")
    for chain in $chains; do
      again "$tool" -t "$table" -P "$chain" "$1" || return 1
    done
  done 3<"$dir/tables"
}

flush_nat() {
  while read -r backend family tool table <&3; do
    [ "$table" = nat ] || continue
    if [ "$backend" = nft ] && command -v nft >/dev/null 2>&1; then
      case $family in
        4) nft delete table ip nat </dev/null || return 1 ;;
        *) nft delete table ip6 nat </dev/null || return 1 ;;
      esac
    else
      again "$tool" -t nat -F && again "$tool" -t nat -X || return 1
    fi
  done 3<"$dir/tables"
}

bare() { sed -e '/^#/d' -e 's/\[[0-9]*:[0-9]*\]//g'; }
is_as_saved() { [ "$(save_table "$1" "$2" | bare)" = "$(bare <"$3")" ]; }

# Each table is replaced as a whole by one commit, and only if it is not what it was.
restore_tables() {
  status=0
  while read -r backend family tool table <&3; do
    file=$dir/$backend.$family.$table
    is_as_saved "$tool" "$table" "$file" && continue
    left=5
    until "$tool-restore" -c <"$file"; do
      left=$((left - 1))
      if [ "$left" = 0 ]; then
        complain "IPv$family, table $table: not restored; its rules are in $file"
        status=1
        break
      fi
      sleep 1
    done
  done 3<"$dir/tables"
  return "$status"
}

restore_settings() {
  while read -r file value <&3; do
    [ "$(cat "$file" 2>/dev/null || echo "$value")" != "$value" ] || continue
    (printf '%s\n' "$value" >"$file") 2>/dev/null || true
  done 3<"$dir/settings"
}

# Everything that the plan wanted gone is gone, and the rules are those of before.
verify() {
  status=0
  for name in $modules; do
    if is_loaded "$name"; then
      complain "$name is loaded (again)"
      status=1
    fi
  done
  while read -r backend family tool table <&3; do
    [ "$table" != nat ] || continue
    if ! is_as_saved "$tool" "$table" "$dir/$backend.$family.$table"; then
      complain "IPv$family, table $table: not the rules of before"
      status=1
    fi
  done 3<"$dir/tables"
  return "$status"
}

# Settings that are dead once tracking is gone, or load it again. Named, never deleted.
stale_settings() {
  grep -nE '(nf|ip)_conntrack' /etc/sysctl.conf /etc/sysctl.d/*.conf /usr/lib/sysctl.d/*.conf \
    /run/sysctl.d/*.conf /etc/modules /etc/modules-load.d/*.conf /usr/lib/modules-load.d/*.conf \
    /etc/rc.local /etc/sysconfig/iptables-config /etc/sysconfig/ip6tables-config \
    /etc/default/ufw /dev/null 2>/dev/null
  grep -nE '^[^#]*(options|softdep)[^#]*(nf|ip)_(conntrack|nat)' /etc/modprobe.conf \
    /etc/modprobe.d/*.conf /dev/null 2>/dev/null | grep -v "^$persistent_block:"
  grep -nE '^(nft_(ct|nat|masq|redir|chain_nat|synproxy|connlimit|flow_offload)|(ip6?table_nat))' \
    /etc/modules /etc/modules-load.d/*.conf /dev/null 2>/dev/null
}
name_stale_settings() {
  found=$(stale_settings | printable)
  [ -z "$found" ] || say "note: these settings are dead or load it again; edit them yourself:
$found"
}

# --- who decides: the timer, --confirm or --rollback, whoever makes the directory first

decide() { mkdir "$dir/decided" 2>/dev/null; }
take_turn() {
  left=60
  until mkdir "$dir/turn" 2>/dev/null; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || return 1
    sleep 1
  done
}
give_turn() { rmdir "$dir/turn" 2>/dev/null; }

roll_back() {
  incomplete=0
  rm -f "$transient_block" "$persistent_block"
  done_steps=$(awk '{ line[NR] = $0 } END { for (i = NR; i > 0; i--) print line[i] }' "$dir/journal")
  for id in $done_steps; do
    undo_step "$id" || {
      complain "not undone: $id"
      incomplete=1
    }
  done
  restore_tables || incomplete=1
  restore_settings
  if [ "$incomplete" = 0 ]; then
    echo rolled-back >"$dir/result"
    say "rolled back: rules, policies and modules are those of before"
    return 0
  fi
  echo incomplete >"$dir/result"
  complain "the rollback is not complete; the backup is in $dir"
  return 1
}

keep() {
  write_block "$persistent_block" && rm -f "$transient_block" && echo confirmed >"$dir/result"
}

# Runs in the background from before the first change on: a run that never finishes is rolled back,
# too. Once it has finished, the whole time to confirm is given.
rollback_timer() {
  trap '' HUP INT PIPE
  seconds=$1
  finished=0
  while [ "$seconds" -gt 0 ]; do
    [ ! -e "$dir/confirmed" ] || break
    [ ! -e "$dir/decided" ] || return 0
    if [ "$finished" = 0 ] && [ -e "$dir/finished" ]; then
      finished=1
      seconds=$1
    fi
    sleep 1
    seconds=$((seconds - 1))
  done
  if [ -e "$dir/confirmed" ]; then
    decide && keep
    return
  fi
  decide || return 0
  take_turn
  roll_back
}

current_run() {
  dir=$(cat "$base_dir/current" 2>/dev/null) && [ -n "$dir" ] && [ -d "$dir" ] && return 0
  complain "there is no run to confirm or to roll back"
  exit 1
}

confirm() {
  current_run
  if [ ! -e "$dir/finished" ]; then
    complain "the run has not finished"
    exit 1
  fi
  : >"$dir/confirmed"
  left=5
  while [ ! -s "$dir/result" ] && [ "$left" -gt 0 ]; do
    sleep 1
    left=$((left - 1))
  done
  # No answer: the timer was killed. Then the decision is still open.
  if [ ! -s "$dir/result" ] && decide; then keep; fi
  case $(cat "$dir/result" 2>/dev/null) in
    confirmed)
      say "confirmed: $persistent_block keeps the modules from loading at boot"
      name_stale_settings
      exit 0
      ;;
    *)
      complain "too late: it was rolled back"
      exit 3
      ;;
  esac
}

manual_rollback() {
  current_run
  case $(cat "$dir/result" 2>/dev/null) in
    rolled-back)
      say "it was rolled back already"
      exit 0
      ;;
  esac
  if ! decide && [ ! -s "$dir/result" ]; then
    complain "the timer is just rolling back; see $dir/timer.log"
    exit 3
  fi
  rmdir "$dir/turn" 2>/dev/null
  roll_back && exit 0
  exit 4
}

# --- the run

check_all() {
  for id in $steps; do
    case $id in
      check-*) check_step "$id" ;;
    esac
  done
  [ "$refusals" = 0 ] && return 0
  say "Refused for $refusals reasons; nothing was changed."
  exit 1
}

dry_run() {
  check_all
  for id in $steps; do
    case $id in
      check-*) say "ok     $(describe_step "$id")" ;;
      remove-*)
        if is_loaded "${id#remove-}"; then
          say "would  $(describe_step "$id")"
        fi
        ;;
      *) say "would  $(describe_step "$id")" ;;
    esac
  done
  name_stale_settings
  say "Dry run: nothing was changed. --run does it, and rolls back unless confirmed in time."
  exit 0
}

fail() {
  complain "$1"
  give_turn
  if decide; then
    roll_back && exit 3
    exit 4
  fi
  # The timer was first; what it says is what happened.
  left=60
  while [ ! -s "$dir/result" ] && [ "$left" -gt 0 ]; do
    sleep 1
    left=$((left - 1))
  done
  cat "$dir/timer.log"
  [ "$(cat "$dir/result" 2>/dev/null)" = rolled-back ] && exit 3
  exit 4
}

run() {
  mkdir -p "$base_dir" && chmod 700 "$base_dir" || exit 1
  if dir=$(cat "$base_dir/current" 2>/dev/null) && [ ! -e "$dir/decided" ] &&
    kill -0 "$(cat "$dir/timer" 2>/dev/null)" 2>/dev/null; then
    complain "a run waits for its confirmation: --confirm or --rollback first"
    exit 1
  fi
  check_all
  dir=$(mktemp -d "$base_dir/run.XXXXXX") || exit 1
  : >"$dir/journal" && echo "$dir" >"$base_dir/current" || exit 1
  trap '' HUP PIPE
  trap 'fail "interrupted"' INT TERM
  for id in $steps; do
    case $id in
      check-*) continue ;;
    esac
    take_turn || fail "the rollback is at work"
    [ ! -e "$dir/decided" ] || fail "the time to confirm is over"
    check_step "$id"
    case $? in
      0) ;;
      3)
        give_turn
        continue
        ;;
      *) fail "stopped before: $(describe_step "$id")" ;;
    esac
    say "$(describe_step "$id")"
    echo "$id" >>"$dir/journal"
    do_step "$id" || fail "failed: $(describe_step "$id")"
    give_turn
  done
  : >"$dir/finished"
  say "Done. Open a new connection to this host, then within $confirm_within seconds:"
  say "  sh unload.sh --confirm      (or: touch $dir/confirmed)"
  say "Otherwise everything is put back. Backup: $dir"
  exit 0
}

number() {
  case $1 in
    '' | *[!0-9]* | 0* | ??????*) return 1 ;;
  esac
}

main() {
  action=dry_run
  while [ $# -gt 0 ]; do
    case $1 in
      --run) action=run ;;
      --confirm) action=confirm ;;
      --rollback) action=manual_rollback ;;
      --confirm-within)
        if [ $# -lt 2 ] || ! number "$2"; then
          complain "--confirm-within needs a number of seconds from 1 to 99999"
          exit 2
        fi
        confirm_within=$2
        shift
        ;;
      --ignore-namespaces) ignore_namespaces=1 ;;
      --ignore-boot-rules) ignore_boot_rules=1 ;;
      --help | -h)
        usage
        exit 0
        ;;
      *)
        complain "not an option: $1"
        usage >&2
        exit 2
        ;;
    esac
    shift
  done
  case $action in
    run) run ;;
    confirm) confirm ;;
    manual_rollback) manual_rollback ;;
    *) dry_run ;;
  esac
}

main "$@"
)sh";
}

}  // namespace untrack
