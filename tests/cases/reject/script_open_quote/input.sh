#!/bin/sh
iptables -A INPUT -m comment --comment "web -j ACCEPT
