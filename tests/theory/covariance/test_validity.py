"""`valid` means agreement: the rule against networks simulated in NumPy, and cases that an earlier rule missed.

The reference, tests/data/correlation_validity.csv, is the output of

    python benchmarks/correlation_validity.py --simulate

a simulation that shares no code with the package; its docstring defines when a point is off. Standard errors are part
of this definition, so that the fractions below are deterministic.
"""

import sys
from pathlib import Path

import jax
import numpy as np
import pytest

import noisette as nz
from noisette import activations
from noisette.errors import InputError
from noisette.noise import Frozen, OrnsteinUhlenbeck, White
from noisette.theory import correlations, predicted_covariance
from noisette.theory.covariance._linear_equivalence import Equivalent, first_neglected

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))
from correlation_validity import grid, key, shares, stored, verdicts

ROWS = stored()


def test_the_reference_contains_the_grid():
    assert [key(row) for row in ROWS] == [key(point._asdict()) for point in grid()]
    assert len(ROWS) >= 60


@pytest.mark.slow
def test_points_marked_valid_agree_and_half_of_the_others_do_not():
    """All fixed points, and tanh and linear units in white noise; the script evaluates the rest in a minute."""
    quick = [row for row in ROWS if row["scheme"] == "fixed"]
    quick += [row for row in ROWS if row["noise"].startswith("white") and row["activation"] in ("tanh", "linear")]
    judged = verdicts(quick)
    valid, invalid = shares(judged)
    assert valid < 0.03
    assert invalid >= 0.5
    assert sum(verdict.valid for verdict in judged) > 90
    assert sum(not verdict.valid for verdict in judged) > 40


def test_near_runaways_are_detected():
    """Networks of 100 relu units at g = 1.1 have v of 2 to 3 and D of .005 to .16, N → ∞ 1.80 and .361."""
    near = correlations(activations.relu, [0.5, 1.1], Frozen(1.0), 100)
    assert near.valid.values.tolist() == [True, False]
    assert "100 units" in str(near.reason[1].item())
    assert not bool(correlations(activations.relu, 1.1, Frozen(1.0), 100, activity="rate").valid)
    assert bool(correlations(activations.relu, 1.1, Frozen(1.0), 4000).valid)


def test_small_networks_of_saturating_units_are_valid():
    """tanh, g = 1.5, N = 100: v 2.215(13) and D .2538(38) of the reference, N → ∞ 2.209 and .2519, though N·D = 25."""
    assert bool(correlations(activations.tanh, 1.5, Frozen(1.0), 100).valid)


@pytest.mark.slow
def test_the_finite_theory_has_its_own_rule():
    """1500 networks of 40 tanh units at g = .9: v 1.3741(19), D .5576(15)."""
    finite = correlations(activations.tanh, 0.9, Frozen(1.0), 40, order="finite", samples=4000)
    assert bool(finite.valid)
    assert float(finite.variance) == pytest.approx(1.3741, abs=4 * 0.0019)
    error = np.hypot(float(finite.participation_dimension_se), 0.0015)
    assert float(finite.participation_dimension) == pytest.approx(0.5576, abs=4 * error)
    # g = .95, N = 400: to order 1/N linear units would have a negative dimension; at .7, N = 100 it is right
    linear = correlations(activations.linear, [0.95, 0.7], Frozen(1.0), 400, order="finite")
    assert linear.valid.values.tolist() == [False, True]
    assert "order 1/N" in str(linear.reason[0].item())


def test_unstable_fixed_points_are_valid_if_the_dynamics_have_their_statistics():
    """tanh, s = 1: at g = 2.2 v of 4.09 and D of .116 against 4.06 and .120; at 2.5 a D of .094 against .101."""
    beyond = correlations(activations.tanh, [2.2, 2.5], Frozen(1.0), 400)
    assert (beyond.susceptibility > 1).all()
    assert beyond.valid.values.tolist() == [True, False]
    assert "unstable" in str(beyond.reason[1].item())
    assert not bool(correlations(activations.tanh, 2.2, Frozen(1.0)).valid)


@pytest.mark.parametrize("noise", [Frozen(1e-60), White(1e-50), OrnsteinUhlenbeck(1e-80, 2.0)])
def test_noise_below_floating_point_resolution_is_refused(noise):
    with pytest.raises(InputError, match="noise of strength"):
        correlations(activations.tanh, 0.5, noise)
    with pytest.raises(InputError, match="noise of strength"):
        nz.simulated_correlations(activations.tanh, 0.5, noise, 10, networks=2, draws=10)


@pytest.mark.slow
@pytest.mark.parametrize("strength", [1e-3, 1e-12, 1e-45])
@pytest.mark.parametrize("kind", [Frozen, White])
def test_weak_noise_leaves_a_network_linear(strength, kind):
    weak = correlations(activations.tanh, 0.8, kind(strength))
    linear = correlations(activations.linear, 0.8, kind(1.0))
    assert float(weak.variance) / strength**2 == pytest.approx(float(linear.variance), rel=1e-4)
    assert float(weak.participation_dimension) == pytest.approx(float(linear.participation_dimension), rel=1e-4)


def excitatory_inhibitory(seed, size=150):
    W = np.abs(np.random.default_rng(seed).standard_normal((size, size))) / np.sqrt(size)
    W[:, int(0.8 * size) :] *= -4
    return nz.RateNetwork(W, 0.5, activation=activations.relu, bias=0.5, noise=Frozen(1.0))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 4])
def test_predictions_of_structured_weights_are_checked(seed):
    """Simulated D are .70, .66 and about .6 of the predicted ones; variances of units are off by up to 69 %."""
    for draws in (400, 0):  # each of the two checks detects it
        result = predicted_covariance(excitatory_inhibitory(seed), sites="own", draws=draws)
        assert not bool(result.valid)
        assert "simulate" in str(result.reason.item())


def test_what_is_neglected_does_not_depend_on_the_unit_of_activity():
    """With c tanh(x/c) all states are c times as large, and covariances c² times; relative changes are the same."""
    J = np.random.default_rng(0).standard_normal((5, 5)) / np.sqrt(5) + 0.4
    C = np.full((5, 5), 0.6) + np.diag([0.4, 0.9, 1.4, 0.4, 0.6])
    response, level, power = np.linalg.inv(np.eye(5) - 0.3 * J), np.linspace(-0.5, 1.0, 5), np.ones(5)
    changes = [
        first_neglected(
            lambda x, unit=unit: unit * np.tanh(x / unit),
            J,
            Equivalent(unit**2 * C, response, unit * level, 0.3 * power, unit**2 * power),
        )
        for unit in (1.0, 0.01, 100.0)
    ]
    assert changes[0] > 0.01
    assert changes[1:] == pytest.approx([changes[0]] * 2, rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(("gain", "size", "sites"), [(1.2, 200, "alike"), (1.2, 60, "own"), (0.8, 100, "alike")])
@pytest.mark.parametrize("activity", ["current", "rate"])
def test_predictions_of_many_weak_weights_are_valid(gain, size, sites, activity):
    W = nz.weights.gaussian(size, size**-0.5, key=jax.random.key(3))
    result = predicted_covariance(nz.RateNetwork(W, gain, noise=Frozen(1.0)), sites=sites, activity=activity)
    assert bool(result.valid), result.reason.item()
    assert str(result.reason.item()) == ""


@pytest.mark.slow
def test_identical_sites_are_refused_if_units_differ():
    """Rows of different strength: D is .40 with individual sites, .34 with identical ones, and .41 in simulations."""
    strength = np.exp(0.4 * np.random.default_rng(5).standard_normal(200))
    W = np.random.default_rng(0).standard_normal((200, 200)) / np.sqrt(200) * strength[:, None]
    network = nz.RateNetwork(W, 1.0, noise=Frozen(1.0))
    assert bool(predicted_covariance(network, sites="own").valid)
    assert not bool(predicted_covariance(network, sites="alike").valid)


def test_a_prediction_of_linear_units_is_exact():
    W = nz.weights.gaussian(50, 50**-0.5, key=jax.random.key(1))
    assert bool(predicted_covariance(nz.RateNetwork(W, 0.8, activation=activations.linear, noise=Frozen(1.0))).valid)


def test_activity_that_grows_without_bound_in_coloured_noise_is_marked_without_a_warning():
    result = correlations(activations.relu, 1.5, OrnsteinUhlenbeck(0.5, 2.0))
    assert not bool(result.valid)
    assert "gain 1.5" in str(result.reason.values)
