"""Calculations in the background: shared, stopped, and replaced by newer ones."""

import threading
import time
from dataclasses import dataclass

import pytest
import xarray as xr

from noisette.app import calculations as module
from noisette.app.answers import Answer, Part, always
from noisette.app.calculations import STOPPED, Calculations
from noisette.app.controls import Number
from noisette.app.views import View, parameter
from noisette.errors import InputError


@dataclass(frozen=True)
class Gain(View):
    """A view with one parameter."""

    page = "gain"
    gain: float = parameter(1.0, Number("gain", "Gain.", low=0, high=10))


def answer(text):
    """Return an answer without figures."""
    return Answer({}, text, xr.Dataset())


def endless(view, report):
    """Yield answers until it is stopped."""
    step = 0
    while True:
        report(step, 10**6)
        step += 1
        yield answer(f"{view.gain:g}: {step}")
        time.sleep(0.01)


ENDLESS = Part("endless", (), endless, always)


def wait(condition):
    """Wait until a condition holds."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_view_is_computed_once_for_all_sessions():
    runs = []

    def compute(view, report):
        runs.append(view)
        time.sleep(0.05)
        return answer("done")

    part, calculations = Part("part", (), compute), Calculations()
    threads = [threading.Thread(target=calculations.now, args=("gain", part, Gain(2.0))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert runs == [Gain(2.0)]


def test_answers_arrive_one_after_the_other_and_stop_ends_them():
    calculations = Calculations()
    calculation = calculations.request("gain", ENDLESS, Gain(), "a")
    wait(lambda: calculation.version > 3)
    calculations.leave("a", "endless")
    assert calculation.finished.wait(2)
    assert calculation.error == STOPPED


def test_the_newest_request_of_a_session_ends_its_older_ones():
    calculations = Calculations()
    old = calculations.request("gain", ENDLESS, Gain(1.0), "a")
    new = calculations.request("gain", ENDLESS, Gain(2.0), "a")
    assert old.finished.wait(2)
    wait(lambda: new.version > 2)
    assert not new.finished.is_set()
    calculations.leave("a", "endless")


def test_other_sessions_keep_a_calculation_that_one_session_leaves():
    calculations = Calculations()
    first = calculations.request("gain", ENDLESS, Gain(1.0), "a")
    assert calculations.request("gain", ENDLESS, Gain(1.0), "b") is first
    calculations.request("gain", ENDLESS, Gain(2.0), "a")
    time.sleep(0.1)
    assert not first.finished.is_set()
    calculations.leave("a", "endless")
    calculations.leave("b", "endless")
    assert first.finished.wait(2)


def test_a_calculation_for_which_nobody_asks_stops(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    calculation = Calculations().request("gain", ENDLESS, Gain(), "a")
    assert calculation.finished.wait(2)


def test_a_stopped_calculation_begins_again_when_it_is_requested_again():
    calculations = Calculations()
    first = calculations.request("gain", ENDLESS, Gain(), "a")
    calculations.leave("a", "endless")
    assert first.finished.wait(2)
    second = calculations.request("gain", ENDLESS, Gain(), "a")
    assert second is not first
    wait(lambda: second.version > 0)
    calculations.leave("a", "endless")


@pytest.mark.parametrize("error", [InputError("3 units; at most 2"), ZeroDivisionError("division by zero")])
def test_errors_become_messages(error):
    def compute(view, report):
        raise error

    calculation = Calculations().now("gain", Part("part", (), compute), Gain())
    assert str(error) in calculation.error
    assert calculation.answer is None


def test_a_limit_of_time_ends_a_calculation_in_words(monkeypatch):
    monkeypatch.setattr(module, "LIMIT", 0.1)
    calculation = Calculations().request("gain", ENDLESS, Gain(), "a")
    assert calculation.finished.wait(2)
    assert "choose a shorter or smaller simulation" in calculation.error


def test_old_calculations_are_forgotten(monkeypatch):
    monkeypatch.setattr(module, "KEPT", 5)
    calculations, runs = Calculations(), []

    def compute(view, report):
        runs.append(view)
        return answer("done")

    part = Part("part", (), compute)
    for gain in [*range(1, 9), 1, 8]:
        calculations.now("gain", part, Gain(float(gain)))
    assert [view.gain for view in runs] == [*range(1, 9), 1]
