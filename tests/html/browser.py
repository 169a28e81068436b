"""The HTML pages as people meet them, in headless Chromium: at the width of a phone and of a desk, light and dark.
Nothing is wider than the window, all text can be read on its ground (contrast of WCAG AA), no text of a picture
leaves it or lies on another, nothing runs, and what is drawn is not blank.
Usage: browser.py UNTRACK SOURCE [FOLDER for the screenshots]; without chromium it is skipped."""
import html
import json
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

import pages

WIDTHS = (390, 1280)
SCHEMES = {"light": "1", "dark": "0"}
SHOTS = ("web", "rewrite", "pressure")
MOST_MEASURED = ("campus",)  # a large page is measured at one width alone

# Runs in a page of its own, which holds the pages in frames: their own policy lets nothing run.
PROBE = r"""
const parse = c => (c.match(/[\d.]+/g) || []).map(Number);
const channel = v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
const light = c => .2126 * channel(c[0]) + .7152 * channel(c[1]) + .0722 * channel(c[2]);
const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + .05) / (y + .05); };
const is_clear = c => c.length > 3 && c[3] === 0;
function ground(node, view) {
  for (let at = node; at; at = at.parentElement) {
    const back = parse(view.getComputedStyle(at).backgroundColor);
    if (back.length && !is_clear(back)) return back;
  }
  return [255, 255, 255];
}
function ground_in_picture(text, view) {  // the last shape drawn below its middle
  const box = text.getBoundingClientRect(), x = box.left + box.width / 2, y = box.top + box.height / 2;
  let found = ground(text.ownerSVGElement, view);
  for (const shape of text.ownerSVGElement.querySelectorAll("rect")) {
    const r = shape.getBoundingClientRect();
    const on = r.left <= x && x <= r.right && r.top <= y && y <= r.bottom;
    if (on && (shape.compareDocumentPosition(text) & 4)) found = parse(view.getComputedStyle(shape).fill);
  }
  return found;
}
function measure(frame) {
  const view = frame.contentWindow, page = view.document, width = frame.clientWidth, faults = [];
  if (!page.body || page.scripts.length || page.title === "") faults.push("not loaded, or with scripts");
  if (page.documentElement.scrollWidth > width) faults.push("scrolls to " + page.documentElement.scrollWidth);
  const seen = new Set();
  for (const node of page.body.querySelectorAll("*")) {
    if (node.closest("caption,thead") && width < 700 || node.closest("caption")) continue;
    if (node.checkVisibility && !node.checkVisibility()) continue;
    const box = node.getBoundingClientRect();
    if (box.width === 0 || box.height === 0) continue;
    const says = node.tagName + " \"" + node.textContent.trim().slice(0, 50) + "\"";
    if (box.right > width + 1 || box.left < -1) faults.push("leaves the page: " + says);
    const is_text = [...node.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!is_text || node.tagName === "title" || node.tagName === "desc") continue;
    const style = view.getComputedStyle(node), in_picture = node.ownerSVGElement;
    const colour = parse(in_picture ? style.fill : style.color);
    const back = in_picture ? ground_in_picture(node, view) : ground(node, view);
    const key = colour + "/" + back;
    if (!seen.has(key)) {
      seen.add(key);
      const found = contrast(colour, back);
      if (found < 4.5) faults.push("contrast " + found.toFixed(2) + ": " + says);
    }
    if (!in_picture && node.scrollWidth > node.clientWidth + 1 && style.display !== "inline" && node.clientWidth > 0)
      faults.push("clipped: " + says);
  }
  for (const picture of page.querySelectorAll("svg")) {
    const frame_box = picture.getBoundingClientRect();
    if (frame_box.width === 0) continue;
    const words = [...picture.querySelectorAll("text")].map(t => [t, t.getBoundingClientRect()]);
    words.forEach(([text, a], i) => {
      const says = "\"" + text.textContent + "\"";
      if (a.right > frame_box.right + 1 || a.left < frame_box.left - 1 || a.bottom > frame_box.bottom + 1 ||
          a.top < frame_box.top - 1) faults.push("leaves its picture: " + says);
      for (const [other, b] of words.slice(i + 1)) {
        const x = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (x > 1.5 && y > 4) faults.push("lies on another: " + says + ", \"" + other.textContent + "\"");
      }
    });
  }
  return {faults: faults.slice(0, 8), height: page.documentElement.scrollHeight, pairs: seen.size,
          dark: light(parse(view.getComputedStyle(page.body).backgroundColor)) < .2};
}
addEventListener("load", () => {
  const told = {};
  for (const frame of document.querySelectorAll("iframe")) {
    try { told[frame.title] = measure(frame); } catch (fault) { told[frame.title] = {faults: [String(fault)]}; }
  }
  document.getElementById("told").textContent = JSON.stringify(told);
});
"""


def chromium(tool, profile, scheme, *words):
    return subprocess.run([tool, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                           "--no-first-run", "--disable-extensions", "--disable-background-networking",
                           "--force-device-scale-factor=1", f"--user-data-dir={profile}",
                           f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}", *words],
                          capture_output=True, check=False, timeout=240)


def measured(tool, profile, scheme, files, widths):
    """What the probe says of each page at each width, all in one run of the browser."""
    frames = "".join(f'<iframe title="{path.stem} {width}" src="{path.name}" width="{width}" height="800" '
                     'style="border:0;display:block"></iframe>' for path in files for width in widths)
    probe = files[0].parent / "probe.html"
    probe.write_text("<!DOCTYPE html><meta charset=utf-8><meta name=color-scheme content='light dark'>"
                     f"<pre id=told></pre>{frames}<script>{PROBE}</script>")
    done = chromium(tool, profile, scheme, "--allow-file-access-from-files", "--virtual-time-budget=20000",
                    "--window-size=1400,900", "--dump-dom", probe.as_uri())
    found = re.search(r'<pre id="told">(.*?)</pre>', done.stdout.decode("utf-8", "replace"), re.S)
    assert found and found.group(1), done.stderr.decode("utf-8", "replace")[-2000:]
    return json.loads(html.unescape(found.group(1)))


PLANTED = {"scrolls to": '<div style="width:3000px">wide</div>',
           "contrast": '<p style="color:#999;background:#888">faint</p>',
           "clipped": '<div style="width:40px;overflow:hidden;white-space:nowrap">cut short, all of it</div>',
           "leaves its picture": '<svg viewBox="0 0 10 10"><text x="90" y="5">out</text></svg>',
           "lies on another": '<svg viewBox="0 0 99 99"><text x="9" y="50">one</text><text x="12" y="50">two</text>'
                              '</svg>'}


def self_test(tool, profile, page, folder):
    """Faults that are planted must be found."""
    for number, markup in enumerate(PLANTED.values()):
        text = page.read_text().replace("</h1>", "</h1>" + markup, 1)
        (folder / f"planted{number}.html").write_text(text)
    told = measured(tool, profile, "light", sorted(folder.glob("planted*.html")), WIDTHS[:1])
    for number, fault in enumerate(PLANTED):
        found = told[f"planted{number} {WIDTHS[0]}"]["faults"]
        assert any(each.startswith(fault) for each in found), (fault, found)


def colours_of(png):
    """(width, height, how often each colour stands in it); PNG of 8 bits a channel, as Chromium writes it."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed, size, kind = 8, b"", None, None
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at:at + 8])
        data = png[at + 8:at + 8 + length]
        if name == b"IHDR":
            size, depth, kind = struct.unpack(">II", data[:8]), data[8], data[9]
            assert depth == 8 and kind in (2, 6), (depth, kind)
        packed += data if name == b"IDAT" else b""
        at += length + 12
    step = 3 if kind == 2 else 4
    width, height = size
    raw, before, counts = zlib.decompress(packed), bytes(width * step), {}
    for row in range(height):
        begin = row * (width * step + 1)
        line = unfiltered(raw[begin], bytearray(raw[begin + 1:begin + 1 + width * step]), before, step)
        before = line
        for x in range(0, len(line), step * 3):  # every third column tells enough
            colour = bytes(line[x:x + 3])
            counts[colour] = counts.get(colour, 0) + 1
    return width, height, counts


def unfiltered(kind, line, above, step):
    """A row as it was before PNG's filter (PNG, 9.2)."""
    for i in range(len(line) if kind else 0):
        a = line[i - step] if i >= step else 0
        b, c = above[i], above[i - step] if i >= step else 0
        if kind == 4:
            p = a + b - c
            pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
            guess = a if pa <= pb and pa <= pc else b if pb <= pc else c
        else:
            guess = (0, a, b, (a + b) // 2)[kind]
        line[i] = (line[i] + guess) & 255
    return line


def shoot(tool, profile, scheme, path, width, height, into):
    done = chromium(tool, profile, scheme, f"--window-size={width},{height}", f"--screenshot={into}", path.as_uri())
    assert into.exists(), done.stderr.decode("utf-8", "replace")[-2000:]
    found_width, found_height, counts = colours_of(into.read_bytes())
    total = sum(counts.values())
    most = max(counts.values())
    assert (found_width, found_height) == (width, height)
    assert len(counts) > 40 and most < 0.97 * total, f"{into.name} is blank"
    luminance = sum(sum(colour) * number for colour, number in counts.items()) / (3 * total)
    assert (luminance < 90) == (scheme == "dark"), (into.name, luminance)


def main():
    tool = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not tool:
        print("skipped: no chromium here")
        sys.exit(77)
    untrack = str(pathlib.Path(sys.argv[1]).resolve())
    source = pathlib.Path(sys.argv[2]).resolve()
    with tempfile.TemporaryDirectory() as work:
        folder, profile = pathlib.Path(work) / "pages", pathlib.Path(work) / "profile"
        folder.mkdir()
        shots = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else pathlib.Path(work)
        for name, words in pages.SAMPLES:
            (folder / f"{name}.html").write_bytes(pages.page_of(untrack, source / "samples", words))
        for name, words in pages.write_hostile(folder):
            page = pages.page_of(untrack, folder, words)
            if page:
                (folder / f"{name}.html").write_bytes(page)
        files = sorted(folder.glob("*[a-z].html"))
        self_test(tool, profile, folder / "web.html", folder)
        faults, count = [], 0
        for scheme in SCHEMES:
            for one, widths in ((False, WIDTHS), (True, WIDTHS[:1])):
                chosen = [path for path in files if (path.stem in MOST_MEASURED) == one]
                if one and scheme == "dark":
                    continue
                for name, told in measured(tool, profile, scheme, chosen, widths).items():
                    count += 1
                    faults += [f"{name} {scheme}: {fault}" for fault in told["faults"]]
                    if not told["faults"]:
                        assert told["pairs"] > 3 and told["height"] > 400, (name, told)
                        assert told["dark"] == (scheme == "dark"), (name, told)
        assert not faults, "\n".join(faults)
        taken = 0
        for name in SHOTS:
            for width, height in zip(WIDTHS, (844, 900)):
                for scheme in SCHEMES:
                    shoot(tool, profile, scheme, folder / f"{name}.html", width, height,
                          shots / f"{name}-{width}-{scheme}.png")
                    taken += 1
    print(f"{len(files)} pages measured {count} times, {taken} screenshots taken")


main()
