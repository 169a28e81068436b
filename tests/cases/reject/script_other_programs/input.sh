#!/bin/sh
ebtables -A FORWARD -j ACCEPT
ip rule add fwmark 1 table 100
tc qdisc add dev eth0 root htb
nft add rule inet filter input ct state new accept
iptables -A INPUT -j ACCEPT
ebtables -P FORWARD DROP
