import jax
import jax.numpy as jnp
import numpy as np
import pytest

import noisette as nz
from noisette.analysis import covariant_vectors
from noisette.networks import Euler, State

SIZE = 12
W = np.asarray(nz.weights.gaussian(SIZE, SIZE**-0.5, key=5))


def test_vectors_of_a_linear_map_are_its_eigenvectors():
    basis = np.random.default_rng(0).normal(size=(4, 4))  # not orthogonal
    values = np.array([1.6, -1.1, 0.7, 0.4])
    A = jnp.asarray(basis @ np.diag(values) @ np.linalg.inv(basis))
    data = covariant_vectors(nz.networks.Map(lambda x: A @ x, 4), 4, duration=300, discard=120, start=0.0, key=0)
    unit = (basis / np.linalg.norm(basis, axis=0)).T
    overlap = np.abs(np.einsum("ju,tju->tj", unit, data.vector.values))
    np.testing.assert_allclose(overlap, 1.0, atol=1e-9)
    np.testing.assert_allclose(data.growth, np.broadcast_to(np.log(np.abs(values)), data.growth.shape), atol=1e-8)
    np.testing.assert_allclose(np.cos(data.angle[0]), np.abs(unit @ unit.T), atol=1e-8)


def test_vectors_of_a_linear_flow_are_eigenvectors_of_the_jacobian():
    rates = np.array([-0.2, -0.9])
    basis = np.array([[1.0, 1.0], [0.0, 0.5]])
    A = basis @ np.diag(rates) @ np.linalg.inv(basis)
    flow = nz.networks.Flow(lambda x: jnp.asarray(A) @ x, 2, nz.White(0.5))
    data = covariant_vectors(flow, 2, duration=150, discard=50, dt=0.01, key=0, warn=False)
    np.testing.assert_allclose(np.abs(data.vector.values[:, 1] @ basis[:, 1]) / np.hypot(1, 0.5), 1.0, atol=1e-9)
    np.testing.assert_allclose(data.lyapunov, np.log(1 + 0.01 * rates) / 0.01, atol=1e-9)
    assert data.angle[0, 0, 1] == pytest.approx(np.arctan(0.5), abs=1e-8)


def tangent_map(network, state, steps, dt):
    """Return the derivative of the motion over several steps without noise, and the state after them."""
    stepper = Euler(network=network, dt=jnp.asarray(dt), inputs=None)

    def move(x):
        for n in range(steps):
            x = stepper.step(State(x, ()), jnp.asarray(n), key=jax.random.key(0)).units
        return x

    return np.asarray(jax.jacfwd(move)(jnp.asarray(state))), np.asarray(move(jnp.asarray(state)))


@pytest.mark.slow
def test_vectors_are_covariant_in_chaos_and_grow_at_the_recorded_rates():
    network = nz.RateNetwork(W, 4.0)
    data = covariant_vectors(network, SIZE, duration=400, discard=150, dt=0.05, key=1)
    for n in (0, 57, 150):
        vectors = data.vector.values[n]
        derivative, after = tangent_map(network, data.state.values[n], 10, 0.05)
        np.testing.assert_allclose(after, data.state.values[n + 1], atol=1e-12)
        image = vectors @ derivative.T
        sizes = np.linalg.norm(image, axis=1)
        np.testing.assert_allclose(np.log(sizes) / 0.5, data.growth.values[n], atol=1e-8)
        overlap = np.abs(np.sum(image / sizes[:, None] * data.vector.values[n + 1], axis=1))
        np.testing.assert_allclose(overlap, 1.0, atol=1e-8)


@pytest.mark.slow
def test_growth_rates_are_the_exponents_in_noise():
    """Both are time averages over the same trajectory, which differ by a constant over the time."""
    network = nz.RateNetwork(W, 3.0, noise=nz.OrnsteinUhlenbeck(0.5, 2.0))
    settings = {"duration": 500, "dt": 0.05, "key": 2, "warn": False}
    data = covariant_vectors(network, 4, discard=100, **settings)
    spectrum = nz.simulate(network, probes=nz.Lyapunov(4), **settings)
    window = nz.analysis.exponents_between(spectrum, 0.2, 0.8).lyapunov[0]
    np.testing.assert_allclose(data.lyapunov, window, atol=6 / 300)
    assert (np.diff(data.lyapunov) < 0).all()


@pytest.mark.slow
def test_vectors_of_a_flow_contain_its_direction():
    """Along a limit cycle the velocity is covariant with exponent zero."""
    W = np.array([[1.5, -2.0], [2.0, 1.5]])
    network = nz.RateNetwork(W)
    data = covariant_vectors(network, 2, duration=200, discard=60, dt=0.01, key=0)
    velocity = np.array([network.drift(x) for x in jnp.asarray(data.state.values)])
    velocity /= np.linalg.norm(velocity, axis=1, keepdims=True)
    assert np.abs(np.sum(velocity * data.vector.values[:, 0], axis=1)).min() > 0.999  # of steps of 0.01
    assert abs(float(data.lyapunov[0])) < 0.01


def test_runs_are_a_dimension():
    data = covariant_vectors(nz.RateNetwork(W, 1.5), 2, duration=30, discard=10, dt=0.1, runs=2, key=0)
    assert dict(data.vector.sizes) == {"run": 2, "time": 20, "exponent": 2, "unit": SIZE}
    single = covariant_vectors(nz.RateNetwork(W, 1.5), 2, duration=30, discard=10, dt=0.1, key=0)
    assert dict(single.angle.sizes) == {"time": 20, "exponent": 2, "other": 2}


@pytest.mark.parametrize(
    ("network", "options", "message"),
    [
        (nz.RateNetwork(W), {"exponents": SIZE + 1}, "at most 12"),
        (nz.RateNetwork(np.zeros((60, 60))), {"exponents": 51}, "at most 50"),
        (nz.RateNetwork(W), {"duration": 20, "discard": 10}, "transient"),
        (nz.RateNetwork(W), {"solver": "adaptive"}, "differentiable step"),
        (nz.RateNetwork(W), {"interval": 0.0}, "above zero"),
        (nz.Boltzmann(W), {"exponents": 2}, "differentiable step"),
    ],
)
def test_wrong_arguments_are_refused(network, options, message):
    steps = {} if isinstance(network, nz.Boltzmann) else {"dt": 0.1}
    with pytest.raises(nz.InputError, match=message):
        covariant_vectors(network, **{"duration": 30, "discard": 10, "key": 0, **steps, **options})
