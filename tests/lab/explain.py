"""What the program says of packets: `untrack explain --packets`."""
import ipaddress
import json
import os
import re
import subprocess
import tempfile


def in_words(packet):
    """As `explain --packet` reads it."""
    def end(side):
        address = packet[side]
        port = packet.get(f"{'source' if side == 'source' else 'destination'}_port")
        if port is None or packet.get("fragment"):
            return address
        return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    words = [packet["path"], str(packet["protocol"]), end("source"), ">", end("destination")]
    if packet.get("fragment"):
        words.append("frag")
    elif "tcp_flags" in packet:
        words.append(packet["tcp_flags"] or "none")
    if "icmp_type" in packet and not packet.get("fragment"):
        words += ["type", str(packet["icmp_type"]), "code", str(packet.get("icmp_code", 0))]
    for key, word in (("in_interface", "iif"), ("out_interface", "oif"), ("mark", "mark")):
        if packet.get(key):
            words += [word, str(packet[key])]
    # What NOTRACK makes untracked is new before that.
    state = packet.get("state", "new")
    words += ["state", "new" if state == "untracked" else state]
    return " ".join(words)


def translated_to(version, text):
    """The addresses to which a ruleset of either language translates, the ends of ranges alone."""
    found = set()
    for word in re.findall(r"(?:--to-destination|\bdnat (?:ip6? )?to) (\S+)", text):
        inside = re.match(r"\[([^]]+)\]", word)
        word = inside.group(1) if inside else word.split(":")[0] if version == 4 else word
        for address in word.split("-"):
            try:
                found.add(str(ipaddress.ip_address(address)))
            except ValueError:
                pass
    return sorted(address for address in found if (":" in address) == (version == 6))


def explained(untrack):
    """The program as a function (text, version, packets, sets) -> [{verdict, state, ...}], or None where
    this build of it has no command `explain`."""
    if subprocess.run([untrack, "explain", "--help"], capture_output=True).returncode:
        return None

    def oracle(text, version, packets, sets=""):
        # What is translated on its way in stays on its way in (decisions.lead): the host has the address.
        addresses = [word for address in translated_to(version, text) for word in ("--address", address)]
        ways = {True: [packet for packet in packets if packet["path"] == "in"],
                False: [packet for packet in packets if packet["path"] != "in"]}
        said = {is_in: iter(asked(text, version, some, sets, addresses if is_in else []) if some else [])
                for is_in, some in ways.items()}
        return [next(said[packet["path"] == "in"]) for packet in packets]

    def asked(text, version, packets, sets, options):
        with tempfile.TemporaryDirectory() as folder:
            names = {"rules": text, "packets": "\n".join(in_words(packet) for packet in packets), "sets": sets}
            for name, content in names.items():
                with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                    file.write(content)
            files = [os.path.join(folder, name) for name in ("rules", "sets") if names[name]]
            done = subprocess.run([untrack, "explain", "--family", f"ipv{version}", "--packets",
                                   os.path.join(folder, "packets"), "--output", "json", *options, *files],
                                  capture_output=True, text=True)
        try:
            return json.loads(done.stdout)["packets"]
        except (ValueError, KeyError):
            raise RuntimeError(f"untrack explain: {done.stderr.strip() or done.stdout[:300]}") from None
    return oracle
