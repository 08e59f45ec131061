import json

import jax
import numpy as np
import pytest
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st

import noisette as nz
from noisette.analysis import driven_states, memory_curve, random_signal, readout_score, sines, total_capacity
from noisette.errors import InputError

SPLIT = (600, 200, 200)
REFERENCES = ("variance", "power")
LAGS = [1, 10, 30, 50]


def shift_register(signal, length):
    """Return x[k] = (S[k − 1], …, S[k − length]), the contents of a delay line before S[k] enters."""
    return np.stack([np.concatenate([np.zeros(k), signal])[: len(signal)] for k in range(1, length + 1)], axis=1)


def weights(size, seed=0):
    return nz.weights.gaussian(size, size**-0.5, self_coupling=False, key=jax.random.key(seed))


@pytest.fixture(scope="module")
def noise():
    return random_signal(1200, key=jax.random.key(0))


@pytest.mark.parametrize("protocol", ["out-of-sample", "in-sample", "inverse"])
def test_a_shift_register_remembers_exactly_its_length(noise, protocol):
    result = memory_curve(
        shift_register(noise, 8), noise, np.arange(1, 12), protocol=protocol, washout=100, split=SPLIT
    ).memory
    np.testing.assert_allclose(result[:8], 1, atol=1e-12)
    # beyond: in the sample 8 units fit 8/1100 of noise, out of the sample nothing; 5 s.e. each, fixed seed
    np.testing.assert_allclose(result[8:], 0, atol=0.05)


def test_the_capacity_of_a_shift_register_is_its_length(noise):
    result = total_capacity(shift_register(noise, 8), noise)
    assert float(result.capacity) == pytest.approx(8, abs=1e-9)
    assert 0 < float(result.floor) < 0.05
    mixed = shift_register(noise, 8) @ np.random.default_rng(0).standard_normal((8, 8))  # in another basis
    assert float(total_capacity(mixed, noise).capacity) == pytest.approx(8, abs=1e-9)


def test_capacity_does_not_exceed_the_number_of_units():
    # 12 linear units; m ≤ its exact value in the mean, scored on 800 values: 5 s.e. are 0.3; fixed seed
    size, values = 12, random_signal(4000, key=jax.random.key(3))
    rng, states = np.random.default_rng(4), np.zeros((4000, 12))
    matrix, ear = 0.9 * np.linalg.qr(rng.standard_normal((size, size)))[0], rng.standard_normal(size)
    for k in range(len(values) - 1):
        states[k + 1] = matrix @ states[k] + ear * values[k]
    result = float(total_capacity(states, values).capacity)
    assert 0.6 * size < result <= size + 0.3


def noisy_register(signal, length, share, key):
    """Return the contents of a delay line with noise, such that the signal has a fraction `share` of the variance."""
    clean = shift_register(signal, length)
    std = signal.std() * np.sqrt(1 / share - 1)
    return clean + std * np.random.default_rng(key).standard_normal(clean.shape)


@pytest.mark.slow
@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (0.0, 1.0), (99.0, 100.0), (-1e-6, 3e-6)])
@pytest.mark.parametrize("bias", [0.0, 1.0, 1e4])
def test_neither_the_mean_of_the_input_nor_a_constant_unit_adds_capacity(low, high, bias):
    # 20 delays of which a readout recovers .1 each: C = 2, less about 20 · 21/4700 that fitting 21 weights to
    # 4700 values costs; s.e. of m √(4 · .1/1600) = .016 each, .07 of the sum; bounds of 4 s.e., fixed seed
    signal = low + (high - low) * np.random.default_rng(1).uniform(size=8000)
    states = np.column_stack([noisy_register(signal, 20, 0.1, 2), np.full(8000, bias)])
    assert float(total_capacity(states, signal).capacity) == pytest.approx(1.91, abs=0.28)


@pytest.mark.parametrize("mean", [0.0, 0.5, 20.0])
def test_a_leaky_integrator_has_the_memory_of_its_correlation_function(mean):
    # x[k + 1] = a x[k] + S[k] correlates with S[k − τ] as √(1 − a²) a^(τ−1): m(τ) is the square, and the capacity
    # Σ m = 1 = N (Jaeger). s.e. of m √(4 m (1 − m)²/8000) ≤ .009; bounds of 4 s.e., fixed seed. Above a floor of
    # about .001 there are some 14 delays, which leave a^28 = .002 out
    a, signal = 0.8, mean + np.random.default_rng(9).uniform(-1, 1, 20_000)
    x = scipy.signal.lfilter([0.0, 1.0], [1.0, -a], signal)[:, None]
    lags = np.arange(1, 13)
    curve = memory_curve(x, signal, lags, washout=200, split=(9000, 2000, 8000))
    np.testing.assert_allclose(curve.memory, (1 - a**2) * a ** (2 * (lags - 1.0)), atol=0.036)
    assert float(total_capacity(x, signal, 40).capacity) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("protocol", ["out-of-sample", "in-sample"])
@pytest.mark.parametrize("mean", [0.0, 1.0, -50.0])
def test_lags_without_information_have_no_memory_whatever_the_mean(noise, mean, protocol):
    # m beyond the register: in the sample 8 units fit 8/1100 of noise; 5 s.e. are 0.05, fixed seed
    signal = noise + mean
    curve = memory_curve(shift_register(signal, 8), signal, [1, 8, 9, 40], protocol=protocol, washout=100, split=SPLIT)
    np.testing.assert_allclose(curve.memory, [1, 1, 0, 0], atol=0.05)
    assert curve.attrs["reference"] == "variance"
    assert "share of the variance" in curve.memory.attrs["long_name"]


def test_normalised_by_the_power_of_the_input_its_mean_counts_as_memory(noise):
    signal = noise + 1.0
    register = np.column_stack([shift_register(signal, 8), np.ones(1200)])
    options = {"washout": 100, "split": SPLIT, "reference": "power"}
    curve = memory_curve(register, signal, [1, 9, 40], **options)
    power = 1 / (1 + 1 / 3)  # z̄²/⟨z²⟩ of values uniform between 0 and 2
    np.testing.assert_allclose(curve.memory, [1, power, power], atol=0.03)
    assert curve.attrs["reference"] == "power"
    centred = shift_register(noise, 8)
    first, second = (memory_curve(centred, noise, [1, 9], **options | {"reference": name}) for name in REFERENCES)
    np.testing.assert_allclose(first.memory, second.memory, atol=0.02)
    assert float(readout_score([1.0, 3.0], [2.0, 2.0])) == 0
    assert float(readout_score([1.0, 3.0], [2.0, 2.0], "power")) == pytest.approx(0.8)


@given(st.floats(-5, 5).filter(lambda a: abs(a) > 1e-3), st.floats(-100, 100), st.floats(-100, 100))
def test_memory_does_not_depend_on_units_and_origins(scale, origin, shift):
    signal = np.random.default_rng(3).uniform(-1, 1, 400)
    states = noisy_register(signal, 3, 0.5, 4)
    options = {"lags": [1, 3, 5], "washout": 10, "split": (200, 80, 80)}
    plain = memory_curve(states, signal, **options)
    moved = memory_curve(scale * states + shift, scale * signal + origin, **options)
    np.testing.assert_allclose(moved.memory, plain.memory, atol=1e-7)


@pytest.mark.parametrize("direction", ["memory", "prediction"])
def test_scored_samples_enter_neither_the_fit_nor_the_choice_of_the_ridge(direction):
    # 60 noisy units fitted to 80 samples: the ridge matters, and the best one differs between any two sets of samples
    rng = np.random.default_rng(7)
    lags, washout, split = [1, 2, 5], 10, (80, 60, 120)
    signal = np.convolve(rng.standard_normal(420), np.ones(6) / 6)[:300]
    states = noisy_register(signal, 60, 0.3, 8)
    first = washout + split[0] + split[1]  # the first scored sample

    def curve(states, signal, **options):
        arguments = {"direction": direction, "washout": washout, "split": split} | options
        return memory_curve(states, signal, lags, **arguments)

    before = curve(states, signal)
    other_states, other_signal = states.copy(), signal.copy()
    other_states[first:] = rng.standard_normal(states[first:].shape)
    other_signal[first:] = 10 * rng.standard_normal(len(signal[first:])) + 3
    after = curve(other_states, other_signal)
    np.testing.assert_array_equal(after.ridge, before.ridge)
    assert (after.memory != before.memory).all()
    # the score is that of weights from the first part at this ridge, by the normal equations
    sign = -1 if direction == "memory" else 1
    gap = 0 if direction == "memory" else max(lags)
    rows = {"fit": (washout, washout + split[0] - gap), "test": (first, first + split[2])}
    for column, lag in enumerate(lags):
        target = np.roll(signal, -sign * lag)
        x, z = ({name: array[slice(*ends)] for name, ends in rows.items()} for array in (states, target))
        mean, level = x["fit"].mean(0), z["fit"].mean()
        centred, ridge = x["fit"] - mean, float(before.ridge[column])
        w = np.linalg.solve(centred.T @ centred + ridge * np.eye(60), centred.T @ (z["fit"] - level))
        error = ((z["test"] - level - (x["test"] - mean) @ w) ** 2).mean()
        expected = 1 - error / ((z["test"] - level) ** 2).mean()
        assert float(before.memory[column]) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("signal", "message"),
    [
        (sines(1000), "depend on each other"),
        (np.linspace(0, 1, 1000), "depend on each other"),
        (random_signal(1000, 4, key=jax.random.key(2)), "depend on each other.*at lag 1"),
        (np.full(1000, 0.1), "constant"),
        (np.zeros(1000), "constant|zero"),
    ],
)
def test_the_capacity_is_that_of_independent_input(signal, message):
    with pytest.raises(InputError, match=message):
        total_capacity(shift_register(signal, 4), signal)


def test_states_that_contain_the_present_input_are_refused(noise):
    present = np.column_stack([noise, shift_register(noise, 3)])  # 4 values, one of which is the present one
    with pytest.raises(InputError, match=r"pass states\[:-1\] and signal\[1:\]"):
        total_capacity(present, noise)
    assert float(total_capacity(present[:-1], noise[1:]).capacity) == pytest.approx(4, abs=1e-6)


def test_predictions_keep_their_targets_out_of_the_next_part(noise):
    with pytest.raises(InputError, match="exceed the lag"):
        memory_curve(shift_register(noise, 3), noise, [30], direction="prediction", washout=0, split=(100, 30, 100))


def test_features_of_pure_noise_fit_the_sample_and_nothing_else():
    # in the sample m is the share N/L of dimensions: beta distributed with s.d. √(2 N/L (1 − N/L)/L) = 0.022;
    # out of it the ridge makes m ≤ 0 up to ~0.02; bounds of 4 s.d., false alarms below 1e-3, fixed seed
    rng, signal = np.random.default_rng(5), random_signal(1001, key=jax.random.key(6))
    features = rng.standard_normal((1001, 300))
    inside = memory_curve(features, signal, [1], protocol="in-sample")
    assert float(inside.memory[0]) == pytest.approx(0.3, abs=0.09)
    outside = memory_curve(features, signal, [1], washout=0, split=SPLIT)
    assert float(outside.memory[0]) == pytest.approx(0, abs=0.08)
    assert (inside.attrs["estimator"], outside.attrs["estimator"]) == ("in-sample", "out-of-sample")


def test_a_small_linear_network_remembers_and_predicts_sines():
    network = nz.RateNetwork(weights(60), 0.7, activation=nz.activations.linear)
    driven = driven_states(network, sines(2200), 0.01, key=jax.random.key(1))
    for direction in ("memory", "prediction"):
        result = memory_curve(driven.states, driven.signal, LAGS, direction=direction, washout=1000, split=SPLIT)
        assert (result.memory > 0.999).all()


@pytest.mark.slow
def test_out_of_sample_a_frozen_network_remembers_what_a_chaotic_one_forgets():
    signal, free = sines(3700), nz.RateNetwork(weights(100), 2.5)
    curves = {}
    for name, network in (("frozen", nz.Onsager(free, 1.0, "outside")), ("free", free)):
        driven = driven_states(network, signal, 0.02, key=jax.random.key(2))
        out = memory_curve(driven.states, driven.signal, LAGS, washout=2000, split=(1000, 300, 300))
        within = memory_curve(driven.states[:300], driven.signal[:300], LAGS, protocol="in-sample")
        assert (within.memory > 0.99).all()  # in the sample they cannot be distinguished
        curves[name] = out.memory.values
    assert (curves["frozen"] > 0.99).all()
    assert curves["free"].mean() < 0.9


@pytest.mark.slow
def test_the_literal_inverse_fails_if_states_are_smooth():
    driven = driven_states(nz.RateNetwork(weights(150), 0.5), sines(1000), 0.01, key=jax.random.key(1))
    stable, literal = (
        memory_curve(driven.states, driven.signal, [1, 10], protocol=p) for p in ("in-sample", "inverse")
    )
    assert float(stable.condition) > 1e8
    assert int(stable["rank"]) < 150
    assert (stable.memory > 0.999).all()
    assert (literal.memory < stable.memory).all()


def test_scoring_a_perfect_fit_on_another_time_gives_twice_the_cosine_minus_one():
    omega = 0.02 * np.pi
    signal = sines(3000, (omega,))
    states = np.stack([np.sin(omega * np.arange(3000)), np.cos(omega * np.arange(3000))], axis=1)
    fit = states @ np.linalg.lstsq(states, signal, rcond=None)[0]
    assert float(readout_score(signal, fit)) == pytest.approx(1)
    for lag in (1, 2, 5, 10):
        wrong = readout_score(sines(3000 + lag, (omega,))[lag:], fit)
        assert float(wrong) == pytest.approx(2 * np.cos(omega * lag) - 1, abs=1e-9)
    right = memory_curve(states, signal, [1, 2, 5, 10], direction="prediction", protocol="in-sample")
    np.testing.assert_allclose(right.memory, 1)


def test_states_come_before_their_sample_of_the_signal():
    network = nz.RateNetwork([[0.0]])
    signal = random_signal(12, 3, key=jax.random.key(0))
    driven = driven_states(network, signal, 0.1, every=3, start=0.0, key=jax.random.key(0))
    x, expected = 0.0, []
    for k in range(12):
        if k % 3 == 0:
            expected.append(x)
        x += 0.1 * (-x + signal[k])
    np.testing.assert_allclose(driven.states[:, 0], expected, atol=1e-14)
    np.testing.assert_array_equal(driven.signal, signal[::3])
    np.testing.assert_allclose(driven.time, [0, 0.3, 0.6, 0.9])


def test_random_values_are_uniform_and_held_constant():
    signal = random_signal(30_000, 3, key=jax.random.key(1))
    values = signal[::3]
    np.testing.assert_array_equal(np.repeat(values, 3), signal)
    # 10 000 values of variance 1/3: 5 s.e. of the mean, of the variance and of the correlation; fixed seed
    assert values.mean() == pytest.approx(0, abs=5 * 3**-0.5 / 100)
    assert values.var() == pytest.approx(1 / 3, abs=5 * 0.3 / 100)
    assert np.corrcoef(values[1:], values[:-1])[0, 1] == pytest.approx(0, abs=5 / 100)


def test_a_silent_network_has_no_memory(noise):
    result = memory_curve(np.zeros((1200, 3)), noise, [1], washout=100, split=SPLIT)
    assert float(result.memory[0]) == 0
    assert np.isinf(result.condition)
    assert int(result["rank"]) == 0
    assert np.isnan(memory_curve(np.zeros((1200, 3)), noise, [1], protocol="inverse").memory[0])


def test_a_given_ridge_is_used_and_the_configuration_is_stored(noise):
    states = shift_register(noise, 3)
    result = memory_curve(states, noise, [1], washout=100, split=SPLIT, ridge=0)
    assert float(result.ridge[0]) == 0
    assert float(result.memory[0]) == pytest.approx(1)
    heavy = memory_curve(states, noise, [1], washout=100, split=SPLIT, ridge=1e9)
    assert float(heavy.memory[0]) == pytest.approx(0, abs=1e-3)
    assert json.loads(heavy.attrs["configuration"])["ridge"] == 1e9
    assert heavy.attrs["protocol"] == "out-of-sample"


@given(st.lists(st.one_of(st.integers(-5, -1), st.sampled_from([0.5, 1e6, float("nan")])), min_size=1, max_size=3))
def test_invalid_lags_are_refused(lags):
    with pytest.raises(InputError, match="lag"):
        memory_curve(np.ones((50, 2)), np.ones(50), lags, protocol="in-sample")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"states": np.full((1200, 2), np.nan)}, "states with 2400 of 2400 values NaN"),
        ({"signal": np.full(1200, np.inf)}, "signal with 1200 of 1200 values NaN"),
        ({"signal": np.ones(7)}, r"signal of shape \(7,\)"),
        ({"signal": np.zeros(1200)}, "zero throughout|constant"),
        ({"direction": "sideways"}, "direction 'sideways'"),
        ({"protocol": "hopeful"}, "protocol 'hopeful'"),
        ({"split": (3000, 1000, 1000)}, "needs 5000"),
        ({"split": (10, 0, 10)}, "at least 2"),
        ({"washout": -1}, "washout -1"),
        ({"ridge": -1.0}, "ridge -1"),
        ({"ridge": 1.0, "protocol": "inverse"}, "with another protocol"),
    ],
)
def test_invalid_input_is_refused(noise, change, message):
    arguments = {"states": shift_register(noise, 2), "signal": noise, "lags": [1], "washout": 100, "split": SPLIT}
    with pytest.raises(InputError, match=message):
        memory_curve(**(arguments | change))


def test_invalid_signals_are_refused():
    network = nz.RateNetwork([[0.0]])
    with pytest.raises(InputError, match="finite numbers"):
        driven_states(network, [0.0, np.nan], key=jax.random.key(0))
    exploding = nz.networks.Flow(lambda x: x**3, 1)
    with pytest.raises(InputError, match="became infinite"):
        driven_states(exploding, np.ones(50), 1.0, start=2.0, key=jax.random.key(0))
