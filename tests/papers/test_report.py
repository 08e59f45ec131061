"""The HTML report: summary first, captions, commands, and a layout for narrow screens and dark mode."""

import json
import re
from dataclasses import replace

import pytest

from noisette.papers import Figure, Paper, from_string, write_report
from noisette.papers._page import typeset
from noisette.registry import words
from noisette.studies import Claim, Study

CLAIMS = [
    Claim("r_opt is > 0 & finite", "r_opt ≈ 4", "4.0", "reproduced", "exact", error=0.1),
    Claim("two", "1", "2", "differs", "why"),
    Claim("three", "1", "2", "depends on the input", ""),
]


def figure(name, caption="Lines are exact."):
    nothing = Study("nothing", abs, {"x": [1]})
    return Figure(name, f"Title of {name}", lambda *_: nothing, lambda data: None, lambda data: [], caption=caption)


PAPER = Paper("squares", "On squares", "Somebody (2026)", (figure("first"), figure("second"), figure("third")))


@pytest.fixture
def report(tmp_path):
    """Return the text of a report with two figures of which one failed, and one that has not been reproduced."""
    record = {
        **{"figure": "first", "title": "Title of first", "scale": "quick", "seed": 3, "version": "1.2"},
        "claims": [claim.row() for claim in CLAIMS],
        "tests": {"sentence": "No claim rests on a significance test."},
    }
    (tmp_path / "first.json").write_text(json.dumps(record), encoding="utf-8")
    return write_report(PAPER, tmp_path, {"second": "ZeroDivisionError: <b>"}).read_text(encoding="utf-8")


def test_the_summary_comes_before_the_figures(report, page_of):
    page = page_of(report)
    text = "".join(page.texts)
    assert text.index("Summary") < text.index("first: Title of first")
    assert "3 claims in 1 figure: 1 reproduced, 1 differs, 1 depends on conditions." in text
    assert "noisette reproduce squares --scale quick --seed 3" in text
    assert {"href": "#first"} in page.of("a")
    assert {"id": "first"} in page.of("h2")


def test_figures_have_captions_with_the_command_that_makes_them(report, page_of):
    text = "".join(page_of(report).texts)
    assert "Lines are exact. Made by noisette reproduce squares first --scale quick --seed 3 with noisette 1.2" in text
    assert "third" not in text


def test_failures_are_reported_and_escaped(report):
    assert "Not reproduced in this run: ZeroDivisionError: &lt;b&gt;" in report


def test_the_page_fits_narrow_screens_and_dark_mode(report, page_of):
    """On narrow screens, cells are lines that need the name of their column; the first is the verdict or the figure."""
    page = page_of(report)
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.of("meta")
    assert "prefers-color-scheme: dark" in report
    assert "color-scheme: light dark" in report
    rows = re.findall(r"<tr>(.*?)</tr>", report)
    for row in rows:
        first, *others = re.findall(r"<td([^>]*)>", row)
        assert "data-name" not in first
        assert all("data-name" in cell for cell in others)
    used = set(re.findall(r"var\((--\w+)\)", report))
    light, dark = (set(re.findall(r"(--\w+):", block)) for block in re.findall(r":root \{(.*?)\}", report, re.DOTALL))
    assert used == light == dark  # every colour is defined in both modes
    wide = [rule for rule in re.findall(r"[\w.]+ img \{([^}]*)\}", report) if "max-width: 44rem" in rule]
    assert len(wide) == 1
    assert "overflow-x: auto" in report


def contrast(first, second):
    """Return the contrast ratio of two colours by the Web Content Accessibility Guidelines."""

    def luminance(colour):
        digits = colour if len(colour) == 6 else "".join(2 * digit for digit in colour)
        channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_text_has_enough_contrast_in_both_modes(report):
    """4.5 is the ratio that the guidelines demand for text (level AA)."""
    for block in re.findall(r":root \{(.*?)\}", report, re.DOTALL):
        colours = dict(re.findall(r"--(\w+): #([0-9a-f]+)", block))
        page = colours.pop("page")
        colours.pop("line")
        assert all(contrast(colour, page) >= 4.5 for colour in colours.values())


def test_indices_are_typeset():
    assert typeset("E_k/N and τ_c") == "<i>E</i><sub>k</sub>/N and <i>τ</i><sub>c</sub>"
    assert typeset("network_000.nc, a_b_c, x_") == "network_000.nc, a_b_c, x_"


def test_a_damaged_file_of_claims_is_named(tmp_path):
    (tmp_path / "first.json").write_text("{", encoding="utf-8")
    page = write_report(PAPER, tmp_path).read_text(encoding="utf-8")
    assert "first.json is damaged; reproduce first again" in page


def test_figures_without_a_caption_are_allowed(tmp_path):
    known = replace(PAPER, figures=(figure("first", caption=""),))
    record = {"figure": "first", "title": "T", "scale": "quick", "seed": 0, "version": "1", "claims": []}
    (tmp_path / "first.json").write_text(json.dumps(record), encoding="utf-8")
    assert "<figcaption>Made by" in write_report(known, tmp_path).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", words("papers"))
def test_every_caption_states_what_is_exact_simulated_or_derived(name):
    for known in from_string(name).figures:
        origin = r"exact|simulated|theory|network|matri"
        assert re.search(origin, known.caption), known.name
        assert known.caption.endswith("."), known.name
