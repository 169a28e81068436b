#!/bin/bash
test -x /sbin/iptables ||
  exit 5
if [ ! -r /etc/firewall ]; then
  echo "not set up"
  exit 0
fi
iptables -F INPUT
iptables -A INPUT -p tcp --dport 22 -j ACCEPT
iptables -D INPUT -p tcp --dport 22 -j ACCEPT
{ iptables -A INPUT -p tcp --dport 80 -j ACCEPT; exit 0; } 2>&1 | logger
iptables -A INPUT -p tcp --dport 81 -j ACCEPT
exec logger done
