iptables -F
iptables -P INPUT DROP
iptables -I INPUT -p tcp --dport 443 -m conntrack --ctstate NEW -j ACCEPT
iptables -I INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
iptables -I INPUT -m conntrack --ctstate INVALID -j DROP
iptables -I INPUT -i lo -j ACCEPT
