#!/bin/sh
if [ -n "$LOG" ]; then
  iptables -A INPUT -j LOG
fi
iptables -A INPUT -j DROP
