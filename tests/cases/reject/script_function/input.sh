#!/bin/sh
allow() {
  iptables -A INPUT -p tcp --dport "$1" -m state --state NEW -j ACCEPT
}
allow 22
allow 80
