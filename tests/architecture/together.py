"""Which sources can be compiled as one: most of a compiler's time goes into the headers of the standard
library, so that a few sources that include the same are read some together, where no two of them give the
same name to something of their own. Used by lint.py, and by the build of the sanitizers
(UNTRACK_TOGETHER in ../../CMakeLists.txt). Usage: together.py SOURCE...; prints a group a line."""
import functools
import os
import pathlib
import re
import sys

import tree

MOST = 8
DECLARED = re.compile(
    r"^(?=[A-Za-z_])(?!namespace\b|using \w+::|return\b|TEST|INSTANTIATE_TEST)"
    r"(?:[\w:<>,&* \[\]]*?[ &*])?(\w+)(?=\(| =|\{| \{|;|\[)", re.MULTILINE)

TYPE = re.compile(r"^(?:struct|class|enum class) (\w+)(?= [:{])", re.MULTILINE)


def own_names(text):
    """What a source declares for itself, at the begin of a line. Too many are harmless."""
    return set(DECLARED.findall(text))


@functools.cache
def types_of_headers():
    return {kind for name in tree.files(".hpp") for kind in TYPE.findall((tree.ROOT / name).read_text())}


def stands_alone(text):
    """Takes the names of an enumeration, defines macros, or has a type named as one of a header: what it
    would meet is not among its own names."""
    return (re.search(r"^ *(using enum|# *define)\b", text, re.MULTILINE) or
            any(kind in types_of_headers() for kind in TYPE.findall(text)))


def groups(names):
    """Lists of sources of one folder that fit together, in the order of `names`."""
    found = []
    for name in names:
        text = (tree.ROOT / name).read_text()
        own, folder = own_names(text), name.split("/")[0]
        most = 1 if stands_alone(text) else MOST
        for group in found:
            if group["folder"] == folder and len(group["names"]) < min(most, group["most"]) and not own & group["own"]:
                break
        else:
            group = {"folder": folder, "names": [], "own": set(), "most": most}
            found.append(group)
        group["names"].append(name)
        group["own"] |= own
    return [group["names"] for group in found]


if __name__ == "__main__":
    sources = [os.path.relpath(pathlib.Path(word).resolve(), tree.ROOT) for word in sys.argv[1:]]
    for number, group in enumerate(groups(sources)):
        print(number, *group)
