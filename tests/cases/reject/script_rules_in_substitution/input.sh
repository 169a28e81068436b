#!/bin/sh
OUT=$(iptables -A INPUT -m state --state NEW -j DROP 2>&1)
N=`iptables -L | wc -l`
iptables -P INPUT DROP
