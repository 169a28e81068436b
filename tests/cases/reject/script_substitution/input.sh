#!/bin/sh
IP=$(hostname -I)
iptables -A INPUT -d $IP -j ACCEPT
iptables -A INPUT -d `cat /etc/ip` -j ACCEPT
iptables -A INPUT -p tcp --dport $((8000 + 80)) -j ACCEPT
