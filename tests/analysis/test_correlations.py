"""Simulated statistics of correlations: against exact laws of each network, and the specification's tables.

Comparisons with values of other simulations allow 4 combined standard errors.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.linalg import solve_discrete_lyapunov

import noisette as nz
from noisette.analysis import correlations, simulated_correlations, spectral_moments
from noisette.errors import InputError, StepSizeWarning, UnsolvedWarning

LINEAR, TANH = nz.activations.linear, nz.activations.tanh
FROZEN = nz.Frozen(1.0)
N = 100


def weights(number):
    return nz.weights.gaussian(N, 0.1, key=jax.random.fold_in(jax.random.key(11), number))


def within(value, error, expected, its_error=0.0, times=4.0):
    return abs(float(value) - expected) < times * np.hypot(float(error), its_error)


def exact(C):
    return np.trace(C) / len(C), (C**2).sum() / len(C), (np.diag(C) ** 2).sum() / len(C)


@pytest.mark.slow
def test_frozen_linear_networks_have_their_exact_traces():
    """C = s² (1 − gJ)⁻¹(1 − gJ)⁻ᵀ of each of 30 networks: mean deviations of 30 within 4 standard errors."""
    result = simulated_correlations(LINEAR, [0.5], nz.Frozen(2.0), weights=weights, networks=30, draws=60)
    inverse = [np.linalg.inv(np.eye(N) - 0.5 * weights(k)) for k in range(30)]
    expected = np.array([exact(4 * G @ G.T) for G in inverse]).T
    for name, values in zip(("first", "second", "diagonal"), expected, strict=True):
        change = result[name].values[0] - values
        assert within(change.mean(), change.std() / 30**0.5, 0.0)
    first, second, diagonal = (result[name].values[0] for name in ("first", "second", "diagonal"))
    assert result.variance.values[0] == pytest.approx(first.mean())
    assert result.variance_se.values[0] == pytest.approx(first.std(ddof=1) / 30**0.5)
    assert result.covariance_variance.values[0] == pytest.approx((second - diagonal).mean() * N / (N - 1))
    assert result.participation_dimension.values[0] == pytest.approx(first.mean() ** 2 / second.mean())
    assert result.attrs["estimator"] == "fixed points"


@pytest.mark.slow
def test_moving_linear_networks_obey_the_lyapunov_equation():
    """C = A C Aᵀ + dt σ² of the Euler map x → A x, of each of 30 networks."""
    result = simulated_correlations(LINEAR, 0.5, nz.White(1.0), weights=weights, networks=30, draws=60, snapshots=2)
    maps = [0.9 * np.eye(N) + 0.05 * weights(k) for k in range(30)]
    expected = np.array([exact(solve_discrete_lyapunov(A, 0.1 * np.eye(N))) for A in maps]).T
    for name, values in zip(("first", "second", "diagonal"), expected, strict=True):
        change = result[name].values - values
        assert within(change.mean(), change.std() / 30**0.5, 0.0)
    assert result.attrs["estimator"] == "equal-time, stationary"
    assert result.attrs["dt"] == 0.1


@pytest.mark.slow
def test_simulations_agree_with_the_table_of_linear_networks():
    """g = 0.5, N = 100: variance, N E C_ij² and D of thousands of networks; and what self-couplings change."""
    result = simulated_correlations(LINEAR, 0.5, FROZEN, N, networks=60, draws=60)
    assert within(result.variance, result.variance_se, 1.3447, 0.0004)
    assert within(result.covariance_variance, result.covariance_variance_se, 1.4482, 0.0025)
    assert within(result.participation_dimension, result.participation_dimension_se, 0.5527, 0.0003)
    without = simulated_correlations(LINEAR, 0.5, FROZEN, N, networks=60, draws=60, self_coupling=False)
    change = (result["first"] - without["first"]).values  # the same networks except for their diagonals
    assert within(change.mean(), change.std() / 60**0.5, 1.3447 - 1.3311, 0.0005)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("activation", "gain", "variance", "current", "rate"),
    [
        # N = 100: C_ii with its 1/N; D with its 1/N slope; both from the reduced model and direct simulations
        (TANH, 0.8, (1.2841, 0.003), (0.63342 - 0.0024, 0.001), (0.63836 + 0.0021, 0.001)),
        (TANH, 1.2, None, (0.38171 - 0.0015, 0.001), (0.39453 + 0.0052, 0.001)),
        (TANH, 1.5, (2.2214, 0.0027), None, None),
        (nz.activations.Power(0.75), 0.5, None, (0.63942 - 0.0026, 0.001), (0.64027 + 0.0008, 0.001)),
    ],
)
def test_simulations_agree_with_the_tables_of_odd_activations(activation, gain, variance, current, rate):
    for activity, dimension in (("current", current), ("rate", rate)):
        result = simulated_correlations(activation, gain, FROZEN, N, networks=30, draws=60, activity=activity)
        assert int(result.failed) == 0
        if dimension is not None:
            assert within(result.participation_dimension, result.participation_dimension_se, *dimension)
        if variance is not None and activity == "current":
            assert within(result.variance, result.variance_se, *variance)


@pytest.mark.slow
def test_noise_outside_the_activation():
    """Linear units do not depend on it; tanh, g = 1.2, s = 0.7, N = 200 has C₀ = 0.9396(17), D = 0.3205(18)."""
    args = {"weights": weights, "networks": 2, "draws": 60}
    inside, two = (simulated_correlations(LINEAR, 0.5, FROZEN, placement=p, **args) for p in ("inside", "outside"))
    assert two["second"].values == pytest.approx(inside["second"].values, rel=1e-8)
    outside = {"size": 200, "placement": "outside", "networks": 16, "draws": 60}
    result = simulated_correlations(TANH, 1.2, nz.Frozen(0.7), **outside)
    assert within(result.variance, result.variance_se, 0.9396, 0.0017)
    assert within(result.participation_dimension, result.participation_dimension_se, 0.3205, 0.0018)
    rates = simulated_correlations(TANH, 1.2, nz.Frozen(0.7), activity="rate", **outside)
    assert within(rates.variance, rates.variance_se, 0.93947 - 0.49, 0.0017)  # of φ only


@pytest.mark.slow
def test_the_mean_of_activations_that_are_not_odd_is_subtracted():
    """Threshold-linear rates of one matrix: the variance over draws, not the mean square; errors over draws."""
    W, activation = weights(0), nz.activations.Threshold(0.5)
    result = simulated_correlations(activation, 1.0, FROZEN, weights=W, draws=60, activity="rate")
    network = nz.RateNetwork(W, 1.0, activation=activation, noise=FROZEN)
    keys = jax.random.split(jax.random.key(5), 40)
    x = np.concatenate([network.rate(jnp.asarray(nz.find_fixed_points(network, 60, key=k).state.values)) for k in keys])
    known = spectral_moments(x, centred=True)  # unbiased; tested by brute force in its own tests
    assert known.first == pytest.approx(np.cov(x.T).trace() / N)
    assert within(result.variance, result.variance_se, known.first, known.first / 400)
    assert within(
        result.participation_dimension, result.participation_dimension_se, known.participation_dimension, 0.005
    )
    assert float(result.variance) < 0.8 * (x**2).mean()
    assert result.sizes["network"] == 1


@pytest.mark.slow
def test_errors_over_draws_are_calibrated():
    """One matrix: the spread over 30 seeds, which is accurate to 13 %, against the reported error; 45 % are allowed."""
    each = [simulated_correlations(LINEAR, 0.5, FROZEN, weights=weights(0), draws=60, key=s) for s in range(30)]
    for name in ("variance", "covariance_variance", "participation_dimension"):
        values, errors = (np.array([float(dataset[key]) for dataset in each]) for key in (name, f"{name}_se"))
        assert errors.mean() == pytest.approx(values.std(ddof=1), rel=0.45)


@pytest.mark.slow
def test_runs_in_frozen_noise_end_at_its_fixed_points():
    args = {"weights": weights, "networks": 3, "draws": 60}
    still = simulated_correlations(TANH, 1.2, FROZEN, **args)
    moving = simulated_correlations(TANH, 1.2, FROZEN, dynamic=True, snapshots=1, discard=60.0, **args)
    change = moving["first"].values - still["first"].values
    spread = np.sqrt(2 * 2 / (60 * N * 0.38)) * float(still.variance)  # of two sets of 60 draws in N D directions
    assert np.abs(change).max() < 4 * spread


@pytest.mark.slow
def test_lost_draws_are_counted():
    """Below its fold a power law with p > 1 has runaways in small networks; in this matrix one unit runs away."""
    W = np.zeros((3, 3))
    W[0, 0] = 1.0
    cubic = nz.activations.Power(3.0)
    with pytest.warns(UnsolvedWarning, match=r"of 60 at gain 1; they are omitted; beyond"):
        result = simulated_correlations(cubic, [0.0, 1.0], nz.Frozen(0.3), weights=W, draws=60)
    stays = np.mean(np.abs(0.3 * np.random.default_rng(0).standard_normal(10**6)) < 2 / 27**0.5)
    assert result.failed.values[0] == 0
    assert result.failed.values[1] / 60 == pytest.approx(1 - stays, abs=4 * 0.4 / 60**0.5)
    assert np.isfinite(result.participation_dimension.values).all()
    W = 9.0 * np.eye(N)
    with pytest.warns(UnsolvedWarning, match="too few draws remain in 1 networks"):
        result = simulated_correlations(LINEAR, 1.0, FROZEN, weights=W, draws=60)
    assert np.isnan(float(result.variance))
    assert int(result.failed) == int(result.failed_draws[0]) == 60
    with pytest.warns(StepSizeWarning, match="too long"), pytest.warns(UnsolvedWarning):
        simulated_correlations(LINEAR, 1.0, nz.White(), weights=-99 * W, draws=60, snapshots=2)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bits():
    calls = []
    args = {"weights": weights, "networks": 2, "draws": 60}
    both = simulated_correlations(TANH, [0.5, 1.2], FROZEN, progress=lambda *n: calls.append(n), **args)
    again = simulated_correlations(TANH, 1.2, FROZEN, **args)
    assert (both.isel(gain=1)["second"].values == again["second"].values).all()
    assert calls == [(1, 4), (2, 4), (3, 4), (4, 4)]
    other = simulated_correlations(TANH, 1.2, FROZEN, key=1, **args)
    assert (other["second"].values != again["second"].values).all()
    moving = {"weights": weights, "networks": 1, "draws": 60, "snapshots": 2}
    first, second = (simulated_correlations(LINEAR, 0.5, nz.White(1.0), **moving) for _ in range(2))
    assert first.identical(second)


@pytest.mark.slow
def test_theory_and_simulation_in_one_call():
    """Frozen noise to order 1/N, and Ornstein–Uhlenbeck noise in theory's own Euler steps."""
    finite = {"order": "finite", "samples": 2000}
    result = correlations(TANH, [0.5, 0.8], FROZEN, N, **finite, simulate=True, networks=20, draws=60)
    alone = nz.theory.correlations(TANH, [0.5, 0.8], FROZEN, N, **finite)
    for name in ("variance", "covariance_variance", "participation_dimension"):
        assert (result[name] == alone[name]).all()
        value, error = result[f"simulated_{name}"], result[f"simulated_{name}_se"]
        for i in range(2):
            assert within(value[i], error[i], float(result[name][i]), 0.01 * float(result[name][i]))
    assert result.simulated_failed.values.tolist() == [0, 0]
    together, theory = correlations(TANH, 0.8, FROZEN), nz.theory.correlations(TANH, 0.8, FROZEN)
    own = {name: theory.attrs[name] for name in ("call", "configuration")}
    assert together.assign_attrs(own).identical(theory)
    noise = nz.OrnsteinUhlenbeck(1.0, tau=1.0)
    both = correlations(TANH, 0.8, noise, simulate=True, weights=weights, networks=20, draws=60)
    assert both.attrs["time"] == "Euler steps of 0.1"
    assert within(both.simulated_variance, both.simulated_variance_se, float(both.variance), 0.005)
    dimension, error = both.simulated_participation_dimension, both.simulated_participation_dimension_se
    assert within(dimension, error, float(both.participation_dimension), 0.01)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: simulated_correlations(TANH, [], FROZEN), r"gain of shape \(0,\)"),
        (lambda: simulated_correlations(TANH, np.inf, FROZEN), "gain inf"),
        (lambda: simulated_correlations(TANH, 1.0, FROZEN, activity="voltage"), "current or rate"),
        (lambda: simulated_correlations(TANH, 1.0, FROZEN, placement="above"), "inside or outside"),
        (lambda: simulated_correlations(TANH, 1.0, nz.White(), placement="outside"), "must be Frozen"),
        (lambda: simulated_correlations(TANH, 1.0, FROZEN, draws=1), "1 draws; at least 2"),
        (lambda: simulated_correlations(nz.activations.relu, 0.5, FROZEN, draws=3), "3 draws; at least 4"),
        (lambda: simulated_correlations(TANH, 1.0, FROZEN, networks=0), "0 networks"),
        (lambda: simulated_correlations(TANH, 1.0, FROZEN, 3, weights=np.eye(2)), "size 3 and weights of 2"),
        (lambda: simulated_correlations(TANH, 1.0, nz.White(), dt=0.0), "dt 0"),
        (lambda: simulated_correlations(TANH, 1.0, nz.White(), every=0.01), "every 0.01"),
        (lambda: simulated_correlations(TANH, 1.0, nz.White(), snapshots=0), "snapshots 0"),
        (lambda: simulated_correlations(TANH, 1.0, nz.White(), discard=-1.0), "discard -1"),
        (lambda: correlations(TANH, 1.0, nz.White(), covariance="long-window", simulate=True), "Covariance probe"),
    ],
)
def test_invalid_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
