"""Independent weights with heavy tails."""

from dataclasses import dataclass

import jax
import numpy as np
from jaxtyping import PRNGKeyArray
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.ensembles._ensemble import Ensemble, Statistics
from noisette.errors import InputError, real_number
from noisette.limits import unit_count


@dataclass(frozen=True, eq=False, init=False)
class HeavyTails(Ensemble):
    """Independent symmetric α-stable weights, which can be simulated, and for which theory is refused.

    .. math:: \\langle e^{i k W_{ij}} \\rangle = e^{-|s k|^\\alpha / N}

    The few largest weights of a unit, of order s, do not average out for N → ∞, so that its input is not normal and
    has no variance. For α = 2, the weights are normal with variance 2 s²/N.

    Parameters
    ----------
    alpha : α, exponent of the tails, P(|W| > w) ∝ w^(−α), above 0, below 2
    size : number of units N
    scale : s

    Raises
    ------
    InputError : numbers out of range.

    See Also
    --------
    ensembles.Blocks : Independent weights of finite variance.

    Examples
    --------
    >>> W = HeavyTails(1.5, 400).draw(key=0)
    >>> bool(abs(W).max() > 20 * np.median(abs(W)))
    True
    >>> HeavyTails(1.5, 400).statistics()
    Traceback (most recent call last):
    noisette.errors.InputError: weights with heavy tails, α = 1.5, in mean-field theory; weights of finite variance...

    References
    ----------
    Kuśmierz, Ogawa & Toyoizumi (2020) [kusmierz2020].
    """

    alpha: float
    number: int
    scale: float

    @check_arguments
    def __init__(self, alpha: ArrayLike, size: int, scale: ArrayLike = 1.0):
        exponent = real_number(alpha, "alpha", "an exponent above 0, below 2", lambda a: 0 < a < 2)
        strength = real_number(scale, "scale", "zero or positive", lambda s: 0 <= s < np.inf)
        for name, value in {"alpha": exponent, "number": unit_count(size), "scale": strength}.items():
            object.__setattr__(self, name, value)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of units, in one population."""
        return (self.number,)

    def sample(self, *, key: PRNGKeyArray) -> np.ndarray:
        """Return one matrix, shape (N, N), from a JAX key, by the method of Chambers, Mallows & Stuck (1976)."""
        angle_key, wait_key = jax.random.split(key)
        shape, a = (self.number, self.number), self.alpha
        angle = np.pi * (np.asarray(jax.random.uniform(angle_key, shape, float)) - 0.5)
        wait = np.asarray(jax.random.exponential(wait_key, shape, float))
        first = np.sin(a * angle) / np.cos(angle) ** (1 / a)
        stable = first * (np.cos((1 - a) * angle) / np.maximum(wait, 1e-300)) ** ((1 - a) / a)
        return self.scale * self.number ** (-1 / a) * stable

    def statistics(self) -> Statistics:
        """Raise an error with the reason: the variance of the weights is infinite."""
        raise InputError(
            f"weights with heavy tails, α = {self.alpha:g}, in mean-field theory; weights of finite variance, as a few "
            "weights dominate the input of a unit otherwise, which is not normal; simulate the network"
        )


__all__ = ["HeavyTails"]
