"""Stochastic resonance: against exact chains, linear response of the Fokker–Planck equation, and linear systems.

A comparison of a simulated value with its expectation allows the quantile of Student's distribution at which a false
alarm has the probability 1e-6, for estimates that are normal; those of the line are nearly so at the ratios of signal
and noise of these tests, so that the total rate of false alarms is below 1e-3.
"""

import json

import numpy as np
import pytest
from scipy.linalg import solve_banded
from scipy.signal import argrelmax
from scipy.special import stdtrit

import noisette as nz
from noisette.analysis import Sinusoid, stochastic_resonance
from noisette.analysis._signal_estimates import coherence_response, information_rate, jackknife, line_response
from noisette.errors import InputError

LINEAR = nz.networks.Flow(lambda x: -x, 1)
UNIT = nz.Boltzmann([[6.0]])


def agree(data, name, expected, runs):
    """Return whether simulated values agree with their expectations, see the docstring of this module."""
    limit = stdtrit(runs - 1, 1 - 5e-7)
    return bool((abs(data[name].values - expected) < limit * data[f"{name}_se"].values).all())


def transfer(frequency, dt):
    """Return the transfer function of Euler's method for dx/dt = −x + u."""
    return dt / (np.exp(1j * frequency * dt) - 1 + dt)


@pytest.mark.slow
@pytest.mark.parametrize("estimate", [{"output": [1.0, 0.0, -0.5], "input_weights": [1.0, 0.0, 0.6]}, {}])
def test_simulated_chains_agree_with_the_exact_solution(estimate):
    W = np.array([[1.8, -0.6, 0.0], [0.5, 2.2, -0.9], [0.0, 1.1, 1.3]])
    network, signal, noise = nz.Boltzmann(W, [0.3, 0.0, -0.2]), Sinusoid(0.9, 24), [0.5, 1.5, 4.0]
    exact = stochastic_resonance(network, signal, noise, **estimate)
    simulated = stochastic_resonance(network, signal, noise, estimator="simulated", runs=30, key=1, **estimate)
    assert (exact.attrs["method"], simulated.attrs["method"]) == ("exact", "simulated")
    for name in ("amplification", "snr", "phase_lag"):
        assert agree(simulated, name, exact[name].values, 30), name
        assert (simulated[f"{name}_se"] < 0.35 * abs(exact[name])).all()  # the comparison can fail


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::noisette.errors.StepSizeWarning")  # the law is that of Euler's method
@pytest.mark.parametrize("every", [1, 5])
def test_a_linear_system_has_no_stochastic_resonance(every):
    """η = |H(Ω)|² at any strength, and SNR = πA²/σ², as signal and noise pass through the same filter."""
    period, dt = 8.0, 8.0 / (32 * every)
    data = stochastic_resonance(LINEAR, Sinusoid(1.0, period), [0.5, 1.0, 2.0], dt=dt, duration=400, runs=30, key=2)
    response = transfer(2 * np.pi / period, dt)
    assert agree(data, "amplification", abs(response) ** 2, 30)
    assert agree(data, "phase_lag", -np.angle(response), 30)
    assert agree(data, "snr", np.pi / data.noise.values**2, 30)
    assert (data.snr_se < 0.2 * data.snr).all()
    assert data.snr_db.values == pytest.approx(10 * np.log10(data.snr.values))


def linear_response(noise, frequency):
    """Return |χ(Ω)|² and S(Ω) of dx = (x − x³) dt + σ dW, from its Fokker–Planck equation on a grid."""
    x, intensity = np.linspace(-2.9, 2.9, 1200), noise**2 / 2
    step, potential = x[1] - x[0], -(x**2) / 2 + x**4 / 4
    rise = np.diff(potential) / (2 * intensity)  # rates in detailed balance with exp(−V/D)
    up, down = intensity / step**2 * np.exp(-rise), intensity / step**2 * np.exp(rise)
    stationary = np.exp(-potential / intensity)
    stationary /= stationary.sum()
    bands = np.zeros((3, len(x)), complex)
    bands[0, 1:], bands[2, :-1] = -down, -up
    bands[1] = 1j * frequency
    bands[1, :-1] += up
    bands[1, 1:] += down
    shift = -(x - x**3) / intensity * stationary  # −dp/dx
    susceptibility, spectrum = (x @ solve_banded((1, 1), bands, p) for p in (shift, x * stationary))
    return abs(susceptibility) ** 2, 2 * spectrum.real


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::noisette.errors.StepSizeWarning")  # errors are below the statistical ones
def test_the_double_well_agrees_with_linear_response():
    """η and SNR of the overdamped double well; the SNR has a maximum near D = σ²/2 = ΔU/2, as Kramers' rate predicts.

    In weaker noise it increases again, as the response within each well does not depend on σ.
    """
    amplitude, period = 0.06, 30.0
    noise = np.array([0.4, 0.5, 0.7, 1.1])
    well = nz.networks.Flow(lambda x: x - x**3, 1)
    data = stochastic_resonance(well, Sinusoid(amplitude, period), noise, duration=60 * period, runs=40, key=5, dt=0.02)
    expected = np.array([linear_response(sigma, 2 * np.pi / period) for sigma in noise])
    assert agree(data, "amplification", expected[:, 0], 40)
    assert agree(data, "snr", np.pi * amplitude**2 * expected[:, 0] / expected[:, 1], 40)
    assert (data.snr_se < 0.35 * data.snr).all()
    fine = np.linspace(0.3, 1.0, 71)
    curve = [float(np.divide(*linear_response(sigma, 2 * np.pi / period))) for sigma in fine]
    (peak,) = argrelmax(np.array(curve))[0]
    assert fine[peak] ** 2 / 2 == pytest.approx(0.25 / 2, rel=0.15)
    best, error = data.amplification[2], data.amplification_se
    for other in (0, 3):
        assert best - data.amplification[other] > 2 * np.hypot(error[2], error[other])


@pytest.mark.slow
def test_without_a_signal_the_line_is_zero_on_average():
    """Records of white noise: |M_1|² has mean zero, and 300 records of 8 runs a mean within 5 standard errors."""
    records = np.random.default_rng(0).standard_normal((300, 8, 640))
    lines = [line_response(record, 20, 1.0, 1.0, 1) for record in records]
    squares = np.array([line.amplification[0] for line in lines])
    assert abs(squares.mean()) < 5 * squares.std() / 300**0.5
    assert np.isnan([line.snr_db[0] for line in lines if line.snr[0] <= 0]).all()
    assert (squares < 0).sum() > 50


def test_the_background_is_the_two_sided_spectrum_and_the_line_its_power():
    """White noise of variance v per sample has S = v Δ; its periodogram has a relative error of 1/√(runs · bins)."""
    interval, variance, amplitude = 0.25, 2.0, 3.0
    time = np.arange(6400)
    noise = variance**0.5 * np.random.default_rng(1).standard_normal((10, 6400))
    record = 7.0 + amplitude * np.cos(2 * np.pi * time / 32 - 0.5) + noise
    line = line_response(record, 200, 1.0, interval, 1)
    assert line.amplification[0] == pytest.approx(amplitude**2, rel=0.03)
    assert line.phase_lag[0] == pytest.approx(0.5, abs=0.02)
    # 48 bins, of which Hann's window makes 2/3 independent, in 10 runs: 6 % standard error
    assert line.snr[0] == pytest.approx(np.pi * amplitude**2 / (variance * interval), rel=0.3)


@pytest.mark.parametrize("coherence", [0.0, 0.5, 0.95])
def test_the_information_rate_is_unbiased_and_its_error_is_right(coherence):
    """Gaussian signals of known coherence: the rate is −f log2(1 − C) for the f between the first and last bin.

    Over 60 records the mean of the deviations in standard errors is within 5/√60 of zero, and their standard deviation
    between 0.7 and 1.4: false alarms below 1e-4.
    """
    random, scores = np.random.default_rng(3), []
    for _ in range(60):
        u, noise = random.standard_normal(2000), random.standard_normal((4, 2000))
        value, error = information_rate(u, coherence**0.5 * u + (1 - coherence) ** 0.5 * noise, 1.0)
        scores.append((value + np.log2(1 - coherence) * 49 / 100) / error)
    assert abs(np.mean(scores)) < 5 / 60**0.5
    assert 0.6 < np.std(scores) < 1.4


def test_correlations_of_a_delayed_copy():
    """y(t) = c u(t − 7) + ξ: the largest correlation is at the lag 7, with C_0 = c and C_1 = c/√(c² + v)."""
    random = np.random.default_rng(4)
    u = random.standard_normal(8007)
    y = -0.8 * u[:-7] + 0.6 * random.standard_normal((5, 8000))
    result = coherence_response(u[7:], y, 0.5)
    assert result.lag == 3.5
    for value, expected in ((result.cross_correlation, -0.8), (result.correlation, -0.8)):
        assert abs(value[0] - expected) < 5 * value[1] < 0.1


@pytest.mark.slow
def test_aperiodic_signal_of_a_linear_system():
    """R = (√(1 + a) − 1)/(2T ln 2), a = 2s²T/σ², for an Ornstein–Uhlenbeck signal, less the frequencies not sampled."""
    std, time, noise, duration = 0.5, 5.0, np.array([0.5, 2.0]), 4000.0
    data = stochastic_resonance(
        LINEAR, nz.OrnsteinUhlenbeck(std, time), noise, duration=duration, dt=0.02, runs=12, key=6
    )
    power = 2 * std**2 * time / noise**2
    band = np.linspace(0.5 / (duration / 20), 8 / time, 20_001)
    rate = np.trapezoid(np.log2(1 + power[:, None] / (1 + (2 * np.pi * band * time) ** 2)), band)
    assert agree(data, "information_rate", rate, 12)
    assert rate == pytest.approx((np.sqrt(1 + power) - 1) / (2 * time * np.log(2)), rel=0.15)
    lag = data.lag.values
    rising, falling = (np.exp(-lag / time) - np.exp(-lag)) / (1 - 1 / time), np.exp(-lag) / (1 + 1 / time)
    assert agree(data, "cross_correlation", std**2 * (rising + falling), 12)
    variance = std**2 * time / (1 + time) + noise**2 / 2
    assert agree(data, "correlation", std * (rising + falling) / np.sqrt(variance), 12)


@pytest.mark.slow
def test_noise_transmits_a_signal_below_a_threshold():
    """An aperiodic signal below the threshold of a sign unit is transmitted only with noise."""
    unit = nz.SignNetwork([[0.0]], bias=-1.0)
    data = stochastic_resonance(unit, nz.OrnsteinUhlenbeck(0.25, 20.0), [0.02, 0.5, 4.0], duration=4000, runs=8, key=1)
    below, best, above = data.correlation.values
    assert data.information_rate[0] == data.cross_correlation[0] == 0  # the output is constant
    error = data.correlation_se.values.max()
    assert best - below > 5 * error
    assert best - above > 5 * error


def test_the_error_of_a_mean_is_its_standard_error():
    values = np.random.default_rng(5).standard_normal(50)
    value, error = jackknife(values, lambda mean, _: float(mean))
    assert (value, error) == pytest.approx((values.mean(), values.std(ddof=1) / 50**0.5))


@pytest.mark.slow
def test_results_are_labelled_and_repeatable():
    signal = np.sin(np.arange(3000) / 5.0)
    for arguments in ((UNIT, Sinusoid(0.5, 20), [1.0, 2.0]), (UNIT, signal, [2.0]), (LINEAR, signal, [0.3])):
        options = {"runs": 3, "key": 4} | ({"dt": 0.1} if arguments[0] is LINEAR else {})
        data = stochastic_resonance(*arguments, **options)
        assert all({"long_name", "units"} <= data[name].attrs.keys() for name in data.data_vars)
        given = {"signal": signal} if arguments[1] is signal else {}
        given |= {"function": LINEAR.function} if arguments[0] is LINEAR else {}
        assert nz.rerun(data, **given).identical(data)
        assert "signal" in json.loads(data.attrs["configuration"])


WAVE = Sinusoid(0.1, 20)
INVALID = {
    "zero noise": (lambda: stochastic_resonance(UNIT, WAVE, [0.0, 1.0]), "noise strength 0; strengths above zero"),
    "infinite noise": (lambda: stochastic_resonance(UNIT, WAVE, np.inf), "noise strength inf"),
    "period": (lambda: stochastic_resonance(UNIT, Sinusoid(0.1, 20.5), 1.0), "a period of 20.5 steps"),
    "dt": (lambda: stochastic_resonance(LINEAR, WAVE, 1.0, dt=0.3), "a period of 66.6667 steps"),
    "few periods": (lambda: stochastic_resonance(LINEAR, WAVE, 1.0, duration=100, dt=0.1), "5 periods; at least 16"),
    "runs": (lambda: stochastic_resonance(UNIT, WAVE, 1.0, runs=1), "1 runs; at least 2"),
    "two runs": (
        lambda: stochastic_resonance(LINEAR, WAVE, 1.0, runs=2, dt=0.1),
        "2 runs with a periodic signal; at least 3",
    ),
    "map": (lambda: stochastic_resonance(nz.networks.Map(abs, 1), WAVE, 1.0), "a signal for a Map"),
    "ignored": (lambda: stochastic_resonance(Deaf(), WAVE, 1.0), "a Deaf whose drift ignores its inputs"),
    "exact": (lambda: stochastic_resonance(LINEAR, WAVE, 1.0, estimator="exact"), "up to 8 units"),
    "exact aperiodic": (
        lambda: stochastic_resonance(UNIT, np.arange(9.0), 1.0, estimator="exact"),
        "it is for a periodic signal",
    ),
    "rates": (
        lambda: stochastic_resonance(UNIT, WAVE, 1.0, of="rate"),
        "the rates of a network that has none",
    ),
    "duration": (lambda: stochastic_resonance(UNIT, nz.White(1.0), 1.0), "no duration"),
    "array": (lambda: stochastic_resonance(LINEAR, np.arange(500.0), 1.0), "no dt with an array as signal"),
    "both": (lambda: stochastic_resonance(UNIT, np.arange(500.0), 1.0, duration=9), "duration with an array"),
    "constant": (lambda: stochastic_resonance(UNIT, np.ones(500), 1.0), "a constant signal"),
    "short": (lambda: stochastic_resonance(UNIT, np.arange(100.0), 1.0), "samples of the signal"),
    "channels": (lambda: stochastic_resonance(UNIT, WAVE, 1.0, input_weights=[1.0, 2.0]), "2 input weights"),
    "output": (lambda: stochastic_resonance(UNIT, WAVE, 1.0, output=[1.0, 2.0]), r"output of shape \(2,\)"),
    "discrete dt": (lambda: stochastic_resonance(UNIT, WAVE, 1.0, estimator="simulated", dt=0.1), "discrete time"),
    "amplitude": (lambda: Sinusoid(0.0, 20), "amplitude of a sinusoid"),
}


class Deaf(nz.networks.ContinuousNetwork):
    noise: nz.noise.Noise | None = None

    @property
    def size(self):
        return 1

    def drift(self, units, time=0.0, inputs=None):
        return -units


@pytest.mark.parametrize("name", INVALID)
def test_invalid_arguments_are_refused(name):
    call, message = INVALID[name]
    with pytest.raises(InputError, match=message):
        call()
