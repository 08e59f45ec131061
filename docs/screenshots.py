"""Screenshots of the explorer for the documentation: ``python -m docs.screenshots [FOLDER] [--stories]``.

Each page is opened in headless Chromium, 1280 pixels wide, until nothing is computed any more.
"""

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from noisette.app.pages import PAGES

IMAGES = Path(__file__).parent / "images"
COLOURS = 128
REST = "() => !document.querySelector('.waiting:not([hidden]), ._dash-loading-callback')"


def addresses(stories: bool) -> dict[str, str]:
    """Return the addresses of all pictures by their names."""
    views = {f"explore-{name}": page.view().address() for name, page in PAGES.items()}
    if stories:
        for name, page in PAGES.items():
            views |= {f"explore-{name}-{i}": story.view.address() for i, story in enumerate(page.stories, 1)}
    return views


def main() -> None:
    """Write the pictures."""
    parser = argparse.ArgumentParser(prog="python -m docs.screenshots", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=IMAGES, help="folder of the pictures")
    parser.add_argument("--stories", action="store_true", help="add one picture for each story")
    options = parser.parse_args()
    folder = options.folder
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "noisette", "explore", "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server, sync_playwright() as driver:
        assert server.stdout is not None
        match = re.search(r"http://127.0.0.1:\d+", server.stdout.readline())
        assert match is not None
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        for name, address in addresses(options.stories).items():
            page.goto(match[0] + address)
            page.wait_for_selector(".js-plotly-plot .main-svg", timeout=120_000)
            page.wait_for_timeout(3000)
            page.wait_for_function(REST, timeout=300_000)
            page.wait_for_timeout(1500)
            page.screenshot(path=folder / f"{name}.png", full_page=True)
            picture = Image.open(folder / f"{name}.png").convert("RGB").quantize(COLOURS)
            picture.save(folder / f"{name}.png", optimize=True)
            print(folder / f"{name}.png", flush=True)
        browser.close()
        server.terminate()


if __name__ == "__main__":
    main()
