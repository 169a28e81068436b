# The backup: rules, policies, settings; put back and compared table by table. Settings that are
# dead.
# shellcheck shell=sh
# shellcheck disable=SC2154  # what the plan says, and what the other parts set or read

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

# A run that was confirmed has left everything but the nat tables as it was: what differs by then was
# changed since, and is nothing to undo.
was_kept() { [ -e "$dir/kept" ]; }

# Each table is replaced as a whole by one commit, and only if it is not what it was.
restore_tables() {
  status=0
  left_alone=
  while read -r backend family tool table <&3; do
    file=$dir/$backend.$family.$table
    is_as_saved "$tool" "$table" "$file" && continue
    if [ "$table" != nat ] && was_kept; then
      left_alone="$left_alone
  IPv$family, table $table: changed since, and left as it is; as it was: $file"
      continue
    fi
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
