#!/bin/sh
. /etc/firewall.conf
iptables -A INPUT -i $WAN -j DROP
