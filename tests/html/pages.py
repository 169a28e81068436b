"""Pages to look at: of every golden case that gives a report, of the samples, and of rulesets that attack.
Used by validity.py, browser.py and pictures.py; runs nothing by itself."""
import pathlib
import subprocess

COMMANDS = ("audit", "rewrite", "verify", "diff", "pressure")
LOAD = ["--kernel", "6.1", "--ram", "8G", "--rate", "tcp=900/s,25s", "--rate", "udp=4000/s"]
SAMPLES = [
    ("web", ["audit", "web-server.rules"]),
    ("router", ["audit", "router.nft"]),
    ("campus", ["audit", "campus-large.rules"]),
    ("ufw", ["audit", "ufw-like.rules"]),
    ("notrack", ["audit", "dns-server-notrack.rules"]),
    ("dual", ["audit", "dual-stack.v4.rules", "dual-stack.v6.rules"]),
    ("stateless", ["audit", "stateless.nft"]),
    ("rewrite", ["rewrite", "--mode", "stateless", "web-server.rules"]),
    ("refused", ["rewrite", "--mode", "stateless", "router-masquerade.rules"]),
    ("rewrite-notrack", ["rewrite", "--mode", "notrack", "dns-server.rules"]),
    ("verify", ["verify", "--mode", "notrack", "dns-server.rules", "dns-server-notrack.rules"]),
    ("diff", ["diff", "dns-server.rules", "dns-server-notrack.rules"]),
    ("pressure", ["pressure", *LOAD, "web-server.rules"]),
]

# Words that would end what they stand in, reorder or hide text, or drive a terminal.
HOSTILE = ("</style></script></code></title><script>alert(1)</script><img src=x onerror=alert(1)>",
           "\\\" onmouseover=x' &lt;b&gt; &#60; --><!-- ]]> javascript:alert(1)",
           "\u202eTPECCA\u202c \u200b\u2066 \x1b[31m \x07 \x7f \u0085 \ufeff")


def hostile_rules():
    rules = "*raw\n:PREROUTING ACCEPT [0:0]\n:<svg/onload=x> - [0:0]\n"
    rules += "-A PREROUTING -j <svg/onload=x>\n-A <svg/onload=x> -j CT --notrack\nCOMMIT\n*filter\n:INPUT DROP [0:0]\n"
    for words in HOSTILE:
        rules += f"# {words}\n-A INPUT -p tcp -m state --state NEW -m comment --comment \"{words}\" -j ACCEPT\n"
    rules += "-A INPUT -i <b>\"eth0 -m state --state ESTABLISHED -j ACCEPT\n"
    rules += "-A INPUT -m </pre><script>x</script> -j DROP\n-A INPUT -j LOG --log-prefix \"<i>\"\nCOMMIT\n"
    return rules.encode() + b"# \xff\xfe\xc0\xaf\xed\xa0\x80 <u>\n"


def hostile_nft():
    words = HOSTILE[0].replace('"', "'")
    return (f"table inet filter {{\n# {words} \u202e\n  chain input {{ type filter hook input priority 0; policy drop;\n"
            f"    tcp dport 22 ct state new accept comment \"{words[:120]}\"\n"
            f"    iifname \"<b>&'\" ct state established accept\n  }}\n}}\n").encode()


def write_hostile(folder):
    """(name, words) of reports on files written into the folder, whose names attack, too."""
    folder = pathlib.Path(folder)
    (folder / "empty.rules").write_text("*filter\n:INPUT DROP [0:0]\nCOMMIT\n")
    rules, nft = "<img src=x>'&.rules", "<b onclick=x>.nft"
    (folder / rules).write_bytes(hostile_rules())
    (folder / nft).write_bytes(hostile_nft())
    for name in (rules, nft):
        yield f"hostile-{name[-3:]}", ["audit", name]
        yield f"hostile-rewrite-{name[-3:]}", ["rewrite", "--mode", "stateless", name]
        yield f"hostile-notrack-{name[-3:]}", ["rewrite", "--mode", "notrack", name]
        yield f"hostile-diff-{name[-3:]}", ["diff", name, str(folder / "empty.rules")]
        yield f"hostile-verify-{name[-3:]}", ["verify", "--mode", "stateless", name, str(folder / "empty.rules")]
        yield f"hostile-pressure-{name[-3:]}", ["pressure", *LOAD, name]


def cases(source):
    """(name, directory, words, standard input) of every golden case that gives a report of a command."""
    for command in COMMANDS:
        for args in sorted((source / "tests/cases" / command).glob("**/args")):
            words = args.read_text().splitlines()
            gives_report = (args.parent / "stdout.txt").exists() and "--output" not in words
            writes = {"--to", "--in-place"} & set(words)
            if words[:1] == [command] and gives_report and not writes:
                given = args.parent / "stdin"
                yield (str(args.parent.relative_to(source)), args.parent, words,
                       given.read_bytes() if given.exists() else b"")


def page_of(untrack, directory, words, given=b""):
    """The page as bytes; None if the command gives no report."""
    done = subprocess.run([untrack, *words, "--output", "html"], cwd=directory, capture_output=True, check=False,
                          input=given)
    assert done.returncode in (0, 1, 2, 3), (directory, words, done.stderr)
    return done.stdout or None
