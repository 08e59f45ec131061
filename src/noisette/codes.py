"""Binary states and the integers that number them: most significant bit first, unit 0 first."""

import numpy as np

from noisette.errors import integer, real_array, require


def states(size: int) -> np.ndarray:
    """All 2^N states of N = `size` units as rows of ±1, row c being the state of code c.

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


def decode(code: int | np.ndarray, size: int) -> np.ndarray:
    """Turn integer codes into states of ±1, most significant bit first: 24 = 11000 for five units.

    Parameters
    ----------
    code : int or integer array, 0 ≤ code < 2**size
    size : number of units N

    Returns
    -------
    array of float64, shape (*code.shape, size)

    Raises
    ------
    InputError : if a code does not fit into `size` units.

    Examples
    --------
    >>> decode(24, 5)
    array([ 1.,  1., -1., -1., -1.])
    """
    size = integer(size, "size")
    real_array(code, "code")  # refuses what NumPy would convert silently; codes beyond 2^53 stay integers
    codes = np.asarray(code)
    require(codes.size == 0 or codes.dtype.kind in "iu", f"code {code!r}", "integers; codes number states")
    require(
        codes.size == 0 or (codes.min() >= 0 and codes.max() < 2**size),
        f"code {code} is not a state of {size} units",
        f"codes run from 0 to {2**size - 1}",
    )
    bits = (codes[..., None] >> np.arange(size - 1, -1, -1)) & 1
    return 2.0 * bits - 1.0


def encode(state: np.ndarray) -> np.ndarray:
    """Turn states (unit up where positive) into integer codes, most significant bit first.

    Parameters
    ----------
    state : array, shape (..., N), N ≤ 62

    Returns
    -------
    array of int64, shape (...)

    Examples
    --------
    >>> int(encode(np.array([1, 1, -1, -1, -1])))
    24
    """
    state = np.asarray(state)
    return np.asarray((state > 0) @ (1 << np.arange(state.shape[-1] - 1, -1, -1)))
