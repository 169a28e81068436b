#!/bin/sh
for i in 1 2; do
  iptables -A INPUT -s 192.0.2.$i -j DROP
