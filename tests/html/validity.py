"""Every HTML page is well-formed, shows nothing of a ruleset as markup, loads nothing and runs nothing: pages of
all golden cases, of the samples, and of rulesets that try to break out. Judged by a parser here, and by tidy where
it is installed. Usage: validity.py UNTRACK SOURCE"""
import html.parser
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import pages

VOID = {"meta", "br"}
SVG = {"rect", "line", "polyline", "polygon"}  # written <x/>
TAGS = {"html": {"lang"}, "head": set(), "meta": {"charset", "http-equiv", "content", "name"}, "title": {"id"},
        "style": set(), "body": set(), "header": set(), "main": set(), "footer": set(), "h1": set(), "h2": set(),
        "h3": set(), "p": {"class"}, "section": {"id", "aria-label"}, "div": {"class", "id"}, "span": {"class"},
        "b": {"class"}, "u": {"class"}, "code": {"class"}, "pre": {"class"}, "a": {"class", "href"}, "br": set(),
        "ul": set(), "li": set(), "dl": {"class"}, "dt": set(), "dd": set(), "details": {"class", "open"},
        "summary": set(), "figure": set(), "figcaption": set(), "table": {"role"}, "caption": set(),
        "thead": {"role"}, "tbody": {"role"}, "tr": {"role"}, "th": {"scope", "role", "class"},
        "td": {"role", "class", "data-name"}, "svg": {"class", "viewbox", "role", "aria-labelledby"}, "desc": {"id"},
        "text": {"class", "x", "y", "font-size", "text-anchor"}, "rect": {"class", "x", "y", "width", "height", "rx"},
        "line": {"class", "x1", "y1", "x2", "y2"}, "polyline": {"class", "points"}, "polygon": {"class", "points"}}
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


class Judge(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.links, self.seen, self.levels = [], [], [], set(), []

    def handle_starttag(self, tag, attrs):
        assert tag in TAGS, f"<{tag}> at {self.getpos()}"
        names = [name for name, _ in attrs]
        assert set(names) <= TAGS[tag] and len(set(names)) == len(names), (tag, attrs, self.getpos())
        values = dict(attrs)
        self.ids += [values["id"]] if "id" in values else []
        self.links += [values["href"]] if "href" in values else []
        self.seen.add(tag)
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
        assert not ({"p", "summary"} & set(self.open) and tag in {"p", "div", "table", "dl", "ul"}), self.getpos()
        if tag not in VOID | SVG:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in SVG, tag
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open, self.getpos())
        self.open.pop()

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")

    def handle_pi(self, data):
        raise AssertionError(f"an instruction: {data}")


def judge(page, files=()):
    """Raises AssertionError for whatever is wrong; returns the judge, which knows what there is. `files`: those that
    a link may lead to."""
    text = page.decode("utf-8")
    assert text.startswith("<!DOCTYPE html>\n<html lang=\"en\">")
    assert not CONTROL.search(text), CONTROL.search(text)
    assert "default-src 'none'; style-src 'unsafe-inline'" in text
    style = re.search(r"<style>(.*?)</style>", text, re.S).group(1)
    assert "url(" not in style and "@import" not in style and "<" not in style
    seen = Judge()
    seen.feed(text)
    seen.close()
    assert not seen.open, seen.open
    assert len(set(seen.ids)) == len(seen.ids), "an id twice"
    assert all(re.fullmatch(r"[a-z][a-z0-9-]*", each) for each in seen.ids), seen.ids
    for link in seen.links:
        assert link in files or link.startswith("#") and link[1:] in seen.ids, f"leads nowhere: {link}"
    assert seen.levels.count(1) == 1 and seen.levels[0] == 1
    assert all(b - a <= 1 for a, b in zip(seen.levels, seen.levels[1:])), seen.levels
    return seen


def judge_by_tidy(folder):
    if not shutil.which("tidy"):
        return "not judged by tidy, which is not here"
    files = sorted(pathlib.Path(folder).glob("*.html"))
    for path in files:
        done = subprocess.run(["tidy", "-q", "-e", "--drop-empty-elements", "no", str(path)], capture_output=True,
                              text=True, check=False)
        # tidy knows HTML, not the attributes that SVG gives to <a> and <title>.
        faults = [line for line in done.stderr.splitlines()
                  if re.search(" - (Error|Warning)", line) and "proprietary attribute" not in line]
        assert not faults, (path.name, faults[:5])
    return f"{len(files)} judged by tidy"


def check_directory(untrack, folder):
    """Pages of many hosts, hostile names among them: the index leads to each, and nowhere else."""
    folder = pathlib.Path(folder)
    rule = "*filter\n:INPUT DROP [0:0]\n{}COMMIT\n"
    state = "-A INPUT -m conntrack --ctstate NEW -j ACCEPT\n"
    names = ["plain", "<script>alert(1)</script>", "a\"b&c", "..", "\u202eevil", "javascript:x", "x" * 90]
    hosts = ""
    (folder / "then").mkdir()
    for number, name in enumerate(names):
        (folder / f"{number}.v4").write_text(rule.format(state))
        (folder / "then" / f"{number}.v4").write_text(rule.format("" if number == 0 else state))
        hosts += f"[[host]]\nname = '{name}'\nrules = '{number}.v4'\n"
    hosts += "[[host]]\nname = 'missing'\nrules = 'none.v4'\n"
    (folder / "untrack.toml").write_text(hosts)
    def run(*words):
        return subprocess.run([untrack, "audit", *words], cwd=folder, capture_output=True, text=True, check=False)
    done = run("--output", "html=pages")
    assert done.returncode == 3 and "8 hosts" in done.stdout, done
    files = {path.name for path in (folder / "pages").iterdir()}
    assert len(files) == len(names) + 1 and all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in files), files
    index = judge((folder / "pages/index.html").read_bytes(), files)
    assert set(index.links) == files - {"index.html"}, index.links
    for name in files - {"index.html"}:
        judge((folder / "pages" / name).read_bytes())
    done = run("--changed-since", "then", "--output", "html=changed")
    files = {path.name for path in (folder / "changed").iterdir()}
    assert files == {"index.html", "0001-plain.html", "0001-plain.diff.html"}, (files, done)
    assert set(judge((folder / "changed/index.html").read_bytes(), files).links) == files - {"index.html"}
    done = run("--output", "html")
    assert done.returncode == 2 and "html=DIRECTORY" in done.stderr, done
    done = run("--output", "html=no/such")
    assert done.returncode == 4 and "cannot write no/such" in done.stderr, done
    return len(names)


def self_test(page):
    """Faults that are planted must be found."""
    text = page.decode()
    for old, new in (("</main>", ""), ("<h1>", "<h1 onclick=\"x\">"), ("<main>", "<main><script></script>"),
                     ("<footer>", "<footer><h1>twice</h1>"), ("href=\"#s0-", "href=\"#nowhere"),
                     ("<header>", "<header>\u202e"), ("'none'", "*")):
        assert old in text, old
        try:
            judge(text.replace(old, new, 1).encode())
        except AssertionError:
            continue
        raise SystemExit(f"not found: {new} in place of {old}")


def main():
    untrack = str(pathlib.Path(sys.argv[1]).resolve())
    source = pathlib.Path(sys.argv[2]).resolve()
    count, hostile = 0, 0
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as kept:
        def check(name, directory, words, given=b"", keep=False):
            page = pages.page_of(untrack, directory, words, given)
            if page is None:
                return 0
            try:
                judge(page)
            except AssertionError as fault:
                raise SystemExit(f"{name}: {' '.join(words)}: {fault!r}") from fault
            if keep:
                (pathlib.Path(kept) / f"{name}.html").write_bytes(page)
            return 1
        for name, words in pages.SAMPLES:
            assert check(name, source / "samples", words, keep=True)
        for name, words in pages.write_hostile(folder):
            hostile += check(name, folder, words, keep=True)
        for name, directory, words, given in pages.cases(source):
            count += check(name, directory, words, given)
        assert pages.page_of(untrack, source / "samples", ["audit", "router.nft"]) == \
            pages.page_of(untrack, source / "samples", ["audit", "router.nft"])
        self_test((pathlib.Path(kept) / "web.html").read_bytes())
        judged = judge_by_tidy(kept)
    with tempfile.TemporaryDirectory() as folder:
        check_directory(untrack, folder)
    assert hostile >= 10 and count > 300, (hostile, count)
    print(f"{count} pages of cases, {len(pages.SAMPLES)} of samples, {hostile} of rulesets that attack; {judged}")


main()
