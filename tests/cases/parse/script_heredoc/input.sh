#!/bin/sh
iptables -A INPUT -s 192.0.2.9 -j DROP
iptables-restore <<'EOF'
*filter
:INPUT DROP [0:0]
-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT
COMMIT
EOF
ip6tables-restore -n <<-EOF
*filter
-A INPUT -j DROP
COMMIT
EOF
iptables -A INPUT -i lo -j ACCEPT
