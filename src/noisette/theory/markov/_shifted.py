"""Transition matrices of a binary network for several shifts of its biases."""

from functools import partial

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, Float

from noisette.errors import require
from noisette.networks import BinaryNetwork, rounded_reach
from noisette.theory.markov import _transition

MEMORY = 1e9  # bytes of all transition matrices


def shifted_matrices(
    network: BinaryNetwork, u: Float[np.ndarray, "T channels"], remedy: str
) -> tuple[list[np.ndarray], np.ndarray]:
    """Return the distinct transition matrices for shifts of the biases, and the index of the matrix of each shift.

    Parameters
    ----------
    network : the network
    u : shifts, for all units or for each unit, shape (T, 1) or (T, N)
    remedy : advice where the matrices need too much memory
    """
    # equal shifts, such as the values of a cosine that occur twice in a period, agree up to round-off
    scale = max(float(np.abs(u).max()), np.finfo(float).tiny)
    _, first, step_of = np.unique((u / scale).round(12), axis=0, return_index=True, return_inverse=True)
    values = u[first]
    size = 8.0 * 4.0**network.size * len(values)
    require(
        size <= MEMORY,
        f"{len(values)} transition matrices of {network.size} units",
        f"{MEMORY / 1e9:g} GB of them",
        remedy,
    )
    biases, noise = network.bias + values, _transition.law(network)
    if noise.shared is not None:  # the nodes of its quadrature depend on the bias
        return [_transition.transition_matrix(_with_bias(network, bias)) for bias in biases], step_of.ravel()
    reach = rounded_reach(network.largest_field() + float(np.abs(values).max()))
    matrices = np.asarray(_white(network, biases, noise.std, reach))
    return list(np.where(matrices < _transition.NEGLIGIBLE, 0.0, matrices)), step_of.ravel()


def _with_bias(network: BinaryNetwork, bias: Float[Array, " N"]) -> BinaryNetwork:
    return eqx.tree_at(lambda n: n.bias, network, bias)


@partial(jax.jit, static_argnames="reach")
def _white(
    network: BinaryNetwork, biases: Float[Array, "T N"], std: Float[Array, " N"] | None, reach: float
) -> Float[Array, "T states states"]:
    """Return the transition matrices for several biases in independent noise."""
    noise = _transition.Law(std, None)
    return jax.lax.map(lambda bias: _transition.dense(_with_bias(network, bias), noise, reach), biases)
