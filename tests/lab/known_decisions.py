"""Reads decision_rulesets.txt and nft_decision_rulesets.txt: rulesets, packets and what becomes of them."""
import collections
import os

import frames

HERE = os.path.dirname(os.path.abspath(__file__))
WORDS = {
    4: {"a": "192.0.2.1", "b": "198.51.100.1", "c": "203.0.113.3", "c_in_brackets": "203.0.113.3",
        "net": "192.0.2.0/24", "far": "192.0.3.1", "f": "ip"},
    6: {"a": "2001:db8:1::1", "b": "2001:db8:2::1", "c": "2001:db8:3::3",
        "c_in_brackets": "[2001:db8:3::3]", "net": "2001:db8:1::/64", "far": "2001:db8:1:1::1", "f": "ip6"},
}
Known = collections.namedtuple("Known", "title version backend text sets questions")
Question = collections.namedtuple("Question", "packet verdict state mark inside")


def filled(text, version):
    for word, value in WORDS[version].items():
        text = text.replace("{" + word + "}", value)
    return text


def packet_of(version, path, words):
    packet = {"path": path, "family": f"ipv{version}", "source": WORDS[version]["a"],
              "destination": WORDS[version]["b"], "protocol": "udp", "state": "new"}
    if path != "out":
        packet["in_interface"] = "eth0"
    if path != "in":
        packet["out_interface"] = "eth1"
    for word in words:
        key, value = word.split("=")
        is_number = key.endswith(("_port", "_type", "_code")) or key in ("mark", "fragment", "begun") or (
            key == "protocol" and value.isdigit())
        packet[key] = int(value, 0) if is_number else value
    if packet.get("fragment"):
        packet["fragment"] = True
    elif frames.is_icmp(packet):
        packet.setdefault("icmp_type", frames.ECHO[version][0])
        packet.setdefault("icmp_code", 0)
    elif frames.protocol_of(packet) in (6, 17, 132, 136):
        packet.setdefault("source_port", 40000)
        packet.setdefault("destination_port", 9)
    if frames.protocol_of(packet) == 6 and not packet.get("fragment"):
        packet.setdefault("tcp_flags", "syn")
    return packet


def question_of(version, line):
    asked, _, answer = line.lstrip("?46").partition("=>")
    path, *words = filled(asked, version).split()
    verdict, *rest = answer.split()
    inside = next((word.removeprefix("inside:") for word in rest if word.startswith("inside:")), None)
    state, mark, *_ = [word for word in rest if not word.startswith("inside:")] + [None, None]
    packet = packet_of(version, path, words)
    if state == "invalid":  # what is asked of flags and types is the kernel's to say, the program is told
        packet["state"] = state
    return Question(packet, verdict, state, None if mark is None else int(mark, 0), inside)


def agrees(question, answer):
    """Whether the kernel's answer is the one that is written down."""
    if answer.inside and question.inside:
        delivered, state, _ = answer.inside
        if question.inside != f"{'accept' if delivered else 'dropped'},{state or '-'}":
            return False
    return (answer.verdict == question.verdict and bool(answer.inside) >= bool(question.inside) and
            question.state in (None, answer.state or "-") and question.mark in (None, answer.mark))


def is_for(version, line):
    """`?4` and `?6` ask in one family alone."""
    return line[1:2] not in "46" or line[1:2] == str(version)


def read(name="decision_rulesets.txt", has_sets=True):
    """`has_sets`: lines that begin with `create` or `add` are for ipset."""
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        lines = [line.rstrip("\n") for line in file if not line.startswith("#")]
    found, title, body = [], None, []
    for line in lines + ["== |"]:
        if not line.startswith("=="):
            body.append(line)
            continue
        if title:
            name, families, backend, *_ = [part.strip() for part in title.split("|")] + [""]
            asked = [line for line in body if line.startswith("?")]
            for_sets = ("create ", "add ") if has_sets else ()
            sets = "".join(f"{line}\n" for line in body if line.startswith(for_sets))
            text = "".join(f"{line}\n" for line in body
                           if line and not line.startswith(("?", *for_sets)))
            for version in map(int, families):
                found.append(Known(name, version, backend, filled(text, version), sets,
                                   [question_of(version, line) for line in asked
                                    if is_for(version, line)]))
        title, body = line.removeprefix("=="), []
    return found
