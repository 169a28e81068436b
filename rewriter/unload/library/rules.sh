# The rules of this host: which tables there are, which of their rules hold conntrack, now and at
# boot.
# shellcheck shell=sh
# shellcheck disable=SC2154  # what the plan says, and what the other parts set or read

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
  [ -z "$found" ] || refuse "modules in use (those that were loaded since the plan was made are in the
  next one: untrack unload):
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
