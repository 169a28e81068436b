#!/bin/sh
*filter
:INPUT DROP [0:0]
iptables -A INPUT -i lo -j ACCEPT
COMMIT
