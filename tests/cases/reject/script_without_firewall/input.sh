#!/bin/sh
# does iptables work here?
echo hello
logger iptables
