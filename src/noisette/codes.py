"""Integer codes of binary states; unit 0 is the most significant bit."""

import numpy as np

from noisette.arguments import check_arguments
from noisette.errors import integer, real_array, require


@check_arguments
def states(size: int) -> np.ndarray:
    """Return all 2^N states of N units as rows of ±1; row c is the state with code c.

    Parameters
    ----------
    size : number of units N

    Returns
    -------
    array of float64, shape (2**size, size)

    Examples
    --------
    >>> states(2)
    array([[-1., -1.],
           [-1.,  1.],
           [ 1., -1.],
           [ 1.,  1.]])
    """
    size = integer(size, "size")
    return decode(np.arange(2**size), size)


@check_arguments
def decode(code: int | np.ndarray, size: int) -> np.ndarray:
    """Convert integer codes to states of ±1, most significant bit first: 24 = 11000 for five units.

    Parameters
    ----------
    code : integer or array of integers, 0 ≤ code < 2**size
    size : number of units N

    Returns
    -------
    array of float64, shape (…, size), one row per code

    Raises
    ------
    InputError : If a code does not fit into `size` units.

    Examples
    --------
    >>> decode(24, 5)
    array([ 1.,  1., -1., -1., -1.])
    """
    size = integer(size, "size")
    real_array(code, "code")  # only a check: the values stay integers, since float64 is not exact beyond 2^53
    codes = np.asarray(code) if np.size(code) else np.zeros(np.shape(code), int)
    require(codes.size == 0 or codes.dtype.kind in "iu", f"code {code!r}", "an integer, or an array of integers")
    require(
        codes.size == 0 or (codes.min() >= 0 and codes.max() < 2**size),
        f"code {code} is not a state of {size} units",
        f"codes run from 0 to {2**size - 1}",
    )
    bits = (codes[..., None] >> np.arange(size - 1, -1, -1)) & 1
    return 2.0 * bits - 1.0


@check_arguments
def encode(state: np.ndarray) -> np.ndarray:
    """Convert states to integer codes, most significant bit first.

    Parameters
    ----------
    state : states, shape (..., N) with N ≤ 62; a positive entry is a bit 1, any other a bit 0

    Returns
    -------
    array of int64, shape (...)

    Examples
    --------
    >>> int(encode(np.array([1, 1, -1, -1, -1])))
    24
    """
    state = real_array(state, "state")
    require(state.ndim > 0 and state.shape[-1] <= 62, f"state of shape {state.shape}", "shape (…, N), N ≤ 62")
    return np.asarray((state > 0) @ (1 << np.arange(state.shape[-1] - 1, -1, -1)))
