#!/bin/sh
# The firewall script of a workstation: nothing comes in that was not asked for.
IPT=/sbin/iptables
LAN="192.0.2.0/24"
PRINTER=192.0.2.9

$IPT -F
$IPT -X
$IPT -P INPUT DROP
$IPT -P FORWARD DROP
$IPT -P OUTPUT ACCEPT

$IPT -N refuse
$IPT -A refuse -p tcp -j REJECT --reject-with tcp-reset
$IPT -A refuse -p udp -j REJECT
$IPT -A refuse -j DROP

$IPT -A INPUT -i lo -j ACCEPT
$IPT -A INPUT -m state --state ESTABLISHED,RELATED -j ACCEPT
# scanned pages come back from the printer, mDNS from the neighbours
$IPT -A INPUT -s "$PRINTER" -p udp --sport snmp -j ACCEPT
$IPT -A INPUT -s "$LAN" -d 224.0.0.251 -p udp --dport mdns -j ACCEPT
$IPT -A INPUT -s "$LAN" -p icmp --icmp-type echo-request -j ACCEPT
$IPT -A INPUT -j refuse
