#!/bin/sh
# Between quotes it is a log's prefix, and no comment.
iptables -A INPUT -m conntrack --ctstate INVALID -j LOG --log-prefix "untrack: ignore me" # untrack: ignore UT301 the table is watched
