"""Multiplicative noise: products of Itô and Stratonovich, Milstein's method, and rate networks."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import noisette as nz
from noisette.errors import InputError
from noisette.networks import Euler, Flow, Milstein
from noisette.networks.step_size import mode_biases

KEY = jax.random.key(0)
FINE = 4096  # steps of the Brownian paths in one unit of time
PATHS = 4000


class Path(nz.noise.Noise):
    """White noise of one strength with the same Brownian path for every step size."""

    path: jax.Array  # W at 0, 1/FINE, 2/FINE …, shape (FINE + 1, N)
    strength: float = 1.0

    def sample(self, state, time, size, *, key, dt=1.0):
        first, last = jnp.round(time * FINE).astype(int), jnp.round((time + dt) * FINE).astype(int)
        return self.strength * (self.path[last] - self.path[first]), state

    def white_part(self, size):
        return jnp.full(size, self.strength), jnp.zeros((0, size))

    def scaled(self, factor):
        return Path(self.path, factor * self.strength)


@eqx.filter_jit
def advanced(stepper, units, steps):
    state = stepper.init(units, key=KEY)
    step = lambda n, state: stepper.step(state, n, key=jax.random.fold_in(KEY, n))  # noqa: E731
    return jax.lax.fori_loop(0, steps, step, state).units


def errors(kind, network, exact, steps):
    """Return the mean distance from the exact solution at t = 1, for several numbers of steps."""
    ends = [advanced(kind(network, jnp.asarray(1 / n)), jnp.ones(PATHS), jnp.asarray(n)) for n in steps]
    return [float(np.abs(np.asarray(end) - exact).mean()) for end in ends]


def order(steps, distances):
    return np.polyfit(np.log(1 / np.asarray(steps)), np.log(distances), 1)[0]


@pytest.fixture(scope="module")
def brownian():
    increments = np.random.default_rng(1).standard_normal((FINE, PATHS)) / np.sqrt(FINE)
    return np.concatenate([np.zeros((1, PATHS)), increments.cumsum(0)])


@pytest.mark.slow
@pytest.mark.parametrize("interpretation", ["ito", "stratonovich"])
def test_strong_order_of_milstein_for_geometric_brownian_motion(brownian, interpretation):
    """dx = μ x dt + 2b x dW: x = exp((μ − s²/2) t + s W) by Itô and exp(μ t + s W) by Stratonovich, s = 2b = 0.8."""
    mu, steps = 0.5, [16, 64, 256, 1024]
    network = Flow(lambda x: mu * x, PATHS, Path(jnp.asarray(brownian), 2.0), lambda x: 0.4 * x, interpretation)
    drift = mu if interpretation == "stratonovich" else mu - 0.8**2 / 2
    exact = np.exp(drift + 0.8 * brownian[-1])
    milstein, euler = (errors(kind, network, exact, steps) for kind in (Milstein, Euler))
    assert order(steps, milstein) == pytest.approx(1.0, abs=0.07)
    assert order(steps, euler) == pytest.approx(0.5, abs=0.1)
    assert milstein[-1] < euler[-1] / 10


@pytest.mark.slow
def test_milstein_in_noise_that_units_share():
    """For common noise c_n ζ the solution of unit n is exp(−c_n² t/2 + c_n W), with the same W."""
    network = Flow(lambda x: 0 * x, 3, nz.Common([0.2, 0.5, 1.0]), lambda x: x)
    runs = {n: nz.simulate(network, n, dt=1 / n, solver="milstein", start=1.0, key=3, runs=200) for n in (50, 200)}
    c = np.array([0.2, 0.5, 1.0])
    errors = []
    for data in runs.values():
        final = np.log(data.final.values)
        w = final[:, 2] / c[2] + c[2] / 2  # W from one unit
        errors.append(np.abs(final[:, :2] - (c[:2] * w[:, None] - c[:2] ** 2 / 2)).mean())
    assert errors[1] == pytest.approx(errors[0] / 4, rel=0.25)


def test_the_drift_identity():
    """F_Itô = F + ½ σ_i² b_i ∂b_i/∂x_i, for white noise with shared parts, too; no change with a correlation time."""
    x = jnp.array([0.3, -1.2, 2.0])
    b, derivative = lambda x: 1 + x**2, 2 * np.asarray(x)
    for noise, intensity in [
        (nz.White([0.5, 1.0, 2.0]), np.array([0.25, 1.0, 4.0])),
        (nz.White(0.5) + nz.Common([1.0, 0.0, 2.0]) + nz.OrnsteinUhlenbeck(), np.array([1.25, 0.25, 4.25])),
        (nz.noise.Independent("uniform", 2.0), np.full(3, 4.0)),
        (nz.OrnsteinUhlenbeck(), np.zeros(3)),
        (nz.Telegraph(), np.zeros(3)),
    ]:
        ito, stratonovich = (Flow(jnp.sin, 3, noise, b, kind) for kind in ("ito", "stratonovich"))
        assert ito.drift(x).tolist() == jnp.sin(x).tolist()
        expected = np.sin(x) + intensity * np.asarray(b(x)) * derivative / 2
        assert np.asarray(stratonovich.drift(x)) == pytest.approx(np.asarray(expected), rel=1e-12)
    plain = Flow(jnp.sin, 3, nz.White(1.0), interpretation="stratonovich")
    assert plain.drift(x).tolist() == jnp.sin(x).tolist()


@pytest.mark.slow
def test_stratonovich_is_the_limit_of_short_correlation_times():
    """⟨x(1)⟩ of dx = x η dt with ⟨ηη⟩ = e^(−|t|/τ)/(2τ) tends to e^(1/2), which Itô's product would leave at 1."""
    tau = 0.01
    settings = {"duration": 1.0, "runs": 20_000, "start": 1.0, "key": 0, "warn": False}
    coloured = Flow(lambda x: 0 * x, 1, nz.OrnsteinUhlenbeck((1 / (2 * tau)) ** 0.5, tau), lambda x: x)
    mean = nz.simulate(coloured, dt=tau / 8, **settings).final.values
    white = Flow(lambda x: 0 * x, 1, nz.White(1.0), lambda x: x, "stratonovich")
    limit = nz.simulate(white, dt=0.01, solver="milstein", **settings).final.values
    error = np.e / np.sqrt(20_000)  # standard deviation of a lognormal number, e^½ √(e − 1) < e
    assert abs(limit.mean() - np.exp(0.5)) < 5 * error
    assert abs(mean.mean() - np.exp(0.5 * (1 - tau * (1 - np.exp(-1 / tau))))) < 5 * error


class Nodes(nz.noise.Noise):
    """Standard normal increments at the nodes of a quadrature, one for each unit."""

    nodes: jax.Array

    def sample(self, state, time, size, *, key, dt=1.0):
        return jnp.sqrt(dt) * self.nodes, state

    def white_part(self, size):
        return jnp.ones(size), jnp.zeros((0, size))

    def scaled(self, factor):
        return Nodes(factor * self.nodes)


@pytest.mark.parametrize(("kind", "name"), [(Euler, "euler"), (Milstein, "milstein")])
def test_the_bias_of_stationary_variances(kind, name):
    """b² = c + β² x²: a step maps ⟨x²⟩ to A ⟨x²⟩ + c dt, by quadrature over ΔN; the fixed point is the variance."""
    dt, beta, c = 0.3, 0.6, 1.5
    nodes, weights = np.polynomial.hermite_e.hermegauss(12)
    network = Flow(lambda x: -x, 12, Nodes(jnp.asarray(nodes)), lambda x: jnp.sqrt(c + (beta * x) ** 2))
    moments = {
        x: weights @ np.asarray(advanced(kind(network, jnp.asarray(dt)), jnp.full(12, x), jnp.asarray(1))) ** 2
        for x in (0.0, 1.3)
    }
    source, later = (moment / weights.sum() for moment in moments.values())
    stationary = source / (1 - (later - source) / 1.3**2)
    bias = float(mode_biases(np.array([-1.0]), dt, name, beta**2)[0])
    assert stationary == pytest.approx(c / (2 - beta**2) * (1 + bias), rel=1e-10)


@pytest.mark.slow
def test_additive_noise_makes_milstein_euler():
    network = nz.RateNetwork([[0.0, 0.5], [-0.5, 0.5]], noise=nz.White(0.3))
    solvers, time = ("euler", "milstein"), {"duration": 1, "dt": 0.1, "key": 0, "warn": False}
    ends = [nz.simulate(network, solver=solver, **time).final.values for solver in solvers]
    assert (ends[0] == ends[1]).all()
    quiet = [nz.simulate(network.with_noise(None), duration=1, solver=s, key=0) for s in ("euler", "milstein")]
    assert (quiet[0].final.values == quiet[1].final.values).all()


@pytest.mark.slow
def test_noise_of_a_rate_network_is_multiplied_by_a_function_of_the_state():
    W = np.array([[0.0, 1.5], [-0.5, 0.2]])
    network = nz.RateNetwork(W, noise=nz.White(0.4), noise_scale=lambda x: 1 + x**2)
    assert network.diffusion(jnp.array([1.0, 2.0])).tolist() == [2.0, 5.0]
    flow = Flow(network.drift, 2, nz.White(0.4), lambda x: 1 + x**2)
    for solver in ("euler", "milstein"):
        ours, theirs = (
            nz.simulate(n, duration=1, dt=0.05, solver=solver, start=0.2, key=0).final.values for n in (network, flow)
        )
        assert ours == pytest.approx(theirs, rel=1e-12)
    assert "noise scale" in repr(network)
    still = nz.RateNetwork(W, noise=nz.Frozen(0.4), noise_scale=jnp.cos)
    with pytest.raises(InputError, match="multiplied by a function of the state; linear equivalence"):
        nz.theory.predicted_covariance(still)
    points = nz.find_fixed_points(still, 2, key=0)
    assert points.state.shape == (2, 2)


def coupled(x):
    return x[::-1]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Flow(jnp.sin, 2, nz.White(), coupled, "stratonovich"), r"Stratonovich's product .* other units"),
        (lambda: Flow(jnp.sin, 2, nz.Stable(1.5), jnp.cos, "stratonovich"), "has no variance"),
        (lambda: Flow(jnp.sin, 2, nz.Pulse(1.0), jnp.cos, "stratonovich"), "white noise gated in time"),
        (lambda: Flow(jnp.sin, 2, None, jnp.cos, "strato"), "interpretation"),
        (lambda: nz.RateNetwork([[0.0]], noise_scale=lambda x: x.sum()), "noise_scale"),
        (lambda: run(Flow(jnp.sin, 2, nz.White(), coupled)), r"Milstein's method .* unit \d that depends on other"),
        (lambda: run(Flow(jnp.sin, 2, nz.White(), lambda x: x * x.mean())), r"Milstein's method .* other units"),
        (lambda: run(Flow(jnp.sin, 2, nz.OrnsteinUhlenbeck(), jnp.cos)), "OrnsteinUhlenbeck noise, .* use euler"),
        (lambda: run(Flow(jnp.sin, 2, nz.Stable(1.5), jnp.cos)), "has no variance"),
        (lambda: run(Flow(jnp.sin, 2, nz.Shot(1.0), jnp.cos)), "Shot has no independent Gaussian law"),
    ],
)
def test_what_has_no_meaning_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


def run(network):
    return nz.simulate(network, duration=0.2, dt=0.1, solver="milstein", start=0.5, key=0)
