iptables -A INPUT -p icmp --icmp-type 300 -j ACCEPT
ip6tables -A INPUT -p icmpv6 --icmpv6-type 1/256 -j ACCEPT
iptables -P INPUT
