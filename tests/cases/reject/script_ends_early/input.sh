#!/bin/sh
[ -x /sbin/iptables ] || exit 0
fail() { echo "$1" >&2; exit 1; }
iptables -A INPUT -m state --state NEW -j ACCEPT || exit 1
[ -n "$OUTSIDE" ] || fail "no interface"
iptables -F
( iptables -N web; exit 0; iptables -X web )
test -e /etc/more || {
  echo "nothing more"
  exit 0
}
ip6tables -A INPUT -j ACCEPT
exit 0
iptables -D INPUT 1
. /etc/rules
iptables -P INPUT ACCEPT
here ' may ( stand anything
