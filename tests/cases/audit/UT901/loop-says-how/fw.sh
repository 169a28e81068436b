#!/bin/sh
IPT=/sbin/iptables
$IPT -F
$IPT -P INPUT DROP
$IPT -A INPUT -m state --state ESTABLISHED,RELATED -j ACCEPT
for p in 22 80 443; do
  $IPT -A INPUT -p tcp --dport $p -j ACCEPT
done
allow() { $IPT -A INPUT -s $1 -j ACCEPT; }
allow 10.0.0.1
