#!/bin/sh
$IPT -A INPUT -i lo -j ACCEPT
iptables -P INPUT DROP
