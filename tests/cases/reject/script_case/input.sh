#!/bin/sh
case "$1" in
  start)
    iptables -A INPUT -i lo -j ACCEPT
    ;;
  stop|clear)
    iptables -F
    ;;
esac
