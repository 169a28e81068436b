#!/bin/sh
IPT=$(which iptables)
IPT6="/sbin/ip6tables -w"
WAN="eth0"
LAN='192.0.2.0/24'
MATCH="-m state --state"
export PORTS=80,443
COMMENT="two words"

$IPT -F
${IPT} -A INPUT -i "$WAN" -s ${LAN} $MATCH NEW -j ACCEPT
$IPT -A INPUT -p tcp -m multiport --dports $PORTS \
    -m comment --comment "for $COMMENT" -j ACCEPT # web
$IPT6 -A INPUT -i $WAN -j DROP; $IPT6 -A FORWARD -j DROP
TARGET=DROP
$IPT -A INPUT -j ${TARGET:-ACCEPT} >/dev/null 2>&1 || true
