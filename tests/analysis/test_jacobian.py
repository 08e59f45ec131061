import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import noisette as nz
from noisette.analysis import diagonal, divergence, jacobian, spectrum
from noisette.errors import InputError

SIZE = 30
WEIGHTS = nz.weights.gaussian(SIZE, SIZE**-0.5, self_coupling=False, key=jax.random.key(0))
STATE = np.random.default_rng(1).standard_normal(SIZE)
LARGE = nz.weights.gaussian(500, 500**-0.5, self_coupling=False, key=jax.random.key(5))


def printed(J, x, gamma):
    """Return equation 10 of the paper, with explicit sums."""
    size, tanh = len(x), np.tanh(x)
    slope, bend = 1 - tanh**2, -2 * tanh * (1 - tanh**2)
    h = J @ tanh
    D = np.empty((size, size))
    for i in range(size):
        for j in range(size):
            reaction = sum(J[k, i] * J[k, j] for k in range(size))
            D[i, j] = J[i, j] * slope[j] - gamma * slope[i] * reaction * slope[j] + gamma * slope[i] * J[j, i]
        bent = sum(J[k, i] * (h[k] - x[k]) for k in range(size))
        D[i, i] = -1 - gamma * bend[i] * bent - gamma * slope[i] ** 2 * sum(J[k, i] ** 2 for k in range(size))
    return D


@pytest.mark.parametrize("gamma", [0.0, 0.37, 1.0])
@pytest.mark.parametrize("gain", [0.7, 3.0])
def test_jacobian_is_equation_10_of_the_paper(gamma, gain):
    network = nz.Onsager(nz.RateNetwork(WEIGHTS, gain), gamma)
    expected = printed(gain * WEIGHTS, STATE, gamma)
    np.testing.assert_allclose(jacobian(network, STATE), expected, atol=1e-12 * np.abs(expected).max())


def heterogeneous(seed, activation):
    rng = np.random.default_rng(seed)
    weights = rng.standard_normal((9, 9))  # with self-couplings
    return nz.RateNetwork(
        weights, rng.uniform(0.2, 4), tau=rng.uniform(0.3, 3, 9), bias=rng.normal(0, 1, 9), activation=activation
    )


SLOPES = np.linspace(0.5, 2, 9)
ACTIVATIONS = {
    "tanh": nz.activations.tanh,
    "sigmoid": nz.activations.sigmoid,
    "linear": nz.activations.linear,
    "each its own": lambda x: jnp.tanh(SLOPES * x),
}


@pytest.mark.slow
@given(st.integers(0, 2**31), st.sampled_from(list(ACTIVATIONS)), st.sampled_from([0.0, 0.4, 1.0, 1.7]))
def test_divergence_is_the_trace_and_diagonal_the_diagonal(seed, activation, gamma):
    inside = heterogeneous(seed, ACTIVATIONS[activation])
    state = np.random.default_rng(seed + 1).normal(0, 1.5, 9)
    for network in (inside, nz.Onsager(inside, gamma)):
        full = np.asarray(jacobian(network, state))
        scale = 1e-12 * np.abs(full).max()
        np.testing.assert_allclose(diagonal(network, state), np.diag(full), atol=scale)
        np.testing.assert_allclose(divergence(network, state), np.trace(full), atol=9 * scale)


def test_the_diagonal_of_other_networks_is_computed_from_tangents():
    inside = heterogeneous(3, nz.activations.tanh)
    closed = nz.Onsager(inside, 0.6)
    unknown = nz.networks.Flow(closed.drift, 9)
    state = np.linspace(-2, 2, 9)
    np.testing.assert_allclose(diagonal(unknown, state), diagonal(closed, state), rtol=1e-12)
    twice = nz.Onsager(nz.Onsager(inside, 0.6), 0.5)
    np.testing.assert_allclose(diagonal(twice, state), np.diag(jacobian(twice, state)), rtol=1e-12)


def test_the_jacobian_is_the_difference_quotient():
    network, step = nz.Onsager(heterogeneous(7, nz.activations.tanh), 0.5), 1e-6
    state = np.linspace(-1, 1, 9)
    velocity = jax.jit(lambda x: network.drift(x))
    quotient = [np.asarray(velocity(state + step * e) - velocity(state - step * e)) / (2 * step) for e in np.eye(9)]
    np.testing.assert_allclose(jacobian(network, state), np.transpose(quotient), atol=1e-6)


def test_the_jacobian_uses_gamma_at_the_given_time():
    network = nz.Onsager(nz.RateNetwork(WEIGHTS, 2.0), nz.Switch([100.0], [0.0, 1.0]))
    before, after = (nz.Onsager(nz.RateNetwork(WEIGHTS, 2.0), gamma) for gamma in (0.0, 1.0))
    np.testing.assert_array_equal(jacobian(network, STATE, 99.9), jacobian(before, STATE))
    np.testing.assert_array_equal(jacobian(network, STATE, 100.0), jacobian(after, STATE))
    assert float(divergence(network, STATE, 0.0)) == pytest.approx(-SIZE)  # no self-couplings: only the leak


def test_a_frozen_network_has_a_symmetric_jacobian_and_real_eigenvalues():
    inside = nz.RateNetwork(WEIGHTS, 3.0)
    frozen = np.asarray(jacobian(nz.Onsager(inside), STATE))
    np.testing.assert_allclose(frozen, frozen.T, atol=1e-13 * np.abs(frozen).max())
    eigenvalues = spectrum(nz.Onsager(inside), STATE)
    assert eigenvalues.dtype == float
    assert (np.diff(eigenvalues) <= 0).all()
    assert eigenvalues.sum() == pytest.approx(float(divergence(nz.Onsager(inside), STATE)))
    free = spectrum(inside, STATE)
    assert free.dtype == complex
    assert (np.diff(free.real) <= 0).all()
    assert free.sum() == pytest.approx(-SIZE + 0j)


@pytest.mark.parametrize("gain", [0.5, 0.8, 2.0])
def test_at_rest_the_spectrum_lies_within_the_edges_of_theory(gain):
    # N = 500: edges of singular values fluctuate as N^(-2/3) = 1.6 %, the mean square of the weights as
    # √2/N = 0.3 %; the bounds below are three to five of these, so false alarms are below 1e-3; fixed seed
    frozen = nz.Onsager(nz.RateNetwork(LARGE, gain))
    rest = np.zeros(500)
    assert float(divergence(frozen, rest)) / 500 == pytest.approx(-(1 + gain**2), rel=0.01)
    a = np.sqrt(1 + 8 / gain**2)
    stiffness = gain**2 * (a + 3) ** 3 / (8 * (a + 1))
    top = -(gain**2) * (a - 3) ** 3 / (8 * (a - 1)) if gain < 1 else 0.0
    eigenvalues = spectrum(frozen, rest)
    assert -eigenvalues[-1] == pytest.approx(stiffness, rel=0.05)
    assert eigenvalues[0] == pytest.approx(top, abs=0.03)
    assert eigenvalues[0] <= 0


def test_functions_of_one_state_are_mapped_over_many():
    network = nz.Onsager(nz.RateNetwork(WEIGHTS, 2.0))
    states = np.stack([STATE, 2 * STATE])
    together = jax.vmap(lambda x: divergence(network, x))(jnp.asarray(states))
    np.testing.assert_allclose(together, [float(divergence(network, x)) for x in states])


@pytest.mark.slow
@pytest.mark.parametrize("stimulus", ["inside", "outside"])
def test_derivatives_include_the_inputs(stimulus):
    """The reaction term of a driven network depends on its input; difference quotients are the reference."""
    network = nz.Onsager(heterogeneous(5, nz.activations.tanh), 0.6, stimulus)
    state, signal, step = np.linspace(-1, 1, 9), np.array([3.0]), 1e-6
    velocity = jax.jit(lambda x: network.drift(x, 0.0, jnp.asarray(signal)))
    quotient = np.transpose(
        [np.asarray(velocity(state + step * e) - velocity(state - step * e)) / (2 * step) for e in np.eye(9)]
    )
    result = np.asarray(jacobian(network, state, inputs=signal))
    np.testing.assert_allclose(result, quotient, atol=1e-5)
    np.testing.assert_allclose(diagonal(network, state, inputs=signal), np.diag(result), atol=1e-10)
    assert float(divergence(network, state, inputs=3.0)) == pytest.approx(np.trace(result))
    assert spectrum(network, state, inputs=signal).sum() == pytest.approx(np.trace(result))
    fastest = float(nz.networks.fastest_rate(network, jnp.asarray(state), 0.0, jnp.asarray(signal), 2000))
    assert fastest == pytest.approx(np.abs(np.linalg.eigvals(result)).max(), rel=1e-3)
    changed = np.abs(result - np.asarray(jacobian(network, state))).max()
    assert (changed > 0.1) == (stimulus == "inside")
    with pytest.raises(InputError, match="the signals at one time"):
        jacobian(network, state, inputs=np.ones((4, 1)))


def test_invalid_input_is_refused():
    with pytest.raises(InputError, match=r"state of shape \(3,\)"):
        jacobian(nz.RateNetwork(WEIGHTS), [0.0, 1.0, 2.0])
    with pytest.raises(InputError, match="NaN or infinite"):
        spectrum(nz.RateNetwork(WEIGHTS), np.full(SIZE, np.nan))
