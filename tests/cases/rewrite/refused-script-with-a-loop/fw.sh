#!/bin/sh
iptables -F
iptables -P INPUT DROP
iptables -A INPUT -m state --state ESTABLISHED -j ACCEPT
for port in 80 443; do
  iptables -A INPUT -p tcp --dport $port -m state --state NEW -j ACCEPT
done
