#!/bin/sh
ipset create blocked hash:net
ipset add blocked 192.0.2.0/24
ipset -! add blocked 198.51.100.7
iptables -A INPUT -m set --match-set blocked src -j DROP
