#!/bin/sh
iptables -A INPUT -p tcp --dport 22 -j ACCEPT
systemctl restart docker
service iptables save
