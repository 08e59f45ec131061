import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import noisette as nz
from noisette.activations import relu, sigmoid
from noisette.errors import InputError

KEY = jax.random.key(0)
W = np.array([[0.5, -2.0, 0.3], [0.0, 1.0, 1.2], [-1.0, 0.4, 0.0]])
PHI = {"tanh": np.tanh, "sigmoid": lambda x: 1 / (1 + np.exp(-x)), "relu": lambda x: np.maximum(x, 0)}


@given(seed=st.integers(0, 2**32 - 1), activation=st.sampled_from(list(PHI)), gain=st.floats(-5, 5))
def test_velocity_is_the_equation(seed, activation, gain):
    rng = np.random.default_rng(seed)
    x, tau, bias = rng.standard_normal(3), rng.uniform(0.1, 100, 3), rng.standard_normal(3)
    B, u = rng.standard_normal((3, 2)), rng.standard_normal(2)
    phi = nz.activations.from_string(activation)
    network = nz.RateNetwork(W, gain, tau=tau, bias=bias, activation=phi, input_weights=B)
    silent = (-x + gain * W @ PHI[activation](x) + bias) / tau
    assert np.asarray(network.drift(jnp.asarray(x))) == pytest.approx(silent, rel=1e-12, abs=1e-14)
    driven = silent + B @ u / tau
    result = network.drift(jnp.asarray(x), 7.0, jnp.asarray(u))
    assert np.asarray(result) == pytest.approx(driven, rel=1e-12, abs=1e-14)
    assert float(network.kinetic_energy(jnp.asarray(x), 0.0, jnp.asarray(u))) == pytest.approx(np.sum(driven**2) / 2)


def test_without_input_weights_one_channel_drives_every_unit():
    network = nz.RateNetwork(W, tau=2.0)
    x = jnp.array([0.1, -0.4, 2.0])
    assert np.asarray(network.drift(x, 0.0, jnp.array([3.0])) - network.drift(x)) == pytest.approx(1.5)


def test_readout_sees_rates():
    C = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 0.0]])
    network = nz.RateNetwork(W, activation=sigmoid, readout=C)
    x = np.random.default_rng(0).standard_normal((5, 3))
    assert np.asarray(network.output(jnp.asarray(x))) == pytest.approx(PHI["sigmoid"](x) @ C.T)
    assert network.output(jnp.asarray(x[0])).shape == (2,)


def test_gains_share_the_weights():
    network = nz.RateNetwork(W, tau=[1.0, 2.0, 3.0], noise=nz.White(0.1))
    other = network.with_gain(3.0)
    assert other.weights is network.weights
    assert other.tau is network.tau
    assert (float(other.gain), float(network.gain)) == (3, 1)
    x = jnp.array([0.1, -0.4, 2.0])
    same = nz.RateNetwork(3 * W, tau=[1.0, 2.0, 3.0])
    assert np.asarray(other.drift(x)) == pytest.approx(np.asarray(same.drift(x)), rel=1e-14)


def test_with_noise_replaces_the_noise_only():
    silent = nz.RateNetwork(W, 2.0)
    noisy = silent.with_noise(nz.White(0.5))
    assert noisy.with_noise(None).noise is None
    assert float(noisy.noise.strength) == 0.5
    assert noisy.weights is silent.weights
    assert nz.networks.Flow(lambda x: -x, 2).with_noise(nz.White()).noise is not None


def test_rest_loses_stability_at_g_1():
    """The spectrum at rest is −1 + g·(disc of radius 1): its edge is g − 1, at N = 300 within 6 %."""
    size = 300
    J = nz.weights.gaussian(size, size**-0.5, self_coupling=False, key=KEY)
    edge = np.linalg.eigvals(J).real.max()
    assert edge == pytest.approx(1, abs=0.06)
    v = jax.random.normal(KEY, (size,))
    for gain in (0.5, 2.0):
        network = nz.RateNetwork(J, gain)
        moved = jax.jvp(network.drift, (jnp.zeros(size),), (v,))[1]
        assert np.asarray(moved) == pytest.approx(np.asarray(-v + gain * J @ v), abs=1e-12)


@pytest.mark.slow
def test_initial_states():
    network = nz.RateNetwork(np.zeros((400, 400)))
    uniform, normal = network.start("uniform", key=KEY), network.start("normal", key=KEY)
    # 400 numbers within 5 standard errors: false alarms below 1e-5
    assert np.abs(uniform).max() <= 1
    assert uniform.var() == pytest.approx(1 / 3, abs=5 * np.sqrt(4 / 45 / 400))
    assert normal.var() == pytest.approx(1, abs=5 * np.sqrt(2 / 400))
    assert (network.start(key=KEY) == normal).all()
    assert (network.start("normal", key=jax.random.key(1)) != normal).all()
    assert (network.start(0.25) == 0.25).all()
    state = np.arange(400.0)
    own_start = network.start(state)
    assert (own_start == state).all()
    own_start[0] = 7  # a copy
    assert state[0] == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nz.RateNetwork([[1.0, 2.0]]), r"shape \(1, 2\)"),
        (lambda: nz.RateNetwork([[np.inf]]), "NaN or infinite"),
        (lambda: nz.RateNetwork(W, tau=0.0), "tau 0; numbers above 0"),
        (lambda: nz.RateNetwork(W, tau=[1.0, -2.0, 1.0]), "tau -2; numbers above 0"),
        (lambda: nz.RateNetwork(W, tau=[1.0, 2.0]), r"tau of shape \(2,\); one number, or one for each of 3 units"),
        (lambda: nz.RateNetwork(W, tau=np.inf), "tau inf; finite"),
        (lambda: nz.RateNetwork(W, bias=[0.0]), r"bias of shape \(1,\)"),
        (lambda: nz.RateNetwork(W, bias=np.nan), "bias nan; finite"),
        (lambda: nz.RateNetwork(W, input_weights=np.ones((2, 3))), r"input weights of shape \(2, 3\); .*\(3, 'any'\)"),
        (lambda: nz.RateNetwork(W, input_weights=np.ones(3)), r"input weights of shape \(3,\)"),
        (lambda: nz.RateNetwork(W, input_weights=np.full((3, 1), np.nan)), "weights with 3 of 3 values NaN"),
        (lambda: nz.RateNetwork(W, readout=np.ones((3, 2))), r"readout weights of shape \(3, 2\)"),
        (lambda: nz.RateNetwork(W).output(jnp.zeros(3)), "without readout weights; give readout="),
        (lambda: nz.RateNetwork(W).start("gaussian"), "start 'gaussian'; normal or uniform"),
        (lambda: nz.RateNetwork(W).start([1.0, 2.0]), r"start of shape \(2,\).*or 3 finite numbers"),
        (lambda: nz.RateNetwork(W).start(np.nan), "start nan; finite numbers"),
    ],
)
def test_invalid_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_relu_networks_are_homogeneous():
    network = nz.RateNetwork(W, 2.0, activation=relu)
    x = jnp.array([0.1, -0.4, 2.0])
    assert np.asarray(network.drift(4 * x)) == pytest.approx(4 * np.asarray(network.drift(x)))
