#!/bin/sh
IPT="/sbin/iptables -w"
ANSWERS="-m state --state ESTABLISHED,RELATED"
LAN=192.0.2.0/24
$IPT -F
$IPT -P INPUT DROP
$IPT -A INPUT -i lo -j ACCEPT
$IPT -A INPUT $ANSWERS -j ACCEPT
$IPT -A INPUT -s $LAN -p tcp --dport 22 -m state --state NEW -j ACCEPT
