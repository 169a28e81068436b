"""The models of texts of nft as lines that can be compared: spans are left out, and equal texts are equal
numbers. What nft itself prints otherwise than it was written is made alike."""
import re

PLACE = re.compile(r" (?:input\d+:)?\d+:\d+-\d+:\d+")
TEXT = r'"(?:[^"\\]|\\.)*"'
# Texts that only say which tests are the same one.
IDENTITY = re.compile(rf'\((not )?opaque ({TEXT})|verdict_map opaque ({TEXT})')
WITHOUT_IDENTITY = re.compile(
    rf'(opaque history|opaque_statement(?: may_end)?|passive|conntrack {TEXT}) {TEXT}')


def with_chains_sorted(dump):
    """JSON has the chains without names behind all others. Without what closes the lists."""
    tables = re.split(r"^(?=\(table )", re.sub(r"\)+$", "", dump, flags=re.MULTILINE),
                      flags=re.MULTILINE)
    sorted_tables = []
    for table in tables:
        chains, *rest = re.split(r"^(?=\((?!table))", table, maxsplit=1, flags=re.MULTILINE)
        head, *chains = re.split(r"^(?=  \(chain )", chains, flags=re.MULTILINE)
        sorted_tables.append("".join([head, *sorted(chains), *rest]))
    return "".join(sorted_tables)


def normal(dump):
    texts = {}

    def number(match):
        text = match[2] or match[3]
        return match[0].replace(text, f"#{texts.setdefault(text, len(texts))}")

    dump = with_chains_sorted(PLACE.sub("", dump))
    # Words of what works on entries, which may differ where the meaning does not.
    dump = re.sub(rf' \(does {TEXT}\)*', "", dump)
    dump = WITHOUT_IDENTITY.sub(r"\1", dump)
    dump = IDENTITY.sub(number, dump)
    # How the type of a set is spelt: `typeof ip saddr` in text is ipv4_addr in JSON.
    dump = re.sub(rf'^\(set ({TEXT}) {TEXT}', r"(set \1", dump, flags=re.MULTILINE)
    lines = [line for line in dump.splitlines() if not line.startswith("(input ")]
    return [re.sub(r" \((?:label|cure) .*", "", line) for line in lines]


def without_elements(model, names):
    """The model, of these sets only that they are there."""
    result = []
    is_in = False
    for line in model:
        if line.startswith("("):
            start = re.match(rf"\(set {TEXT}", line)
            is_in = bool(start) and start[0] in names
            line = start[0] if is_in else line
        elif is_in:
            continue
        result.append(line)
    return result


def of_listings(listing, json, models):
    """Both without what nft 1.0.6 leaves out of JSON; None where it prints bytes of its memory for flags."""
    if "flags dormant" in listing and '"dormant"' not in json:
        return None
    if '"dynamic"' not in json:
        models = [[re.sub(rf"^(\(set {TEXT} \w+) dynamic", r"\1", line) for line in model] for model in models]
    # `typeof` may name what only JSON has a plain type for.
    unknown = unknown_sets(models[0])
    return tuple(without_elements(model, unknown) for model in models)


def unknown_sets(model):
    return {re.match(rf"\(set {TEXT}", line)[0] for line in model
            if line.startswith("(set ") and " contents_unknown" in line}


def differences(models):
    """Lines of one that the other has not; nothing for equal models."""
    if models[0] == models[1]:
        return []
    found = [f"{sign} {line.strip()}" for sign, one, other in (("-", *models), ("+", *reversed(models)))
             for line in [line for line in one if line not in other][:8]]
    return found or ["the same lines in another order"]


NUMBER = r"(?:0x[0-9a-f]+|\d+)"
VALUES = rf"(?: {NUMBER}(?:-{NUMBER})?)"
# Of a field, where neither a mask nor a set of several parts is.
FIELD_VALUES = re.compile(rf"(\((?:not )?[a-z_]+(?: [a-z_]+)*)({VALUES}+)(?=\)|$)")
# What headers imply, and nothing between them: nft prints it as its own reader will imply it.
IMPLIED = re.compile(r"(\(protocol \d+-\d+\)) (\(family IPv[46]\))")
MASKED_MARK = re.compile(rf"(\((?:not )?mark) & (0x[0-9a-f]+) ({NUMBER})(?=\)|$)")
ELEMENT = re.compile(rf"  \(element({VALUES})(.*)$")


def merged(values):
    """` 22 20-25 26` as ` 20-26`: nft prints ranges that touch as one, in their order."""
    ranges = sorted(tuple(int(end, 0) for end in value.split("-")) for value in values.split())
    result = []
    for first, *rest in ranges:
        last = rest[0] if rest else first
        if result and first <= result[-1][1] + 1:
            result[-1][1] = max(last, result[-1][1])
        else:
            result.append([first, last])
    return "".join(f" {first}-{last}" for first, last in result)


def as_range(match):
    """A mask of leading ones lets a range through."""
    rest = 0xffffffff & ~int(match[2], 0)
    first = int(match[3], 0)
    return match[0] if rest & (rest + 1) or first & rest else f"{match[1]} {first}-{first | rest}"


def as_printed(model):
    """The model as nft prints it: ranges that touch are one, elements are sorted, each stands there once."""
    result, elements = [], []

    def end_elements():
        plain = [match[1] for match in map(ELEMENT.match, elements) if match and not match[2].strip(")")]
        rest = sorted({line.rstrip(")") for line in elements
                       if not (match := ELEMENT.match(line)) or match[2].strip(")")})
        if plain:
            rest.append(f"  (element{merged(''.join(plain))}")
        result.extend(rest)
        elements.clear()

    for line in model:
        line = line.replace('"ct original protocol"', '"ct protocol"')  # 1.0.6 does not print the word
        if line.startswith("  (element"):
            elements.append(line)
            continue
        end_elements()
        line = MASKED_MARK.sub(as_range, line)
        line = FIELD_VALUES.sub(lambda match: f"{match[1]}{merged(match[2])}", line)
        result.append(IMPLIED.sub(r"\2 \1", line))
    end_elements()
    return result
