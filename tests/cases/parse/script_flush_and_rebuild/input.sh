#!/bin/sh
iptables -A INPUT -m state --state NEW -j ACCEPT
iptables -N old
iptables -F
iptables -X
iptables -t nat -F
iptables -A INPUT -i lo -j ACCEPT
