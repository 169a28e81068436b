#!/bin/sh
# Every program of the fake host: the name under which it is called says which. Keeps rules and
# modules as files in /world, and writes each call that could change something to /world/calls.
name=${0##*/}
log() { echo "$name $*" >>/world/calls; }

# BACKEND.FAMILY of iptables-legacy, ip6tables-nft-save ...
rules_of() {
  case $1 in *legacy*) backend=legacy ;; *) backend=nft ;; esac
  case $1 in ip6*) echo "$backend.6" ;; *) echo "$backend.4" ;; esac
}

option() { # the value behind option $1 in the rest
  wanted=$1
  shift
  while [ $# -gt 0 ]; do
    if [ "$1" = "$wanted" ]; then echo "$2"; return; fi
    shift
  done
}

# A legacy nat table with more than its empty chains holds its module (x_tables.c, seen on 6.1).
set_nat_count() {
  sed "s/^\(iptable_nat [0-9]*\) [0-9]* /\1 $1 /" /proc/modules >/world/modules.new
  cat /world/modules.new >/proc/modules
}

case $name in
  uname) cat /world/kernel ;;
  rmmod)
    log "$@"
    [ ! -e /world/busy ] || [ "$(cat /world/busy)" != "$1" ] || exit 1
    count=$(awk -v m="$1" '$1 == m { print $3 }' /proc/modules)
    [ "$count" = 0 ] || { echo "rmmod: $1 in use" >&2; exit 1; }
    awk -v m="$1" '$1 != m {
      users = "," $4
      if (sub("," m ",", ",", users)) { $3 = $3 - 1; $4 = substr(users, 2) }
      if ($4 == "") $4 = "-"
      print
    }' \
      /proc/modules >/world/modules.new
    cat /world/modules.new >/proc/modules
    if [ "$1" = iptable_nat ]; then
      rm -f /world/legacy.4.nat
      echo filter >/proc/net/ip_tables_names
    fi
    ;;
  modprobe)
    log "$@"
    if grep -qs "^install $1 /bin/false" /etc/modprobe.d/*.conf /run/modprobe.d/*.conf; then exit 1; fi
    grep -q "^$1 " /proc/modules && exit 0
    grep "^$1 " /world/modules.before >>/proc/modules
    [ "$1" != iptable_nat ] || printf 'nat\nfilter\n' >/proc/net/ip_tables_names
    ;;
  nft)
    case "$*" in
      'list ruleset') cat /world/nft.ruleset 2>/dev/null; exit 0 ;;
      'delete table ip nat') log "$@"; rm -f /world/nft.4.nat ;;
      'delete table ip6 nat') log "$@"; rm -f /world/nft.6.nat ;;
      *) log "$@"; exit 1 ;;
    esac
    ;;
  *-save)
    rules=$(rules_of "$name")
    table=$(option -t "$@")
    if [ -n "$table" ]; then
      [ -e "/world/$rules.$table" ] || exit 1
      # Counters that move, as on a live host.
      sed "s/\[0:0\]/[$$:0]/" "/world/$rules.$table"
    else
      cat "/world/$rules".* 2>/dev/null
    fi
    exit 0
    ;;
  *-restore)
    rules=$(rules_of "$name")
    text=$(cat)
    table=$(printf '%s\n' "$text" | sed -n 's/^\*//p')
    log "$table"
    printf '%s\n' "$text" | sed 's/\[[0-9]*:[0-9]*\]/[0:0]/' >"/world/$rules.$table"
    [ "$table" != nat ] || set_nat_count 1
    ;;
  iptables-* | ip6tables-*)
    rules=$(rules_of "$name")
    table=$(option -t "$@")
    file=/world/$rules.$table
    log "$@"
    case " $* " in
      *' -P '*)
        policy=$(option -P "$@")
        for target; do :; done
        sed "s/^:$policy [A-Z]*/:$policy $target/" "$file" >/world/edited && cat /world/edited >"$file"
        ;;
      *' -F '*)
        echo "policies $(cat /world/*.filter | grep -c '^:[A-Z]* DROP') DROP" >>/world/calls
        sed '/^-A/d' "$file" >/world/edited && cat /world/edited >"$file"
        ;;
      *' -X '*)
        sed '/^:[^ ]* - /d' "$file" >/world/edited && cat /world/edited >"$file"
        [ "$table" != nat ] || set_nat_count 0
        ;;
    esac
    ;;
esac
