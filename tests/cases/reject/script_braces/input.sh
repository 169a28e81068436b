#!/bin/bash
iptables -A INPUT -p tcp -m multiport --dports {22,80} -j ACCEPT
