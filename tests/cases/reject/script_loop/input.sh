#!/bin/sh
for port in 22 80 443; do
  iptables -A INPUT -p tcp --dport $port -j ACCEPT
done
