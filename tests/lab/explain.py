"""What the program says of packets: `untrack explain --packets`."""
import json
import os
import subprocess
import tempfile


def explained(untrack):
    """The program as a function (text, version, packets, sets) -> [{verdict, state, ...}], or None where
    this build of it has no command `explain`."""
    if subprocess.run([untrack, "explain", "--help"], capture_output=True).returncode:
        return None

    def oracle(text, version, packets, sets=""):
        with tempfile.TemporaryDirectory() as folder:
            names = {"rules": text, "packets.json": json.dumps(packets), "sets": sets}
            for name, content in names.items():
                with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                    file.write(content)
            files = [os.path.join(folder, name) for name in ("rules", "sets") if names[name]]
            done = subprocess.run([untrack, "explain", "--family", f"ipv{version}", "--packets",
                                   os.path.join(folder, "packets.json"), "--output", "json", *files],
                                  capture_output=True, text=True)
        try:
            return json.loads(done.stdout)["packets"]
        except (ValueError, KeyError):
            raise RuntimeError(f"untrack explain: {done.stderr.strip() or done.stdout[:300]}") from None
    return oracle
