"""Couplings of linear networks: exact moments, asymptotic errors, recovery, and refusal."""

import numpy as np
import pytest
import scipy.linalg

import noisette as nz
from noisette.analysis import linear_network
from noisette.errors import InputError

RNG = np.random.default_rng(3)
N = 4
DT = 0.25
J = 0.6 * RNG.standard_normal((N, N)) / np.sqrt(N)
DRIFT = J - np.eye(N)
MIXING = np.eye(N) + 0.3 * RNG.standard_normal((N, N))
Q = MIXING @ MIXING.T
C = scipy.linalg.solve_continuous_lyapunov(DRIFT, -Q)
A = scipy.linalg.expm(DRIFT * DT)


def activity(trials, times, rng=RNG):
    """Return stationary samples of the network, by its exact propagator."""
    root = np.linalg.cholesky(C - A @ C @ A.T)
    x = rng.standard_normal((trials, N)) @ np.linalg.cholesky(C).T
    samples = np.empty((trials, times, N))
    for t in range(times):
        samples[:, t] = x
        x = x @ A.T + rng.standard_normal((trials, N)) @ root.T
    return samples


DATA = activity(1, 4000)


def test_the_estimate_solves_the_equations_of_its_own_moments():
    """Up to the correction of the bias, of order 1/n, exp(Fτ) = A and C(τ) = A C(0) for the sample moments."""
    fit = linear_network(DATA, dt=DT)
    x = DATA[0] - DATA[0].mean(0)
    before, after = x[:-1] - x[:-1].mean(0), x[1:] - x[1:].mean(0)
    propagator = (after.T @ before) @ np.linalg.inv(before.T @ before)
    np.testing.assert_allclose(fit.propagator, propagator, rtol=1e-10)
    np.testing.assert_allclose(fit.covariance, before.T @ before / len(before), rtol=1e-10)
    plain = scipy.linalg.logm(propagator).real / DT
    assert (abs(fit.drift - plain) < 0.5 * fit.drift_se).all()
    residual = (after - before @ propagator.T).T @ (after - before @ propagator.T) / len(before)
    stationary = scipy.linalg.solve_discrete_lyapunov(propagator, residual)
    noise = -(plain @ stationary + stationary @ plain.T)
    assert (abs(fit.noise_covariance - noise) < 0.5 * fit.noise_covariance_se).all()


def test_weights_are_the_drift_and_the_leak():
    tau = np.array([1.0, 2.0, 0.5, 4.0])
    fit = linear_network(DATA, dt=DT, tau=tau)
    np.testing.assert_allclose(fit.weights, np.eye(N) + tau[:, None] * fit.drift.values)
    np.testing.assert_allclose(fit.weights_se, tau[:, None] * fit.drift_se.values)


def test_the_unit_of_time_rescales_rates():
    """A time step twice as long halves F and Q and leaves τF unchanged if τ doubles."""
    one, two = linear_network(DATA, dt=DT), linear_network(DATA, dt=2 * DT, tau=2.0)
    np.testing.assert_allclose(two.drift, one.drift / 2)
    np.testing.assert_allclose(two.noise_covariance_se, one.noise_covariance_se / 2)
    np.testing.assert_allclose(two.weights, one.weights)


def test_units_transform_linearly():
    """With x → Mx, F → M F M⁻¹ and Q → M Q Mᵀ."""
    change = np.eye(N) + 0.2 * RNG.standard_normal((N, N))
    one, two = linear_network(DATA, dt=DT), linear_network(DATA @ change.T, dt=DT)
    np.testing.assert_allclose(two.drift, change @ one.drift.values @ np.linalg.inv(change), atol=1e-9)
    np.testing.assert_allclose(two.noise_covariance, change @ one.noise_covariance.values @ change.T, atol=1e-9)


def test_errors_are_those_of_a_vector_autoregression():
    """Var A_ij = S_ii (C⁻¹)_jj/n, carried to F by numerical derivatives; 100 blocks determine errors within 7 %.

    The mean ratio of 16 errors may deviate by 10 %, about five standard errors.
    """
    data = activity(1, 20_000, np.random.default_rng(0))
    residual, inverse, n = C - A @ C @ A.T, np.linalg.inv(C), data.shape[1]
    spread = np.kron(residual, inverse) / n  # of the entries of A in the order of rows
    step = 1e-6
    columns = []
    for k in range(N * N):
        change = np.zeros(N * N)
        change[k] = step
        columns.append((scipy.linalg.logm(A + change.reshape(N, N)).real - DRIFT * DT).ravel() / step / DT)
    slope = np.array(columns).T
    expected = np.sqrt(np.diag(slope @ spread @ slope.T)).reshape(N, N)
    ratio = linear_network(data, dt=DT).drift_se.values / expected
    assert ratio.mean() == pytest.approx(1.0, abs=0.1)


@pytest.mark.slow
@pytest.mark.parametrize(("trials", "times", "lag"), [(1, 2000, 1), (1, 3000, 2), (150, 20, 1)])
def test_intervals_contain_the_truth_in_95_percent(trials, times, lag):
    """80 data sets of 16 weights and 16 covariances: ± 1.5 % s.e. (entries of a set depend on each other); 4 s.e."""
    rng = np.random.default_rng(5)
    inside = []
    for _ in range(80):
        fit = linear_network(activity(trials, times, rng), dt=DT, lag=lag)
        inside.append([((fit.weights_low <= J) & (fit.weights_high >= J)).mean()])
        inside[-1].append(((fit.noise_covariance_low <= Q) & (fit.noise_covariance_high >= Q)).mean())
    assert np.mean(inside, axis=0) == pytest.approx([0.95, 0.95], abs=0.05)


def test_the_network_is_simulated_again():
    fit = linear_network(DATA, dt=DT)
    network = nz.RateNetwork(
        fit.weights, activation=nz.activations.linear, noise=nz.Correlated(fit.noise_covariance.values)
    )
    np.testing.assert_allclose(network.weights, fit.weights)


def test_names_of_units_label_the_result():
    import xarray as xr

    names = ["a", "b", "c", "d"]
    data = xr.DataArray(DATA[0].T, {"unit": names}, ("unit", "time"))
    fit = linear_network(data, dt=DT)
    assert fit.weights.target.values.tolist() == fit.noise_covariance.other_unit.values.tolist() == names
    assert fit.drift.equals(linear_network(DATA, dt=DT).drift.assign_coords(target=names, source=names))


def test_a_long_lag_without_real_logarithm_is_refused():
    """White samples: propagators of both signs."""
    with pytest.raises(InputError, match=r"no real logarithm.*shorten the lag"):
        linear_network(RNG.standard_normal((500, N)), dt=1.0)


def test_a_random_walk_is_refused():
    """Modulus of at least one, in this realisation."""
    walk = np.cumsum(np.random.default_rng(1).standard_normal((400, 2)) + 1.0, axis=0) ** 2
    with pytest.raises(InputError, match="eigenvalue of modulus"):
        linear_network(walk, dt=1.0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dt": 0.0}, "dt 0"),
        ({"dt": 1.0, "lag": 4000}, "lag 4000"),
        ({"dt": 1.0, "lag": 1000}, "independent samples"),
        ({"dt": 1.0, "tau": [1.0, 2.0]}, "tau of shape"),
        ({"dt": 1.0, "tau": -1.0}, "tau"),
        ({"dt": 1.0, "confidence": 1.0}, "confidence 1"),
        ({"dt": 1.0, "ridge": -1.0}, "ridge -1"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(InputError, match=message):
        linear_network(DATA, **options)


def test_dependent_units_are_refused():
    data = np.concatenate([DATA, DATA[..., :1] * 2], axis=-1)
    with pytest.raises(InputError, match="condition number"):
        linear_network(data, dt=DT)
    with pytest.raises(InputError, match="no real logarithm"):
        linear_network(data, dt=DT, ridge=0.1)


def test_a_ridge_shrinks_the_propagator():
    plain, regular = (linear_network(DATA, dt=DT, ridge=ridge) for ridge in (0.0, 0.1))
    assert (np.linalg.norm(regular.propagator) < np.linalg.norm(plain.propagator)) & np.isfinite(
        regular.weights_se
    ).all()
