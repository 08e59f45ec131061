"""Delayed match to sample, against the periods of the paper and of the published code, given as numbers."""

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noisette.errors import InputError
from noisette.tasks import DMS, XOR

KEY = jax.random.key(0)
PAIRS = ((1, 1), (1, -1), (-1, 1), (-1, -1))


def shown(task, label):
    trial = task.trial(key=KEY, label=label)
    return np.asarray(trial.inputs), np.asarray(trial.target)[:, 0], np.asarray(trial.mask)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("parameters", "steps", "second", "response"),
    [
        # the paper's three delays; the target of the published code is [end + 10, end + 110), cut at the end
        ({}, 300, 150, (210, 300)),
        ({"delay": 150.0}, 300, 130, (190, 290)),
        ({"delay": 50.0}, 300, 110, (170, 270)),
        # longer delays in the tests: 500 ms remain after the second stimulus
        ({"delay": 750.0}, 400, 250, (310, 400)),
        ({"delay": 1250.0}, 500, 350, (410, 500)),
        # two delays
        ({"second_delay": 250.0}, 350, 150, (260, 350)),
        ({"gap": 0.0}, 300, 150, (200, 300)),
        ({"duration": 2000.0}, 400, 150, (210, 310)),
    ],
)
def test_periods_are_those_of_the_paper(parameters, steps, second, response):
    task = DMS(**parameters)
    assert task.steps == steps
    for label, (first, other) in enumerate(PAIRS):
        inputs, target, mask = shown(task, label)
        expected_inputs, expected_target = np.zeros((steps, 2)), np.zeros(steps)
        expected_inputs[50:100, 0], expected_inputs[second : second + 50, 1] = first, other
        expected_target[slice(*response)] = first * other
        assert (inputs == expected_inputs).all()
        assert (target == expected_target).all()
        assert (mask == np.abs(expected_target)).all()


def test_one_channel_carries_both_stimuli():
    for label in range(4):
        double, _, _ = shown(DMS(amplitude=2.0), label)
        single, _, _ = shown(DMS(amplitude=2.0, inputs=1), label)
        assert single.shape == (300, 1)
        assert (single[:, 0] == double.sum(1)).all()
        assert np.abs(single).max() == 2


def test_the_names_of_the_conditions_are_their_signs():
    for name in DMS.conditions:
        first, second = (int(sign) for sign in name.split("/"))
        inputs, target, _ = shown(DMS(), name)
        assert (inputs[50, 0], inputs[150, 1], target[-1]) == (first, second, first * second)


def test_steps_of_another_length_give_the_same_times():
    # every bound is a multiple of 50 ms: steps of 10 ms are every second step of 5 ms
    for coarse, fine in zip(shown(DMS(dt=10.0), 1), shown(DMS(), 1), strict=True):
        assert (coarse == fine[::2]).all()


def test_a_default_duration_is_rounded_up_to_whole_steps():
    assert DMS(dt=7.0, fixation=70.0, stimulus=70.0, delay=70.0, gap=7.0, response=70.0).steps == 215  # 1500 ms / 7


def test_exclusive_or_is_a_match_after_a_short_delay_scored_later():
    assert XOR().score_from == DMS().score_from == 200  # as in the published code, for both
    assert (XOR().trial(key=KEY, label=2).inputs == DMS(delay=50.0).trial(key=KEY, label=2).inputs).all()
    inputs, target, _ = shown(XOR(), 2)
    assert (inputs[110:160, 1] == 1).all()
    assert np.flatnonzero(target).tolist() == list(range(170, 270))
    assert isinstance(XOR(delay=250.0, score_gap=0.0), DMS)


@pytest.mark.parametrize("task", [DMS(), XOR()], ids=["dms", "xor"])
def test_scores_agree_with_the_published_code_on_random_outputs(task):
    # rows of 299 outputs: some reach ±0.7 only before step 200, some with both signs, some never
    rng = np.random.default_rng(0)
    bumps = rng.normal(size=(40, 13)).repeat(23, axis=1) * rng.uniform(0.2, 1.2, (40, 1))
    window = np.flatnonzero(shown(task, 0)[2])
    window = window[window < 299]
    trials = jax.tree.map(np.asarray, task.block(40, key=KEY, label=np.arange(40) % 4))
    scores = []
    for i, row in enumerate(bumps.astype(np.float32)):
        trial = jax.tree.map(lambda leaf, i=i: leaf[i], trials)
        match = PAIRS[i % 4][0] == PAIRS[i % 4][1]
        published = row[200:].max() > 0.7 if match else row[200:].min() < -0.7
        strict = row[window].mean() > 0 if match else row[window].mean() < 0
        result = [bool(task.correct(row[:, None], trial, score)) for score in ("threshold", "strict")]
        assert result == [published, strict]
        scores.append((bool(published), bool(strict)))
    assert set(scores) == {(True, True), (True, False), (False, True), (False, False)}


def test_the_threshold_score_is_more_lenient_than_the_strict_score():
    trial = DMS().trial(key=KEY, label="+1/+1")
    late, early = np.full((299, 1), -1.0), np.full((299, 1), -1.0)
    late[298] = 0.71  # one output, at the end
    early[199] = 5.0  # the last output before the end of the second stimulus
    edge = np.full((299, 1), 0.7, np.float32)  # not above 0.7
    assert [bool(DMS().correct(o, trial)) for o in (late, early, edge)] == [True, False, False]
    assert [bool(DMS().correct(o, trial, "strict")) for o in (late, early, edge)] == [False, False, True]
    # the gap, 200 … 209, is considered by the threshold score only
    gap = np.zeros((299, 1))
    gap[205] = 1.0
    assert bool(DMS().correct(gap, trial))
    assert not bool(DMS().correct(gap, trial, "strict"))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"delay": 12.0}, "delay of 12 ms is 2.4 steps of 5 ms; a whole number of steps; take 10 or 15 ms"),
        ({"fixation": -5.0}, "fixation of -5 ms; zero or positive"),
        ({"stimulus": 0.0}, "stimulus of 0 ms; at least 1 step of 5 ms"),
        ({"delay": np.nan}, "delay of nan ms; a finite number"),
        ({"dt": 0.0}, "dt of 0.0 ms; a positive number"),
        ({"dt": -5.0}, "dt of -5.0 ms"),
        ({"dt": 3.0}, "250 ms is 83.3333 steps of 3 ms"),
        ({"inputs": 3}, "3 inputs; 2 \\(one channel per stimulus\\) or 1"),
        ({"amplitude": np.inf}, "amplitude inf; a finite number"),
        ({"input_noise": -1.0}, "input_noise -1.0; a finite number of at least 0"),
        ({"duration": 1000.0}, "a response window from 1050 ms in a trial of 1000 ms; .*longer duration"),
        ({"duration": 1055.0}, "a response window from 1050 ms in a trial of 1055 ms"),
        ({"score_gap": 495.0}, "score_gap of 495 ms; less than 495 ms"),
        ({"delay": 1e9}, "a trial of 200000250 steps; 2 … 1000000 steps; mind"),
        ({"dt": 1e-300, "delay": 1e300}, "finite number of steps|whole number of steps"),
    ],
)
def test_invalid_input_is_refused(parameters, message):
    with pytest.raises(InputError, match=message):
        DMS(**parameters)


@given(st.floats() | st.integers(-10, 400).map(lambda n: 5.0 * n))
def test_a_delay_that_is_not_a_whole_number_of_steps_is_refused(delay):
    possible = np.isfinite(delay) and 0 <= delay < 4e6 and abs(delay / 5 - round(delay / 5)) < 1e-7
    try:
        task = DMS(delay=delay)
    except InputError:
        assert not possible
    else:
        start, stop = task.periods["delay"]
        assert (stop - start) * 5 == pytest.approx(delay, abs=1e-3)
        assert task.periods["stimulus 2"] == (stop, stop + 50)
