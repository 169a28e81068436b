#!/bin/sh
iptables -C INPUT -i lo -j ACCEPT 2>/dev/null || iptables -A INPUT -i lo -j ACCEPT
iptables -N web 2>/dev/null || iptables -F web
iptables -A web -j ACCEPT
iptables -N web2 || iptables -F web
[ -x /sbin/iptables ] && iptables -A INPUT -j web
