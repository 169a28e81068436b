#!/bin/sh
iptables-legacy -A INPUT -m conntrack --ctstate NEW -j ACCEPT
iptables-nft -F
iptables-nft -X
