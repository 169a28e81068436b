#!/bin/sh
STATE=""
if [ -f /etc/stateful ]; then
  STATE="-m state --state NEW"
fi
iptables -A INPUT $STATE -j ACCEPT
