"""What the program says of packets: `untrack explain --packets`."""
import json
import os
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


def explained(untrack):
    """The program as a function (text, version, packets, sets) -> [{verdict, state, ...}], or None where
    this build of it has no command `explain`."""
    if subprocess.run([untrack, "explain", "--help"], capture_output=True).returncode:
        return None

    def oracle(text, version, packets, sets=""):
        with tempfile.TemporaryDirectory() as folder:
            names = {"rules": text, "packets": "\n".join(in_words(packet) for packet in packets), "sets": sets}
            for name, content in names.items():
                with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                    file.write(content)
            files = [os.path.join(folder, name) for name in ("rules", "sets") if names[name]]
            done = subprocess.run([untrack, "explain", "--family", f"ipv{version}", "--packets",
                                   os.path.join(folder, "packets"), "--output", "json", *files],
                                  capture_output=True, text=True)
        try:
            return json.loads(done.stdout)["packets"]
        except (ValueError, KeyError):
            raise RuntimeError(f"untrack explain: {done.stderr.strip() or done.stdout[:300]}") from None
    return oracle
