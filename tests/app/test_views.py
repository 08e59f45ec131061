"""Views of all pages: random ones answer or are refused in words, and addresses are read as they are written."""

import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from noisette.app.answers import Answer, completed
from noisette.app.calculations import Calculations
from noisette.app.controls import Choice, Control, Number
from noisette.app.pages import PAGES
from noisette.app.views import InvalidView, View
from noisette.errors import InputError

# texts of the parameters that are no numbers: allowed ones, ones that are too large, and others
WORDS = {
    "weights": ["autapses:10", "hopfield:24,7:10", "nrooks:10", "symmetric:3:5", "normal:2:7", "gaussian:401", "x:y"],
    "activation": ["tanh", "erf", "linear", "power:0.75", "pade:0.3,0", "power:-1", "open"],
    "network": ["stored:0", "stored:10", "stored:3", "upload:00"],
}
# programs of this page are compiled for each number of units and each activation
CHAOS = {
    "weights": ["autapses:10", "hopfield:24,7:10", "nrooks:10", "symmetric:3:5", "gaussian:401", "x:y"],
    "activation": ["tanh", "power:-1", "open"],
}


def values(control: Control, words: list[str]) -> st.SearchStrategy[str]:
    """Return texts for a control: mostly allowed values, and some that are not."""
    rubbish = st.text(string.printable, max_size=20)
    if isinstance(control, Choice):
        good: st.SearchStrategy[str] = st.sampled_from([value for value, _ in control.options])
    elif isinstance(control, Number) and control.whole:
        good = st.integers(int(control.low), int(min(control.high, 10**6))).map(str)
    elif isinstance(control, Number):
        good = st.floats(control.low, control.high).map(repr)
    else:
        good = st.sampled_from(words)
    return st.one_of(*[good] * 9, rubbish)


def queries(page: str) -> st.SearchStrategy[dict[str, str]]:
    """Return the parameters of addresses of a page, of which each may be absent."""
    words = WORDS | (CHAOS if page == "chaos" else {})
    controls = PAGES[page].view.controls()
    return st.fixed_dictionaries({}, optional={n: values(c, words.get(n, [""])) for n, c in controls.items()})


def read(kind: type[View], query: dict[str, str]) -> tuple[View | None, dict[str, str]]:
    """Return the view of an address, or the messages with which it is refused."""
    try:
        return kind.read(query), {}
    except InvalidView as refused:
        return None, refused.errors


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_random_views_answer_or_refuse_in_words(page, data):
    query = data.draw(queries(page))
    kind = PAGES[page].view
    view, errors = read(kind, query)
    assert all(len(message) > 10 for message in errors.values())
    assert set(errors) <= {*kind.controls(), ""}
    if view is None:
        return
    assert kind.read(view.address().partition("?")[2]) == view
    calculations = Calculations()
    for part in PAGES[page].parts:
        if not part.long(view):
            calculation = calculations.now(page, part, view)
            assert calculation.answer is not None or len(calculation.error) > 10
            assert "cannot be computed" not in calculation.error
            if calculation.answer is not None:
                assert set(calculation.answer.figures) == {panel.name for panel in part.panels}


@pytest.mark.parametrize("page", PAGES)
def test_default_views_and_stories_are_read_as_they_are_written(page):
    for view in (PAGES[page].view(), *(story.view for story in PAGES[page].stories)):
        assert PAGES[page].view.read(view.address().partition("?")[2]) == view


@pytest.mark.parametrize("page", PAGES)
def test_stories_have_three_sentences_and_something_to_try(page):
    assert 3 <= len(PAGES[page].stories) <= 5
    for story in PAGES[page].stories:
        assert 2 <= story.text.count(". ") <= 4
        assert story.attempt


@pytest.mark.parametrize("page", PAGES)
def test_every_control_has_a_label_and_an_explanation(page):
    for control in PAGES[page].view.controls().values():
        assert control.label
        assert control.help.endswith(".")
        assert control.group


@pytest.mark.parametrize("page", PAGES)
def test_the_code_of_views_is_python(page):
    for view in (PAGES[page].view(), *(story.view for story in PAGES[page].stories)):
        compile(PAGES[page].python(view), "view.py", "exec")
        assert PAGES[page].command(view).startswith("noisette ")


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_results_of_parts_are_answers(page):
    view = PAGES[page].view()
    for part in PAGES[page].parts:
        if not part.long(view):
            assert isinstance(completed(part.compute(view, lambda done, total: None)), Answer)


def test_addresses_that_are_too_long_are_refused():
    page = next(iter(PAGES.values()))
    with pytest.raises(InputError, match="at most 8000"):
        page.view.read("weights=" + "1" * 8000)


DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("page", PAGES)
def test_the_documentation_shows_every_page_and_tells_every_story(page):
    text = (DOCS / "guide" / "explore.md").read_text(encoding="utf-8")
    names = [f"explore-{page}", *(f"explore-{page}-{number}" for number in range(1, len(PAGES[page].stories) + 1))]
    for name in names:
        assert (DOCS / "images" / f"{name}.png").is_file()
        assert f"../images/{name}.png" in text
    for story in PAGES[page].stories:
        assert story.title in text
        assert story.text in text
