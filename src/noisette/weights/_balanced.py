"""Random weight matrices of a given density of connections and a given balance of excitation and inhibition."""

from typing import Literal, get_args

import jax
import numpy as np
from jaxtyping import PRNGKeyArray
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.errors import real_number, require
from noisette.limits import unit_count
from noisette.recipes import remembered
from noisette.weights._check import square

Magnitudes = Literal["normal", "equal"]


@check_arguments
@remembered
def balanced(
    size: int,
    density: ArrayLike,
    balance: ArrayLike,
    width: ArrayLike = 1.0,
    *,
    magnitudes: Magnitudes = "normal",
    self_coupling: bool = True,
    key: PRNGKeyArray,
) -> np.ndarray:
    """Draw weights with given fractions of non-zero and of positive weights, at random places.

    .. math:: d = \\frac{n_+ + n_-}{n}, \\qquad b = \\frac{n_+ - n_-}{n_+ + n_-}

    with the numbers n₊ and n₋ of positive and negative weights among n = N² places, N(N − 1) without self-couplings.
    Both numbers are exact, up to rounding to integers: they do not vary between draws.

    Parameters
    ----------
    size : number of units N
    density : d, fraction of non-zero weights, from 0 to 1
    balance : b, from −1, all weights negative, to 1, all weights positive
    width : magnitude of the weights: \\|w\\| is that of a normal number of standard deviation `width` for "normal", or
        `width` itself for "equal"
    magnitudes : "normal" or "equal", weights ±width
    self_coupling : whether the diagonal may have weights; otherwise it is zero
    key : random key

    Returns
    -------
    array of float64, shape (size, size)

    Raises
    ------
    InputError : If the density is outside [0, 1], the balance outside [−1, 1], or the width negative.

    See Also
    --------
    weights.excitatory_inhibitory : Weights whose sign depends on the presynaptic unit.
    weights.gaussian : Independent normal weights.

    Examples
    --------
    >>> import jax
    >>> W = balanced(10, 0.4, 0.5, key=jax.random.key(0))
    >>> int((W > 0).sum()), int((W < 0).sum())
    (30, 10)

    References
    ----------
    Metzner & Krauss (2022) [metzner2022], on the phases of networks against b and d.
    """
    unit_count(size)
    d = real_number(density, "density", "a fraction of non-zero weights between 0 and 1", lambda x: 0 <= x <= 1)
    b = real_number(balance, "balance", "a number from -1 to 1", lambda x: -1 <= x <= 1)
    scale = real_number(width, "width", "a magnitude, zero or positive", lambda s: 0 <= s < np.inf)
    allowed = " or ".join(get_args(Magnitudes))
    require(magnitudes in get_args(Magnitudes), f"magnitudes {magnitudes!r}", allowed)
    places = np.flatnonzero(np.ones((size, size)) if self_coupling else 1 - np.eye(size))
    connected = round(d * len(places))
    positive = round(connected * (1 + b) / 2)
    place_key, value_key = jax.random.split(key)
    chosen = np.asarray(jax.random.permutation(place_key, places))[:connected]
    signs = np.where(np.arange(connected) < positive, 1.0, -1.0)
    values = np.abs(np.asarray(jax.random.normal(value_key, (connected,), float))) if magnitudes == "normal" else 1.0
    matrix = np.zeros(size * size)
    matrix[chosen] = scale * signs * values
    return square(matrix.reshape(size, size))
