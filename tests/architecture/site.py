"""mkdocs makes the site of docs/ without a warning; every page is in its navigation; every link in the
pages that it makes leads to a page of it, and with # to a place that is there. Usage: site.py. Exit
status 77: skipped, there is no mkdocs."""
import html.parser
import pathlib
import shutil
import subprocess
import tempfile
import urllib.parse

import tree

if not shutil.which("mkdocs"):
    print("skipped: no mkdocs")
    raise SystemExit(77)


class Page(html.parser.HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.links, self.places = [], {""}
        self.feed(path.read_text())

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        self.places |= {given[name] for name in ("id", "name") if given.get(name)}


problems = []
navigation = (tree.ROOT / "mkdocs.yml").read_text()
sources = [name.removeprefix("docs/") for name in tree.files(".md") if name.startswith("docs/")]
for name in sources:
    if f": {name}\n" not in navigation:
        problems.append(f"mkdocs.yml: docs/{name} is not in nav")

with tempfile.TemporaryDirectory() as folder:
    site = pathlib.Path(folder, "site")
    done = subprocess.run(["mkdocs", "build", "--strict", "--quiet", "--site-dir", str(site)], cwd=tree.ROOT,
                          capture_output=True, text=True)
    if done.returncode != 0 or "WARNING" in done.stderr:
        problems += done.stderr.splitlines() + done.stdout.splitlines()
    pages = {path: Page(path) for path in site.rglob("*.html")}
    count = 0
    for path, page in pages.items():
        if path.name in ("404.html", "search.html"):
            continue
        for link in page.links:
            parts = urllib.parse.urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            count += 1
            target = path if not parts.path else (path.parent / urllib.parse.unquote(parts.path)).resolve()
            if target in pages:
                if urllib.parse.unquote(parts.fragment) not in pages[target].places:
                    problems.append(f"{path.relative_to(site)}: no such place: {link}")
            elif not target.exists():
                problems.append(f"{path.relative_to(site)}: leads nowhere: {link}")
    if len(pages) < len(sources):
        problems.append(f"{len(pages)} pages were made of {len(sources)}")
tree.report(problems, f"{len(sources)} pages, {count} links")
