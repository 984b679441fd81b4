"""Opens a report.html in headless Chromium: nothing on the console, every figure drawn.

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


def opened(page, *flags):
    """What Chromium writes to stdout, and the lines of the page's console."""
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
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
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def main(path, screenshot=None):
    page = pathlib.Path(path)
    document, console = opened(page, "--dump-dom")
    figures = re.findall(r"<figure.*?</figure>", document, re.DOTALL)
    drawn = [figure for figure in figures if "<svg" in figure and figure.count("<path") > 5]
    if screenshot:
        opened(page, f"--screenshot={screenshot}")
    print(
        f"{page}: {len(drawn)} of {len(figures)} figures drawn, {len(console)} lines on the console",
        *console,
        sep="\n",
    )
    return bool(console) or len(drawn) < len(figures)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
