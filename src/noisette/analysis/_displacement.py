"""Squared displacement of the activity between two times."""

import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array

from noisette.activations import Activation, tanh
from noisette.arguments import check_arguments
from noisette.errors import real_array, require
from noisette.functions import try_function

States = np.ndarray | Array | xr.DataArray


@check_arguments
def squared_displacement(before: States, after: States, activation: Activation = tanh) -> np.ndarray:
    """Squared Euclidean distance between the rates at two times, which is small for frozen activity.

    .. math:: Q(t, t') = \\|\\phi(\\mathbf x(t)) - \\phi(\\mathbf x(t'))\\|_2^2

    Q is a sum over units; divide it by N to compare networks of different sizes.

    Parameters
    ----------
    before, after : states x(t) and x(t'), shape (…, N)
    activation : activation function φ

    Returns
    -------
    Q, array of float64 of shape (…)

    Raises
    ------
    InputError : states of different shapes.

    Examples
    --------
    >>> import numpy as np
    >>> float(squared_displacement(np.array([0.0, 100.0]), np.array([0.0, -100.0])))
    4.0

    References
    ----------
    Huang & Huang (2025), Physical Review E 112:044227, equation 11.
    """
    x, y = real_array(before, "states"), real_array(after, "states")
    require(x.shape == y.shape, f"states of shapes {x.shape} and {y.shape}", "the same shape (…, N)")
    try_function(activation, "activation", x.shape, returns=x.shape)
    return np.asarray(((np.asarray(activation(jnp.asarray(x))) - np.asarray(activation(jnp.asarray(y)))) ** 2).sum(-1))
