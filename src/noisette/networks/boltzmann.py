"""Boltzmann networks: binary units with logistic activation probabilities."""

import math

import jax
import jax.numpy as jnp
import numpy as np

from noisette.networks._binary import BinaryNetwork, rounded_reach
from noisette.networks._log_odds import log_odds
from noisette.networks._logistic_normal import UNDERFLOW, logistic_normal
from noisette.random_numbers import uniform


class Boltzmann(BinaryNetwork):
    """Network of binary units that turn on with a logistic probability of their noisy input, updated synchronously.

    .. math:: P(s_n(t) = +1) = \\frac{1}{1 + e^{-u_n(t)}}, \\qquad
       u_n(t) = \\sum_m W_{nm} s_m(t-1) + b_n + \\text{noise}_n(t)

    White noise of strength r can be integrated out exactly: the network remains a Markov chain in which, given s, the
    units are independent and unit n is on with probability S(h_n; r), see `logistic_normal`.

    Parameters
    ----------
    weights : W, row = target, shape (N, N): an array, a sparse array, a DataFrame, a DataArray or a graph, see
        `weights.square`
    bias : b, a scalar or one value per unit, shape (N,)
    noise : noise added to u at each step; None for no noise
    unit_names : names of the units, which label results; by default the labels of the weights, if they have any

    Raises
    ------
    InputError : weights that are not square or not finite, biases of another size, or a noise that is not a
        `noise.Noise`.

    See Also
    --------
    SignNetwork : Deterministic binary units, which are random only through their noise.
    RateNetwork : Continuous rates with any activation.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> network = nz.Boltzmann(nz.weights.autapses(10), noise=nz.White(4.0))
    >>> network.size, float(network.flip_probability(jax.numpy.array(10.0), 4.0))  # q of an autapse
    (5, 0.0115854...)

    References
    ----------
    Metzner, Schilling, Maier & Krauss (2024), Frontiers in Complex Systems 2:1479417.
    """

    __init__ = BinaryNetwork.__init__  # type checkers assume a dataclass otherwise

    def _draw(self, u, *, key):
        return jnp.where(uniform(key, u.shape) < jax.nn.sigmoid(u), 1.0, -1.0)

    def _log_odds(self, std):
        def log_flip(field, strength):
            return np.log(self.flip_probability(field, strength, reach=rounded_reach(np.abs(field).max())))

        return log_odds(log_flip, std, width=math.pi / math.sqrt(3), slope=1.0)

    def flip_probability(self, field, std, *, reach=UNDERFLOW, digits=16):
        """Return q = S(−|h|; r), the probability of the sign opposite to the field, in white noise of std r."""
        if std is None:
            return jax.nn.sigmoid(-jnp.abs(field))
        return logistic_normal(-jnp.abs(field), std, reach=reach, digits=digits)
