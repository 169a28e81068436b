#!/bin/sh
WEB="-p tcp --dport 443 -m state --state NEW"
iptables -F
iptables -P INPUT DROP
iptables -A INPUT -i lo -j ACCEPT
iptables -A INPUT -m state --state ESTABLISHED,RELATED -j ACCEPT
iptables -A INPUT $WEB -j ACCEPT
