#!/bin/sh
# Web server of the shop.
sudo iptables -w 5 -F
sudo iptables -w 5 -X
sudo iptables -w 5 -P INPUT DROP

# what this host says to itself
sudo iptables -w 5 -A INPUT -i lo -j ACCEPT
# answers
sudo iptables -w 5 -t filter -A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT
sudo iptables -w 5 -A INPUT -m state --state INVALID -j DROP
sudo iptables -w 5 -A INPUT -p tcp -m multiport --dports 80,443 \
    -m state --state NEW -j ACCEPT  # the shop
sudo iptables -w 5 -A INPUT -s 203.0.113.0/24 -p tcp --dport 22 -m state --state NEW -j ACCEPT
sudo iptables -w 5 -A INPUT -p icmp --icmp-type 8 -j ACCEPT
echo "rules are loaded"
