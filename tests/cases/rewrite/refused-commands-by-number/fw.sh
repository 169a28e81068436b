iptables -F
iptables -P INPUT DROP
iptables -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT
iptables -I INPUT 2 -p tcp --dport 443 -j ACCEPT
