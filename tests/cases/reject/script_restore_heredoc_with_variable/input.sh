#!/bin/sh
iptables-restore <<EOF
*filter
-A INPUT -i $WAN -j DROP
COMMIT
EOF
