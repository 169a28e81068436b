#!/bin/sh
ip netns exec web iptables -A INPUT -m state --state NEW -j ACCEPT
