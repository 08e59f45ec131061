"""Leaving dead weights out, exactly.

A raw weight that is not above zero has no gradient, since the derivative of max(w, 0) is zero there, and Adam's
momentum, whose last push was downwards, only takes it further down: it is dead for ever. Once all weights of a unit
onto others are dead, nobody hears it, and its column need not be touched again. Training soon kills most columns.
"""

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from noisette.networks import TaskNetwork, Trainable

SMALLEST = 16
RATIO = 0.75  # a narrower program is compiled where it saves a quarter of the columns
GRAIN = 8  # columns come in multiples of a vector register


class Frozen(NamedTuple):
    """What training does not change, units in the order in which they are computed."""

    signs: Float[Array, " K"]
    input_weights: Float[Array, "N channels"]
    mask: Float[Array, "N K"] | None
    order: Int[Array, " N"] | None


def widths(size: int) -> list[int]:
    """Return the numbers of columns for which there is a program, descending.

    Examples
    --------
    >>> widths(200)
    [200, 152, 120, 96, 72, 56, 48, 40, 32, 24, 16]
    """
    found = [size]
    while True:
        narrower = min(found[-1] - GRAIN, -(-int(found[-1] * RATIO) // GRAIN) * GRAIN)
        if narrower < SMALLEST:
            return found
        found.append(narrower)


def width_of(live: int, size: int) -> int:
    """Return the narrowest program that holds so many live columns."""
    return min(width for width in widths(size) if width >= live)


def live_columns(weights: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    """Return which units are heard by any other, or by themselves."""
    alive = np.asarray(weights) > 0
    return np.asarray((alive if mask is None else alive & np.asarray(mask)).any(0))


def frozen_part(network: TaskNetwork, order: np.ndarray | None, width: int) -> Frozen:
    """Return what training does not change, the first `width` units of `order` being heard."""
    mask = None if network.mask is None else network.mask.astype(network.weights.dtype)
    if order is None:
        return Frozen(network.signs, network.input_weights, mask, None)
    cut = None if mask is None else mask[order][:, order[:width]]
    return Frozen(network.signs[order[:width]], network.input_weights[order], cut, jnp.asarray(order))


def condensed(tree: Any, order: np.ndarray, width: int) -> Any:
    """Return trainable parts, or moments of them, with units in another order and only `width` columns."""
    return Trainable(
        jnp.asarray(np.asarray(tree.weights)[order][:, order[:width]]),
        tree.logits[order],
        tree.readout[:, order],
        tree.readout_bias,
        tree.noise_weights[order],
    )


def expanded(tree: Any, full: Any, order: np.ndarray, width: int) -> Any:
    """Undo `condensed`; columns that were left out are those of `full`."""
    weights = np.array(full.weights)
    weights[np.ix_(order, order[:width])] = np.asarray(tree.weights)
    back = np.argsort(order)
    return Trainable(
        jnp.asarray(weights), tree.logits[back], tree.readout[:, back], tree.readout_bias, tree.noise_weights[back]
    )
