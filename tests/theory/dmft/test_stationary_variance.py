import jax.numpy as jnp
import numpy as np
import pytest

from noisette.noise import NoiseSpectrum
from noisette.theory.dmft import solve_dmft
from noisette.theory.dmft._stationary_variance import _about_constant
from noisette.theory.gaussian import HermiteSeries


@pytest.mark.parametrize(("power", "rho"), [(300.0, 0.9), (400.5, 0.5), (3000.0, 0.2), (700.0, 0.99)])
def test_lumped_powers_are_accurate_around_the_constant(power, rho):
    """(ρ + (1 − ρ) x)ⁿ is a binomial mixture of powers of x; three nodes err by its third cumulant."""
    none = np.zeros(1)
    terms = _about_constant(HermiteSeries(np.zeros(256), none, np.array([power]), np.ones(1), none), rho)
    for share in (0.1, 0.5, 1.0):  # fractions of n (1 − ρ) (1 − x) = 1
        x = 1 - share / (power * (1 - rho))
        expected = (rho + (1 - rho) * x) ** power - rho**power  # without x⁰
        assert terms.weights @ x**terms.powers == pytest.approx(expected, abs=1e-8)


@pytest.mark.slow
def test_means_of_units_in_chaos_of_frozen_noise():
    """v is below that of the unstable fixed point, so M = g² C_φ(M; v) has its root below the constant, not below v."""
    solution = solve_dmft(lambda x: jnp.tanh(x) + 0.2 * jnp.cos(x), 4.0, NoiseSpectrum(frozen=0.49))
    m = solution.mean_square
    assert 0 < m < solution.constant < solution.variance
    assert 16 * float(solution.rates(m)) == pytest.approx(m, rel=1e-12)
