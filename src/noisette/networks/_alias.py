"""Sampling of the next state of a small binary network by the alias method, with one random number a step.

Row s of the transition matrix, with K = 2^N probabilities, is written as an average of K distributions of two states: a
slot, chosen uniformly, and its alias. The N upper bits of a random word of 64 bits choose the slot, and the other bits
decide between the slot and its alias, so that probabilities are resolved to 2^(N − 64)/K.

References
----------
Walker (1977), ACM Transactions on Mathematical Software 3:253; Vose (1991), IEEE Transactions on Software Engineering
17:972.
"""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int, UInt64

WORD = 64  # bits of a random word, and of an entry of the table


def alias_table(probabilities: np.ndarray) -> np.ndarray:
    """Return the alias table of distributions over K = 2^N states, one uint64 for each slot.

    The upper 64 − N bits of an entry are the threshold, the probability of the slot relative to that of its alias, in
    units of 2^(N − 64); the lower N bits are the alias.

    Parameters
    ----------
    probabilities : distributions in rows, shape (rows, K); each sums to 1

    Returns
    -------
    array of uint64, shape (rows, K)

    Examples
    --------
    >>> table = alias_table(np.array([[0.75, 0.25]]))
    >>> (table & 1).tolist(), (table >> 1).tolist()[0][1] / 2**63  # the alias of state 1 is state 0
    ([[0, 0]], 0.5)
    """
    rows, number = probabilities.shape
    bits = number.bit_length() - 1
    line = np.arange(rows)
    order = np.argsort(probabilities, axis=1)
    remaining = probabilities * number  # mean 1; slots with less than 1 are filled up by those with more
    threshold, alias = np.ones((rows, number)), np.tile(np.arange(number), (rows, 1))
    small, large = np.zeros(rows, int), np.full(rows, number - 1)  # positions in `order`
    for _ in range(number - 1):  # one slot of each row is finished: the smallest one, or the largest, now below 1
        donor = order[line, large]
        is_filled = remaining[line, donor] < 1
        slot = np.where(is_filled, donor, order[line, small])
        donor = np.where(is_filled, order[line, large - 1], donor)
        threshold[line, slot], alias[line, slot] = remaining[line, slot], donor
        remaining[line, donor] -= 1 - remaining[line, slot]
        large, small = large - is_filled, small + ~is_filled
    scaled = np.clip(threshold, 0.0, 1.0) * 2.0 ** (WORD - bits)
    alias = np.where(threshold >= 1, np.arange(number), alias)  # the only state of its slot
    whole = np.minimum(scaled, np.nextafter(2.0 ** (WORD - bits), 0)).astype(np.uint64)
    return (whole << np.uint64(bits)) | alias.astype(np.uint64)


def draw(table: UInt64[Array, "K K"], code: Int[Array, ""], word: UInt64[Array, ""]) -> Int[Array, ""]:
    """Return the code of the next state, from the alias table of a transition matrix and a random word.

    Parameters
    ----------
    table : alias table with one row for each state, shape (K, K)
    code : code of the present state
    word : 64 random bits
    """
    number = table.shape[-1]
    bits = number.bit_length() - 1
    slot = (word >> (WORD - bits)).astype(code.dtype)
    entry = table.reshape(-1).at[code * number + slot].get(mode="promise_in_bounds")
    alias = (entry & jnp.uint64(number - 1)).astype(code.dtype)
    return jnp.where((word << bits) < (entry & ~jnp.uint64(number - 1)), slot, alias)
