iptables -A docker-in -m conntrack --ctstate ESTABLISHED -j ACCEPT
