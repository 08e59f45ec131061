import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import noisette as nz
from noisette.errors import InputError
from noisette.networks import INTEGRATORS, Euler, Flow, Heun

KEY = jax.random.key(0)
FINE = 4096  # steps of the Brownian paths in one unit of time
PATHS = 4000  # independent units, one path each


class Path(nz.noise.Noise):
    """White noise with the same Brownian path for every step size, so that errors are due to the step only."""

    path: jax.Array  # W at 0, 1/FINE, 2/FINE …, shape (FINE + 1, N)

    def sample(self, state, time, size, *, key, dt=1.0):
        first, last = jnp.round(time * FINE).astype(int), jnp.round((time + dt) * FINE).astype(int)
        return self.path[last] - self.path[first], state

    def scaled(self, factor):
        return Path(factor * self.path)


@eqx.filter_jit
def advanced(stepper, units, steps):
    """Return the units after some steps; both steps and dt are traced, so each network compiles once."""
    state = stepper.init(units, key=KEY)
    return jax.lax.fori_loop(0, steps, lambda n, state: stepper.step(state, n, key=KEY), state).units


def after_one_unit_of_time(kind, network, start, steps):
    return np.asarray(advanced(kind(network, jnp.asarray(1 / steps)), start, jnp.asarray(steps)))


ONCE = jnp.asarray(1)


def order(steps, errors):
    """Return the slope of log error over log dt."""
    return np.polyfit(np.log(1 / np.asarray(steps)), np.log(errors), 1)[0]


@pytest.fixture(scope="module")
def brownian():
    increments = np.random.default_rng(1).standard_normal((FINE, PATHS)) / np.sqrt(FINE)
    return np.concatenate([np.zeros((1, PATHS)), increments.cumsum(0)])


class Forced(nz.networks.ContinuousNetwork):
    """A nonlinear flow that depends on time."""

    noise: nz.noise.Noise | None = None

    @property
    def size(self):
        return 2

    def drift(self, units, time=0.0, inputs=None):
        x, y = units
        return jnp.stack([y + jnp.cos(3 * time), -jnp.sin(x) - 0.3 * y * time])


def test_without_noise_euler_is_of_order_1_and_heun_of_order_2():
    start = jnp.array([0.5, -1.0])
    exact = after_one_unit_of_time(Heun, Forced(), start, 20_000)
    steps = [16, 32, 64, 128]
    for kind, expected in [(Euler, 1), (Heun, 2)]:
        errors = [np.linalg.norm(after_one_unit_of_time(kind, Forced(), start, n) - exact) for n in steps]
        assert order(steps, errors) == pytest.approx(expected, abs=0.1)
        assert order(steps[-2:], errors[-2:]) == pytest.approx(expected, abs=0.05)


@pytest.mark.slow
def test_additive_noise(brownian):
    """Strong and weak order 1 of Euler–Maruyama: errors on common paths, so that 4000 paths determine the slopes.

    The weak error is that of E[x²]; the standard error of a mean of coupled differences is 2 % of it.
    """
    network = Flow(lambda x: jnp.sin(2 * x) - x, PATHS, noise=Path(jnp.asarray(0.7 * brownian)))
    start = jnp.full(PATHS, 0.8)
    exact = after_one_unit_of_time(Heun, network, start, FINE)
    steps = [8, 16, 32, 64]
    strong = {}
    for kind in (Euler, Heun):
        result = [after_one_unit_of_time(kind, network, start, n) for n in steps]
        strong[kind] = [np.abs(x - exact).mean() for x in result]
        assert order(steps, strong[kind]) == pytest.approx(1, abs=0.1)
        if kind is Euler:
            assert order(steps, [abs((x**2 - exact**2).mean()) for x in result]) == pytest.approx(1, abs=0.15)
    # Heun replaces ∫∫ dW ds by its mean given ΔW, which halves the random part of the error and removes the rest
    assert (np.array(strong[Heun]) < 0.75 * np.array(strong[Euler])).all()


def test_multiplicative_noise_is_that_of_ito(brownian):
    """Strong order ½ towards the exact solution of dx = μ x dt + σ x dW, x = x₀ exp((μ − σ²/2) t + σ W)."""
    mu, sigma = 0.5, 0.8
    network = Flow(lambda x: mu * x, PATHS, noise=Path(jnp.asarray(brownian)), scale=lambda x: sigma * x)
    exact = np.exp((mu - sigma**2 / 2) + sigma * brownian[-1])
    steps = [16, 64, 256, 1024]
    result = [after_one_unit_of_time(Euler, network, jnp.ones(PATHS), n) for n in steps]
    assert order(steps, [np.abs(x - exact).mean() for x in result]) == pytest.approx(0.5, abs=0.1)
    # the mean is e^μ; Stratonovich's would be e^(μ + σ²/2), 38 % more. 4000 paths: within 5 standard errors
    assert result[-1].mean() == pytest.approx(np.exp(mu), abs=5 * exact.std() / np.sqrt(PATHS))


def test_heun_refuses_state_dependent_noise():
    network = Flow(lambda x: -x, 1, noise=nz.White(), scale=lambda x: x)
    with pytest.raises(InputError, match=r"noise that depends on the state; additive noise, .*Itô.*use euler"):
        nz.simulate(network, duration=1, dt=0.1, solver="heun", key=KEY)


@given(product=st.floats(0.01, 3), rate=st.floats(0.01, 100))
def test_a_decaying_mode_is_stable_while_dt_times_its_rate_is_below_2(product, rate):
    network = nz.RateNetwork([[0.0]], tau=1 / rate)
    for kind, factor in [(Euler, 1 - product), (Heun, 1 - product + product**2 / 2)]:
        after = float(advanced(kind(network, jnp.asarray(product / rate)), jnp.ones(1), ONCE)[0])
        assert after == pytest.approx(factor, abs=1e-9)
        if abs(product - 2) > 1e-6:
            assert (abs(after) < 1) == (product < 2)


@pytest.mark.slow
def test_a_step_is_the_formula():
    """Euler: x + F dt + b ΔN; Heun: with ΔN also in the second of its two velocities."""
    noise, x, dt = nz.White([0.5, 2.0]), jnp.array([0.3, -1.0]), jnp.asarray(0.1)
    added, _ = noise.sample((), 0.0, 2, key=KEY, dt=dt)
    flow = lambda x: jnp.sin(x) * x[::-1]  # noqa: E731
    plain, scaled = Flow(flow, 2, noise), Flow(flow, 2, noise, lambda x: x**2)
    mean = (flow(x) + flow(x + dt * flow(x) + added)) / 2
    for stepper, expected in [
        (Euler(plain, dt), x + dt * flow(x) + added),
        (Euler(scaled, dt), x + dt * flow(x) + x**2 * added),
        (Heun(plain, dt), x + dt * mean + added),
    ]:
        assert np.asarray(advanced(stepper, x, ONCE)) == pytest.approx(np.asarray(expected))


@pytest.mark.parametrize("kind", INTEGRATORS.values())
def test_inputs_are_held_during_a_step_and_the_last_one_beyond_the_end(kind):
    """An input that changes after a step has no effect on it."""
    network = nz.RateNetwork([[0.0, 1.0], [-1.0, 0.0]], tau=2.0)
    signals = jnp.array([[1.0], [5.0], [-3.0]])
    x, dt = jnp.array([0.2, 0.4]), jnp.asarray(0.1)
    whole = [np.asarray(advanced(kind(network, dt, signals), x, jnp.asarray(n))) for n in range(6)]
    for n in range(5):
        alone = advanced(kind(network, dt, signals[min(n, 2)][None]), jnp.asarray(whole[n]), ONCE)
        assert whole[n + 1] == pytest.approx(np.asarray(alone))
