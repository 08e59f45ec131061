"""Latencies of the explorer in headless Chromium: from the command to the first curve, and from a key to a new curve.

    python benchmarks/explorer.py [--json FILE]

A server starts in a process of its own. First paint and weight of the page are those that the browser reports for a new
profile; the time from a key pressed on a slider to the new exact curve (N = 5, 51 strengths) is measured in the page,
and so is the time to the new figure of one slider of each other page.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

PRESSES = 25
STARTS = 3
READY = "() => [...document.querySelectorAll('[id*=curve] .js-plotly-plot')].some(g => g.data?.[1]?.y?.length > 50)"
REST = "() => !document.querySelector('.waiting:not([hidden])')"
PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
WEIGHT = (
    "() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
    ".reduce((sum, entry) => sum + entry.transferSize, 0)"
)
SLIDERS = {  # page: slider, the panel that follows it at once, and the address of a view
    "resonance": ("factor", "curve", "weights=autapses:10&start=0"),
    "correlations": ("gain g", "curves", "networks=0"),
    "memory": ("internal noise", "trial", ""),
    "chaos": ("gain g", "beginning", ""),
    "populations": ("gain g", "spectrum", "size=100"),
}
WATCH = """(panel) => {
  const graph = document.getElementById(`title-${panel}`).closest('.panel').querySelector('.js-plotly-plot');
  window.times = [];
  let begin = 0, before = '';
  const values = () => JSON.stringify([graph.data, graph.layout.shapes]);
  document.addEventListener('keydown', () => { begin = performance.now(); before = values(); }, true);
  graph.on('plotly_afterplot', () => {
    if (begin && values() !== before) { window.times.push(performance.now() - begin); begin = 0; }
  });
}"""


def latencies(page: Page, name: str, panel: str) -> list[float]:
    """Return the times in ms from a key pressed on a slider to the new figure; the page is at rest before each."""
    page.evaluate(WATCH, panel)
    slider = page.get_by_role("slider", name=name).first
    for press in range(PRESSES):
        slider.press("ArrowRight")
        page.wait_for_function(f"() => window.times.length > {press}", timeout=20_000)
        page.wait_for_timeout(900)
    return page.evaluate("() => window.times")


def start(browser: Browser, keys: bool) -> dict[str, Any]:
    """Start a server, open its first page in a new profile, and return the times."""
    begin = time.perf_counter()
    command = [sys.executable, "-m", "noisette", "explore", "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        match = re.search(r"http://127.0.0.1:\d+", process.stdout.readline())
        assert match is not None
        listening = time.perf_counter() - begin
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        page = context.new_page()
        page.goto(f"{match[0]}/resonance?weights=autapses:10&start=0")
        page.wait_for_function(READY, timeout=120_000)
        row: dict[str, Any] = {"listening": listening, "first_curve": time.perf_counter() - begin}
        page.wait_for_timeout(4000)
        row |= {"first_paint": page.evaluate(PAINT) / 1e3, "megabytes": page.evaluate(WEIGHT) / 1e6}
        page.reload()
        again = time.perf_counter()
        page.wait_for_function(READY, timeout=120_000)
        row["curve_of_a_warm_server"] = time.perf_counter() - again
        page.wait_for_timeout(3000)
        for name, (slider, panel, query) in SLIDERS.items() if keys else ():
            page.goto(f"{match[0]}/{name}?{query}")
            page.wait_for_selector(".js-plotly-plot .main-svg", timeout=60_000)
            page.wait_for_timeout(6000)
            page.wait_for_function(REST, timeout=120_000)
            row[f"key on the page {name}"] = latencies(page, slider, panel)
        context.close()
        process.terminate()
    return row


def main() -> None:
    """Print the medians of all starts, and the latencies of the last."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="file for all times")
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        rows = [start(browser, number == STARTS - 1) for number in range(STARTS)]
        browser.close()
    for name in ("listening", "first_paint", "first_curve", "curve_of_a_warm_server", "megabytes"):
        print(f"{name:24s} {median(row[name] for row in rows):8.2f} {'MB' if name == 'megabytes' else 's'}")
    for name in SLIDERS:
        times = rows[-1][f"key on the page {name}"]
        print(f"{f'key, {name}':24s} {median(times):8.0f} ms, 95th percentile {quantiles(times, n=20)[-1]:.0f} ms")
    if options.json is not None:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
