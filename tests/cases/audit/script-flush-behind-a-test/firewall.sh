#!/bin/sh
iptables -A INPUT -m state --state NEW -j ACCEPT
iptables -C INPUT -j DROP && iptables -F
pgrep dhclient && iptables -F
iptables -L old && iptables -F
false && iptables -F
echo gone && false && iptables -F
