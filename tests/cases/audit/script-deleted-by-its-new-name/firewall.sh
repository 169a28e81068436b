#!/bin/sh
iptables -A INPUT -m state --state NEW -j ACCEPT
iptables -D INPUT -m conntrack --ctstate NEW -j ACCEPT
