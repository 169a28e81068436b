"""samples/README.md has a line for every sample, and the generated one is what its generator
writes."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
listed = set(re.findall(r"`samples/([^`]+)`", (ROOT / "samples/README.md").read_text()))
there = {path.name for path in (ROOT / "samples").iterdir()} - {"README.md"}
assert listed == there, f"listed or there, not both: {sorted(listed ^ there)}"
text = (ROOT / "samples/campus-large.rules").read_text()
words = text.split("\n", 1)[0].removeprefix("# ").split()
made = subprocess.run([sys.executable, ROOT / words[0], *words[1:]], capture_output=True, text=True)
assert made.stdout == text, f"samples/campus-large.rules is not what {' '.join(words)} writes"
print(f"{len(there)} samples")
