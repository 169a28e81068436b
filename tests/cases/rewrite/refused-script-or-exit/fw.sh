#!/bin/sh
iptables -F
iptables -P INPUT DROP
iptables -A INPUT -m state --state ESTABLISHED -j ACCEPT || exit 1
