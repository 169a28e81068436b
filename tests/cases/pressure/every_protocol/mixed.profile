# one line for each way in which a flow can end
tcp=500/s,60s            # closed by both sides
tcp=20/s,5s,reset
tcp=0.1/s,10m,abandoned  # the other side is gone
tcp=3/min,0s,unanswered
udp=2,000/s              # DNS: one request, one reply
udp=5/s,20min            # calls
udp=5/s,1500ms
icmp=10/s,4s
icmpv6=10/s,4s
sctp=1/s,60s
sctp=1/h,1d,abandoned
gre=2/h,8h
gre=1/min
other=1/min,1h
