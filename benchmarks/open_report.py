"""Opens a report.html in headless Chromium and checks its figures and its console.

python benchmarks/open_report.py runs/first/report.html [screenshot.png]
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--window-size=1100,3600",
    "--enable-logging=stderr",
    "--v=0",
)


def open_page(page, *flags):
    """Return what Chromium writes to stdout, and the lines of the page's console."""
    with tempfile.TemporaryDirectory() as profile:
        process = subprocess.run(
            [
                shutil.which("chromium") or "chromium",
                *FLAGS,
                f"--user-data-dir={profile}",
                *flags,
                page.resolve().as_uri(),
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
    return process.stdout, [line for line in process.stderr.splitlines() if "CONSOLE" in line]


def main(path, screenshot=None):
    page = pathlib.Path(path)
    document, console = open_page(page, "--dump-dom")
    figures = re.findall(r"<figure.*?</figure>", document, re.DOTALL)
    drawn = [figure for figure in figures if "<svg" in figure and figure.count("<path") > 5]
    if screenshot:
        open_page(page, f"--screenshot={screenshot}")
    print(
        f"{page}: {len(drawn)} of {len(figures)} figures drawn, "
        f"{len(console)} lines on the console",
        *console,
        sep="\n",
    )
    return bool(console) or len(drawn) < len(figures)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
