"""Writes docs/pictures/*.png: pages of the samples as Chromium shows them. Run it when the pages look different;
no test compares them, since fonts differ from machine to machine. Usage: pictures.py UNTRACK SOURCE"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pages

# name of the picture, sample, part of the page, width, height, scheme (0 is dark)
PICTURES = (("html-audit", "web", "", 1160, 1000, 1), ("html-way", "notrack", "way", 1160, 540, 0),
            ("html-rules", "ufw", "rules", 1160, 760, 1), ("html-pressure", "pressure", "", 1160, 1130, 1),
            ("html-rewrite", "rewrite", "changes", 1160, 600, 1), ("html-phone", "web", "way", 390, 844, 1))


def main():
    untrack = str(pathlib.Path(sys.argv[1]).resolve())
    source = pathlib.Path(sys.argv[2]).resolve()
    into = source / "docs/pictures"
    into.mkdir(exist_ok=True)
    tool = shutil.which("chromium") or sys.exit("no chromium here")
    samples = dict(pages.SAMPLES)
    with tempfile.TemporaryDirectory() as folder:
        for name, sample, part, width, height, scheme in PICTURES:
            path = pathlib.Path(folder) / f"{sample}.html"
            page = pages.page_of(untrack, source / "samples", samples[sample])
            if part:
                page = page.replace(b"</style>", b"header,footer,section:not(#%s){display:none}section{margin:0}"
                                    b"</style>" % part.encode(), 1)
            path.write_bytes(page)
            subprocess.run([tool, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                            f"--user-data-dir={folder}/profile", f"--blink-settings=preferredColorScheme={scheme}",
                            "--force-device-scale-factor=1", f"--window-size={width},{height}",
                            f"--screenshot={into / name}.png", path.as_uri()],
                           check=True, capture_output=True, timeout=120)
            if shutil.which("pngquant"):  # a quarter of the size, and nobody sees it
                subprocess.run(["pngquant", "--force", "--ext", ".png", "--strip", "64", f"{into / name}.png"],
                               check=True)
            print(f"{name}.png {(into / name).with_suffix('.png').stat().st_size} bytes")


main()
