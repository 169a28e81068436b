ipset create a hash:ip
ipset flush a
ipset add a 192.0.2.1
ipset create b hash:ip
ipset add b 192.0.2.2
ipset del b 192.0.2.2
ipset create c hash:ip
ipset add c 192.0.2.3
ipset swap a c
ipset destroy b
