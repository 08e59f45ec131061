"""The explorer in a browser: headless Chromium on a server in a process of its own.

Run by ``pytest -m slow tests/app/test_browser.py``; skipped where there is no Chromium or no Playwright.
"""

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from noisette.app.pages import PAGES
from noisette.app.results import data_of, view_of

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: pip install '.[dev]'")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium"),
    # Playwright keeps an event loop whose sockets close with the process
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
PATIENCE = 120_000  # ms; programs are compiled in the first views
NETWORK = Path(__file__).parents[1] / "data" / "gonogo_spikeRNN_tf1.mat"
VIEWS = {  # short simulations, which other tests compute as well
    "resonance": "/resonance?weights=autapses:10&start=0",
    "correlations": "/correlations?activation=linear&gain=0.6&size=20&networks=2",
    "memory": "/memory?trials=10",
    "chaos": "/chaos?weights=gaussian:20&duration=60&on=20&off=40&dt=0.05",
    "populations": "/populations?size=20&excitation=0&gain=0.25",
}
VIEW = VIEWS["resonance"]
MATRIX = "0,10,-10\n10,0,10\n-10,10,0\n"


@pytest.fixture(scope="module")
def server():
    """Return the address of an explorer."""
    command = [sys.executable, "-m", "noisette", "explore", "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield re.search(r"http://127.0.0.1:\d+", process.stdout.readline())[0]
        process.terminate()


@pytest.fixture(scope="module")
def chromium():
    """Return a browser."""
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Tab:
    """A page of the browser that records errors and requests to other servers."""

    def __init__(self, context, server):
        self.server = server
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.errors = []
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda r: self.errors.append(r.url) if self._is_elsewhere(r.url) else None)

    def _is_elsewhere(self, url):
        return not url.startswith((self.server, "data:", "blob:"))

    def open(self, address):
        """Open an address and wait until all quick figures are drawn."""
        self.page.goto(self.server + address)
        self.rest()
        return self

    def visit(self, address):
        """Show another view on the loaded page, as a link within it does."""
        change = "address => history.pushState(null, '', address)"
        self.page.evaluate(change, view_of(address).address())
        self.page.evaluate("() => window.dispatchEvent(new CustomEvent('_dashprivate_pushstate'))")
        self.page.wait_for_timeout(600)

    def show(self, address=VIEW):
        """Show another view on the loaded page, and wait until all quick figures are drawn."""
        self.visit(address)
        self.rest()

    def view(self):
        """Return the view of the address."""
        return view_of(self.page.url.removeprefix(self.server))

    def rest(self):
        """Wait until no request is under way and no calculation runs."""
        self.page.wait_for_selector(".js-plotly-plot .main-svg")
        self.page.wait_for_function("() => !document.querySelector('.waiting:not([hidden]), ._dash-loading-callback')")
        self.page.wait_for_load_state("networkidle")

    def curve(self, panel, number):
        """Return the ordinates of a curve as Plotly.js has them."""
        script = f"() => [...document.querySelectorAll('[id*=\"{panel}\"] .js-plotly-plot')][0].data[{number}].y"
        return np.array(self.page.evaluate(script), float)

    def until_drawn(self, panel, number, expected):
        """Wait, up to a limit, until a curve has these ordinates, however busy the machine is."""
        end = time.monotonic() + PATIENCE / 1000
        while time.monotonic() < end and not np.array_equal(self.curve(panel, number), expected):
            self.page.wait_for_timeout(100)

    def field(self, label):
        """Return the field of a control."""
        return self.page.get_by_label(label, exact=False).first

    def type(self, label, text):
        """Enter a value, and wait until the page shows it."""
        self.field(label).fill(text)
        self.field(label).press("Tab")
        self.page.wait_for_timeout(600)
        self.rest()

    def close(self):
        """Close the page; fail if it reported errors."""
        self.page.close()
        assert not self.errors


@pytest.fixture(scope="module")
def context(chromium):
    """Return a session of the browser, in which pages share the cache of scripts."""
    return chromium.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)


@pytest.fixture(scope="module")
def loaded(context, server):
    """Return a loaded page."""
    tab = Tab(context, server).open(VIEW)
    yield tab
    tab.close()


@pytest.fixture
def tab(loaded):
    """Return the loaded page; errors in its console are failures."""
    yield loaded
    errors, loaded.errors = loaded.errors, []
    assert not errors


@pytest.mark.parametrize("name", PAGES)
def test_every_page_draws_its_figures_without_errors_on_screens_of_any_size(context, server, name):
    tab = Tab(context, server)
    tab.page.set_viewport_size({"width": 390, "height": 800})
    tab.page.emulate_media(color_scheme="dark")
    tab.open(VIEWS[name])
    fits = "() => document.documentElement.scrollWidth <= window.innerWidth"
    assert tab.page.evaluate(fits)
    tab.page.emulate_media(color_scheme="light")
    assert tab.page.evaluate(fits)
    tab.page.set_viewport_size({"width": 1280, "height": 800})
    tab.rest()
    assert tab.page.evaluate(fits)
    panels = [panel for part in PAGES[name].parts for panel in part.panels]
    assert tab.page.locator(".js-plotly-plot .main-svg").count() >= len(panels)
    assert len(tab.page.locator(".sentences").inner_text()) > 20
    assert not tab.page.locator(".message:visible").all_inner_texts()
    assert tab.page.locator("h1").count() == 1
    unnamed = "e => !(e.labels?.length || e.ariaLabel || e.getAttribute('aria-labelledby') || e.type === 'hidden')"
    fields = tab.page.locator("input, select, textarea, [role=slider]").element_handles()
    assert [e.evaluate("e => e.outerHTML") for e in fields if e.evaluate(unnamed) and e.is_visible()] == []
    tab.close()


def test_a_slider_changes_the_curve_to_the_numbers_of_the_library(tab):
    tab.show()
    slider = tab.page.get_by_role("slider", name="factor")
    slider.focus()
    for _ in range(4):
        slider.press("ArrowRight")
    tab.page.wait_for_timeout(600)
    tab.rest()
    view = tab.view()
    assert view.scale > 1
    np.testing.assert_array_equal(tab.curve("curve", 1), data_of(view.address())["curve"].information.values)


def test_a_field_with_a_wrong_value_has_a_message_and_the_curve_stays(tab):
    tab.show()
    before = tab.curve("curve", 1)
    tab.field("initial state").fill("99")
    tab.page.get_by_text("codes of 5 units run from 0 to 31").wait_for()
    np.testing.assert_array_equal(tab.curve("curve", 1), before)


def test_files_are_used_or_refused_beside_the_control(tab, tmp_path, monkeypatch):
    tab.open(VIEW)  # a value that an earlier test typed would remain, since it is in no address
    (tmp_path / "real.csv").write_text(MATRIX)
    (tmp_path / "rubbish.csv").write_text("0,1,2\n3,4,5\n")
    upload = tab.page.locator("input[type=file]").first
    upload.set_input_files(tmp_path / "rubbish.csv")
    tab.page.locator("fieldset .message", has_text="rubbish.csv").wait_for()
    upload.set_input_files(tmp_path / "real.csv")
    tab.page.locator("fieldset .message", has_text="real.csv is used").wait_for()
    expected = data_of("/resonance?start=0&weights=matrix:0,10,-10;10,0,10;-10,10,0")["curve"]
    tab.until_drawn("curve", 1, expected.information.values)
    tab.rest()
    assert "upload:" in tab.page.url.replace("%3A", ":")
    np.testing.assert_array_equal(tab.curve("curve", 1), expected.information.values)
    monkeypatch.chdir(tmp_path)
    code, names = tab.page.locator("[id*=python] code, code[id*=python]").first.text_content(), {}
    exec(code, names)
    assert names["curve"].information.values.tolist() == expected.information.values.tolist()


def test_a_trained_network_of_another_program_is_used_with_its_task(tab):
    tab.show(VIEWS["memory"])
    tab.page.locator("input[type=file]").first.set_input_files(NETWORK)
    tab.page.locator("fieldset .message", has_text=f"{NETWORK.name} is used").wait_for()
    tab.page.locator(".sentence", has_text="Condition go, correct").wait_for()
    tab.rest()
    assert "upload" in tab.page.url
    assert len(tab.page.locator(".sentences").inner_text()) > 100


def test_cells_of_a_small_matrix_are_clicked(tab):
    tab.show("/resonance?weights=matrix:0,5;5,0&start=0")
    tab.page.get_by_role("button", name="weight from unit 0 to unit 0").click()
    tab.page.wait_for_timeout(600)
    tab.rest()
    np.testing.assert_array_equal(tab.view().weight_matrix(), [[5, 5], [5, 0]])


def test_code_and_command_are_those_of_the_numbers_on_screen(tab):
    tab.show("/resonance?weights=symmetric:8:4&seed=3&start=5&steps=200")
    shown = tab.curve("curve", 1).tolist()
    tab.page.get_by_text("As Python").click()
    tab.page.get_by_text("As a command").click()
    code, command = (tab.page.locator(f"code[id*={kind}]").inner_text() for kind in ("python", "command"))
    names = {}
    exec(code, names)
    assert names["curve"].information.values.tolist() == shown
    assert command == PAGES["resonance"].command(tab.view())  # commands are tested without a browser


def test_back_and_forward_show_former_views(tab):
    tab.show()
    first = tab.curve("curve", 1)
    tab.type("steps N_T", "100")
    second = tab.curve("curve", 1)
    assert not np.array_equal(first, second)
    tab.page.go_back()
    tab.page.wait_for_timeout(800)
    tab.rest()
    np.testing.assert_array_equal(tab.curve("curve", 1), first)
    assert tab.field("steps N_T").input_value() == "10000"
    tab.page.go_forward()
    tab.page.wait_for_timeout(800)
    tab.rest()
    np.testing.assert_array_equal(tab.curve("curve", 1), second)


def test_a_story_leads_to_its_view(tab):
    tab.show()
    story = PAGES["resonance"].stories[3]
    tab.page.get_by_text("Stories: start from a finding").click()
    tab.page.get_by_role("link", name=story.title).click()
    tab.page.wait_for_timeout(800)
    tab.rest()
    assert tab.view() == story.view


def test_stop_stops(tab):
    tab.visit("/resonance?weights=normal:2:60&start=0&steps=1000000")
    stop = tab.page.get_by_role("button", name="Stop").first
    stop.wait_for(state="visible")
    stop.click()
    tab.page.locator(".waiting:not([hidden])").first.wait_for(state="hidden")
    tab.page.wait_for_timeout(800)
    assert not tab.page.locator(".waiting:not([hidden])").count()
    tab.type("weights W", "autapses:10")
    assert len(tab.curve("curve", 1)) == 51


def test_two_sessions_do_not_share_anything(tab, chromium, server):
    other = Tab(chromium.new_context(), server)
    addresses = (VIEW, "/resonance?weights=nrooks:10&start=3&noise=12")
    other.page.goto(server + addresses[1])
    tab.visit(addresses[0])
    for each, address in zip((tab, other), addresses, strict=True):
        each.rest()
        np.testing.assert_array_equal(each.curve("curve", 1), data_of(address)["curve"].information.values)
        assert each.view() == view_of(address)
    other.close()


def test_data_are_downloaded(tab, tmp_path):
    import xarray as xr

    tab.show()
    for label, name in (("Data (netCDF)", "view.nc"), ("Data (CSV)", "view.csv")):
        with tab.page.expect_download() as download:
            tab.page.get_by_role("button", name=label).click()
        download.value.save_as(tmp_path / name)
    with xr.open_dataset(tmp_path / "view.nc", engine="h5netcdf") as data:
        np.testing.assert_array_equal(data.information.values, tab.curve("curve", 1))
        assert data.attrs["address"] == tab.page.url.removeprefix(tab.server)
    for kind, head in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        with tab.page.expect_download() as download:
            tab.page.get_by_role("button", name=f"Save Information against noise as {kind}").click()
        download.value.save_as(tmp_path / kind)
        assert (tmp_path / kind).read_bytes().startswith(head)
    table = np.genfromtxt(tmp_path / "view.csv", delimiter=",", names=True)
    np.testing.assert_allclose(table["information"], tab.curve("curve", 1), rtol=1e-12)


def test_keyboard_alone_reaches_the_controls(tab):
    tab.show()
    controls, seen = {"A", "INPUT", "BUTTON", "slider", "SUMMARY"}, set()
    for _ in range(150):  # once around the page, from wherever the focus is
        tab.page.keyboard.press("Tab")
        seen.add(
            tab.page.evaluate("() => document.activeElement.getAttribute('role') || document.activeElement.tagName")
        )
        if controls <= seen:
            break
    assert controls <= seen


def test_an_unknown_page_and_a_wrong_address_say_so(context, server):
    tab = Tab(context, server)
    tab.page.goto(tab.server + "/nothing")
    missing = tab.page.get_by_text("There is no page")
    missing.wait_for()
    assert missing.is_visible()
    tab.page.goto(tab.server + "/resonance?noise=900")
    allowed = tab.page.get_by_text("a number from 0 to 50")
    allowed.wait_for()
    assert allowed.is_visible()
    tab.close()


ASSETS = Path(__file__).parents[2] / "src" / "noisette" / "app" / "assets"


def test_no_asset_names_another_server():
    for path in ASSETS.iterdir():
        assert "http" not in path.read_text(encoding="utf-8").replace("http://www.w3.org", "")
