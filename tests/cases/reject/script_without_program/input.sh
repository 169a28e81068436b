#!/bin/sh
-A INPUT -i lo -j ACCEPT
-A INPUT -j DROP
