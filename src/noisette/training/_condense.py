"""Exact removal of dead columns of the weight matrix.

A raw weight w ≤ 0 acts as max(w, 0) = 0, and the derivative of the rectifier is zero there, so the weight has no
gradient. Adam without a gradient keeps moving the weight in the direction of its first moment; since the step that
took the weight to zero or below pointed downwards, the moment only takes it further down. The weight is dead: it
never acts again. Once all outgoing weights of a unit are dead, its column contributes nothing to W σ(x), neither in
the forward pass nor in the gradient, and is left out of the program. Training soon kills most columns.

Removal is exact up to the order of summation, and holds for the published optimiser only: one with weight decay, for
instance, could revive a weight.
"""

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from noisette.networks import TaskNetwork, Trainable

SMALLEST = 16  # columns; narrower programs are not faster
RATIO = 0.75  # of successive widths: a new program is compiled once a quarter of the columns can be left out
GRAIN = 8  # columns come in multiples of a vector register


class Frozen(NamedTuple):
    """Parameters that training does not change, with units in their order of computation.

    The K units whose columns are kept come first; K = N if none is left out.
    """

    signs: Float[Array, " K"]
    input_weights: Float[Array, "N channels"]
    mask: Float[Array, "N K"] | None
    order: Int[Array, " N"] | None


def widths(size: int) -> list[int]:
    """Return the numbers of columns K for which programs are compiled, in descending order.

    A geometric sequence bounds the number of compilations by the logarithm of the size.

    Examples
    --------
    >>> widths(200)
    [200, 152, 120, 96, 72, 56, 48, 40, 32, 24, 16]
    """
    sequence = [size]
    while True:
        narrower = min(sequence[-1] - GRAIN, -(-int(sequence[-1] * RATIO) // GRAIN) * GRAIN)
        if narrower < SMALLEST:
            return sequence
        sequence.append(narrower)


def width_of(live: int, size: int) -> int:
    """Return the smallest of the `widths` that holds all live columns."""
    return min(width for width in widths(size) if width >= live)


def live_columns(weights: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    """Return which units have at least one live outgoing weight, shape (N,)."""
    positive = np.asarray(weights) > 0
    return np.asarray((positive if mask is None else positive & np.asarray(mask)).any(0))


def frozen_part(network: TaskNetwork, order: np.ndarray | None, width: int) -> Frozen:
    """Return the parameters that training does not change; only the first `width` units of `order` have columns."""
    mask = None if network.mask is None else network.mask.astype(network.weights.dtype)
    if order is None:
        return Frozen(network.signs, network.input_weights, mask, None)
    kept_mask = None if mask is None else mask[order][:, order[:width]]
    return Frozen(network.signs[order[:width]], network.input_weights[order], kept_mask, jnp.asarray(order))


def condensed(tree: Any, order: np.ndarray, width: int) -> Any:
    """Return trainable parameters, or moments of them, with units in `order` and the first `width` columns only."""
    return Trainable(
        jnp.asarray(np.asarray(tree.weights)[order][:, order[:width]]),
        tree.logits[order],
        tree.readout[:, order],
        tree.readout_bias,
        tree.noise_weights[order],
    )


def expanded(tree: Any, full: Any, order: np.ndarray, width: int) -> Any:
    """Return the inverse of `condensed`, with the columns that were left out taken from `full`."""
    weights = np.array(full.weights)
    weights[np.ix_(order, order[:width])] = np.asarray(tree.weights)
    inverse = np.argsort(order)
    return Trainable(
        jnp.asarray(weights),
        tree.logits[inverse],
        tree.readout[:, inverse],
        tree.readout_bias,
        tree.noise_weights[inverse],
    )
