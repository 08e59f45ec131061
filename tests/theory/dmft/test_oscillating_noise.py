"""Mean-field theory in noise that oscillates or has a power-law spectrum: linear networks, where all is known.

In a linear network of gain g < 1 the variance for N → ∞ is σ²/(2a) + Σ s² Re 1/(a (a + λ)) with a = √(1 − g²). For
given weights the covariance solves the Lyapunov equation of the network and its noise as one linear system.
"""

import jax
import numpy as np
import pytest
from scipy.linalg import solve_continuous_lyapunov, solve_discrete_lyapunov

import noisette as nz
from noisette.activations import linear, tanh
from noisette.errors import InputError
from noisette.noise import (
    BandLimited,
    NoiseSpectrum,
    OrnsteinUhlenbeck,
    PowerLaw,
    White,
    from_autocovariance,
    spectrum_of,
)
from noisette.theory.dmft import solve_dmft

GAIN = 0.6
BAND = BandLimited(1.0, 0.4, 1.5)
NOISES = {
    "band": BAND,
    "band and white": BAND + White(0.3),
    "two bands": BAND + 0.5 * BandLimited(1.0, 0.1, 4.0),
    "nearly an Ornstein–Uhlenbeck process of the unit's time constant": BandLimited(1.0, 1e-6, 1.0),
    "power law": PowerLaw(1.0, 1.0, 0.1, 30.0),
}


def enlarged(weights, spectrum):
    """Return drift A and intensity Q of x and of the two components of each oscillation, shape (3N, 3N)."""
    (square, tau, omega), size = spectrum.oscillating[0], len(weights)
    one, zero = np.eye(size), np.zeros((size, size))
    A = np.block([[weights - one, one, zero], [zero, -one / tau, -omega * one], [zero, omega * one, -one / tau]])
    return A, np.diag(np.repeat([0.0, 2 * square / tau, 2 * square / tau], size))


@pytest.mark.slow
@pytest.mark.parametrize("name", NOISES)
def test_variance_of_linear_networks(name):
    spectrum = spectrum_of(NOISES[name])
    a = np.sqrt(1 - GAIN**2)
    exact = spectrum.white / (2 * a) + sum(square * (1 / (a * (a + rate))).real for square, rate in spectrum.decaying)
    assert solve_dmft(linear, GAIN, spectrum).variance == pytest.approx(exact, rel=1e-10)
    # Euler steps of the network, exact steps of the noise: the error of the variance is of order dt
    coarse, fine = (solve_dmft(linear, GAIN, spectrum, dt=dt).variance - exact for dt in (0.02, 0.01))
    assert coarse / fine == pytest.approx(2.0, abs=0.1)


def test_covariances_of_a_given_linear_network():
    """The dimension of C from the Lyapunov equation of 200 units, 5 % from that for N → ∞, and of Euler steps."""
    weights = GAIN * nz.weights.gaussian(200, 200**-0.5, key=jax.random.key(1))
    A, Q = enlarged(weights, BAND.spectrum())
    covariance = solve_continuous_lyapunov(A, -Q)[:200, :200]
    theory = nz.theory.correlations(linear, GAIN, BAND)
    assert np.trace(covariance) / 200 == pytest.approx(float(theory.variance), rel=0.05)
    dimension = np.trace(covariance) ** 2 / (200 * (covariance**2).sum())
    assert dimension == pytest.approx(float(theory.participation_dimension), rel=0.05)


@pytest.mark.slow
def test_a_simulation_has_the_covariance_of_the_lyapunov_equation():
    """Two coupled units with the step of the noise exact: C of the discrete system; 20 000 trials, 5 errors."""
    weights, dt, trials = np.array([[0.3, -0.8], [0.5, 0.1]]), 0.05, 20_000
    (square, tau, omega), identity = BAND.spectrum().oscillating[0], np.eye(2)
    cosine, sine = np.cos(omega * dt), np.sin(omega * dt)
    rotation = np.exp(-dt / tau) * np.array([[cosine, -sine], [sine, cosine]])
    step = np.zeros((6, 6))
    step[:2, :2], step[:2, 2:4] = identity + dt * (weights - identity), dt * identity
    step[2:, 2:] = np.kron(rotation, identity)
    source = np.diag(np.repeat([0.0, square * (1 - np.exp(-2 * dt / tau))], [2, 4]))
    exact = solve_discrete_lyapunov(step, source)[:2, :2]
    network = nz.RateNetwork(weights, activation=linear, noise=BAND)
    final = nz.simulate(network, duration=20.0, dt=dt, start=0.0, key=0, runs=trials, warn=False).final.values
    assert np.abs(np.cov(final.T) - exact).max() < 5 * np.sqrt(2 / trials) * exact.max()


@pytest.mark.slow
def test_nonlinear_networks_approach_those_in_noise_of_one_correlation_time():
    slow = BandLimited(1.0, 1e-4, 2.0)
    for name in ("variance", "lyapunov"):
        expected = float(nz.theory.mean_field(tanh, 1.3, OrnsteinUhlenbeck(1.0, 2.0))[name])
        assert float(nz.theory.mean_field(tanh, 1.3, slow)[name]) == pytest.approx(expected, abs=1e-5)
    euler = float(nz.theory.mean_field(tanh, 1.3, BAND, dt=0.01).variance)
    finer = float(nz.theory.mean_field(tanh, 1.3, BAND, dt=0.005).variance)
    assert 2 * finer - euler == pytest.approx(float(nz.theory.mean_field(tanh, 1.3, BAND).variance), rel=1e-4)


@pytest.mark.slow
def test_weakly_damped_oscillations_require_a_step():
    noise = BandLimited(1.0, 1.0, 20.0)
    with pytest.raises(InputError, match=r"oscillates 20 times in its decay time; .*give the step dt"):
        nz.theory.mean_field(tanh, 0.5, noise)
    a = np.sqrt(1 - GAIN**2)
    exact = (1 / (a * (a + complex(0.05, 2 * np.pi)))).real
    coarse, fine = (solve_dmft(linear, GAIN, noise.spectrum(), dt=dt).variance for dt in (0.01, 0.005))
    assert 2 * fine - coarse == pytest.approx(exact, rel=2e-3)


def test_spectra():
    spectrum = spectrum_of(BAND + White(0.3) + nz.Frozen(2.0))
    lags = np.linspace(-80, 80, 320_001)
    for omega in (0.0, 2.0, 2.6):
        integral = np.trapezoid((spectrum.autocovariance(lags) - 4.0) * np.cos(omega * lags), lags)
        assert float(spectrum.power(omega)) == pytest.approx(integral + 0.09, abs=1e-6)
    isolated = solve_dmft(linear, 0.0, spectrum_of(BAND + White(0.3))).variance
    assert spectrum.unit_variance == pytest.approx(isolated + 4.0, rel=1e-10)
    with pytest.raises(InputError, match=r"frequencies \[0\.0\]"):
        NoiseSpectrum(oscillating=((1.0, 1.0, 0.0),)).checked("own")


@pytest.mark.parametrize("exponent", [0.5, 1.0, 1.6])
def test_power_laws(exponent):
    """Within 0.2 % of ω^(−a), less what is missing beyond the ends, from one decade inside the band."""
    shortest, longest = 0.01, 1000.0
    omega = np.geomspace(10 / longest, 0.1 / shortest, 60)
    power = PowerLaw(1.0, exponent, shortest, longest).spectrum().power(omega) * omega**exponent
    ends = (omega * longest) ** (exponent - 2) / (2 - exponent) + (omega * shortest) ** exponent / exponent
    share = 2 / np.pi * np.sin(np.pi * exponent / 2) * ends
    middle = power / (1 - share)
    assert np.abs(middle / np.median(middle) - 1).max() < 0.005
    inner = slice(25, 35)
    assert np.abs(middle[inner] / middle[inner].mean() - 1).max() < 0.002


def test_noise_of_a_given_autocovariance():
    lags = np.linspace(0, 20, 81)
    expected = np.exp(-lags / 5) * np.cos(1.3 * lags) + 0.5 / (1 + lags)
    noise = from_autocovariance(expected, lags)
    assert np.abs(spectrum_of(noise).autocovariance(lags) - expected).max() <= 0.01 * expected[0]
    with pytest.raises(InputError, match="an autocovariance that is described within"):
        from_autocovariance(np.where(lags < 2, 1.0, 0.0), lags)  # its transform takes negative values
    with pytest.raises(InputError, match="ascending order, from 0"):
        from_autocovariance(expected, lags + 1)
    with pytest.raises(InputError, match=r"variance -1; a number above zero"):
        from_autocovariance(lambda t: -np.exp(-t), lags)
