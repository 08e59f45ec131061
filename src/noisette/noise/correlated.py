"""Noise with a covariance between units."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.errors import integer, real_array, real_number, require
from noisette.noise._base import Noise
from noisette.noise.white import White

EQUAL = 1e-10  # relative difference of eigenvalues that is rounding


class Correlated(Noise):
    """Noise with the covariance Σ between units.

    .. math:: \\text{noise}_n(t) = d\\, \\psi_n(t) + \\sum_k L_{kn} \\psi_{N+k}(t), \\qquad \\Sigma = d^2 + L^\\top L

    d² is the smallest eigenvalue of Σ, and the rows of L are the other eigenvectors times the roots of what their
    eigenvalues exceed d². If this would need more than N/2 shared processes, d = 0 and L is the symmetric root of Σ. A
    uniform correlation thus needs a single shared process, at the cost of independent noise.

    Parameters
    ----------
    covariance : Σ, symmetric and positive semi-definite, shape (N, N). With `White` it is the covariance per unit of
        time, ⟨ξ_m(t) ξ_n(t')⟩ = Σ_mn δ(t − t'); with noise that has values it is ⟨η_m η_n⟩
    noise : ψ, any noise with the same strength for all processes; `White()` by default

    Raises
    ------
    InputError : a covariance that is not a symmetric, positive semi-definite matrix of finite numbers.

    See Also
    --------
    Common : Noise that is the same for all units.
    Channels : Few signals through a matrix.

    Examples
    --------
    >>> noise = Correlated([[1.0, 0.5], [0.5, 1.0]])
    >>> independent, factors = noise.step_law(2, 0)
    >>> (independent**2).round(3).tolist(), abs(factors).round(3).tolist()
    ([0.5, 0.5], [[0.707, 0.707]])
    """

    independent: Float[Array, "*units"] | None
    shared: Float[Array, "K N"]
    noise: Noise

    @check_arguments
    def __init__(self, covariance: ArrayLike | Array, noise: Noise | None = None):
        matrix = real_array(covariance, "covariance")
        square = matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1] and matrix.size > 0
        require(square, f"covariance of shape {matrix.shape}", "a square matrix, one row for each unit")
        largest = float(np.abs(matrix).max())
        difference = float(np.abs(matrix - matrix.T).max())
        require(difference <= EQUAL * largest, f"covariance that differs from its transpose by {difference:.3g}", "0")
        values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
        allowed = "a covariance matrix has no negative eigenvalue"
        require(values[0] >= -EQUAL * largest, f"covariance with the eigenvalue {values[0]:.3g}", allowed)
        least = max(float(values[0]), 0.0) if values[0] > EQUAL * largest else 0.0
        excess = np.where(values - least > EQUAL * largest, values - least, 0.0)
        self.noise = White() if noise is None else noise
        if least > 0 and 2 * np.count_nonzero(excess) > len(matrix):
            self.independent = None
            self.shared = jnp.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)
        else:
            self.independent = jnp.asarray(np.sqrt(least)) if least > 0 else None
            self.shared = jnp.asarray((vectors[:, excess > 0] * np.sqrt(excess[excess > 0])).T)

    @classmethod
    def from_correlation(
        cls, strength: ArrayLike, correlation: ArrayLike, size: int, noise: Noise | None = None
    ) -> "Correlated":
        """Return noise of one strength σ and the same correlation ρ of all pairs of units: Σ = σ² ((1 − ρ) 1 + ρ).

        Parameters
        ----------
        strength : σ
        correlation : ρ, from −1/(N − 1) to 1
        size : number of units N
        noise : ψ; `White()` by default

        Raises
        ------
        InputError : a negative strength, or a correlation out of range.

        Examples
        --------
        >>> Correlated.from_correlation(2.0, 0.25, 3).covariance.round(6).tolist()
        [[4.0, 1.0, 1.0], [1.0, 4.0, 1.0], [1.0, 1.0, 4.0]]
        """
        size = integer(size, "size")
        sigma = real_number(strength, "noise strength", "zero or positive", lambda s: 0 <= s < np.inf)
        lowest = -1 / (size - 1) if size > 1 else -1.0
        allowed = f"a number from {lowest:.4g} to 1"
        rho = real_number(correlation, "correlation", allowed, lambda r: lowest <= r <= 1)
        return cls(sigma**2 * ((1 - rho) * np.eye(size) + rho), noise)

    @property
    def covariance(self) -> Float[np.ndarray, "N N"]:
        """Covariance Σ, shape (N, N)."""
        shared = np.asarray(self.shared)
        own = np.asarray(0.0 if self.independent is None else self.independent)
        return shared.T @ shared + own**2 * np.eye(shared.shape[1])

    @property
    def number(self) -> int:
        """Number of processes ψ."""
        return self.shared.shape[0] + (0 if self.independent is None else self.shared.shape[1])

    def init(self, size, *, key):
        """Return the initial state of the processes."""
        units = self.shared.shape[1]
        require(size == units, f"a covariance of {units} units", f"the network has {size}")
        return self.noise.init(self.number, key=key)

    def _combined(self, values: Array) -> Array:
        """Return the noise of the units from the values of the processes, shape (…, processes)."""
        if self.independent is None:
            return values @ self.shared
        units = self.shared.shape[1]
        return self.independent * values[..., :units] + values[..., units:] @ self.shared

    def sample(self, state, time, size, *, key, dt=1.0):
        """Return the combined samples of the processes, shape (N,), and their next state."""
        values, state = self.noise.sample(state, time, self.number, key=key, dt=dt)
        return self._combined(values), state

    def value(self, state, time, size, *, dt=1.0):
        """Return the combined values of the processes, shape (N,)."""
        return self._combined(self.noise.value(state, time, self.number, dt=dt))

    def step_law(self, size, time):
        """Return independent standard deviations, shape (N,), and one factor per shared process."""
        return self._law(self.noise.step_law(self.number, time), size)

    def white_part(self, size):
        """Return the white part of the processes, combined as in `step_law`."""
        return self._law(self.noise.white_part(self.number), size)

    def _law(self, law: tuple[Array, Array], size: int) -> tuple[Array, Array]:
        std, factors = law
        if self.independent is None:
            return jnp.asarray(np.zeros(size)), jnp.concatenate([std[:, None] * self.shared, factors @ self.shared])
        loadings = [std[size:, None] * self.shared, self._combined(factors)]
        return self.independent * std[:size], jnp.concatenate(loadings)

    @property
    def has_values(self):
        """Whether the processes have values."""
        return self.noise.has_values

    @property
    def correlation_time(self):
        """Shortest correlation time of the processes."""
        return self.noise.correlation_time

    @property
    def has_variance(self):
        """Whether the variance of the processes is finite."""
        return self.noise.has_variance

    def spectrum(self):
        """Return the spectrum of ψ times the variance, if Σ is a multiple of the identity; otherwise raise."""
        allowed = "mean-field theory needs noise that is independent between units"
        require(self.independent is not None and not len(self.shared), "Correlated noise", allowed, "or simulate")
        return self.noise.scaled(jnp.asarray(self.independent)).spectrum()

    def scaled(self, factor):
        """Return the noise multiplied by `factor`, a scalar or one factor per unit."""
        own = None if self.independent is None else factor * self.independent
        parts = lambda noise: (noise.independent, noise.shared)  # noqa: E731
        return eqx.tree_at(parts, self, (own, factor * self.shared), is_leaf=lambda part: part is None)
