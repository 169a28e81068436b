iptables -F
iptables -P INPUT DROP
iptables -A INPUT -i lo -j ACCEPT
iptables -A INPUT -p tcp \
  -m conntrack \
	--ctstate ESTABLISHED -j ACCEPT
