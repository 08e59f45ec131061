import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import noisette as nz
from noisette.errors import InputError

KEY = jax.random.key(0)
MANY = 100_000  # independent units: covariances within 5 standard errors, false alarms below 1e-6 each
B = np.array([[1.0, 0.5], [-2.0, 0.0], [0.3, 1.5]])
MEMORYLESS = {
    "white": nz.White(2.0),
    "each": nz.White([0.5, 1.0, 3.0]),
    "common": nz.Common([1.0, 0.0, 2.0]),
    "sum": nz.White(1.0) + nz.Common(2.0),
    "gated": nz.Gated(nz.White(2.0), 1.0, 3.0),
    "channels": nz.Channels(B),
    "shared channels": nz.Channels(B, nz.White(1.5) + nz.Common(1.0)),
}
WITH_MEMORY = {
    "ou": nz.OrnsteinUhlenbeck(2.0, tau=3.0),
    "frozen": nz.Frozen([1.0, 2.0, 0.0]),
    "coloured channels": nz.Channels(B, nz.OrnsteinUhlenbeck(1.0, tau=0.5)),
    "mixture": nz.White(1.0) + 0.5 * nz.OrnsteinUhlenbeck(),
}
times = st.floats(1e-3, 1e3)


def covariance(noise: nz.noise.Noise, size: int) -> np.ndarray:
    """Return the covariance per unit of time according to the law of a noise."""
    independent, factors = (np.asarray(part) for part in noise.step_law(size, 2))
    return np.diag(independent**2) + factors.T @ factors


@pytest.mark.slow
@pytest.mark.parametrize(("name", "dt"), [*((name, 0.25) for name in MEMORYLESS), ("white", 1e-3)])
def test_a_step_adds_the_law_times_dt(name, dt):
    noise = MEMORYLESS[name]
    state = noise.init(3, key=KEY)
    drawn = np.asarray(
        jax.vmap(lambda k: noise.sample(state, 2.0, 3, key=k, dt=dt)[0])(jax.random.split(KEY, MANY // 4))
    )
    expected = dt * covariance(noise, 3)
    assert np.abs(np.cov(drawn.T) - expected).max() < 5 * np.sqrt(2 / len(drawn)) * expected.max()


@pytest.mark.slow
def test_channels_are_projected_by_the_matrix():
    assert covariance(nz.Channels(B, nz.White(2.0)), 3) == pytest.approx(4 * B @ B.T)
    assert covariance(nz.Channels(B, nz.Common(1.0)), 3) == pytest.approx(np.outer(B.sum(1), B.sum(1)))
    factors = np.array([1.0, 0.5, 2.0])
    assert covariance(factors * nz.Channels(B), 3) == pytest.approx(np.outer(factors, factors) * (B @ B.T))
    assert nz.Channels(B).number == 2
    coloured = nz.Channels(B, nz.OrnsteinUhlenbeck(2.0))
    state = coloured.init(3, key=KEY)
    added, _ = coloured.sample(state, 0.0, 3, key=KEY, dt=0.1)
    assert np.asarray(added) == pytest.approx(0.1 * B @ np.asarray(state))


@pytest.mark.parametrize("share", [0.01, 1.0, 100.0])
def test_ornstein_uhlenbeck_noise_is_stationary_with_exponential_autocovariance_at_any_dt(share):
    tau, std = 3.0, 2.0
    noise = nz.OrnsteinUhlenbeck(std, tau)
    first = noise.init(MANY, key=KEY)
    _, second = noise.sample(first, 0.0, MANY, key=jax.random.key(1), dt=share * tau)
    result = np.cov(first, second) / std**2
    rho = np.exp(-share)
    assert np.diag(result) == pytest.approx(1, abs=5 * np.sqrt(2 / MANY))
    assert result[0, 1] == pytest.approx(rho, abs=5 * np.sqrt((1 + rho**2) / MANY))


@pytest.mark.slow
@given(dt=times, tau=times, std=st.floats(0.1, 10))
def test_each_step_of_ornstein_uhlenbeck_is_exact(dt, tau, std):
    """With the same key, the increment is the same normal number for every dt, up to its size."""
    noise = nz.OrnsteinUhlenbeck(std, tau)
    step = lambda eta, dt: float(noise.sample(jnp.array([eta]), 0.0, 1, key=KEY, dt=dt)[1][0])  # noqa: E731
    normal = step(0.0, 1e9 * tau) / std
    assert step(1.0, dt) - step(0.0, dt) == pytest.approx(np.exp(-dt / tau), abs=1e-12)
    assert step(0.0, dt) == pytest.approx(std * np.sqrt(-np.expm1(-2 * dt / tau)) * normal, rel=1e-12)
    # variances compose: two half steps equal one step
    half = np.exp(-dt / 2 / tau)
    fresh = lambda dt: (step(0.0, dt) / normal) ** 2  # noqa: E731
    assert fresh(dt / 2) * (1 + half**2) == pytest.approx(fresh(dt), rel=1e-9)


def test_many_small_steps_have_the_law_of_one_large_step():
    noise = nz.OrnsteinUhlenbeck(1.0, tau=1.0)
    first = state = noise.init(MANY, key=KEY)
    for key in jax.random.split(jax.random.key(2), 20):
        _, state = noise.sample(state, 0.0, MANY, key=key, dt=0.1)
    result, rho = np.cov(first, state), np.exp(-2.0)
    assert result[1, 1] == pytest.approx(1, abs=5 * np.sqrt(2 / MANY))
    assert result[0, 1] == pytest.approx(rho, abs=5 * np.sqrt((1 + rho**2) / MANY))


@given(strength=st.floats(0.1, 10), tau=times)
def test_intensity_and_standard_deviation_parametrise_the_same_process(strength, tau):
    noise = nz.OrnsteinUhlenbeck.from_intensity(strength, tau)
    assert float(noise.std) ** 2 == pytest.approx(strength**2 * tau / 2)
    # in a short time it diffuses like White(strength)
    dt = 1e-6 * tau
    _, fresh = noise.sample(jnp.zeros(1), 0.0, 1, key=KEY, dt=dt)
    white, _ = nz.White(strength).sample((), 0.0, 1, key=KEY, dt=dt)
    assert float(fresh[0]) == pytest.approx(float(white[0]), rel=1e-5)


@pytest.mark.slow
def test_frozen_noise_never_changes_and_differs_between_trials_and_units():
    still = nz.networks.Flow(lambda x: 0 * x, 4, noise=nz.Frozen([1.0, 2.0, 0.0, 5.0]))
    result = nz.simulate(still, duration=1.0, dt=0.125, probes=nz.Trace(), key=KEY, start=0.0, runs=3)
    moved = np.diff(result.trace.values, axis=1)
    assert moved == pytest.approx(np.broadcast_to(moved[:, :1], moved.shape), abs=1e-15)
    eta = result.final.values  # over one unit of time
    assert moved[:, 0] == pytest.approx(eta / 8)
    assert (eta[:, 2] == 0).all()
    assert len(np.unique(eta[:, [0, 1, 3]])) == 9
    values = nz.Frozen(2.0).init(MANY, key=KEY)
    assert np.var(values) == pytest.approx(4, rel=5 * np.sqrt(2 / MANY))


@pytest.mark.slow
@given(
    start=st.integers(0, 400),
    length=st.integers(1, 300),
    dt=st.sampled_from([0.01, 0.1, 1 / 3, 0.05, 0.7, 1e-3]),
)
def test_a_gate_opens_and_closes_at_the_intended_step_despite_rounding(start, length, dt):
    """Every grid time n·dt is rounded; the gate [start·dt, stop·dt) holds exactly the steps start … stop − 1."""
    stop = start + length
    steps = np.arange(800)
    values = lambda noise: np.asarray(  # noqa: E731
        jax.vmap(lambda t: noise.sample((), t, 1, key=KEY, dt=dt)[0][0])(jnp.asarray(steps * dt)) != 0
    )
    assert (values(nz.Gated(nz.White(), start * dt, stop * dt)) == ((steps >= start) & (steps < stop))).all()
    assert values(nz.Pulse(2.0, start=start * dt, duration=length * dt)).sum() == length
    # consecutive gates neither leave a gap nor overlap
    middle = (start + stop) // 2
    parts = [values(nz.Gated(nz.White(), a * dt, b * dt)) for a, b in ((0, start), (start, middle), (middle, 800))]
    assert (np.sum(parts, axis=0) == 1).all()


@pytest.mark.slow
def test_a_pulse_in_continuous_time_adds_the_same_variance_at_any_dt():
    still = nz.networks.Flow(lambda x: 0 * x, 20_000, noise=nz.Pulse(2.0, start=0.5, duration=0.75))
    for dt in (0.25, 0.125):
        result = nz.simulate(still, duration=2.0, dt=dt, key=KEY, start=0.0).final.values
        assert result.var() == pytest.approx(4 * 0.75, rel=5 * np.sqrt(2 / 20_000))


def test_independent_parts_add_their_variances():
    noise = nz.White(3.0) + nz.OrnsteinUhlenbeck(2.0, tau=5.0)
    state = noise.init(MANY, key=KEY)
    added, _ = noise.sample(state, 0.0, MANY, key=jax.random.key(1), dt=0.5)
    assert np.var(added) == pytest.approx(9 * 0.5 + 4 * 0.25, rel=5 * np.sqrt(2 / MANY))


@pytest.mark.parametrize("name", [*MEMORYLESS, *WITH_MEMORY])
def test_scaling_scales_every_sample(name):
    noise = (MEMORYLESS | WITH_MEMORY)[name]
    assert eqx.tree_equal((3 * noise).scaled(1 / 3), noise, rtol=1e-12)
    once, thrice = (n.sample(n.init(3, key=KEY), 2.0, 3, key=KEY, dt=0.3)[0] for n in (noise, noise * 3.0))
    assert np.asarray(thrice) == pytest.approx(3 * np.asarray(once))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nz.OrnsteinUhlenbeck(-1.0), "noise std -1; .*zero or positive"),
        (lambda: nz.OrnsteinUhlenbeck(1.0, tau=0.0), "correlation time 0.*use White for zero, Frozen for infinity"),
        (lambda: nz.OrnsteinUhlenbeck(1.0, tau=np.nan), "correlation time nan"),
        (lambda: nz.OrnsteinUhlenbeck(1.0, tau=jnp.ones(2)), "one number above zero"),
        (lambda: nz.OrnsteinUhlenbeck.from_intensity(-1.0, 2.0), "noise strength -1"),
        (lambda: nz.OrnsteinUhlenbeck([1.0, 2.0]).init(3, key=KEY), "the network has 3 units"),
        (lambda: nz.Frozen(-2.0), "noise std -2"),
        (lambda: nz.Frozen([1.0, 2.0]).init(3, key=KEY), "the network has 3 units"),
        (lambda: nz.Channels([1.0, 2.0]), r"channel weights of shape \(2,\).*a row for each unit"),
        (lambda: nz.Channels(np.zeros((0, 2))), r"channel weights of shape \(0, 2\)"),
        (lambda: nz.Channels([[np.nan]]), "NaN or infinite"),
        (lambda: nz.Channels(B).init(4, key=KEY), "channels into 3 units; the network has 4"),
        (lambda: nz.Pulse(1.0, duration=-0.5), "pulse of duration -0.5"),
        *[
            (lambda n=noise: n.step_law(3, 0), "no independent Gaussian law per step.*simulated")
            for noise in WITH_MEMORY.values()
        ],
    ],
)
def test_invalid_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
