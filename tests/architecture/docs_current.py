"""What the documents say of the tree is true: every path in `backquotes` exists, every relative link
leads to a file and, with #, to a heading of it. Usage: docs_current.py [--self-test]"""
import re
import sys

import tree

FENCE = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.M | re.S)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")
# A word that names a place of this tree: its first part is an entry of the root. Words with
# placeholders (NAME, UTnnn, <name>, *, {hpp,cpp}) stand for many and are checked up to there.
PLACEHOLDER = re.compile(r"[<*{$]|[A-Z]{3,}(?![A-Za-z]*\.md)|UTnnn|\.\.\.|NNN")
BUILT = ("build",)


def blank(text, pattern):
    """The text with all matches replaced by spaces, so that positions stay."""
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def anchor(heading):
    """How a heading is linked to on the usual forges."""
    words = re.sub(r"[`*_]", "", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", words).replace(" ", "-")


def path_problem(word, roots, exists):
    word = word.strip().rstrip(".,:;")
    word = word.split(" ")[0].split("#")[0]
    if "/" not in word or word.startswith(("/", "-", "~", "..")) or "://" in word:
        return None
    parts = word.removeprefix("./").rstrip("/").split("/")
    if parts[0] not in roots or parts[0] in BUILT:
        return None
    known = []
    for part in parts:
        if PLACEHOLDER.search(part):
            break
        known.append(part)
    path = re.sub(r":\d+(-\d+)?$", "", "/".join(known))
    return None if exists(path) else f"`{word}` does not exist"


def problems_of(name, text, roots, exists, read):
    def place(position):
        return f"{name}:{text.count(chr(10), 0, position) + 1}: "

    prose = blank(text, FENCE)
    for found in CODE.finditer(prose):
        problem = path_problem(found.group(1), roots, exists)
        if problem:
            yield place(found.start()) + problem
    folder = name.rsplit("/", 1)[0] + "/" if "/" in name else ""
    for found in LINK.finditer(blank(prose, CODE)):
        target, _, fragment = found.group(1).partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        path = name if not target else (tree.ROOT / (folder + target)).resolve()
        if target:
            try:
                path = str(path.relative_to(tree.ROOT))
            except ValueError:
                yield place(found.start()) + f"link leaves the tree: {found.group(1)}"
                continue
            if not exists(path):
                yield place(found.start()) + f"link leads nowhere: {found.group(1)}"
                continue
        if fragment:
            headings = re.findall(r"^#+ +(.*)$", blank(read(path), FENCE), re.M)
            if fragment not in map(anchor, headings):
                yield place(found.start()) + f"no such heading: {found.group(1)}"


def self_test():
    pages = {"docs/a.md": "# One thing\n`model/gone.hpp` and [x](b.md#no) [y](c.md) "
                          "[z](#one-thing) `model/here.hpp` `model/<name>.cpp`\n```\n`model/no`\n```\n",
             "docs/b.md": "# B\n", "model/here.hpp": ""}
    found = list(problems_of("docs/a.md", pages["docs/a.md"], {"model", "docs"},
                             lambda path: path in pages or path in ("docs", "model"),
                             lambda path: pages[path]))
    assert found == ["docs/a.md:2: `model/gone.hpp` does not exist",
                     "docs/a.md:2: no such heading: b.md#no",
                     "docs/a.md:2: link leads nowhere: c.md"], found
    print("self-test: every planted fault was found, with its line")


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        raise SystemExit(0)
    listed = tree.files()
    there = {*listed}
    for listed_name in listed:
        parts = listed_name.split("/")
        there.update("/".join(parts[:n]) for n in range(1, len(parts)))
    roots = {name.split("/")[0] for name in listed}
    pages = tree.files(".md")
    problems = []
    for page in pages:
        problems += problems_of(page, (tree.ROOT / page).read_text(), roots, there.__contains__,
                                lambda path: (tree.ROOT / path).read_text())
    tree.report(problems, f"{len(pages)} pages")
