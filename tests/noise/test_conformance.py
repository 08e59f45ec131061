"""Tests of the noise of other programs: correct steps pass, and each fault fails in the row that names it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.signal import lfilter

import noisette as nz
from noisette.errors import InputError

TAU, DT, SIGMA = 10.0, 1.0, 0.5
CLAIM = {"tau": TAU, "dt": DT}
SCALES = {"variance", "step variance"}  # a wrong strength fails in both
DISTRIBUTION = {"distribution"}


def leaky(noise, decay=1 - DT / TAU):
    """Return the states of leaky units that receive a noise per step, shape (time, units)."""
    return lfilter([1.0], [1.0, -decay], noise, axis=0)


def simulator(draw, strength=lambda dt: SIGMA * np.sqrt(dt)):
    """Return a function that simulates with `draw(rng, shape)` as noise of unit variance."""

    def simulate(duration, dt, seed, units):
        rng = np.random.default_rng(seed)
        return leaky(strength(dt) * draw(rng, (round(duration / dt), units)), 1 - dt / TAU)

    return simulate


def normal(rng, shape):
    return rng.standard_normal(shape)


def failed(table):
    return set(table.test.values[table.verdict == "fail"].tolist())


def test_a_correct_step_of_numpy_passes_every_test():
    def step(x, dt, rng):
        return x - x * dt / TAU + SIGMA * np.sqrt(dt) * rng.standard_normal(x.shape)

    table = nz.noise.conformance(step, SIGMA, **CLAIM)
    assert (table.verdict == "pass").all()
    assert table.attrs["failed"] == 0
    assert float(table.expected.sel(test="variance")) == pytest.approx(SIGMA**2 * TAU / (2 - DT / TAU))
    assert (abs(table.z) < 4).all()


def test_a_correct_step_of_jax_passes_every_test():
    def step(x, dt, key):
        return x - x * dt / TAU + SIGMA * jnp.sqrt(dt) * jax.random.normal(key, x.shape)

    assert (nz.noise.conformance(step, SIGMA, **CLAIM).verdict == "pass").all()


def test_the_noise_of_this_package_passes():
    white = nz.White(SIGMA)

    def step(x, dt, key):
        return x - x * dt / TAU + white.sample((), 0.0, x.size, key=key, dt=dt)[0]

    assert not failed(nz.noise.conformance(step, SIGMA, **CLAIM))


FAULTS = {
    "σ dt instead of σ √dt": (simulator(normal, lambda dt: SIGMA * dt * 0.9), SCALES | {"dt/2"}),
    "twice the variance": (simulator(normal, lambda dt: SIGMA * np.sqrt(2 * dt)), SCALES),
    "variance halved with dt": (simulator(normal, lambda dt: SIGMA * np.sqrt(DT) * (dt / DT)), {"dt/2"}),
    "noise whatever dt": (simulator(normal, lambda dt: SIGMA), {"dt/2"}),
    "noise shared by the units": (simulator(lambda r, s: np.tile(normal(r, (s[0], 1)), s[1])), {"independent units"}),
    "same seed in each trial": (
        lambda duration, dt, seed, units: simulator(normal)(duration, dt, 0, units),
        {"independent trials"},
    ),
    "seeds of units that overlap between trials": (
        lambda duration, dt, seed, units: np.hstack(
            [simulator(normal)(duration, dt, seed + unit, 1) for unit in range(units)]
        ),
        {"independent trials"},
    ),
    "uniform noise": (simulator(lambda rng, shape: rng.uniform(-(3**0.5), 3**0.5, shape)), DISTRIBUTION),
    "Laplace noise": (simulator(lambda rng, shape: rng.laplace(0, 0.5**0.5, shape)), DISTRIBUTION),
    "a drift": (simulator(lambda rng, shape: normal(rng, shape) + 0.05), {"mean"}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_fails_in_the_rows_that_name_it_and_in_no_others(fault):
    simulate, rows = FAULTS[fault]
    for key in (1, 2):
        assert failed(nz.noise.conformance(simulate, SIGMA, **CLAIM, key=key)) == rows


def test_noise_held_for_two_steps_has_memory():
    def held(rng, shape):
        return np.repeat(normal(rng, (-(-shape[0] // 2), shape[1])), 2, axis=0)[: shape[0]]

    table = nz.noise.conformance(simulator(held), SIGMA, **CLAIM)
    assert "independent steps" in failed(table)
    assert not failed(table) & {"independent units", "independent trials", "distribution", "mean"}


def test_a_wrong_time_constant_fails_in_the_autocorrelations():
    table = nz.noise.conformance(simulator(normal), SIGMA, tau=1.3 * TAU, dt=DT)
    assert failed(table) == {"variance", "autocorrelation dt", "autocorrelation tau"}
    assert float(table.measured.sel(test="autocorrelation dt")) == pytest.approx(1 - DT / TAU, abs=0.01)


@pytest.mark.parametrize("integrator", ["exact", "exponential", "held", "heun"])
def test_integrators_have_their_own_expectations(integrator):
    def simulate(duration, dt, seed, units):
        alpha, shape = dt / TAU, (round(duration / dt), units)
        rng = np.random.default_rng(seed)
        if integrator == "exact":
            scale = SIGMA * np.sqrt(TAU / 2 * (1 - np.exp(-2 * alpha)))
            return leaky(scale * normal(rng, shape), np.exp(-alpha))
        if integrator == "exponential":
            return leaky(SIGMA * np.sqrt(dt) * normal(rng, shape), np.exp(-alpha))
        if integrator == "held":
            return leaky(SIGMA / np.sqrt(dt) * TAU * (1 - np.exp(-alpha)) * normal(rng, shape), np.exp(-alpha))
        states, x = np.empty(shape), np.zeros(units)
        for i in range(shape[0]):
            noise = SIGMA * np.sqrt(dt) * normal(rng, units)
            guess = x - alpha * x + noise
            x = x - alpha * (x + guess) / 2 + noise
            states[i] = x
        return states

    claim = {"tau": TAU, "dt": 4 * DT}
    assert not failed(nz.noise.conformance(simulate, SIGMA, **claim, integrator=integrator))
    wrong = "variance" if integrator == "exponential" else "step variance"
    assert wrong in failed(nz.noise.conformance(simulate, SIGMA, **claim))


def test_a_convention_of_a_program_is_converted():
    simulate = simulator(normal, lambda dt: 0.4 * np.sqrt(2 * dt / TAU))
    table = nz.noise.conformance(simulate, 0.4, **CLAIM, convention="PsychRNN")
    assert not failed(table)
    assert table.attrs["agrees_with"] == "stationary"
    assert table.attrs["sigma_ito"] == pytest.approx(0.4 * np.sqrt(2 / TAU))
    wrong = nz.noise.conformance(simulate, 0.4, **CLAIM)
    assert failed(wrong) == SCALES
    assert wrong.attrs["agrees_with"] == "stationary"  # what the strength means


def test_noise_of_inputs_has_weights_of_one():
    def simulate(duration, dt, seed, units):
        inputs = 0.4 / np.sqrt(dt) * np.random.default_rng(seed).standard_normal((round(duration / dt), units))
        return leaky(dt / TAU * inputs, 1 - dt / TAU)

    assert not failed(nz.noise.conformance(simulate, 0.4, **CLAIM, convention="NeuroGym"))


def test_tests_that_do_not_apply_are_named_and_not_counted():
    def simulate(duration, seed, units):  # a fixed time step
        uniform = np.random.default_rng(seed).uniform(-(3**0.5), 3**0.5, (round(duration / DT), units))
        return leaky(SIGMA * uniform)

    table = nz.noise.conformance(simulate, SIGMA, **CLAIM, gaussian=False, units=1)
    rest = table.test.values[table.verdict == "not applicable"].tolist()
    assert rest == ["dt/2", "independent units", "distribution"]
    assert table.p.sel(test=rest).isnull().all()
    assert not failed(table)
    assert float(table.p_adjusted.min()) == pytest.approx(min(1.0, 7 * float(table.p.min())))


def test_a_program_without_noise_fails():
    silent = nz.noise.conformance(lambda x, dt, rng: x - x * dt / TAU, SIGMA, **CLAIM)
    assert SCALES | {"dt/2", "distribution"} <= failed(silent)


@pytest.mark.slow
def test_correct_noise_fails_any_test_as_rarely_as_stated():
    """With a level of 10 %, at most that many of 150 tables contain a failure, up to three standard errors."""
    tables = [nz.noise.conformance(simulator(normal), SIGMA, **CLAIM, level=0.1, key=3 * key) for key in range(150)]
    alarms = sum(bool(failed(table)) for table in tables)
    assert alarms <= 15 + 3 * (150 * 0.1 * 0.9) ** 0.5
    p = np.array([table.p.values for table in tables])
    rows = tables[0].test.values.tolist()
    exact = [rows.index(name) for name in ("variance", "independent trials", "independent units", "mean")]
    # uniform p values: 15 ± 3.7 of 150 below 0.1
    assert (abs((p[:, exact] < 0.1).sum(axis=0) - 15) < 4.5 * 3.7).all()


def test_the_same_key_gives_the_same_table():
    first, second, other = (nz.noise.conformance(simulator(normal), SIGMA, **CLAIM, key=key) for key in (0, 0, 1))
    assert first.equals(second)
    assert not first.equals(other)


def one_step(x, dt, rng):
    return x


@pytest.mark.parametrize(
    ("function", "options", "message"),
    [
        (lambda x: x, {}, r"<lambda>\(x\) as step function; step\(x, dt, rng\)"),
        (lambda x, dt, generator: x, {}, "name its parameters so"),
        (lambda x, dt, rng: x[:1], {}, r"returns an array of shape \(1,\) for 16 units; .*shape \(16,\)"),
        (lambda x, dt, rng: x * np.nan, {}, "values NaN or infinite"),
        (lambda x, dt, rng: 1 / 0, {}, "fails .ZeroDivisionError: division by zero."),
        (lambda x, dt, key: x[:1], {}, r"returns shape \(1,\); an array of shape \(16,\)"),
        (lambda x, dt, key: x if x[0] > 0 else -x, {}, "depends on the value of its argument"),
        (lambda duration, dt, seed, units: np.zeros((3, units)), {}, r"returns shape \(3, 16\) for 4100 steps"),
        (lambda duration, dt, seed, units: None, {}, "returns None"),
        (lambda duration, dt: None, {}, r"\(duration, dt\) as step function"),
        (one_step, {"sigma": 0.0}, "sigma 0; a strength above zero"),
        (one_step, {"dt": 11.0}, "dt 11; a time above zero and at most tau"),
        (one_step, {"tau": -1.0}, "tau -1; a time above zero"),
        (one_step, {"duration": 100.0}, "duration 100; at least 200 tau, 2000"),
        (one_step, {"convention": "nest"}, "nest without a capacitance"),
        (one_step, {"convention": "noisy-rnn"}, "noisy-rnn without a matrix"),
        (one_step, {"integrator": "rk4"}, "integrator 'rk4'; euler, heun, exponential, exact or held"),
        (one_step, {"level": 0.0}, "level 0; a probability"),
        (one_step, {"units": 0}, "units 0"),
    ],
)
def test_invalid_input_is_refused_in_one_line(function, options, message):
    with pytest.raises(InputError, match=message):
        nz.noise.conformance(function, **{"sigma": SIGMA, **CLAIM, **options})
