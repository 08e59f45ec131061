import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

import noisette as nz
from noisette.networks import logistic_normal


def reference(h, r):
    """S(h; r) to 30 digits: a trapezoid rule on z with a step far below the distance π/r of the poles."""
    with mpmath.workdps(40):
        h, r = mpmath.mpf(h), mpmath.mpf(r)
        if r == 0:
            return mpmath.e**h / (1 + mpmath.e**h)
        step = min(mpmath.mpf("0.25"), 2 * mpmath.pi * (mpmath.pi / r) / 75)
        # for steep tails the mass lies near z = r, far in the tail of the Gaussian
        low, high = -13, 13 + min(r, mpmath.sqrt(2 * abs(h)) + 1)
        nodes = range(int(low / step) - 1, int(high / step) + 2)
        total = mpmath.mpf(0)
        for k in nodes:
            z = k * step
            total += mpmath.exp(-(z**2) / 2) / (1 + mpmath.exp(-(h + r * z)))
        return total * step / mpmath.sqrt(2 * mpmath.pi)


def test_flips_of_the_networks_of_the_paper():
    # (field, r, q): autapses w = 10 and NRooks w = 20; half a unit of the last digit printed
    table = [
        (10, 0, 4.539787e-5, 1e-11),
        (10, 4, 1.158544e-2, 1e-8),
        (10, 50, 0.4207917, 1e-7),
        (20, 0, 2.061154e-9, 1e-15),
        (20, 7, 2.861041e-3, 1e-9),
        (20, 50, 0.3446751, 1e-7),
    ]
    network = nz.Boltzmann([[1.0]])
    for field, std, q, digit in table:
        assert float(network.flip_probability(jnp.array(float(field)), jnp.array(float(std)))) == pytest.approx(
            q, abs=0.5001 * digit
        )


@pytest.mark.slow
def test_forty_digit_quadrature_on_a_grid():
    fields = [0.0, -0.01, -1.0, -5.0, -20.0, -60.0, -200.0, -600.0]
    stds = [0.0, 0.01, 0.7, 1.99, 2.0, 2.01, 7.0, 30.0, 100.0]
    result = np.asarray(logistic_normal(np.array(fields)[:, None], np.array(stds)))
    for i, h in enumerate(fields):
        for j, r in enumerate(stds):
            exact = reference(h, r)
            error = abs(float(mpmath.mpf(float(result[i, j])) / exact - 1))
            allowed = 1e-14 if abs(h) <= 200 else abs(h) * 2.3e-16  # h itself is known to |h| ε only
            assert error < allowed, (h, r, error)


def test_up_and_down_sum_to_one():
    h = np.linspace(-30, 30, 13)
    for r in (0.0, 1.0, 5.0):
        assert logistic_normal(h, r) + logistic_normal(-h, r) == pytest.approx(1.0, abs=1e-15)


@pytest.mark.parametrize("r", [0.0, 0.3, 1.0, 5.0])
def test_weak_fields_are_on_the_right_side_of_one_half(r):
    # S(0) = ½; S rises with h, symmetric about it, and its slope at 0 is that of the average of σ' = ¼ to h²
    h = np.array([-0.9, -0.5, -1e-3, 0.0, 1e-3, 0.5, 0.9, 1.1])
    s = np.asarray(logistic_normal(h, r))
    assert (np.diff(s) > 0).all()
    assert s[3] == pytest.approx(0.5, abs=1e-15)
    assert s[h > 0].min() > 0.5 > s[h < 0].max()
    assert s == pytest.approx([float(reference(x, r)) for x in h], rel=1e-14)


def test_a_shorter_range_and_fewer_digits_change_little():
    h = -np.linspace(0, 48, 13)
    for r in (0.5, 5.0):
        full = np.asarray(logistic_normal(h, r))
        assert np.asarray(logistic_normal(h, r, reach=48.0)) == pytest.approx(full, rel=1e-14, abs=0)
        assert np.asarray(logistic_normal(h, r, digits=8)) == pytest.approx(full, rel=1e-7, abs=0)


def test_slope_in_the_noise_equals_a_finite_difference():
    for h, r in ((-3.0, 1.0), (-20.0, 7.0)):
        slope = float(jax.grad(lambda x, h=h: logistic_normal(h, x))(r))
        step = 1e-5 * r
        change = float(logistic_normal(h, r + step) - logistic_normal(h, r - step)) / (2 * step)
        assert slope == pytest.approx(change, rel=1e-7)


def test_infinite_noise_gives_probability_one_half():
    assert float(logistic_normal(-5.0, np.inf)) == pytest.approx(0.5, rel=1e-14)
