"""Any view of the page about chaos is answered, or refused in words."""

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from noisette.app.controls import Choice, Number
from noisette.app.pages import chaos as page
from noisette.app.results import answers, joined, view_of
from noisette.app.views import InvalidView
from noisette.errors import InputError

# one size, step and duration, so that tests share compiled programs
SMALL = page.Chaos(weights="gaussian:20", gain=2.5, duration=60.0, on=20.0, off=40.0, dt=0.05)
CONSTANT = SMALL.but(base=0.0, gamma=0.0)
TERM_IN_NOISE = SMALL.but(base=1.0, gamma=1.0, kind="ou", strength=0.5, seed=3, transient=50.0)
STORIES = {story.title: story.view for story in page.PAGE.stories}


def last(part, view):
    """Return the most complete answer of a part."""
    produced = page.PAGE.part(part).compute(view, lambda done, total: None)
    return produced if not hasattr(produced, "__iter__") else [*produced][-1]


def test_wrong_addresses_are_refused_in_words():
    for address, words in (
        ("/chaos?weights=gaussian:201", "at most 200 units"),
        ("/chaos?weights=/etc/passwd", "autapses:W"),
        ("/chaos?weights=upload:0123456789abcdef", "upload it again"),
        ("/chaos?on=50&off=40", "a time after the first one, 50"),
        ("/chaos?activation=os:system", "tanh"),
        ("/chaos?dt=0.001", "from 0.005 to 0.5"),
        ("/chaos?duration=1000", "from 10 to 400"),
        ("/chaos?kind=pink", "none, white, ou"),
        ("/chaos?gain=inf", "from 0 to 12"),
    ):
        with pytest.raises(InputError, match=words):
            view_of(address)


@pytest.mark.slow
def test_long_runs_show_their_beginning_first_and_stop(monkeypatch):
    monkeypatch.setattr(page, "LARGE", SMALL.steps * 20 - 1)  # steps × units
    view = SMALL.but(seed=2)
    reports = []
    pieces = page.run(view, lambda done, total: reports.append(done / total))
    first = next(pieces)
    assert first.sentence.startswith("The first 10 τ")
    assert not first.complete

    def stop(done, total):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        next(page.run(view.but(seed=3), stop))
    np.testing.assert_allclose(first.data.trace[:1], last("run", view).data.trace[:1])
    assert reports == [1.0]  # of the first part


def texts(name, control):
    """Return values of a parameter; some of them are few, since each compiles programs or solves mean-field theory."""
    few = {
        "weights": ["gaussian:20", "gaussian:20:5", "autapses:5:20", "normal:1:20", "symmetric:0.3:20"],
        "activation": ["tanh"],
        "kind": ["none", "white"],
        "strength": ["0", "1.5"],
        "dt": ["0.05"],
        "duration": ["60"],
    }
    if name in few:
        return st.sampled_from(few[name])
    if isinstance(control, Choice):
        return st.sampled_from([value for value, _ in control.options])
    assert isinstance(control, Number)
    if name in ("on", "off"):
        return st.integers(0, 70).map(str)
    return st.integers(0, 1000).map(str) if control.whole else st.floats(control.low, control.high).map(repr)


@pytest.mark.slow
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(st.fixed_dictionaries({}, optional={n: texts(n, c) for n, c in page.Chaos.controls().items()}))
def test_random_views_answer_or_refuse_in_words(query):
    shared = {"weights": "gaussian:20", "duration": "60", "dt": "0.05"}
    times = {name: float(query.get(name, getattr(page.Chaos(), name))) for name in ("on", "off")}
    if times["off"] <= times["on"]:
        with pytest.raises(InvalidView, match="a time after the first one"):
            page.Chaos.read(shared | query)
        return
    view = page.Chaos.read(shared | query)
    check_answers(view)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"activation": "linear", "gain": 12.0, "base": 0.0, "gamma": 0.0}, "The activity grows without bound"),
        ({"dt": 0.5, "duration": 10.0, "on": 3.0, "off": 7.0}, "λ = undetermined"),
    ],
)
def test_unbounded_and_short_runs_answer_in_all_parts(change, words):
    known = check_answers(SMALL.but(**change))
    assert words in known["run"].sentence
    assert ("verdict" in known["step"].data.attrs) == ("dt" not in change)  # short runs are not audited


def check_answers(view):
    """Return the answers for a view after checking that they have all figures, words and no NaN."""
    known = answers(view)
    for part in page.PAGE.parts:
        assert set(known[part.name].figures) == {panel.name for panel in part.panels}
        assert len(known[part.name].sentence) > 20
        assert "nan" not in known[part.name].sentence
    assert joined(view, known).attrs["address"] == view.address()
    json.dumps([dict(answer.figures) for answer in known.values()], allow_nan=False)
    compile(page.python(view), "view", "exec")
    return known
