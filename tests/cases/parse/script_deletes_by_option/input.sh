#!/bin/sh
iptables -t mangle -F
iptables -t mangle -A PREROUTING -j SET --add-set kept src
iptables -t mangle -A PREROUTING -j SET --add-set gone src
iptables -t mangle -A PREROUTING -j TEE --gateway 192.0.2.1
iptables -t mangle -A PREROUTING -j TEE --gateway 192.0.2.2
iptables -t mangle -A PREROUTING -p udp -j LOG --log-prefix "udp " --log-level debug
iptables -t mangle -D PREROUTING -j SET --add-set gone src
iptables -t mangle -D PREROUTING -j TEE --gateway 192.0.2.2
iptables -t mangle -D PREROUTING -p udp -j LOG --log-level 7 --log-prefix "udp "
iptables -t mangle -D PREROUTING -j TEE --gateway 192.0.2.3
