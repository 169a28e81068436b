# Which modules are loaded, what holds them, and the file that keeps them from coming back.
# shellcheck shell=sh
# shellcheck disable=SC2154  # what the plan says, and what the other parts set or read

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
