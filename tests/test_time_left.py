"""Estimates of the remaining time hold within a factor of two, on simulated clocks."""

import re

import numpy as np
import pytest

from noisette import progress as progress_module
from noisette.papers import from_string
from noisette.studies import Progress, Serial, Study
from noisette.time_left import LEAST, TimeLeft


def ratios(seconds, work=None):
    """Return estimate/truth after each part, for parts that take these times and are these fractions of the work."""
    ends = np.cumsum(seconds)
    finished = np.cumsum(np.full(len(ends), 1 / len(ends)) if work is None else work)
    left, result = TimeLeft(0.0), []
    for end, done in zip(ends[:-1], finished[:-1], strict=True):
        left.add(end, done)
        estimate = left.seconds(end)
        result.append(np.nan if estimate is None else estimate / (ends[-1] - end))
    return np.array(result)


def within_a_factor_of_two(values):
    return ((values > 0.5) & (values < 2)).all()


def test_there_is_no_estimate_before_three_parts_are_finished():
    values = ratios(np.ones(10))
    assert np.isnan(values[: LEAST - 1]).all()
    np.testing.assert_allclose(values[LEAST - 1 :], 1)


def test_random_times_of_the_parts():
    """Parts of 1 ± 0.3 s: the mean of at least three of them deviates by less than a factor of two."""
    for seed in range(20):
        times = np.random.default_rng(seed).uniform(0.5, 1.5, 40)
        assert within_a_factor_of_two(ratios(times)[LEAST - 1 :])


def test_a_long_first_part_is_forgotten():
    """Compilation takes 30 s, and each part 1 s: the first part leaves the window after three more."""
    assert within_a_factor_of_two(ratios(np.array([31.0] + 29 * [1.0]))[LEAST:])


def test_parts_that_become_slower():
    """Times that rise linearly to their double: the latest quarter is faster than the rest, by at most a third."""
    assert within_a_factor_of_two(ratios(np.linspace(1, 2, 100))[LEAST - 1 :])


def test_pairs_of_threads_that_end_at_the_same_time():
    times = np.append(np.tile([1.0, 0.0], 20), 1.0)  # the last part runs alone
    assert within_a_factor_of_two(ratios(times)[LEAST - 1 : -1])


def test_the_estimate_counts_down_between_reports():
    left = TimeLeft(0.0)
    for part in (1, 2, 3):
        left.add(10.0 * part, part / 10)
    assert left.seconds(30.0) == pytest.approx(70)
    assert left.seconds(45.0) == pytest.approx(55)
    assert left.seconds(200.0) == 0


def test_no_work_in_the_window_gives_no_estimate():
    left = TimeLeft(0.0)
    for second in (1.0, 2.0, 3.0):
        left.add(second, 0.0)
    assert left.seconds(3.0) is None


# --- reports on a simulated clock


@pytest.fixture
def clock(monkeypatch):
    """Return a clock that is set by hand: clock[0] is the time in seconds."""
    now = [0.0]
    monkeypatch.setattr(progress_module.time, "monotonic", lambda: now[0])
    return now


def printed_seconds(text):
    """Return the times left in lines of progress, in seconds."""
    unit = {"s": 1, "min": 60, "h": 3600}
    return [float(number) * unit[name] for number, name in re.findall(r"about ([\d.]+) (s|min|h) left", text)]


def test_sizes_of_the_subset_study_have_known_costs(clock, capsys):
    """Run times measured at N = 20, 100, 300, 1000 at paper scale, in s; without costs, 23 s would be printed."""
    seconds = {20: 10.7, 100: 42.0, 300: 16.1, 1000: 118.0}
    (subset,) = from_string("recurrence-resonance").chosen(["subset"])
    cost = subset.study("paper", 0).cost

    def measure(size):
        clock[0] += seconds[size]
        return float(size)

    with Progress("subset") as progress:
        Study("subset", measure, {"size": list(seconds)}, cost=cost).run(progress, Serial())
    lines = [line for line in capsys.readouterr().err.splitlines() if line]
    assert len(lines) == 3  # none within 15 s
    assert not printed_seconds(lines[0])  # two parts are not enough
    assert printed_seconds(lines[1])[0] == pytest.approx(118, rel=0.5)


def test_costs_do_not_change_results_and_are_not_passed_to_plain_functions():
    reports = []
    study = Study("squares", lambda x: x**2, {"x": [1, 2, 3]}, cost=lambda x: x)
    data = study.run(lambda done, total: reports.append((done, total)))
    assert data.value.values.tolist() == [1, 4, 9]
    assert reports == [(1, 3), (2, 3), (3, 3)]


def test_resumed_work_does_not_count_for_the_speed(clock, capsys):
    """90 of 100 parts are finished at the start, and each of the others takes 20 s."""
    with Progress("study") as progress:
        progress(90, 100)
        for done in range(91, 95):
            clock[0] += 20.0
            progress(done, 100)
    seconds = printed_seconds(capsys.readouterr().err)
    assert seconds == pytest.approx([140, 120], rel=0.2)


def test_a_second_piece_of_work_starts_anew(clock, capsys):
    with Progress("two pieces") as progress:
        for seconds in (0.1, 100.0):
            for done in range(1, 6):
                clock[0] += seconds
                progress(done, 5)
    assert printed_seconds(capsys.readouterr().err) == pytest.approx([180, 120, 0], abs=61)
