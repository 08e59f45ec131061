"""Strong orders of integrators, against exact solutions on the same path."""

import numpy as np
import pytest

import noisette as nz
from noisette.analysis import strong_order
from noisette.errors import InputError

DTS = [0.1, 0.05, 0.025, 0.0125]
DECAY = nz.networks.Flow(lambda x: -x, 3)
GROWTH, SIGMA = 0.5, 0.4
STOCK = nz.networks.Flow(lambda x: GROWTH * x, 1, scale=lambda x: x)


def relaxed(start, increments, dt):
    """Return the exact state after one unit of time, ∫ e^(s − 1) dW, up to dt of the record."""
    ends = 1 - dt * (np.arange(len(increments)) + 0.5)
    return start * np.exp(-1) + np.exp(-ends) @ increments


def grown(start, increments, dt):
    """Return geometric Brownian motion after one unit of time, x₀ exp(μ − σ²/2 + W)."""
    return start * np.exp(GROWTH - SIGMA**2 / 2 + increments.sum(0))


@pytest.mark.slow
@pytest.mark.parametrize("solver", ["euler", "heun"])
def test_the_order_in_additive_noise_is_one(solver):
    result = strong_order(DECAY, nz.White(1.0), DTS, key=0, start=0.0, solver=solver, exact=relaxed)
    assert float(result.order) == pytest.approx(1, abs=5 * float(result.order_se) + 0.05)  # 0.05: terms of dt²
    assert result.order_se < 0.05


@pytest.mark.slow
def test_the_error_of_euler_is_that_of_theory():
    """x_dt(1) − x(1) = Σ ((1 − dt)^(n − k − 1) − e^(s − 1)) dW has a known variance."""
    result = strong_order(DECAY, nz.White(1.0), DTS, key=1, start=0.0, exact=relaxed, trials=400)
    for dt, error, error_se in zip(result.dt.values, result.error.values, result.error_se.values, strict=True):
        steps, fine = round(1 / dt), 200
        weights = np.repeat((1 - dt) ** np.arange(steps)[::-1], fine)
        expected = np.sqrt(np.mean((weights - np.exp((np.arange(steps * fine) + 0.5) / steps / fine - 1)) ** 2))
        assert error == pytest.approx(expected, abs=5 * error_se + 0.01 * expected)


@pytest.mark.slow
def test_the_order_of_euler_in_multiplicative_noise_is_one_half():
    result = strong_order(STOCK, nz.White(SIGMA), DTS, key=0, start=1.0, trials=1000, exact=grown)
    assert float(result.order) == pytest.approx(0.5, abs=5 * float(result.order_se) + 0.05)
    assert result.order_se < 0.05


@pytest.mark.slow
def test_without_exact_solution_the_reference_is_a_shorter_step():
    exact, simulated = (
        strong_order(STOCK, nz.White(SIGMA), DTS, key=0, start=1.0, trials=500, **options)
        for options in ({"exact": grown}, {})
    )
    assert simulated.error.values == pytest.approx(exact.error.values, rel=0.1)


@pytest.mark.slow
def test_recorded_noise_is_refined():
    recorded = nz.noise.record(nz.White(SIGMA), 1, duration=1, dt=0.25, key=3, trials=500)
    result = strong_order(STOCK, recorded, DTS, key=0, start=1.0, exact=grown)
    assert float(result.order) == pytest.approx(0.5, abs=5 * float(result.order_se) + 0.05)


@pytest.mark.slow
def test_an_audit_reports_the_difference_on_the_same_path():
    white = nz.White(0.5)
    network = nz.RateNetwork(0.5 * np.eye(3), noise=white)
    recorded = network.with_noise(nz.noise.record(white, 3, duration=20, dt=0.1, key=0))
    audits = [nz.step_audit(each, 0.1, duration=20, key=0, runs=2) for each in (network, recorded)]
    assert "pathwise_difference" not in audits[0]
    assert 0 < audits[1].pathwise_difference < 0.1  # the stationary standard deviation is 0.5


@pytest.mark.parametrize(
    ("noise", "dts", "options", "message"),
    [
        (nz.White(1.0), [0.1], {}, "two or more different times"),
        (nz.White(1.0), [0.1, 0.3], {}, "3.33333 steps of dt 0.3"),
        (nz.White(1.0), DTS, {"trials": 5}, "trials 5"),
        (nz.White(1.0), DTS, {"exact": lambda x, rows, dt: 1.0}, "results of exact"),
        (nz.Frozen(0.0), DTS, {"start": 0.0}, "errors that are zero"),
        (nz.noise.record(nz.White(1.0), 3, duration=0.5, dt=0.1, key=0, trials=20), DTS, {}, "the simulation lasts 1"),
        (nz.noise.record(nz.White(1.0), 3, duration=1, dt=0.1, key=0), DTS, {}, "recorded in 1 trials"),
    ],
)
def test_invalid_arguments_are_refused(noise, dts, options, message):
    with pytest.raises(InputError, match=message):
        strong_order(DECAY, noise, dts, key=0, **options)
