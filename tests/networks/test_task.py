"""Task networks: their parametrisation, and their equivalence to rate networks."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import noisette as nz
from noisette.analysis import jacobian
from noisette.errors import InputError
from noisette.networks import TaskNetwork

SIZE, CHANNELS = 12, 3


def parts(seed=0, size=SIZE):
    """Return the arguments of a network, computed without JAX."""
    rng = np.random.default_rng(seed)
    mask = np.ones((size, size), bool)
    mask[1, 2:8] = False
    return {
        "weights": rng.normal(0, 0.4, (size, size)),
        "signs": np.where(np.arange(size) % 4 == 3, -1.0, 1.0),
        "logits": rng.normal(size=size),
        "input_weights": rng.normal(size=(size, 2)),
        "readout": rng.normal(size=(1, size)),
        "readout_bias": [0.2],
        "noise_weights": rng.normal(size=(size, CHANNELS)),
        "mask": mask,
    }


def made(seed=0, **changed):
    return TaskNetwork(**(parts(seed) | changed))


NETWORK = made()
KEY = jax.random.key(0)


def test_effective_weights_obey_dales_law_and_the_mask():
    raw, arguments = np.asarray(NETWORK.weights, float), parts()
    expected = np.where(raw > 0, raw, 0) * arguments["signs"][None, :] * arguments["mask"]
    assert NETWORK.effective.dtype == float
    np.testing.assert_array_equal(NETWORK.effective, expected)
    assert (NETWORK.effective[:, NETWORK.excitatory] >= 0).all()
    assert (NETWORK.effective[:, ~NETWORK.excitatory] <= 0).all()
    assert (NETWORK.effective[1, 2:8] == 0).all()
    assert (made(mask=None).effective[1, 2:8] != 0).any()


def test_time_constants_are_logistic_within_their_range():
    tau = 20 + 105 / (1 + np.exp(-np.asarray(NETWORK.logits, float)))
    np.testing.assert_allclose(NETWORK.tau, tau, rtol=1e-14)
    ends = made(logits=np.where(np.arange(SIZE) % 2, 800.0, -800.0), tau_range=(30.0, 70.0)).tau
    assert set(ends.tolist()) == {30.0, 70.0}


def test_trainable_parameters_are_float32_and_training_leaves_the_others_unchanged():
    assert {leaf.dtype for leaf in jax.tree.leaves(NETWORK.trainable)} == {jnp.dtype(jnp.float32)}
    changed = NETWORK.trained(jax.tree.map(lambda leaf: leaf + 1, NETWORK.trainable))
    for name in ("weights", "logits", "readout", "readout_bias", "noise_weights"):
        np.testing.assert_array_equal(getattr(changed, name), getattr(NETWORK, name) + 1)
    for name in ("signs", "input_weights", "mask"):
        assert getattr(changed, name) is getattr(NETWORK, name)


@pytest.mark.parametrize("cells", ["all", "excitatory", "inhibitory"])
@pytest.mark.parametrize("tau", [20.0, 20.5, 72.5, 124.9, 125.0])
def test_time_constants_can_be_set_for_some_units(cells, tau):
    result = NETWORK.with_tau(tau, cells)
    chosen = {"all": np.ones(SIZE, bool), "excitatory": NETWORK.excitatory, "inhibitory": ~NETWORK.excitatory}[cells]
    np.testing.assert_allclose(result.tau[chosen], tau, rtol=1e-6)
    np.testing.assert_array_equal(result.tau[~chosen], NETWORK.tau[~chosen])
    if tau in NETWORK.tau_range:
        assert (result.tau[chosen] == tau).all()
    assert result.weights is NETWORK.weights


def test_noise_channels_can_be_exchanged():
    other = NETWORK.with_noise_weights(np.ones((SIZE, 7)))
    assert other.noise_channels == 7
    assert other.logits is NETWORK.logits
    assert NETWORK.with_noise_weights(np.zeros((SIZE, 0))).noise_channels == 0


# invalid input


NAMES = {
    "weights": "weights",
    "signs": "signs",
    "logits": "logits",
    "input_weights": "input weights",
    "readout": "readout weights",
    "readout_bias": "readout bias",
    "noise_weights": "noise weights",
    "mask": "mask",
}


@given(
    name=st.sampled_from(list(NAMES)),
    value=st.sampled_from([np.nan, np.inf, -np.inf, 1e39]),
    seed=st.integers(0, 2**32 - 1),
)
def test_values_that_are_not_finite_are_refused_by_name(name, value, seed):
    values = np.array(parts()[name], float)
    values.flat[np.random.default_rng(seed).integers(values.size)] = value
    with pytest.raises(InputError, match=f"^{NAMES[name]}.* with 1 values that are NaN or infinite; finite numbers"):
        made(**{name: values})


@given(name=st.sampled_from(list(NAMES)), axis=st.integers(0, 1), extra=st.sampled_from([-1, 1]))
def test_inconsistent_shapes_are_refused_by_name(name, axis, extra):
    values = np.array(parts()[name], float)
    shape = list(values.shape)
    axis = {"input_weights": 0, "noise_weights": 0, "readout": 1}.get(name, axis % values.ndim)
    if name == "readout_bias":
        shape = [3]
    else:
        shape[axis] += extra
    with pytest.raises(InputError, match=rf"^{NAMES[name]}.* of shape \({', '.join(map(str, shape))},?\)"):
        made(**{name: np.ones(shape)})


@given(sign=st.floats(-3, 3).filter(lambda s: abs(s) != 1))
def test_signs_are_plus_or_minus_one(sign):
    with pytest.raises(InputError, match="signs other than"):
        made(signs=np.where(np.arange(SIZE) == 5, sign, 1.0))


@given(low=st.floats(-10, 200), high=st.floats(-10, 200), dt=st.floats(-1, 50))
def test_time_constants_are_at_least_the_step_and_in_ascending_order(low, high, dt):
    if 0 < dt <= low < high:
        assert made(tau_range=(low, high), dt=dt).tau_range == (low, high)
    else:
        with pytest.raises(InputError, match=r"tau range|dt "):
            made(tau_range=(low, high), dt=dt)


@pytest.mark.parametrize("noise", [-0.1, np.nan, np.inf])
def test_sensory_noise_is_not_negative(noise):
    with pytest.raises(InputError, match="sensory noise"):
        made(sensory_noise=noise)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: NETWORK.with_tau(19.9), "tau 19.9 ms; 20 … 125 ms"),
        (lambda: NETWORK.with_tau(np.nan), "tau nan"),
        (lambda: NETWORK.with_tau(50.0, "some"), "cells 'some'; all, excitatory or inhibitory"),
        (lambda: NETWORK.with_noise_weights(np.ones((SIZE + 1, 2))), r"noise weights of shape \(13, 2\)"),
        (lambda: TaskNetwork.random(0, key=KEY), "size 0"),
        (lambda: TaskNetwork.random(9, channels=0, key=KEY), "channels 0"),
        (lambda: TaskNetwork.random(9, noise_channels=-1, key=KEY), "noise channels -1"),
        (lambda: TaskNetwork.random(9, inhibitory=1.1, key=KEY), "inhibitory 1.1"),
        (lambda: TaskNetwork.random(9, density=0.0, key=KEY), "density 0"),
        (lambda: TaskNetwork.random(9, gain=np.inf, key=KEY), "gain inf"),
    ],
)
def test_invalid_networks_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


# as a rate network


def equation(x, u):
    """τ dx/dt = −x + W σ(x) + W_in u, in NumPy."""
    arguments = parts()
    return (-x + NETWORK.effective @ (1 / (1 + np.exp(-x))) + np.float32(arguments["input_weights"]) @ u) / NETWORK.tau


@given(seed=st.integers(0, 2**32 - 1))
def test_the_velocity_is_that_of_the_equation(seed):
    rng = np.random.default_rng(seed)
    x, u = rng.normal(0, 3, SIZE), rng.normal(size=2)
    result = NETWORK.network.drift(jnp.asarray(x), 0.0, jnp.asarray(u))
    np.testing.assert_allclose(result, equation(x, u), rtol=1e-10, atol=1e-13)


def test_the_jacobian_is_that_of_the_velocity():
    x = np.random.default_rng(1).normal(0, 2, SIZE)
    step = 1e-6 * np.eye(SIZE)
    expected = np.array([(equation(x + d, np.zeros(2)) - equation(x - d, np.zeros(2))) / 2e-6 for d in step]).T
    np.testing.assert_allclose(jacobian(NETWORK.network, x), expected, atol=1e-9)


def contracting():
    """Return weak weights, so that all activity converges to one state."""
    return made(weights=0.1 * parts()["weights"], noise_weights=None).network.with_noise(None)


@pytest.mark.slow
def test_the_largest_lyapunov_exponent_is_the_largest_eigenvalue_at_rest():
    network = contracting()
    x = np.zeros(SIZE)
    for _ in range(200):
        x = np.asarray(network.weights) @ (1 / (1 + np.exp(-x)))
    expected = np.linalg.eigvals(jacobian(network, x)).real.max()
    result = nz.simulate(network, 20_000, nz.Lyapunov(discard=6000.0), dt=0.5, start=x, key=KEY)
    exact = np.log(1 + 0.5 * expected) / 0.5  # of the Euler map
    assert float(result.lyapunov[0, 0]) == pytest.approx(exact, rel=1e-3)


@pytest.mark.slow
def test_the_reaction_term_makes_the_flow_descend_the_kinetic_energy():
    frozen = nz.Onsager(NETWORK.network)
    x = jnp.asarray(np.random.default_rng(2).normal(size=SIZE))
    descent = -jax.grad(frozen.kinetic_energy)(x)
    np.testing.assert_allclose(frozen.drift(x), descent, atol=1e-14)


@pytest.mark.slow
def test_the_noise_has_the_covariance_of_the_equation_and_accumulates_in_time():
    """In a time dt, α W_noise ψ + s ξ are added, whatever the step of the simulation."""
    gains = np.asarray(NETWORK.noise_weights, float) * (NETWORK.dt / NETWORK.tau)[:, None]
    independent, factors = (np.asarray(part) for part in NETWORK.noise.step_law(SIZE, 0))
    result = np.diag(independent**2) + factors.T @ factors  # in 1 ms
    np.testing.assert_allclose(NETWORK.dt * result, gains @ gains.T + 0.1**2 * np.eye(SIZE), rtol=1e-6, atol=1e-12)
    long, short = (
        NETWORK.noise.sample(NETWORK.noise.init(SIZE, key=KEY), 0.0, SIZE, key=KEY, dt=dt)[0] for dt in (5.0, 1.25)
    )
    np.testing.assert_allclose(long, 2 * np.asarray(short), rtol=1e-12)


def test_without_channels_only_the_sensory_noise_remains():
    independent, factors = made(noise_weights=None, sensory_noise=0.3).noise.step_law(SIZE, 0)
    np.testing.assert_allclose(5 * np.asarray(independent) ** 2, 0.09, rtol=1e-12)
    assert factors.shape[0] == 0
