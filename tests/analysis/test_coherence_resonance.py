"""Coherence resonance: renewal processes of known regularity, and the excitable system of Pikovsky and Kurths."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import ndtri, stdtrit

import noisette as nz
from noisette.analysis import coherence_resonance
from noisette.errors import InputError


def agrees(data, name, expected, runs):
    """Return whether a value is within the quantile of Student's distribution of false alarms of 1e-6."""
    return abs(float(data[name][0]) - expected) < stdtrit(runs - 1, 1 - 5e-7) * float(data[f"{name}_se"][0])


@pytest.mark.slow
def test_intervals_of_a_memoryless_unit():
    """A unit that is up with probability p: pairs down–up are at geometric distances, with known moments.

    T is the sum of the times until it is down and until it is up again, geometric with parameters 1 − p and p.
    """
    p = 0.3
    unit = nz.SignNetwork([[0.0]], bias=ndtri(p))
    data = coherence_resonance(unit, [1.0], 4000, runs=16, key=1)
    mean = 1 / p + 1 / (1 - p)
    variance = (1 - p) / p**2 + p / (1 - p) ** 2
    assert agrees(data, "interval", mean, 16)
    assert agrees(data, "cv", variance**0.5 / mean, 16)
    assert data.intervals[0] == pytest.approx(16 * 4000 / mean, rel=0.05)
    assert float(data.correlation_time[0]) == pytest.approx(0.5, abs=0.02)  # half a step of the trapezoidal rule


@pytest.mark.filterwarnings("ignore::noisette.errors.StepSizeWarning")  # Heun's method does not preserve a rotation
def test_a_rotation_is_regular_and_crossings_are_interpolated():
    """A deterministic oscillation of period 2π: the error of the interpolated times is of order dt²."""
    rotation = nz.networks.Flow(lambda x: jnp.stack([x[1], -x[0]]), 2)
    data = coherence_resonance(
        rotation, [1e-9], 200.0, 0.3, output=[1.0, 0.0], runs=2, start=[1.0, 0.0], dt=0.02, solver="heun"
    )
    assert float(data.interval[0]) == pytest.approx(2 * np.pi, rel=1e-4)
    assert float(data.cv[0]) < 1e-3
    assert float(data.correlation_time[0]) == pytest.approx(10.0, rel=0.05)  # ∫ cos² over a tenth of the duration


@pytest.mark.slow
def test_a_lower_reset_level_ignores_fluctuations_about_the_threshold():
    noisy = nz.networks.Map(lambda x: 0.0 * x, 1, noise=nz.White(1.0))
    counts = [
        float(coherence_resonance(noisy, [1.0], 3000, 0.0, reset=reset, runs=4, key=2).intervals[0])
        for reset in (None, -1.0)
    ]
    # independent values: a crossing for a fourth of the pairs; with a reset, after a time of mean 1/Φ(−1) + 2
    assert counts[0] == pytest.approx(12_000 / 4, rel=0.1)
    assert counts[1] == pytest.approx(12_000 / (1 / 0.158655 + 2), rel=0.1)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::noisette.errors.StepSizeWarning")
def test_fitzhugh_nagumo_units_are_most_regular_at_intermediate_noise():
    """CV has a minimum, and τ_c a maximum, near σ = 0.07 for ε = 0.01, a = 1.05, as in the paper."""

    def drift(x):
        return jnp.stack([(x[0] - x[0] ** 3 / 3 - x[1]) / 0.01, x[0] + 1.05])

    unit = nz.networks.Flow(drift, 2, noise=nz.White([0.0, 1.0]))
    data = coherence_resonance(unit, [0.02, 0.07, 0.4], 100.0, output=[1.0, 0.0], runs=10, dt=0.001, key=3)
    for name, sign in (("cv", 1), ("correlation_time", -1)):
        values, errors = sign * data[name].values, data[f"{name}_se"].values
        for other in (0, 2):
            assert values[other] - values[1] > 3 * np.hypot(errors[other], errors[1]), name
    assert float(data.cv[1]) < 0.3


@pytest.mark.slow
def test_too_few_intervals_are_not_reported():
    quiet = nz.networks.Flow(lambda x: -x, 1)
    data = coherence_resonance(quiet, [0.01, 1.0], 50.0, 0.5, runs=4, dt=0.1)
    assert np.isnan(data.cv.values).tolist() == [True, False]
    assert data.attrs["undefined"] == "fewer than 10 intervals at noise 0.01"
    assert nz.rerun(data, function=quiet.function).identical(data)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"reset": 1.0}, r"reset 1 above the threshold 0"),
        ({"noise": [0.0]}, "noise strength 0"),
        ({"duration": np.inf}, "duration"),
        ({"runs": 1}, "1 runs"),
        ({"threshold": np.nan}, "threshold"),
    ],
)
def test_invalid_arguments_are_refused(options, message):
    decay = nz.networks.Flow(lambda x: -x, 1)
    arguments = {"network": decay, "noise": [1.0], "duration": 10.0, "dt": 0.1} | options
    with pytest.raises(InputError, match=message):
        coherence_resonance(**arguments)
