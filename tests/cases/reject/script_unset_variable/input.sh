#!/bin/sh
iptables -A INPUT -i $WAN -m state --state NEW -j DROP
iptables -D INPUT -s $OLD -j DROP
