#!/bin/sh
iptables-restore <<EOF
*filter
:INPUT DROP [0:0]
-A INPUT -p tcp --dport 22 -j ACCEPT
COMMIT
EOF
iptables -A INPUT -p tcp --dport 23 -j ACCEPT
