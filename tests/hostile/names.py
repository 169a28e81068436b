#!/usr/bin/env python3
"""Usage: names.py UNTRACK. Names and comments that try to break out of each form of output: of a
shell, a terminal, HTML, Markdown, SARIF and other JSON, XML, GitHub's commands, Prometheus. (No form
is CSV.) Each form is read by something that would do what the names ask for."""
import html.parser
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

BIDI = "\u202e\u2066"
EVIL = "</script><script>alert(1)</script>`touch owned`$(touch owned)';touch owned;'|a|[x](javascript:1)\x1b]0;owned\x07" + BIDI
LINE = "::error file=x::owned"
# As a file may be called; as a chain and a comment of iptables; as what nft takes for names.
FILE = "a<script>`touch owned`$(touch owned)';touch owned;'|=cmd()\x1b[31m" + BIDI + "\n" + LINE + ".rules"
CHAIN = "=cmd()|<blink>`id`$(id)'"
RULES = f"""*filter
:INPUT DROP [0:0]
:OUTPUT ACCEPT [0:0]
:{CHAIN} - [0:0]
-A INPUT -m conntrack --ctstate NEW -m comment --comment "{EVIL}" -j {CHAIN}
-A INPUT -p tcp --dport 22 -m comment --comment "{LINE} {EVIL}" -j ACCEPT
-A INPUT -p tcp --dport 22 -m comment --comment "{EVIL}" -j ACCEPT
-A INPUT -m "{EVIL}" --{EVIL.split("'")[0]} -j <script>alert(1)</script>
-A {CHAIN} -p tcp --dport 80 -m comment --comment "=cmd()|'/C calc'!A0" -j ACCEPT
COMMIT
{EVIL}
"""
PACKET = "in tcp 192.0.2.1:40000 > 198.51.100.1:80 syn iif eth0"


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.faults = []
        self.inside = []

    def handle_starttag(self, tag, attrs):
        if tag in ("script", "img", "iframe", "blink", "object"):
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
                self.faults.append(f"{name}={value}")


def plain(text):
    """What a terminal, or who reads a file in one, must not get."""
    bad = re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]", text)
    return f"has {bad.group()!r}" if bad else None


def as_json(text):
    try:
        json.loads(text)
    except ValueError as error:
        return str(error)
    return plain(text)


def as_sarif(text):
    # Messages alone: a snippet is the text as it stands.
    def links(value):
        if isinstance(value, dict):
            message = value.get("message")
            said = message.get("text", "") if isinstance(message, dict) else ""
            return bool(re.search(r"(?<!\\)\[[^\]]*(?<!\\)\]\(", said)) or any(map(links, value.values()))
        return isinstance(value, list) and any(map(links, value))
    fault = as_json(text)
    return fault or ("a link in a message" if links(json.loads(text)) else None)


def as_lines_of_json(text):
    return next((fault for fault in map(as_json, text.splitlines()) if fault), None)


def as_xml(text):
    try:
        xml.etree.ElementTree.fromstring(text)
    except xml.etree.ElementTree.ParseError as error:
        return str(error)
    return plain(text)


def as_github(text):
    for line in text.split("\n"):
        if line and not re.match(r"(::(error|warning|notice) (file|title)=[^:\n]*::|untrack: )", line):
            return f"a line of its own: {line[:80]!r}"
    return plain(text)


def as_metrics(text):
    sample = r'[a-z_]+(\{([a-z_]+="([^"\\\n]|\\.)*",?)*\})? [-+.e\dA-Za-z]+'
    for line in text.splitlines():
        if not line.startswith("# ") and not re.fullmatch(sample, line):
            return f"no sample: {line[:80]!r}"
    return plain(text)


def as_html(text):
    page = Page()
    page.feed(text)
    return ", ".join(page.faults) or plain(text)


def as_markdown(text):
    """Outside of code, no element, and as many cells in a row as in the head of its table."""
    width = None
    fence = None
    for line in text.splitlines():
        mark = re.match(r"\s*(`{3,}|~{3,})", line)
        if mark and (fence is None or line.strip() == fence):
            fence = None if fence else mark.group(1)
            continue
        if fence:
            continue
        if line.startswith("|"):
            cells = len(re.findall(r"(?<!\\)\|", line))
            width = width or cells
            if cells != width:
                return f"{cells} cells where the head has {width}: {line[:120]!r}"
        else:
            width = None
        bare = re.sub(r"(?<!\\)(`+)(?!`).*?(?<!`)\1(?!`)", "", line)
        if re.search(r"<(script|blink|/script)>", re.sub(r"\\.", "", bare)):
            return f"an element: {line[:120]!r}"
        if re.search(r"(?<!\\)\]\(javascript", bare):
            return f"a link: {line[:120]!r}"
    return plain(text)


def as_shell(text):
    done = subprocess.run(["sh", "-n"], input=text, text=True, capture_output=True, check=False)
    return done.stderr if done.returncode else plain(text)


AUDIT = {"text": plain, "json": as_json, "sarif": as_sarif, "github": as_github, "gitlab": as_json,
         "junit": as_xml, "checkstyle": as_xml, "rdjsonl": as_lines_of_json, "prometheus": as_metrics,
         "markdown": as_markdown, "html": as_html}
OTHERS = [(["explain", "{}", "--packet", PACKET], {"text": plain, "json": as_json}),
          (["diff", "{}", "{other}"], {"text": plain, "json": as_json, "markdown": as_markdown, "html": as_html}),
          (["verify", "--mode", "stateless", "{}", "{other}"], {"text": plain, "json": as_json, "html": as_html}),
          (["rewrite", "--mode", "notrack", "{}"], {"text": plain, "json": as_json, "html": as_html}),
          (["pressure", "{}"], {"text": plain, "json": as_json, "html": as_html}),
          (["unload", "{}"], {"text": plain, "json": as_json})]


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    failures = count = 0
    with tempfile.TemporaryDirectory() as folder:
        path, other = pathlib.Path(folder, FILE.replace("/", "")), pathlib.Path(folder, "other.rules")
        # One that is read whole, and one in which much is wrong.
        broken, whole = RULES, "\n".join(line for line in RULES.splitlines()[:-1] if "-m \"" not in line) + "\n"
        other.write_text(whole.replace("--dport 22", "--dport 23"), encoding="utf-8")
        for rules in (broken, whole):
            path.write_text(rules, encoding="utf-8")
            rows = [(["audit", "{}"], AUDIT), (["audit", "--hosts", "{}", "{other}"], AUDIT), *OTHERS]
            for words, forms in rows:
                for form, look in forms.items():
                    if "--hosts" in words and form == "html":
                        continue  # a directory of the same pages
                    named = [str(path) if word == "{}" else str(other) if word == "{other}" else word for word in words]
                    done = subprocess.run([program, *named, "--output", form], text=True, cwd=folder,
                                          capture_output=True, check=False, timeout=240)
                    faults = [] if done.stdout or done.returncode == 2 else ["no output"]
                    faults += [fault for fault in (look(done.stdout) if done.stdout else None, plain(done.stderr)) if fault]
                    if done.returncode not in (0, 1, 2, 3):
                        faults.append(f"exit status {done.returncode}")
                    if done.returncode == 2:
                        faults.append(f"not run: {done.stderr[:200]}")
                    count += 1
                    for fault in faults:
                        failures += 1
                        print(f"{' '.join(words)} --output {form}: {fault}")
            script = subprocess.run([program, "unload", path, "--print-script"], text=True, capture_output=True,
                                    check=False, cwd=folder)
            count += 1
            fault = as_shell(script.stdout) if script.stdout else None
            if fault:
                failures += 1
                print(f"unload --print-script: {fault}")
        if list(pathlib.Path(folder).glob("owned*")):
            failures += 1
            print("a command of a name was run")
    print(f"{count} outputs of hostile names, {failures} faults")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
