#!/bin/sh
# echo is no rule: iptables -A INPUT -m state --state NEW
modprobe ip_tables
sysctl -w net.ipv4.ip_forward=1
/bin/echo "1" > /proc/sys/net/ipv4/ip_forward
echo "run iptables -F to undo"
for i in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 1 > $i; done
iptables -P INPUT ACCEPT
exit 0
