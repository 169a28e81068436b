"""Which sources can be compiled as one: most of a compiler's time goes into the headers of the standard
library, so that sources that include the same are read together, where no two of them give the same name
to something of their own. Used by lint.py, and by builds with UNTRACK_TOGETHER (../../CMakeLists.txt).
Usage: together.py MOST SOURCE...; prints a group of at most MOST sources a line."""
import functools
import os
import pathlib
import re
import sys

import passed
import tree

DECLARED = re.compile(
    r"^(?=[A-Za-z_])(?!namespace\b|using \w+::|using (?:namespace|enum)\b|return\b|TEST|INSTANTIATE_TEST)"
    r"([\w:<>,&* \[\]]*?[ &*])?(\w+)(?=(\(| =|\{| \{|;|\[))", re.MULTILINE)
TYPE = re.compile(r"^(?:struct|class|enum class) (\w+)(?= [:{])", re.MULTILINE)
UNNAMED = re.compile(r"^namespace \{$(.*?)^\}@$", re.MULTILINE | re.DOTALL)
# What comes behind it, but nothing before it, takes note of these.
TEXTS = re.compile(r'R"(\w*)\(.*?\)\1"|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)+\'(?!\w)|//[^\n]*', re.DOTALL)
USINGS = re.compile(r"^using (?:enum|namespace) [\w:]+;", re.MULTILINE)
MACROS = re.compile(r"^ *# *define\b", re.MULTILINE)


@functools.cache
def types_of_header(name):
    return frozenset(TYPE.findall((tree.ROOT / name).read_text()))


# The kernel's headers know what the C library's have defined, not the other way round.
KERNELS, LIBRARYS = re.compile(r"^#include <(linux/netf|libiptc/)", re.MULTILINE), "#include <arpa/inet.h>"
ALONE = "#include <libipset/"  # which defines what the kernel's headers do


class Source:
    def __init__(self, name):
        text = TEXTS.sub('""', (tree.ROOT / name).read_text().replace("}  // namespace\n", "}@\n"))
        self.folder = name.split("/")[0]
        self.words = set(re.findall(r"(?<![\w.:>])[a-zA-Z_]\w*", text))
        self.usings = frozenset(USINGS.findall(text))
        leaves = MACROS.search(text) or (KERNELS.search(text) and LIBRARYS not in text)
        self.closes = bool(leaves)  # nothing may come behind it
        self.leaks = self.closes or bool(self.usings)
        self.stands_alone = ALONE in text
        # Functions outside of unnamed namespaces are the program's: there is one of each.
        outside = UNNAMED.sub("\n", text)
        own = [found for part in UNNAMED.findall(text) for found in DECLARED.findall(part)]
        own += [found for found in DECLARED.findall(outside)
                if found[2] != "(" or re.search(r"\b(static|inline|constexpr|template)\b|^$", found[0])]
        self.own = {name for _, name, _ in own}
        self.objects = {name for _, name, follows in own if follows != "("}
        self.types = set(TYPE.findall(text))
        self.types_above = {kind for header in passed.below(name, set()) - {name} for kind in types_of_header(header)}


class Group:
    def __init__(self):
        self.names, self.is_closed, self.usings = [], False, frozenset()
        self.own, self.objects, self.types, self.types_above = set(), set(), set(), set()

    def takes(self, source):
        """No name means something else to a source because of those before it: not those of its own, nor
        its own types those of others' headers. What a function calls a variable may not be an object of
        those before, since that shadows it."""
        if not self.names:
            return True
        return not (self.is_closed or source.stands_alone or (self.usings and self.usings != source.usings) or self.own & source.own or self.objects & source.words or
                    self.types & source.types_above or self.types_above & source.types or
                    (source.leaks and self.own & source.words))

    def add(self, name, source):
        self.names.append(name)
        self.is_closed = source.closes or source.stands_alone
        self.usings |= source.usings
        self.own |= source.own
        self.objects |= source.objects
        self.types |= source.types
        self.types_above |= source.types_above


def groups(names, most):
    """Lists of at most `most` sources of one folder that fit together, and one more behind which nothing may
    come, in the order of `names` but for those that must be the last of theirs."""
    sources = {name: Source(name) for name in names}
    found = []
    for name in sorted(names, key=lambda name: (sources[name].closes, sources[name].leaks, sorted(sources[name].usings))):
        for folder, group in found:
            if folder == sources[name].folder and len(group.names) < most + sources[name].closes and group.takes(sources[name]):
                break
        else:
            found.append((sources[name].folder, group := Group()))
        group.add(name, sources[name])
    return [group.names for _, group in found]


if __name__ == "__main__":
    sources = [os.path.relpath(pathlib.Path(word).resolve(), tree.ROOT) for word in sys.argv[2:]]
    for number, group in enumerate(groups(sources, int(sys.argv[1]))):
        print(number, *group)
