"""Which folder may include which, and who may see which third-party header. The arrows are read
from the untrack_folder() lines of CMakeLists.txt, so that they are written once; docs/architecture.md
says why they are as they are. `arrows.py --self-test` plants violations and wants them found."""
import pathlib
import re
import sys
import tempfile

import tree

# Header prefix -> the files that may include it.
THIRD_PARTY = {
    "tao/": r"parser/.*(\.cpp|grammar\.hpp|messages\.hpp)|tests/.*",
    "nlohmann/": r"report/.*|tests/.*",
    "linux/netfilter": r"live/.*\.cpp",
    "libiptc/": r"live/ip_tables\.cpp",
    "libipset/": r"live/ipsets\.cpp",
    "libmnl/": r"live/.*\.cpp",
    "libnftnl/": r"live/.*\.cpp",
    "nftables/": r"live/nft_ruleset\.cpp",
    "CLI/": r"app/(cli|command_options|option_table|config/apply_config)\.cpp|tests/.*",
    "toml++/": r"app/config/config_file\.cpp",
    "fmt/": r".*\.cpp",
    "gtest/": r"tests/.*",
    "benchmark/": r"bench/.*",
    "z3++": r"bench/oracle_benchmark\.cpp",
}
# The recheck of certificates shares nothing with what it checks: all that these files see, directly or
# through others, matches one of the patterns. Of analysis/flows it is the table of assumptions' names.
APART = {
    r"analysis/(recheck/\w+|certificate/(certificate_file|claim|sha256))\.[ch]pp":
        r"model/.*|analysis/(recheck/\w+|certificate/(certificate_file|claim|sha256))\.hpp"
        r"|analysis/program/.*|analysis/packet/packet\.hpp|analysis/flows/assumptions\.hpp"
        r"|analysis/walk/(concrete|decision)\.hpp",
}
FOLDERLESS = re.compile(r"[a-z_0-9]+(\.h)?|(sys|arpa|netinet|net|linux)/[a-z_0-9]+\.h")
INCLUDE = re.compile(r'\s*#\s*include\s*(<([^>]*)>|"([^"]*)")')


def read_arrows(cmake):
    """{folder: folders it may include, itself among them}; the program's own file may include what it
    is linked to"""
    arrows = {name: {name, *others.split()}
              for name, others in re.findall(r"^untrack_folder\((\w+)([\w ]*)\)$", cmake, re.M)}
    linked = re.findall(r"^ *target_link_libraries\(untrack PRIVATE ([\w ]+)\)$", cmake, re.M)
    arrows["app/main.cpp"] = set(re.findall(r"untrack_(\w+)", " ".join(linked)))
    return arrows


def violations(root, names, arrows):
    for name in names:
        folder = name if name in arrows else name.split("/")[0]
        for number, line in enumerate((root / name).read_text().splitlines(), 1):
            found = INCLUDE.match(line)
            if not found:
                continue
            place = f"{name}:{number}: "
            system, own = found.group(2), found.group(3)
            if system:
                owner = next((p for p in THIRD_PARTY if system.startswith(p)), None)
                if owner and not re.fullmatch(THIRD_PARTY[owner], name):
                    yield f"{place}<{system}> is for {THIRD_PARTY[owner]} only"
                if not owner and not FOLDERLESS.fullmatch(system):
                    yield f"{place}<{system}> is a library this project does not use yet: " \
                          "name it in THIRD_PARTY with the files that may see it"
                continue
            target = own.split("/")[0]
            if target not in arrows and target != "tests" and target != "bench":
                yield f'{place}"{own}" is not named from the root of the tree'
            elif folder in arrows and target not in arrows[folder]:
                yield f"{place}{folder} may not include {target} (CMakeLists.txt, untrack_folder)"


def included(root, name, seen):
    """Every header of ours that the file sees, with the one that includes it."""
    for line in (root / name).read_text().splitlines():
        found = INCLUDE.match(line)
        own = found and found.group(3)
        if not own or own in seen or not (root / own).exists():
            continue
        seen.add(own)
        yield own, name
        yield from included(root, own, seen)


def not_apart(root, names):
    for name in names:
        allowed = next((to for pattern, to in APART.items() if re.fullmatch(pattern, name)), None)
        if not allowed:
            continue
        for own, by in included(root, name, set()):
            if not re.fullmatch(allowed, own):
                yield f"{name}: sees {own} (through {by}), from which it has to stay apart (APART)"


def self_test():
    arrows = {"model": {"model"}, "parser": {"parser", "model"}, "report": {"report", "model"}}
    planted = {
        "model/a.hpp": ('#include "parser/b.hpp"\n', "model may not include parser"),
        "parser/b.hpp": ("#pragma once\n#include <tao/pegtl.hpp>\n", "<tao/pegtl.hpp> is for"),
        "parser/c.cpp": ("#include <nlohmann/json.hpp>\n", "<nlohmann/json.hpp> is for"),
        "report/d.hpp": ("#include <fmt/format.h>\n", "<fmt/format.h> is for"),
        "parser/e.cpp": ('#include "b.hpp"\n', "not named from the root"),
        "parser/g.cpp": ("#include <boost/any.hpp>\n", "does not use yet"),
        "parser/h.cpp": ('#include "model/a.hpp"\n#include <vector>\n#include <sys/stat.h>\n', None),
    }
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch)
        for name, (text, _) in planted.items():
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_text(text)
        for name, (text, wanted) in planted.items():
            found = list(violations(root, [name], arrows))
            line = text.count("\n")
            if wanted is None:
                assert not found, found
            else:
                assert len(found) == 1 and wanted in found[0], (name, found)
                assert found[0].startswith(f"{name}:{line}: "), found[0]
    apart = {
        "analysis/recheck/a.cpp": '#include "analysis/recheck/b.hpp"\n',
        "analysis/recheck/b.hpp": '#include "analysis/program/c.hpp"\n#include "model/d.hpp"\n',
        "analysis/program/c.hpp": '#include "analysis/diagram/e.hpp"\n',
        "analysis/diagram/e.hpp": "",
        "model/d.hpp": "",
    }
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch)
        for name, text in apart.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        found = list(not_apart(root, ["analysis/recheck/a.cpp"]))
        assert len(found) == 1 and "analysis/diagram/e.hpp (through analysis/program/c.hpp)" in found[0], found
    print("self-test: every planted violation was found, with its line")


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        raise SystemExit(0)
    arrows = read_arrows((tree.ROOT / "CMakeLists.txt").read_text())
    assert len(arrows) >= 6, "CMakeLists.txt lost its untrack_folder lines"
    names = tree.files(".cpp", ".hpp")
    checked_apart = [name for name in names if any(re.fullmatch(p, name) for p in APART)]
    assert len(checked_apart) >= 12, "the recheck has moved away from APART"
    tree.report(list(violations(tree.ROOT, names, arrows)) + list(not_apart(tree.ROOT, names)), f"arrows of {len(names)} files")
