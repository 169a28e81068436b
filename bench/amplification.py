#!/usr/bin/env python3
"""Usage: amplification.py UNTRACK [SHAPE,...] [COMMAND...] (default audit; {} is the same file once more).
Inputs of MB megabytes (environment; default 2), each of them made of whatever is shortest to write and
dearest to keep, for each reader: peak memory over the size of the text, and processor time. The worst
factors stand in docs/limits.md."""
import os
import resource
import sys
import tempfile

PROGRAM = sys.argv[1]
N = int(float(os.environ.get("MB", "2")) * 1e6)


def addr(n): return f"10.{n>>16&255}.{n>>8&255}.{n&255}"
def ipt(body, chains=""): return "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n"+chains+body+"COMMIT\n"
def rep(f, n=N):
    out=[];size=0;i=0
    while size<n:
        s=f(i); out.append(s); size+=len(s); i+=1
    return "".join(out)
def nft(body, before="", decl=""): return f"{before}table inet t {{\n{decl}chain i {{\ntype filter hook input priority 0; policy drop;\n{body}\n}}\n}}\n"
S={}
def shape(lang):
    def d(f): S[f.__name__]=(lang,f); return f
    return d
@shape('rules')
def short_rules(): return ipt(rep(lambda i:"-A INPUT\n"))
@shape('rules')
def short_accept(): return ipt(rep(lambda i:"-A INPUT -j ACCEPT\n"))
@shape('rules')
def many_m(): return ipt(rep(lambda i:"-A INPUT "+"-m mark --mark 1 "*50+"\n"))
@shape('rules')
def many_s(): return ipt(rep(lambda i:"-A INPUT -s "+",".join(addr(j*2) for j in range(200))+" -j ACCEPT\n"))
@shape('rules')
def multiport(): return ipt(rep(lambda i:"-A INPUT -p 6 -m multiport --dports 1,3,5,7,9,2,4,6,8,11,33,55,77,99,22\n"))
@shape('rules')
def chains(): return ipt("", rep(lambda i:f":c{i} -\n"))
@shape('rules')
def tables(): return rep(lambda i:f"*t{i}\nCOMMIT\n")
@shape('rules')
def bad_lines(): return ipt(rep(lambda i:"x\n"))
@shape('rules')
def bad_options(): return ipt(rep(lambda i:"-A INPUT --x 1\n"))
@shape('rules')
def newlines(): return ipt("\n"*N)
@shape('rules')
def comments(): return ipt("#\n"*(N//2))
@shape('rules')
def conntrack(): return ipt(rep(lambda i:"-A INPUT -m state --state NEW\n"))
@shape('rules')
def masq(): return "*nat\n:POSTROUTING ACCEPT [0:0]\n"+rep(lambda i:"-A POSTROUTING -j MASQUERADE\n")+"COMMIT\n"
@shape('rules')
def jumps(): return ipt("-A INPUT -j c0\n"+rep(lambda i:f"-A c{i} -j c{i+1}\n"), "".join(f":c{i} -\n" for i in range(N//12)))
@shape('rules')
def undefined(): return ipt(rep(lambda i:f"-A INPUT -j u{i}\n"))
@shape('rules')
def addrs(): return ipt(rep(lambda i:f"-A INPUT -s {addr(i)} -j DROP\n"))
@shape('rules')
def limits(): return ipt(rep(lambda i:f"-A INPUT -m limit --limit {i%9000+1}/s\n"))
@shape('ipset')
def ipset_one(): return "create s hash:ip\n"+rep(lambda i:f"add s {addr(i)}\n")
@shape('ipset')
def ipset_many(): return rep(lambda i:f"create s{i} hash:ip\n")
@shape('ipset')
def ipset_iface(): return "create s hash:net,iface\n"+rep(lambda i:f"add s 1.1.1.1/32,e{i}\n")
@shape('sh')
def sh_double(): return "#!/bin/sh\nA=aaaaaaaaaaaaaaaaaaaaaaaaaaa\n"+"A=$A$A\n"*60+rep(lambda i:"iptables -A INPUT -m comment --comment $A\n")
@shape('sh')
def sh_words(): return "#!/bin/sh\nA='"+" -s 1.1.1.1"*90+"'\n"+rep(lambda i:"iptables -A INPUT $A\n")
@shape('sh')
def sh_vars(): return "#!/bin/sh\n"+rep(lambda i:f"A{i}=1\n")
@shape('sh')
def sh_lines(): return "#!/bin/sh\n"+rep(lambda i:"iptables -A INPUT -j DROP\n")
@shape('sh')
def sh_foreign(): return "#!/bin/sh\niptables -A INPUT -j DROP\n"+rep(lambda i:"a;b|c&&d\n")
@shape('sh')
def sh_for(): return "#!/bin/sh\n"+rep(lambda i:"for a in b; do iptables -A INPUT -j DROP; done\n")
@shape('sh')
def sh_oneword(): return "#!/bin/sh\niptables -A INPUT "+"\\a"*(N//2)+"\n"
@shape('sh')
def sh_param(): return "#!/bin/sh\niptables -A INPUT -m comment --comment "+"$a"*(N//2)+"\n"
@shape('nft')
def nft_set(): return nft("ip saddr @s accept",decl="set s { type ipv4_addr; elements = { "+rep(lambda i:addr(i*2)+", ")+"} }\n")
@shape('nft')
def nft_ports(): return nft("tcp dport @s accept",decl="set s { type mark; elements = { "+rep(lambda i:f"{2*i},")+"} }\n")
@shape('nft')
def nft_anon(): return nft("meta mark {"+rep(lambda i:f"{2*i},")+"} accept")
@shape('nft')
def nft_vmap(): return nft("meta mark vmap {"+rep(lambda i:f"{2*i}:drop,")+"}")
@shape('nft')
def nft_map(): return nft("meta mark vmap @s",decl="map s { type mark : verdict; elements = { "+rep(lambda i:f"{2*i}:drop,")+"} }\n")
@shape('nft')
def nft_datamap(): return nft("meta mark set meta mark map {"+rep(lambda i:f"{2*i}:1,")+"}")
@shape('nft')
def nft_rules(): return nft(rep(lambda i:"drop\n"))
@shape('nft')
def nft_states(): return nft(rep(lambda i:"ct state new\n"))
@shape('nft')
def nft_onerule(): return nft("meta mark 1 "*(N//12))
@shape('nft')
def nft_counters(): return nft("counter "*(N//8))
@shape('nft')
def nft_smallsets(): return nft(rep(lambda i:"tcp dport {1,3}\n"))
@shape('nft')
def nft_smallmaps(): return nft(rep(lambda i:"tcp dport vmap {1:drop}\n"))
@shape('nft')
def nft_jumpblocks(): return nft(rep(lambda i:"jump {drop}\n"))
@shape('nft')
def nft_chains(): return "table ip t {\n"+rep(lambda i:f"chain c{i}{{}}\n")+"}\n"
@shape('nft')
def nft_tables(): return rep(lambda i:f"table t{i}\n")
@shape('nft')
def nft_sets(): return "table ip t {\n"+rep(lambda i:f"set s{i}{{type mark;}}\n")+"}\n"
@shape('nft')
def nft_defines(): return rep(lambda i:f"define a{i}=1\n")+nft("drop")
@shape('nft')
def nft_laughs():
    return "define x0={1,3,5,7,9,11,13,15,17,19}\n"+"".join(f"define x{i+1}={{$x{i},$x{i},$x{i},$x{i},$x{i},$x{i},$x{i},$x{i}}}\n" for i in range(30))+nft("tcp dport $x5 drop\ntcp dport $x30 drop")
@shape('nft')
def nft_reuse(): return "define x={"+",".join(str(2*i+1) for i in range(3000))+"}\n"+nft(rep(lambda i:"tcp dport $x drop\n"))
@shape('nft')
def nft_concat(): return nft("ip saddr . tcp dport {"+rep(lambda i:f"{addr(i)} . 1,")+"} accept")
@shape('nft')
def nft_ifaces(): return nft("iifname {"+rep(lambda i:f"a{i},")+"} accept")
@shape('nft')
def nft_braces(): return nft("{"*N)
@shape('nft')
def nft_bad(): return nft(rep(lambda i:"x\n"))
@shape('nft')
def nft_semicolons(): return nft(";"*N)
@shape('nft')
def nft_elems(): return "table ip t { set s { type mark; }\n}\n"+rep(lambda i:f"add element t s {{ {2*i} }}\n")
@shape('json')
def json_rules(): return '{"nftables":[{"table":{"family":"ip","name":"t"}},{"chain":{"family":"ip","table":"t","name":"i","type":"filter","hook":"input","prio":0,"policy":"drop"}}'+rep(lambda i:',{"rule":{"family":"ip","table":"t","chain":"i","expr":[{"drop":null}]}}')+']}'
@shape('json')
def json_set(): return '{"nftables":[{"table":{"family":"ip","name":"t"}},{"set":{"family":"ip","table":"t","name":"s","type":"mark","elem":[0'+rep(lambda i:f',{2*i+2}')+']}}]}'
@shape('json')
def json_array(): return '{"nftables":[0'+',0'*(N//2)+']}'
@shape('json')
def json_nest(): return '{"nftables":['+'[],'*(N//3)+'[]]}'
@shape('json')
def json_long(): return '{"nftables":[{"table":{"family":"ip","name":"t"}},{"chain":{"family":"ip","table":"t","name":"i","type":"filter","hook":"input","prio":0,"policy":"drop"}},{"rule":{"family":"ip","table":"t","chain":"i","expr":[{"drop":null}'+',{"accept":null}'*(N//16)+']}}]}'
@shape('json')
def json_escapes(): return '{"nftables":[{"table":{"family":"ip","name":"'+'\\u0001'*(N//6)+'"}}]}'


def main():
    names = [name for name in (sys.argv[2] if len(sys.argv) > 2 else "").split(",") if name] or list(S)
    command = sys.argv[3:] or ["audit"]
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            language, shape = S[name]
            path, said = f"{folder}/in.{language}", f"{folder}/out.txt"
            text = shape()
            size = len(text)
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
            del text
            child = os.fork()
            if child == 0:
                resource.setrlimit(resource.RLIMIT_CPU, (90, 90))
                out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                os.dup2(out, 1)
                os.dup2(out, 2)
                words = [path if word == "{}" else word for word in command[1:]]
                os.execv(PROGRAM, [PROGRAM, command[0], path, *words])
            _, status, used = os.wait4(child, 0)
            code = os.waitstatus_to_exitcode(status)
            print(f"{name:16} {size / 1e6:6.1f} MB  exit {code:3}  cpu {used.ru_utime + used.ru_stime:6.2f} s  "
                  f"peak {used.ru_maxrss / 1024:6.0f} MB  {(used.ru_maxrss - 12000) * 1024 / size:7.1f} times  "
                  f"output {os.path.getsize(said) / 1e6:.1f} MB", flush=True)


main()
