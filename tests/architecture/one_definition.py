"""Each type that a header defines has a name of its own within its namespace: two of one name, in headers
that no source includes together, are no error of any compiler, and the linker takes functions of one for
those of the other (C++20, 6.3 [basic.def.odr]). Usage: one_definition.py"""
import collections
import re

import tree

DEFINITION = re.compile(
    r"^(?:template <[^\n]*>\n)?(?:(?:struct|class|enum class|enum) (\w+)[^;{\n]*\{|using (\w+) =)", re.M)


def definitions(text):
    """Names of the types at the begin of a line, which are those that are no members."""
    return [kind or alias for kind, alias in DEFINITION.findall(text)]


assert definitions("struct A {\n  struct B {\n  };\n};\nclass C;\nclass D final : public A {\nusing E = A;\n") == ["A", "D", "E"]
where = collections.defaultdict(set)
headers = [name for name in tree.files(".hpp") if not name.startswith("tests/")]
for name in headers:
    text = (tree.ROOT / name).read_text()
    space = re.search(r"^namespace ([\w:]+) \{", text, re.M)
    for type_name in definitions(text):
        where[space.group(1) if space else "", type_name].add(name)
problems = [f"{space}::{name} is defined in {' and '.join(sorted(names))}"
            for (space, name), names in sorted(where.items()) if len(names) > 1]
tree.report(problems, f"{len(where)} types in {len(headers)} headers")
