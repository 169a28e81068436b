#!/bin/sh
iptables -A INPUT -m string --algo bm --string 'a\' -m conntrack --ctstate ESTABLISHED -m comment --comment "untrack: ignore UT301 known" -j ACCEPT
