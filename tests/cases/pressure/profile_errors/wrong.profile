tcp=500/s,60s
tcp=500/s,60
udp 2000/s
tpc=1/s,1s
