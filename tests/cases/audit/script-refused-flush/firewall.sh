#!/bin/sh
iptables -A INPUT -m state --state NEW -j ACCEPT
iptables -F INPUT OUTPUT
iptables -F -w all
iptables -F -v OUTPUT
