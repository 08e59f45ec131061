"""Parameters of task networks in single precision."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array
from numpy.typing import ArrayLike

from noisette.errors import real_array, require

PRECISION = jnp.float32  # of training; `TaskNetwork.network` has float64 parameters


def single_precision(values: ArrayLike | Array, shape: tuple[int | None, ...], name: str) -> Array:
    """Return an array in single precision; raise if its shape differs (None: any length) or a value is not finite."""
    array = real_array(values, name, finite=False)
    fits = array.ndim == len(shape) and all(n in (None, m) for n, m in zip(shape, array.shape, strict=True))
    expected = ", ".join("any" if n is None else str(n) for n in shape)
    require(fits, f"{name} of shape {array.shape}", f"shape ({expected})")
    with np.errstate(over="ignore"):
        single = array.astype(PRECISION)
    invalid = int((~np.isfinite(single)).sum())
    require(invalid == 0, f"{name} with {invalid} values that are NaN or infinite", "finite numbers of float32")
    return jnp.asarray(single)
