#!/bin/sh
iptables -A INPUT -m state --state NEW -j ACCEPT
iptables -W 5 -F
iptables -A INPUT -W 1000 -p tcp --dport 22 -j ACCEPT
iptables -W 1000 -w 2 -A INPUT -p tcp --dport 80 -j ACCEPT
iptables -w -W 1000 -P INPUT DROP
