"""Stability and bias of explicit steps, mode by mode, against direct iteration and exact covariances."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import solve_continuous_lyapunov, solve_discrete_lyapunov

import noisette as nz
from noisette.networks import Euler, Flow, Heun
from noisette.networks.stability import spectrum_at
from noisette.networks.step_size import Spectrum, critical_steps, mode_biases, stability, variance_bias

INTEGRATORS = {"euler": Euler, "heun": Heun}
rates = st.tuples(st.floats(0.01, 10.0), st.floats(0.0, 20.0))


def oscillator(damping, frequency):
    return np.array([[-damping, frequency], [-frequency, -damping]])


def growth(matrix, dt, solver, steps=64):
    """Return the growth of a state per step, by iteration of the integrator."""
    stepper = INTEGRATORS[solver](Flow(lambda x: jnp.asarray(matrix) @ x, 2), jnp.asarray(dt))
    step = jax.jacfwd(lambda x: stepper.advance(x, jnp.asarray(0), None))(jnp.zeros(2))
    x = np.array([1.0, 0.3])
    for _ in range(steps):
        x = np.asarray(step) @ x
    return np.log(np.linalg.norm(x) / np.linalg.norm([1.0, 0.3])) / steps


@pytest.mark.slow
@pytest.mark.parametrize("solver", INTEGRATORS)
@given(mode=rates)
def test_just_below_the_bound_a_mode_decays_and_just_above_it_grows(solver, mode):
    matrix = oscillator(*mode)
    bound = critical_steps(np.linalg.eigvals(matrix), solver).min()
    assert growth(matrix, 0.995 * bound, solver) < 0 < growth(matrix, 1.005 * bound, solver)
    if solver == "euler":
        damping, frequency = mode
        assert bound == pytest.approx(2 * damping / (damping**2 + frequency**2))


@pytest.mark.parametrize("solver", INTEGRATORS)
@given(mode=rates, share=st.floats(0.01, 0.9))
def test_the_bias_of_a_mode_is_that_of_the_exact_covariance(solver, mode, share):
    """Normal matrices: all variances are those of the modes; C = M C Mᵀ + dt S Sᵀ is solved by SciPy."""
    matrix = oscillator(*mode)
    dt = share * critical_steps(np.linalg.eigvals(matrix), solver).min()
    bias = mode_biases(np.linalg.eigvals(matrix), dt, solver)
    moved, identity = dt * matrix, np.eye(2)
    step, kept = (
        (identity + moved, identity)
        if solver == "euler"
        else (identity + moved + moved @ moved / 2, identity + moved / 2)
    )
    exact = solve_continuous_lyapunov(matrix, -identity)
    stepped = solve_discrete_lyapunov(step, dt * kept @ kept.T)
    assert bias == pytest.approx(np.diag(stepped) / np.diag(exact) - 1, rel=1e-6, abs=1e-9)
    q = dt * (mode[0] ** 2 + mode[1] ** 2) / (2 * mode[0])
    if solver == "euler":
        assert bias == pytest.approx(q / (1 - q), rel=1e-6)


def test_a_real_spectrum_needs_dt_times_its_fastest_rate_below_two():
    for solver in INTEGRATORS:
        rates = np.array([-0.3, -4.0, -1.0])
        assert stability(Spectrum(rates, 0.0, rates), 0.1, solver)[0] == pytest.approx(0.4)
        grows = np.array([0.7, -4.0])  # growing modes on the real axis have no effect
        assert stability(Spectrum(grows, 0.0, grows), 0.1, solver)[0] == pytest.approx(0.4)


def test_limits_of_critical_steps():
    assert critical_steps(np.array([1j, -1j])).tolist() == [0, 0]  # no step preserves an undamped oscillation
    assert np.isinf(critical_steps(np.array([0.0, 0.5 + 1j, 0.5 - 1j]))).all()  # integrators and growing modes
    empty = Spectrum(np.array([0.0, 0.0]), 0.0, np.zeros(2))
    assert stability(empty, 0.1)[0] == 0
    assert np.isnan(stability(Spectrum(np.array([np.nan]), 0.0, np.zeros(1)), 0.1)[0])
    # at the bound the variance is infinite; it is undefined if a mode grows
    assert np.isinf(mode_biases(np.array([-1.0]), 2.0)[0])
    assert np.isnan(variance_bias(Spectrum(np.array([0.1, -1.0]), 0.0, np.array([-1.0])), 0.1))


@pytest.mark.parametrize("solver", INTEGRATORS)
def test_weakly_damped_modes_beside_growing_ones_raise_no_alarm_but_fast_spurious_growth_does(solver):
    """A mode −0.001 ± i grows at rate dt/2 in Euler steps: negligible against growth at rate 1, large against 0."""
    weak = np.array([-0.001 + 1j, -0.001 - 1j])
    eigenvalues = np.array([1.0 + 0j, *weak])
    dt = 0.05 if solver == "euler" else 0.3
    assert stability(Spectrum(weak, 0.0, -np.ones(2)), dt, solver)[0] > 2
    assert stability(Spectrum(eigenvalues, 0.0, -np.ones(3)), dt, solver)[0] < 2
    # unstable if spurious growth exceeds true growth
    fast = np.array([0.1 + 0j, -0.001 + 4j, -0.001 - 4j])
    bound = critical_steps(fast, solver).min()
    factor = (lambda z: abs(1 + z)) if solver == "euler" else (lambda z: abs(1 + z + z**2 / 2))
    assert factor(bound * fast[1]) == pytest.approx(factor(bound * fast[0]))


def test_multiplicative_noise_feeds_variance_back():
    """dx = −x dt + √(1 + c²x²) dW has variance 1/(2 − c²); that of Euler is 1/(2 − c² − dt)."""
    for c2, dt in ((0.5, 0.1), (1.5, 0.02)):
        expected = (2 - c2) / (2 - c2 - dt) - 1
        assert mode_biases(np.array([-1.0]), dt, scatter=c2)[0] == pytest.approx(expected)


@pytest.mark.slow
def test_arnoldi_finds_the_modes_that_limit_the_step():
    size = 120
    W = np.asarray(nz.weights.gaussian(size, size**-0.5, self_coupling=False, key=jax.random.key(0)))
    plain = nz.RateNetwork(W, 2.0)
    for network in (plain, nz.RateNetwork((W - W.T) / 2**0.5, 2.0), nz.Onsager(plain)):
        for units in (np.zeros(size), np.random.default_rng(0).standard_normal(size)):
            exact = spectrum_at(network, units)
            estimate = spectrum_at(network, units, limit=10)
            assert (exact.method, estimate.method) == ("eigenvalues", "krylov")
            assert estimate.error < 1e-3
            assert estimate.growth == pytest.approx(exact.growth, rel=1e-3, abs=1e-6)
            assert stability(estimate, 0.05)[0] == pytest.approx(stability(exact, 0.05)[0], rel=0.02)


def test_the_jacobian_changes_along_the_flow_only_where_the_velocity_is_curved():
    linear = Flow(lambda x: jnp.array([[-1.0, 2.0], [-2.0, -1.0]]) @ x, 2)
    assert spectrum_at(linear, np.ones(2), span=0.01).change == 0
    bent = Flow(lambda x: -(x**2), 1)  # D = −2x, dD/dt = 2x², so that κ = x
    assert spectrum_at(bent, np.array([3.0]), span=1e-6).change == pytest.approx(3.0, rel=1e-4)
