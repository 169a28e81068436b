"""Where a source can be spoiled, and how each mutation is written so that all stand in one build: the text
that was there and the one in its stead, chosen by its number at run time (switch.hpp). Lines stay lines."""
import collections
import dataclasses
import random
import re
import zlib

SPACE = "untrack::mutation::"
COMPARISONS = {"==": "Equal", "!=": "Unequal", "<": "Less", "<=": "LessEqual", ">": "Greater", ">=": "GreaterEqual"}
INSTEAD = {"==": "!=", "!=": "==", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "conj": "disj", "disj": "conj",
           "minus": "conj"}
# Lines that are no code, whose change means nothing, or which the compiler computes (rows of a table among them,
# but for those of the catalog, which are asked for by themselves).
NOT_CODE = re.compile(r"^\s*(#|\.\w+ = |static_assert|using |namespace |throw |template|case |\[\[nodiscard)"
                      r"|\bconstexpr\b|reserve\(|operator[=!<>]|assert\(")
STATEMENT = re.compile(r"^( +)((?:[A-Za-z_][\w.]*(?:->|\.|\[\w+\]\.|::))*[A-Za-z_]\w*(?:\(.*\)| (?:[+|&-]?=) .*)|continue"
                       r"|\+\+[\w.>-]+);$")
# Which old kernel had what is known from its history, and checked by nothing: a test could but repeat it.
VERSION = re.compile(r"\.(?:since|before) = ")
TABLE_TEXTS = ("depends", "aliases", "now")


@dataclasses.dataclass
class Mutation:
    name: str
    line: int  # from 1, in the source
    begin: int
    end: int
    kind: str
    was: str
    instead: str
    write: object  # number -> what stands between begin and end
    nth: int = 1  # of those of the file that read alike

    def key(self, whole):
        """What names it when lines have moved: the file, its line's text, what becomes of it."""
        text = whole.split("\n")[self.line - 1].strip()
        return f"{self.name}: {text} [{self.was} -> {self.instead}]" + (f" ({self.nth})" if self.nth > 1 else "")


def masked(whole):
    """The text with comments and what stands in quotes blanked, letter for letter."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|R"\w*\(.*?\)\w*"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)
    # 1'000'000 holds no character.
    whole = re.sub(r"(?<=\d)'(?=\d)", "_", whole)
    return pattern.sub(lambda match: re.sub(r"[^\n]", "~", match.group()), whole)


def end_of_operand(text, place):
    """Behind the right operand of && or || that begins at `place`, or None."""
    depth = 0
    for index in range(place, len(text)):
        letter, two = text[index], text[index:index + 2]
        if letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
            if depth < 0:
                return index
        elif depth == 0:
            if letter in ";," or two in ("&&", "||"):
                return len(text[:index].rstrip())
            if letter == "?" or (letter == ":" and two != "::" and text[index - 1] != ":"):
                return len(text[:index].rstrip())
    return None


def closing(text, place):
    """Of the bracket at `place`."""
    depth = 0
    for index in range(place, len(text)):
        depth += (text[index] in "([{") - (text[index] in ")]}")
        if depth == 0:
            return index
    return None


def enumerations(headers):
    """Name -> enumerators, of all `enum class`."""
    found = {}
    for whole in headers:
        for match in re.finditer(r"enum(?: class)? (\w+)[^{;]*\{([^}]*)\}", masked(whole)):
            values = [word.split("=")[0].strip() for word in match.group(2).replace("~", " ").split(",")]
            found[match.group(1)] = [value for value in values if re.fullmatch(r"\w+", value)]
    return found


class Finder:
    def __init__(self, name, whole, enums):
        self.name, self.whole, self.enums = name, whole, enums
        self.text = masked(whole)
        self.is_table = name.startswith("model/catalog/")
        self.starts = [0]
        for line in whole.split("\n"):
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.found = []

    def line_of(self, place):
        return self.whole.count("\n", 0, place) + 1

    def line_text(self, place):
        number = self.line_of(place)
        return self.text[self.starts[number - 1]:self.starts[number] - 1]

    def add(self, begin, end, kind, instead, write, was=None):
        was = self.whole[begin:end] if was is None else was
        shorten = lambda words: re.sub(r"\s+", " ", words)
        self.found.append(Mutation(self.name, self.line_of(begin), begin, end, kind, shorten(was), shorten(instead),
                                   write))

    def other(self, enum, value):
        """Another enumerator: the other direction of a field, else the one behind it."""
        values = self.enums.get(enum, ())
        if enum == "Field":
            for one, two in (("source_", "destination_"), ("destination_", "source_"), ("in_inter", "out_inter"),
                             ("out_inter", "in_inter")):
                if value.startswith(one) and value.replace(one, two) in values:
                    return value.replace(one, two)
            return None
        if value not in values or len(values) < 2:
            return None
        return values[(values.index(value) + 1) % len(values)]

    def code(self):
        for match in re.finditer(r" (==|!=|<=|>=|<|>) ", self.text):
            sign = match.group(1)
            self.add(match.start(), match.end(), "comparison", INSTEAD[sign],
                     lambda k, s=sign: f" {s} {SPACE}{COMPARISONS[s]}{{{k}}} {s} ", sign)
        for match in re.finditer(r" (&&|\|\|)\s", self.text):
            begin = match.end() + len(self.text[match.end():]) - len(self.text[match.end():].lstrip())
            end = end_of_operand(self.text, begin)
            if end is None:
                continue
            first = "" if match.group(1) == "&&" else "!"
            self.add(begin, end, "operand", "", lambda k, b=begin, e=end, f=first:
                     f"({f}{SPACE}is_on({k}) {'&&' if f else '||'} ({self.whole[b:e]}))",
                     f"{match.group(1)} {self.whole[begin:end]}")
        for match in re.finditer(r"\b(true|false)\b", self.text):
            word = match.group(1)
            other = "false" if word == "true" else "true"
            self.add(match.start(), match.end(), "literal", other,
                     lambda k, w=word: f"({SPACE}is_on({k}) != {w})")
        for match in re.finditer(r"([A-Za-z_][\w.]*(?:->[\w.]+)*)\.(conj|disj|minus)(?=\()", self.text):
            self.add(match.start(), match.end(), "set", INSTEAD[match.group(2)], lambda k, m=match:
                     f"{SPACE}sets({k}, {m.group(1)}).{m.group(2)}", match.group(2))
        for match in re.finditer(r"\bDiagram::(yes|no)\b", self.text):
            other = "no" if match.group(1) == "yes" else "yes"
            self.add(match.start(), match.end(), "set", "Diagram::" + other, lambda k, m=match, o=other:
                     f"({SPACE}is_on({k}) ? Diagram::{o} : {m.group()})")
        for match in re.finditer(r"(?<= [+-] )1(?:U|UL|ULL)?\b(?![.'])", self.text):
            self.add(match.start(), match.end(), "off by one", "0",
                     lambda k: f"({SPACE}is_on({k}) ? 0 : 1)")
        for match in re.finditer(r"\b([A-Z]\w+)::([a-z]\w*)\b(?![(<:{])", self.text):
            other = self.other(match.group(1), match.group(2))
            if other and match.group(1) != "Diagram":
                # catalog::ExtensionKind::match
                space = re.search(r"(?:\b[a-z]\w*::)*$", self.line_text(match.start())[
                    :match.start() - self.starts[self.line_of(match.start()) - 1]]).group()
                self.add(match.start() - len(space), match.end(), "enumerator", other,
                         lambda k, m=match, o=other, s=space:
                         f"({SPACE}is_on({k}) ? {s}{m.group(1)}::{o} : {s}{m.group()})", match.group())
        for match in re.finditer(r"\bif \(", self.text):
            begin = match.end()
            end = closing(self.text, begin - 1)
            if end is None:
                continue
            begin += self.text[begin:end].rfind(";") + 1
            inner = self.text[begin:end]
            if re.search(r"(?<![=!<>])=(?!=)", inner) and "[" not in inner:
                continue
            for value in ("false", "true"):
                self.add(begin, end, "condition", value, lambda k, b=begin, e=end, v=value:
                         f" {'!' if v == 'false' else ''}{SPACE}is_on({k}) {'&&' if v == 'false' else '||'} "
                         f"({self.whole[b:e]})")
        before = ";"
        for number, line in enumerate(self.text.split("\n")):
            match = STATEMENT.match(line)
            if match and before[-1:] in ";{})" and not before.startswith("  for ("):
                begin = self.starts[number] + len(match.group(1))
                end = self.starts[number] + len(line)
                self.add(begin, end, "statement", "", lambda k, b=begin, e=end:
                         f"{{ if (!{SPACE}is_on({k})) {{ {self.whole[b:e]} }} }}")
            before = line.strip() or before

    def table(self):
        for match in re.finditer(r"\.(\w+) = (true|false)\b", self.text):
            self.add(match.start(2), match.end(2), "row", "the other",
                     lambda k, m=match: f"({SPACE}is_now({k}) != {m.group(2)})", match.group())
        for match in re.finditer(r"(?<=, )(true|false)(?=[,}])", self.text):
            self.add(match.start(), match.end(), "row", "the other",
                     lambda k, m=match: f"({SPACE}is_now({k}) != {m.group()})")
        for match in re.finditer(r"(?:\.(\w+) = |, )([A-Z]\w+)::([a-z]\w*)\b(?=[,}])", self.text):
            other = self.other(match.group(2), match.group(3))
            if other:
                self.add(match.start(2), match.end(3), "row", other, lambda k, m=match, o=other:
                         f"({SPACE}is_now({k}) ? {m.group(2)}::{o} : {m.group(2)}::{m.group(3)})", match.group())
        for match in re.finditer(r"(?:\.\w+ = |, )(\d+)(?=[,}])", self.text):
            if VERSION.search(self.line_text(match.start())):
                continue
            self.add(match.start(1), match.end(1), "row", f"{match.group(1)} + 1",
                     lambda k, m=match: f"{SPACE}Number{{{k}, {m.group(1)}}}", match.group())
        for match in re.finditer(r"\.(\w+) = (~+)(?=[,}])", self.text):
            if match.group(1) in TABLE_TEXTS:
                self.add(match.start(2), match.end(2), "row", "nothing", lambda k, m=match:
                         f"{SPACE}text({k}, {self.whole[m.start(2):m.end(2)]})", self.whole[match.start():match.end()])

    def run(self):
        self.code()
        self.found = [one for one in self.found if not NOT_CODE.search(self.line_text(one.begin))]
        if self.is_table:
            self.table()
        alike = collections.Counter()
        for one in sorted(self.found, key=lambda one: (one.begin, one.end)):
            key = one.key(self.whole)
            alike[key] += 1
            one.nth = alike[key]
        return self.found


def chosen(candidates, count, dice):
    """`count` of them that stand apart from each other, each kind as often as it can be."""
    by_kind = {}
    for one in candidates:
        by_kind.setdefault(one.kind, []).append(one)
    for rows in by_kind.values():
        dice.shuffle(rows)
    taken, spans = [], {}
    order = sorted(by_kind)
    # Where the share is less than there are kinds, each folder begins with others.
    dice.shuffle(order)
    while len(taken) < count and by_kind:
        for kind in [kind for kind in order if kind in by_kind]:
            rows = by_kind[kind]
            while rows and len(taken) < count:
                one = rows.pop()
                # No two on a line, so that a line that does not compile tells which.
                lines = range(one.line - 1, one.line + one.was.count("\n") + 1)
                if any(one.begin < end and begin < one.end or line in lines
                       for begin, end, line in spans.get(one.name, ())):
                    continue
                spans.setdefault(one.name, []).append((one.begin, one.end, one.line))
                taken.append(one)
                break
            if not rows:
                del by_kind[kind]
    return taken


def choose(sources, headers, folders, per_file, seed, named=(), one_in=1):
    """sources: name -> text. Of one in `one_in` sources of each folder `per_file` each, so that the large do not
    stand for all, behind those whose keys are named. One of a line that is named goes into another run."""
    enums = enumerations(headers)
    everything = []
    for folder in folders:
        names = [name for name in sorted(sources) if name.rsplit("/", 1)[0] == folder]
        dice = random.Random(seed + zlib.crc32(folder.encode()))
        # Of the tables more: they are few, and long.
        step = max(1, one_in // 3) if folder.startswith("model/catalog") else one_in
        drawn = set(dice.sample(names, -(-len(names) // step)))
        for name in names:
            known = {key for key in named if key.startswith(name + ":")}
            if not known and not (per_file and name in drawn):
                continue
            candidates = Finder(name, sources[name], enums).run()
            taken = [one for one in candidates if one.key(sources[name]) in known]
            if per_file and name in drawn:
                for is_row, count in ((True, 3 * per_file), (False, per_file)):
                    lines = {one.line + by for one in taken for by in (-1, 0, 1)}
                    taken += chosen([one for one in candidates if (one.kind == "row") == is_row
                                     and one.line not in lines], count, dice)
            everything += taken
    return everything


def fewer(mutations, most, seed):
    """`most` of them: of each source as many as of any other, as long as it has more."""
    by_file = {}
    for one in mutations:
        by_file.setdefault(one.name, []).append(one)
    dice = random.Random(seed)
    for rows in by_file.values():
        dice.shuffle(rows)
    ranks = [(rank, dice.random(), number) for rows in by_file.values() for rank, number in enumerate(map(id, rows))]
    taken = {number for _, _, number in sorted(ranks)[:most]}
    return [one for one in mutations if id(one) in taken]


def spoiled(name, whole, numbered):
    """The source with its mutations, [(number, mutation)], and one line more in front."""
    for number, one in sorted(numbered, key=lambda pair: -pair[1].begin):
        whole = whole[:one.begin] + one.write(number) + whole[one.end:]
    if name.startswith("model/catalog/"):
        # Tables that the compiler computes cannot be chosen at run time.
        whole = re.sub(r"^static_assert\(.*\);$", "", whole, flags=re.MULTILINE)
        whole = re.sub(r"^constexpr (?=[\w:]+ \w+\(.*\{$)", "inline ", whole, flags=re.MULTILINE)
        whole = re.sub(r"^constexpr ", "const ", whole, flags=re.MULTILINE)
    return f'#include "tests/mutation/switch.hpp"\n{whole}'
