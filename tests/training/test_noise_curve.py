"""Error against the noise of a test: its parts, pairing, and the loss in the response window."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from noisette import tasks, training
from noisette.activations import Smoothed, sigmoid
from noisette.errors import InputError
from noisette.networks import StepNoise, TaskNetwork
from noisette.tasks import Trial

TASK = tasks.FunctionApproximation(points=4, dt=10.0, duration=100.0, response=30.0)


def uncoupled(step_noise, readout=((1.0, -2.0, 0.5),)):
    """Return three units without connections, whose states decay to zero whatever the input."""
    parts = np.zeros((3, 3)), np.ones(3), np.zeros(3), np.zeros((3, 2)), np.asarray(readout)
    return TaskNetwork(*parts, dt=10.0, sensory_noise=0.0, step_noise=step_noise)


def curve(network, noise, **more):
    options = {"trials": 8, "repeats": 200, "key": 0} | more
    return training.noise_curve(network, TASK, noise, **options).isel(network=0)


@pytest.mark.slow
def test_variance_and_bias_of_uncoupled_units_in_noise_on_the_rates():
    """The output V (σ(x) + ρ ω) has the variance ρ² |V|² and a bias that does not depend on ρ."""
    data = curve(uncoupled(StepNoise(rate=0.3)), [0.0, 0.2, 0.4], place="rate")
    np.testing.assert_allclose(data.variance, np.array([0, 0.04, 0.16]) * 5.25, rtol=0.1, atol=1e-4)
    np.testing.assert_allclose(data.bias, float(data.bias[0]), atol=0.03)
    np.testing.assert_allclose(data.error, data.bias + data.variance, rtol=0.05)


@pytest.mark.slow
def test_noise_inside_the_activation_moves_the_mean_output_to_the_smoothed_activation():
    """A unit at rest at x = −1.5, with the target zero: the squared bias is the square of the mean output."""
    task = tasks.FunctionApproximation(formula="0*x", points=2, dt=10.0, duration=1000.0, response=100.0)
    parts = np.zeros((1, 1)), np.ones(1), np.full(1, -800.0), np.array([[0.0, -1.5]]), np.ones((1, 1))
    unit = TaskNetwork(*parts, dt=10.0, sensory_noise=0.0)  # τ = 20 ms
    data = training.noise_curve(unit, task, [0.0, 1.0, 3.0], trials=2, repeats=500, key=0).isel(network=0)
    for std, bias in zip(data.noise.values, data.bias.values, strict=True):
        expected = float(Smoothed(sigmoid, float(std))(jnp.asarray(-1.5))) ** 2
        assert bias == pytest.approx(expected, rel=0.03)


@pytest.mark.slow
def test_a_filter_averages_noise_of_the_readout():
    """White noise of the outputs, filtered with γ = dt/τ, has the variance γ/(2 − γ) in the stationary state."""
    loss = training.WindowError(tau=50.0, dt=10.0)
    long = tasks.FunctionApproximation(points=4, dt=10.0, duration=600.0, response=30.0)
    network = uncoupled(StepNoise(readout=1.0))
    data = training.noise_curve(network, long, [1.0], place="readout", trials=8, repeats=200, loss=loss, key=0)
    assert float(data.variance[0, 0]) == pytest.approx(0.2 / 1.8, rel=0.1)


def test_a_network_is_tested_at_the_given_noise_whatever_that_of_its_training():
    first, second = (curve(uncoupled(StepNoise(rate=std)), [0.0, 0.2], place="rate") for std in (0.1, 0.7))
    np.testing.assert_array_equal(first.error, second.error)


def test_noise_at_other_places_is_kept():
    both = curve(uncoupled(StepNoise(rate=0.3, readout=0.5)), [0.0], place="rate")
    assert float(both.variance[0]) == pytest.approx(0.25, rel=0.1)


@pytest.mark.slow
def test_networks_see_the_same_trials_and_draws():
    network = TaskNetwork.random(6, dt=10.0, step_noise=StepNoise(activation=1.0), key=0)
    pair = training.noise_curve([network, network], TASK, [0.5], trials=3, repeats=3, key=1)
    assert float(pair.error[0, 0]) == float(pair.error[1, 0])
    assert set(pair.accuracy.dims) == {"network", "noise", "score"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"place": "current"}, "place 'current'"),
        ({"noise": [-1.0]}, "noise below zero"),
        ({"repeats": 1}, "1 repeats"),
    ],
)
def test_invalid_arguments_are_refused(change, message):
    options = {"noise": [0.0], "trials": 2, "repeats": 2, "key": 0} | change
    with pytest.raises(InputError, match=message):
        training.noise_curve(uncoupled(StepNoise()), TASK, **options)


def test_the_window_error_is_the_mean_square_within_the_window():
    rng = np.random.default_rng(0)
    outputs, target = rng.normal(size=(6, 2)), rng.normal(size=(7, 2))
    mask = np.array([0, 1, 0, 1, 1, 0, 1.0])
    trial = Trial(jnp.zeros((7, 1)), jnp.asarray(target), jnp.asarray(mask), jnp.array(0))
    expected = ((outputs - target[:-1]) ** 2)[[1, 3, 4]].mean()
    assert float(training.WindowError()(jnp.asarray(outputs), trial)) == pytest.approx(expected, rel=1e-6)


def test_the_filter_is_a_recursion():
    outputs = np.random.default_rng(1).normal(size=(3, 9, 2))
    filtered = np.asarray(training.WindowError(tau=40.0, dt=10.0).filtered(jnp.asarray(outputs)))
    y = outputs[:, 0]
    for t in range(1, 9):
        y = 0.75 * y + 0.25 * outputs[:, t]
        np.testing.assert_allclose(filtered[:, t], y, atol=1e-12)


def test_the_filter_needs_a_time_constant_above_the_step():
    with pytest.raises(InputError, match="tau"):
        training.WindowError(tau=2.0, dt=5.0)
    assert jax.tree.leaves(training.WindowError()) == [training.WindowError()]  # a static part of a protocol
