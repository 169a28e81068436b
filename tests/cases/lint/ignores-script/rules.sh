#!/bin/sh
# untrack: ignore UT301 the table is watched
iptables -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT
iptables -A INPUT -m conntrack --ctstate RELATED -j ACCEPT # untrack: ignore UT301 so is this
iptables -A INPUT -m comment --comment "untrack: ignore[UT301] and this" -m conntrack --ctstate NEW -j ACCEPT
