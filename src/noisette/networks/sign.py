"""Sign networks: the deterministic limit of Boltzmann networks."""

import math

import jax
import jax.numpy as jnp
import numpy as np

from noisette.networks._binary import BinaryNetwork
from noisette.networks._log_odds import log_odds
from noisette.random_numbers import uniform

SMALLEST = 1e-100  # strength of noise whose square does not underflow


class SignNetwork(BinaryNetwork):
    """Network of binary units that take the sign of their noisy input, updated synchronously.

    .. math:: s_n(t) = \\mathrm{sign}\\Big(\\sum_m W_{nm} s_m(t-1) + b_n + \\text{noise}_n(t)\\Big)

    For a zero input, both signs have probability ½. In white noise of strength r, unit n is on with probability
    Φ(h_n/r). Fields below the rounding error of their sum count as zero.

    Parameters
    ----------
    weights : W, row = target, shape (N, N): an array, a sparse array, a DataFrame, a DataArray or a graph, see
        `weights.square`
    bias : b, a scalar or one value per unit, shape (N,)
    noise : noise added to the input at each step; None for no noise
    unit_names : names of the units, which label results; by default the labels of the weights, if they have any

    Raises
    ------
    InputError : weights that are not square or not finite, biases of another size, or a noise that is not a
        `noise.Noise`.

    See Also
    --------
    Boltzmann : Probabilistic binary units.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> network = nz.SignNetwork(nz.weights.autapses(10))
    >>> float(network.flip_probability(jax.numpy.array(10.0), 10.0))  # Φ(−1)
    0.158655...
    """

    __init__ = BinaryNetwork.__init__  # type checkers assume a dataclass otherwise

    def _draw(self, u, *, key):
        coin = jnp.sign(uniform(key, u.shape) - 0.5)
        return jnp.where(jnp.abs(u) <= self.zero_tolerance(), coin, jnp.sign(u))

    def _log_odds(self, std):
        from scipy.special import log_ndtr  # imported on use, since the import takes 0.08 s

        # without noise, the sign of the field; it is the same in noise of the size of the rounding error of the field
        smallest = max(float(self.zero_tolerance()), SMALLEST)
        return log_odds(lambda h, r: log_ndtr(-h / r), np.maximum(std, smallest), width=0.0, slope=math.inf)

    def flip_probability(self, field, std, *, reach=0.0, digits=16):
        """Return q = Φ(−|h|/r), the probability of the sign opposite to the field, in white noise of std r."""
        strength = jnp.asarray(0.0 if std is None else std, float)
        h, r = jnp.broadcast_arrays(jnp.abs(jnp.asarray(field, float)), strength)
        noiseless = r == 0
        noisy = 0.5 * jax.scipy.special.erfc(h / (jnp.where(noiseless, 1.0, r) * np.sqrt(2)))
        return jnp.where(h <= self.zero_tolerance(), 0.5, jnp.where(noiseless, 0.0, noisy))

    def log_flip_probability(self, field, std, *, reach=0.0):
        """Return ln q = ln Φ(−|h|/r), accurate also where q underflows in float64."""
        strength = jnp.asarray(0.0 if std is None else std, float)
        h, r = jnp.broadcast_arrays(jnp.abs(jnp.asarray(field, float)), strength)
        noisy = jax.scipy.special.log_ndtr(-h / jnp.where(r == 0, 1.0, r))
        return jnp.where(h <= self.zero_tolerance(), jnp.log(0.5), jnp.where(r == 0, -jnp.inf, noisy))
