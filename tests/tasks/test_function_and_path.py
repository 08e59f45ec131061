"""Function approximation and path integration."""

import jax
import numpy as np
import pytest

from noisette.errors import InputError
from noisette.tasks import FunctionApproximation, PathIntegration, from_string


def test_the_target_is_the_function_of_the_constant_input():
    task = FunctionApproximation(formula="x^3 - x", points=9, dt=10.0)
    trials = task.block(9, key=jax.random.key(0), label=np.arange(9))
    x = np.asarray(trials.inputs[..., 0])
    assert (x == x[:, :1]).all()
    assert (np.asarray(trials.inputs[..., 1]) == 1).all()
    inside = np.asarray(trials.mask) > 0
    assert inside.sum(1).tolist() == [20] * 9
    np.testing.assert_allclose(np.asarray(trials.target)[..., 0][inside], (x**3 - x)[inside], atol=1e-6)
    assert (np.asarray(trials.target)[..., 0][~inside] == 0).all()
    assert inside[:, -1].all()


def test_the_nearest_function_value_is_the_strict_answer():
    task = FunctionApproximation(formula="x", points=5)
    trial = task.trial(key=jax.random.key(0), label="x = 0.5")
    for answer, correct in ((0.6, True), (0.3, True), (0.2, False), (0.9, False)):
        assert bool(task.correct(np.full((99, 1), answer), trial, "strict")) is correct


def test_the_position_is_the_integral_of_the_velocity():
    task = PathIntegration(dimensions=3, dt=10.0)
    trial = task.trial(key=jax.random.key(1))
    velocity = np.asarray(trial.inputs, float)[:, :3]
    np.testing.assert_allclose(trial.target, np.cumsum(velocity, 0) / 100, atol=1e-5)
    assert (np.asarray(trial.inputs)[:, 3] == 1).all()


def test_velocity_and_position_have_the_stated_variance():
    """2000 independent components; 5 standard errors of a variance."""
    task = PathIntegration(speed=3.0, correlation_time=100.0, duration=500.0, dt=5.0)
    trials = task.block(1000, key=jax.random.key(2))
    velocity, position = np.asarray(trials.inputs)[..., :2], np.asarray(trials.target)
    error = 5 * np.sqrt(2 / 2000)
    for t in (0, 50, 99):
        assert (velocity[:, t] ** 2).mean() == pytest.approx(9.0, rel=error)
    lag = (velocity[:, 60] * velocity[:, 40]).mean() / 9
    assert lag == pytest.approx(np.exp(-1), abs=error)
    expected = 2 * 9 * 0.1 * (0.5 - 0.1 * (1 - np.exp(-5)))
    assert (position[:, -1] ** 2).mean() == pytest.approx(expected, rel=error + 0.01)  # steps of 5 % of τ_c


@pytest.mark.parametrize("word", ["function", "path"])
def test_words_of_the_tasks(word):
    task = from_string(word, duration=400.0)
    assert task.steps == 80
    assert from_string(task.configuration["task"]) == from_string(word)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: FunctionApproximation(points=1), "1 points"),
        (lambda: FunctionApproximation(formula="1/x", points=3), "finite on"),
        (lambda: FunctionApproximation(formula="y"), "formula"),
        (lambda: FunctionApproximation(response=500.0), "shorter than the trial"),
        (lambda: PathIntegration(dimensions=4), "4 dimensions"),
        (lambda: PathIntegration(speed=0.0), "speed"),
        (lambda: PathIntegration(correlation_time=-1.0), "correlation_time"),
    ],
)
def test_invalid_parameters_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()
