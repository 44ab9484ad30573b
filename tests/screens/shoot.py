"""Pictures of pages in headless Chromium, at 600 and 1200 px, light and dark, and as PDF; to be looked at. Fails where a page runs a
script or asks for anything over the network.

    python3 tests/screens/shoot.py --out DIR PAGE.html…

Page and mail of an archive in six scripts, and a page of hostile titles, are made by tests:

    SITREPD_PAGES=DIR cargo test --test it digest::

Needs Chromium and the standard library. Exits with 0 where there is no Chromium, and says so."""

import argparse
import html.parser
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

WIDTHS = (600, 1200)
# As Chromium numbers them.
SCHEMES = {"dark": 0, "light": 1}
HEIGHT = 3400


class Looks(html.parser.HTMLParser):
    """What a page would load or run."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        if tag in ("script", "iframe", "object", "embed", "link", "img", "form", "base"):
            self.found.append(tag)
        for name, value in attributes:
            if name.startswith("on") or name in ("src", "srcset", "background", "action", "ping"):
                self.found.append(f"{tag} {name}")
            if name == "style" and "url(" in (value or ""):
                self.found.append(f"{tag} style")


def chromium():
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((it for it in map(shutil.which, names) if it), None)


def run(program, *arguments):
    with tempfile.TemporaryDirectory() as home:
        log = pathlib.Path(home) / "net.json"
        command = [
            program,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={home}/profile",
            f"--log-net-log={log}",
            *arguments,
        ]
        ended = subprocess.run(command, capture_output=True, timeout=120)
        if ended.returncode:
            sys.exit(f"FAILED: {ended.stderr.decode()[-2000:]}")
        text = log.read_text() if log.exists() else ""
    return set(re.findall(r'"url":"((?:https?|wss?|ftp)://[^"]+)"', text))


def own(url):
    """What the browser asks its makers for by itself, whatever the page is; that the page has no such address is checked apart."""
    host = urllib.parse.urlsplit(url).hostname or ""
    return host.endswith((".google.com", ".googleapis.com", ".gvt1.com"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True)
    parser.add_argument("pages", nargs="+")
    given = parser.parse_args()
    program = chromium()
    out = pathlib.Path(given.out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    shots = []
    for page in map(pathlib.Path, given.pages):
        looks = Looks()
        looks.feed(page.read_text())
        if looks.found:
            sys.exit(f"FAILED: {page} loads or runs something: {looks.found}")
        if not program:
            continue
        url = page.resolve().as_uri()
        for width in WIDTHS:
            for scheme, number in SCHEMES.items():
                to = out / f"{page.stem}-{width}-{scheme}.png"
                asked = run(program, f"--window-size={width},{HEIGHT}", f"--blink-settings=preferredColorScheme={number}",
                            f"--screenshot={to}", url)  # fmt: skip
                if any(not own(it) for it in asked):
                    sys.exit(f"FAILED: {page} asks for {sorted(asked)}")
                shots.append(str(to))
        to = out / f"{page.stem}.pdf"
        run(program, "--no-pdf-header-footer", f"--print-to-pdf={to}", url)
        if not to.read_bytes().startswith(b"%PDF"):
            sys.exit(f"FAILED: {to} is no PDF")
        shots.append(str(to))
    if not program:
        print("there is no Chromium here: no pictures")
    print(json.dumps(shots, indent=1))


if __name__ == "__main__":
    main()
