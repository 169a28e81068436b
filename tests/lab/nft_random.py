"""Random scripts of nft, each one rule or one declaration, right or with one fault: `script(seed, number)`."""
import random

# What the rules name.
FRAME = """define web = 80
define nets = {{ 192.0.2.0/24, 198.51.100.1 }}
table {family} t {{
	set hosts {{
		type ipv4_addr
		flags interval
		elements = {{ 192.0.2.1, 198.51.100.0/24 }}
	}}
	set ports {{
		type inet_service
		elements = {{ 22, 80 }}
	}}
	set seen {{
		type ipv4_addr
		size 100
		flags dynamic,timeout
	}}
	map ways {{
		type inet_service : verdict
		elements = {{ 22 : accept, 80 : jump side }}
	}}
	counter c1 {{
	}}
	limit l1 {{
		rate 10/second
	}}
{declaration}	chain side {{
		counter
	}}
	chain base {{
		type {kind} hook {hook} priority {priority}; policy accept;
		{rule}
	}}
}}
"""
# Values by type: right ones, and such that nft refuses. Of a set of protocols nft 1.0.6 takes one for
# what the rule asks for: a header of another behind it is an error there, and none here.
VALUES = {
    "v4": (["192.0.2.1", "192.0.2.0/24", "192.0.2.1-192.0.2.9", "{ 192.0.2.1, 198.51.100.0/24 }", "$nets",
            "@hosts", "{ $nets, 203.0.113.7 }"],
           ["192.0.2.0/33", "192.0.2.9-192.0.2.1", "2001:db8::1", "192.0.2.256", "@ports", "@ways", "{ }",
            "{ 192.0.2.1, 300.1.1.1 }", "192.0.2.1,192.0.2.2", "@\"hosts\"", "{ @hosts }"]),
    "v6": (["2001:db8::1", "2001:db8::/32", "::1-::5", "{ ::1, fe80::/10 }"],
           ["192.0.2.1", "::/129", "::5-::1", "@hosts", "2001:db8::g"]),
    "port": (["22", "ssh", "22-80", "{ 22, 80-90 }", "{ 22, 20-25 }", "$web", "{ $web, 443 }", "@ports", "0x16",
              "{ 22, 22 }"],
             ["65536", "80-22", "22,80", "@hosts", "nosuch-service", "22 23", "{ 22 80 }", "-1", "{ 22, 70000 }"]),
    "proto": (["tcp", "6", "17", "icmp"], ["256", "nosuch", "tcp,udp"]),
    "mark": (["0x1", "1-5", "{ 1, 2 }", "4294967295"], ["4294967296", "5-1", "1,2"]),
    "int8": (["0", "255", "1-5", "{ 1, 2 }"], ["256", "5-1", "nosuch", "1,2"]),
    "int16": (["0", "65535", "100-200", "{ 1, 2 }"], ["65536", "200-100", "nosuch"]),
    "state": (["new", "established,related", "{ new, established }"], ["nosuch", "new established", "8"]),
    "name": (["\"eth0\"", "\"eth*\"", "{ \"eth0\", \"eth1\" }", "lo"],
             ["\"eth0123456789abcdef\"", "\"\"", "\"*\"", "@hosts"]),
    "dscp": (["cs1", "{ cs1, ef }", "63"], ["64", "nosuch"]),
    "flags": (["syn", "syn,ack", "(syn | ack)"], ["nosuch", "256"]),
    "icmp": (["echo-request", "{ echo-request, echo-reply }", "8"], ["256", "nosuch"]),
    "l3": (["ipv4", "ipv6"], ["nosuch", "ip4"]),
    "kind": (["host", "{ host, broadcast }"], ["nosuch"]),
}
# What stands left of them. Of IPv4 alone, of IPv6 alone, of both.
FIELDS = {
    4: [("ip saddr", "v4"), ("ip daddr", "v4"), ("ip ttl", "int8"), ("ip length", "int16"), ("ip protocol", "proto"),
        ("ip dscp", "dscp"), ("icmp type", "icmp"), ("ct original ip saddr", "v4")],
    6: [("ip6 saddr", "v6"), ("ip6 daddr", "v6"), ("ip6 hoplimit", "int8"), ("ip6 nexthdr", "proto")],
    0: [("tcp dport", "port"), ("tcp sport", "port"), ("udp dport", "port"), ("th dport", "port"),
        ("tcp flags", "flags"), ("meta mark", "mark"), ("ct mark", "mark"), ("ct state", "state"),
        ("iifname", "name"), ("oifname", "name"), ("meta l4proto", "proto"), ("meta nfproto", "l3"),
        ("meta pkttype", "kind"), ("udp length", "int16"), ("meta length", "int16")],
}
PLAIN = {"v4": ["192.0.2.1", "192.0.2.2"], "v6": ["::1", "::2"], "port": ["22", "80"], "mark": ["0x1", "0x2"]}
VERDICTS = ["accept", "drop", "return", "continue", "jump side", "goto side"]
STATEMENTS = (
    ["counter", "counter packets 5 bytes 6", "counter name \"c1\"", "limit rate 5/second", "limit rate over 5/minute",
     "limit rate 5/minute burst 10 packets", "limit rate 5 kbytes/second burst 10 kbytes", "limit name \"l1\"",
     "quota over 5 mbytes", "quota 5 mbytes used 3 bytes", "log", "log prefix \"x: \" level info", "log group 2 snaplen 9",
     "log flags tcp sequence,options", "log flags all", "ct count over 5", "meta mark set 0x1",
     "meta mark set meta mark & 0xf0 | 0x1", "meta mark set ct mark", "ct mark set meta mark", "notrack",
     "meta priority set 1:10 ", "add @seen { ip saddr }", "update @seen { ip saddr timeout 5s }", "meta nftrace set 1",
     "tcp dport vmap @ways", "tcp dport vmap { 22 : accept, 80-90 : jump side }",
     "meta mark set tcp dport map { 22 : 0x1, 80 : 0x2 }", "ip saddr . tcp dport { 192.0.2.1 . 22 }",
     "ip saddr . tcp dport vmap { 192.0.2.0/24 . 22 : accept, 198.51.100.1 . 80-90 : drop }"],
    ["counter packets x", "limit rate until 5/second", "limit rate 5/minute burst 10", "limit rate 5mbytes/second",
     "limit rate 5/second burst 9 bytes", "limit rate 0/second", "limit rate 5/fortnight", "quota 5", "quota x bytes",
     "log level warning", "log level debug group 2", "log flags tcp", "log group x", "log prefix $web", "ct count x",
     "ct count over", "meta mark set { 1 }", "meta mark set 4294967296", "add @seen { }", "notrack x",
     "add @seen { tcp dport }", "add @seen { ip saddr . tcp dport }", "update @seen { ip saddr timeout x }",
     "meta nftrace set 2", "tcp dport vmap @ports", "tcp dport vmap { 22 : accept, 22 : drop }",
     "tcp dport vmap { 22-80 : accept, 30 : drop }", "tcp dport vmap { 22 : queue }", "tcp dport vmap { 22 }",
     "meta mark set tcp dport map { 22 : 1, 22 : 2 }", "tcp dport { 22 : accept }", "jump \"side\"", "jump",
     "ip saddr . tcp dport { 192.0.2.1 }", "accept drop", "reject with icmpx 9", "ip saddr 192.0.2.1 ip6 saddr ::1",
     "ip saddr . tcp dport { 192.0.2.0/24 . 22, 192.0.2.1 . 22 }", "counter comment \"x\" accept",
     "meta nfproto ipv4 ip6 saddr ::1", "udp dport 53 tcp dport 53"])
NAT = (["dnat ip to 192.0.2.1", "tcp dport 80 dnat ip to 192.0.2.1:8080", "dnat ip6 to 2001:db8::1",
        "ip saddr 192.0.2.9 dnat to 192.0.2.1", "meta nfproto ipv4 dnat to 192.0.2.1-192.0.2.9", "tcp dport 80 redirect to :8080",
        "dnat ip to ip saddr map { 192.0.2.7 : 192.0.2.1, 192.0.2.8 : 192.0.2.2 }", "redirect"],
       ["dnat to 192.0.2.1", "dnat ip to 2001:db8::1", "dnat ip to :80", "redirect to :80", "dnat", "dnat ip to @hosts",
        "ip6 saddr ::1 dnat ip to 192.0.2.1", "meta protocol ip dnat to 192.0.2.1", "snat ip to 192.0.2.1 x",
        "dnat ip to 192.0.2.9-192.0.2.1", "dnat ip to { 192.0.2.1 }"])
SETS = (
    ["type ipv4_addr", "type ipv4_addr; flags interval; elements = { 192.0.2.0/24, 198.51.100.1 }",
     "type ipv4_addr; flags interval; auto-merge; elements = { 192.0.2.0/24, 192.0.2.1 }", "typeof ip saddr . tcp dport",
     "type ipv4_addr . inet_service; elements = { 192.0.2.1 . 22 }", "type ipv4_addr; flags timeout; timeout 5s; gc-interval 9s",
     "type ipv4_addr; elements = { 192.0.2.1, 192.0.2.1 }", "type mark; elements = { 0x1, 5 }", "type ifname; elements = { \"eth0\" }",
     "type ipv4_addr; flags interval; elements = { 192.0.2.0/24, 192.0.2.0-192.0.2.255 }", "type ipv4_addr; size 9; policy memory",
     "type inet_service; flags interval; elements = { 22, 30-40, 41-50 }", "type ipv4_addr; comment \"x\""],
    ["type ipv4_addr; flags interval; elements = { 192.0.2.0/24, 192.0.2.1 }", "type nosuch", "", "typeof nosuch",
     "type ipv4_addr; elements = { 192.0.2.0/24 }", "type ipv4_addr; elements = { ::1 }", "type ipv4_addr; gc-interval 9s",
     "type ipv4_addr . inet_service; elements = { 192.0.2.1 }", "type ipv4_addr; flags nosuch", "type ipv4_addr; size x",
     "type ifname; elements = { \"eth*\" }", "type ipv4_addr; auto-merge", "type ipv4_addr : verdict", "type ipv4_addr; timeout x",
     "type inet_service; flags interval; elements = { 22-30, 25-40 }", "type ipv4_addr; elements = { }", "type ipv4_addr; nosuch",
     "type ipv4_addr; elements = { 192.0.2.1 : accept }", "type ipv4_addr; policy nosuch"])
MAPS = (
    ["type ipv4_addr : verdict; elements = { 192.0.2.1 : accept }", "type ipv4_addr : mark; elements = { 192.0.2.1 : 0x1 }",
     "type inet_service : ipv4_addr; elements = { 22 : 192.0.2.1 }", "typeof ip saddr : meta mark",
     "type ipv4_addr : verdict; flags interval; elements = { 192.0.2.0/24 : accept, * : drop }", "type inet_service : counter",
     "type ipv4_addr : ipv4_addr . inet_service; elements = { 192.0.2.1 : 192.0.2.2 . 22 }",
     "type ipv4_addr : verdict; elements = { 192.0.2.1 : accept, 192.0.2.1 : accept }"],
    ["type ipv4_addr", "type ipv4_addr : nosuch", "type ipv4_addr : verdict; elements = { 192.0.2.1 }",
     "type ipv4_addr : verdict; elements = { 192.0.2.1 : 5 }", "type ipv4_addr : mark; elements = { 192.0.2.1 : accept }",
     "type ipv4_addr : inet_service; elements = { 192.0.2.1 : 70000 }", "type ipv4_addr : ipv4_addr; elements = { 192.0.2.1 : ::1 }",
     "type ipv4_addr : verdict; elements = { 192.0.2.1 : accept, 192.0.2.1 : drop }",
     "type ipv4_addr : verdict; flags interval; elements = { 192.0.2.0/24 : accept, 192.0.2.1 : accept }"])
CHAINS = (
    ["type filter hook input priority 0", "type filter hook input priority filter + 5; policy drop", "comment \"x\"",
     "type nat hook prerouting priority dstnat; policy accept", "type filter hook output priority -150; accept",
     "type route hook output priority mangle", "type filter hook input priority 99999999999",
     "type filter hook forward priority - 5", "type filter hook input priority -2147483648"],
    ["type filter hook nosuch priority 0", "type nosuch hook input priority 0", "type filter hook input", "policy nosuch",
     "policy drop", "type filter hook input priority 0 policy drop", "type filter hook input priority nosuch",
     "type nat hook forward priority 0", "type filter hook input priority 0; policy drop; policy drop",
     "type filter hook input priority \"filter\"", "type filter hook input priority dstnat"])
OBJECTS = (
    ["counter o {\n\t}", "counter o {\n\t\tpackets 5 bytes 6\n\t}", "quota o {\n\t\tover 5 mbytes\n\t}",
     "limit o {\n\t\trate 5/second burst 3 packets\n\t}", "ct helper o {\n\t\ttype \"ftp\" protocol tcp;\n\t}",
     "ct timeout o {\n\t\tprotocol tcp\n\t\tpolicy = { established : 100 }\n\t}", "synproxy o {\n\t\tmss 1460\n\t\twscale 7\n\t}",
     "ct expectation o {\n\t\tprotocol tcp\n\t\tl3proto ip\n\t\tdport 5\n\t\ttimeout 1h\n\t\tsize 5\n\t}", "chain a:b {\n\t}"],
    ["counter o", "counter o {\n\t\tpackets 5\n\t}", "counter \"o\" {\n\t}", "quota o {\n\t\t5\n\t}", "limit o {\n\t}",
     "limit o {\n\t\trate 5\n\t}", "ct helper o {\n\t\ttype \"ftp\" protocol nosuch;\n\t}", "ct helper o {\n\t}",
     "ct helper o {\n\t\ttype \"ftp\" protocol tcp }", "ct expectation o {\n\t\tdport x\n\t}", "nosuch o {\n\t}", "chain o",
     "synproxy o {\n\t\tmss x\n\t}", "chain o {\n\t\taccept }", "chain \"o\" {\n\t}", "chain $web {\n\t}", "chain o\n\t{\n\t}",
     "set " + "o" * 256 + " {\n\t\ttype mark\n\t}"])


class Generator:
    def __init__(self, chance):
        self.chance = chance
        self.is_right = chance.random() < 0.6  # of faults there is one

    def of(self, right_and_wrong):
        """One of the right ones, or the fault of this script, if it is still to come."""
        right, wrong = right_and_wrong
        if self.is_right:
            return self.chance.choice(right)
        self.is_right = True
        return self.chance.choice(wrong)

    def match(self, v):
        field, kind = self.chance.choice(FIELDS[v] + FIELDS[0])
        value = self.of(VALUES[kind])
        if field == "ct original ip saddr" and value.startswith(("@", "{", "$")):
            value = "192.0.2.1"
        is_plain = not value.startswith(("{", "@", "$", "(")) and "," not in value and " " not in value
        if kind in ("port", "int8", "int16", "mark") and value.isdigit():
            return f"{field} {self.chance.choice(['', '', '!= ', '< ', '>= '])}{value}"
        return f"{field} {'!= ' if is_plain and self.chance.random() < 0.2 else ''}{value}"

    def rule(self, v):
        words = []
        if self.is_right or self.chance.random() < 0.6:
            words.append(self.match(v))
        if not words or self.chance.random() < 0.6:
            words.append(self.of(STATEMENTS))
        if not self.is_right:
            words.append(self.of(STATEMENTS))
        ends = words[-1] in VERDICTS or words[-1].startswith(("jump", "accept", "reject"))
        return " ".join(words if ends or self.chance.random() < 0.4 else [*words, self.chance.choice(VERDICTS)])

    def script(self):
        place = {"family": "inet", "kind": "filter", "hook": "prerouting", "priority": "-150", "declaration": "",
                 "rule": "accept"}
        what = self.chance.random()
        if what < 0.5:
            place["rule"] = self.rule(self.chance.choice((4, 6)))
        elif what < 0.62:
            place.update(kind="nat", hook="prerouting", priority="-100", rule=self.of(NAT))
        else:
            word, bodies = self.chance.choice([("set", SETS), ("map", MAPS), ("chain", CHAINS), ("", OBJECTS)])
            body = self.of(bodies)
            declaration = f"{word} o {{\n\t\t{body}\n\t}}" if word else body
            place["declaration"] = f"\t{declaration}\n"
        text = FRAME.format(**place)
        # Ends of lines are of the language, too.
        if self.chance.random() < 0.04:
            text = text.replace("\n", "\r\n")
        elif self.chance.random() < 0.04:
            text = text.replace("\n\t}\n}", " }\n}")
        return text


def script(seed, number):
    """The same for the same two numbers, whatever was asked before."""
    return Generator(random.Random(f"{seed}/{number}")).script()
