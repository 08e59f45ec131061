"""Runs compared with theory: their initial states, their sampling, and runaways.

Statistical comparisons allow 5 standard errors of an ensemble with a fixed seed: false alarms below 1e-5 with normal
errors, below 1e-3 with as few networks as here.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import noisette as nz
from noisette import activations
from noisette.analysis import simulated_correlations
from noisette.analysis._runs import Transient, drifting, ran_away, slowest_relaxation, start_variance, stationary_runs
from noisette.errors import TransientWarning, UnsolvedWarning
from noisette.noise import Frozen, OrnsteinUhlenbeck, White

N = 60


def gaussian(number, size=N):
    return nz.weights.gaussian(size, size**-0.5, key=jax.random.fold_in(jax.random.key(7), number))


def network(gain, activation=activations.tanh, noise=None, number=0):
    return nz.RateNetwork(gaussian(number), gain, activation=activation, noise=noise)


@pytest.mark.slow
@pytest.mark.parametrize("strength", [1e-3, 1e-40])
def test_runs_in_weak_noise_forget_their_start(strength):
    """Runs in weak noise are linear: all numbers scale with the strength. D was once .04 instead of .47."""
    args = {"size": N, "networks": 3, "draws": 30}
    strong = simulated_correlations(activations.linear, 0.7, White(1.0), **args)
    weak = simulated_correlations(activations.tanh, 0.7, White(strength), **args)
    assert float(weak.variance) / strength**2 == pytest.approx(float(strong.variance), rel=1e-4)
    assert float(weak.participation_dimension) == pytest.approx(float(strong.participation_dimension), rel=1e-4)
    assert weak.stationary.all()


def test_the_start_has_the_predicted_variance():
    predicted = float(nz.theory.mean_field(activations.tanh, 0.8, White(0.003), dt=0.1).variance)
    W = np.sqrt((np.asarray(gaussian(0)) ** 2).sum(1).mean())
    assert start_variance(network(0.8 / W, noise=White(0.003)), 0.1) == pytest.approx(predicted, rel=1e-6)
    assert start_variance(network(2.0, activations.linear, White(1.0)), 0.1) == 0.5  # no stationary state: one unit


def test_the_slowest_mode_is_that_of_the_linear_network():
    net = network(0.8, activations.linear, White(1.0))
    expected = 1 / (1 - np.linalg.eigvals(0.8 * np.asarray(gaussian(0))).real.max())
    states = np.random.default_rng(0).standard_normal((3, 1, N))
    assert slowest_relaxation(net, states) == pytest.approx(expected, rel=1e-9)
    assert slowest_relaxation(net, 1e-40 * states) == pytest.approx(expected, rel=1e-9)
    # a step has no slope but responds: ⟨φ'⟩ = 2/√(2π) at variance one
    step = network(0.8, jnp.sign, White(1.0))
    edge = np.linalg.eigvals(0.8 * (2 / np.pi) ** 0.5 * np.asarray(gaussian(0))).real.max()
    many = np.random.default_rng(1).standard_normal((4000, 1, N))
    assert slowest_relaxation(step, many) == pytest.approx(1 / (1 - edge), rel=0.1)


@pytest.mark.slow
def test_transients_grow_with_the_relaxation_time():
    """One unit x' = −x + g x: a relaxation time of 20 takes a transient of 50, tried in powers of two of 20."""
    unit = nz.RateNetwork([[0.95]], activation=activations.linear, noise=White(1.0))
    when = Transient(0.1, 20.0, 2, 5.0)
    runs = stationary_runs(unit, jax.random.key(0), 400, when, 0.5)
    assert (runs.transient, runs.relaxation, runs.stationary) == (80.0, pytest.approx(20.0), True)
    variance = runs.states[:, 0].var()
    assert variance == pytest.approx(10.0, rel=5 * np.sqrt(2 / 400))  # σ²/(2 (1 − g)), Euler 10.03
    coloured = unit.with_noise(OrnsteinUhlenbeck(1.0, 1.0))
    assert stationary_runs(coloured, jax.random.key(0), 40, when, 0.5).transient == 160.0


@pytest.mark.slow
def test_runs_that_are_too_short_give_a_warning():
    args = {"weights": [[0.999]], "draws": 40}
    with pytest.warns(TransientWarning, match=r"relaxation time 1e\+03"):
        slow = simulated_correlations(activations.linear, 1.0, White(1.0), **args)
    assert not slow.stationary.any()
    assert float(slow.relaxation_time[0]) == pytest.approx(1000, rel=1e-6)


@pytest.mark.slow
def test_decaying_activity_is_not_sampled_in_its_transient():
    quiet = simulated_correlations(activations.tanh, 0.5, None, N, networks=2, draws=20)
    assert float(quiet.variance) == 0
    assert np.isnan(float(quiet.participation_dimension))
    assert quiet.stationary.all()


@pytest.mark.slow
@pytest.mark.parametrize("noise", [White(1.0), OrnsteinUhlenbeck(1.0, 1.0)])
def test_linear_networks_without_a_stationary_state_are_left_out_while_finite(noise):
    growing = nz.RateNetwork([[1.05]], activation=activations.linear, noise=noise)
    runs = stationary_runs(growing, jax.random.key(0), 20, Transient(0.1, 20.0, 2, 5.0), 1.0)
    assert np.isnan(runs.states).all()


@pytest.mark.slow
def test_runaways_are_states_that_grow_without_noise():
    """relu units: two that excite each other with W = 1.2 grow from positive states and decay from negative ones."""
    pair = nz.RateNetwork([[0.0, 1.2], [1.2, 0.0]], activation=activations.relu, noise=White(1.0))
    states = np.array([[2.0, 1.0], [-3.0, -0.1], [np.nan, 0.0], [1e200, 1e200]])
    assert ran_away(pair, states).tolist() == [True, False, True, True]
    saturating = nz.RateNetwork([[0.0, 9.0], [9.0, 0.0]], noise=White(1.0))
    assert ran_away(saturating, states).tolist() == [False, False, True, False]
    explosive = nz.RateNetwork([[1.0]], activation=activations.Power(2.0), noise=White(1.0))
    assert ran_away(explosive, np.array([[0.5], [1.5]])).tolist() == [False, True]
    straight_far_away = nz.RateNetwork([[1.5]], activation=activations.Pade(1.0, 0.2), noise=White(1.0))
    assert not ran_away(straight_far_away, np.array([[0.1], [5.0]])).any()  # it grows and then stops


@pytest.mark.slow
def test_runaways_of_relu_networks_are_counted():
    """Variances of 1e36 were once reported. The remaining runs have the variance of networks without runaways."""
    with pytest.warns(UnsolvedWarning, match="unsolved or divergent draws"):
        kept = simulated_correlations(
            activations.relu, 1.3, White(1.0), 100, networks=4, draws=30, key=1, discard=100.0, snapshots=1
        )
    assert int(kept.failed) == int(kept.failed_draws.sum()) > 0
    assert float(kept.variance) < 3


@pytest.mark.slow
def test_unstable_fixed_points_are_counted_separately_and_left_out():
    with pytest.warns(UnsolvedWarning, match="unstable fixed points: "):
        beyond = simulated_correlations(activations.tanh, 2.5, Frozen(1.0), N, networks=2, draws=40)
    assert int(beyond.unstable) == int(beyond.unstable_draws.sum()) > 0
    below = simulated_correlations(activations.tanh, [0.8], Frozen(1.0), N, networks=2, draws=40)
    assert int(below.unstable[0]) == int(below.failed[0]) == 0
    both = nz.correlations(activations.tanh, 0.8, Frozen(1.0), N, simulate=True, networks=2, draws=40)
    assert int(both.simulated_unstable) == 0
    assert bool(both.simulated_stationary)


def test_a_drift_is_a_change_between_the_first_and_the_last_snapshot():
    """Stationary runs give no false alarm, since their means are equal; growth by a fifth has t above 40."""
    first = np.random.default_rng(0).standard_normal((50, 1, N))
    assert drifting(np.concatenate([first, 1.2 * first], axis=1))
    assert drifting(np.concatenate([first, 1.2 * first, 1.2 * first], axis=1))
    assert not drifting(np.concatenate([first, 1.2 * first, -first[::-1]], axis=1))
    assert not drifting(first)
