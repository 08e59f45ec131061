"""Information that the states of a binary network have about random inputs, exactly.

In each step a pattern u is drawn from the probabilities p_u, independently of the past, and shifts the biases by η M u.
The transition matrix given the pattern is P_u, that of the states alone P̄ = Σ_u p_u P_u, with the stationary
distribution π = π P̄. Since u_t is independent of s_t, s_{t+1} has the distribution π P_u given u_t = u, and
s_{t+k} has π P_u P̄^{k−1}. Two ways to split the information of both causes in their effect agree:

    I(u, s; s') = I(u; s') + I(s; s'|u) = I(s; s') + I(u; s'|s).
"""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.codes import states
from noisette.errors import integer, real_array, real_number, require
from noisette.information import entropy, plogp
from noisette.networks import BinaryNetwork, NetworkLike, as_network
from noisette.provenance import network_entries, provenance
from noisette.theory.markov import _transition
from noisette.theory.markov._flow import gained
from noisette.theory.markov._occupation import stationary_of
from noisette.theory.markov._rms import pearson
from noisette.theory.markov._shifted import shifted_matrices

#: Largest number of units of `input_information`.
INPUT_LIMIT = 8
MOST_CHANNELS = 10  # largest number of channels of which all binary patterns are listed
LABELS = {
    "input_information": "information about the input",
    "information": "information of successive states",
    "conditional_input_information": "information about the input, given the state before",
    "conditional_information": "information of successive states, given the input",
    "entropy": "entropy of the states",
    "input_entropy": "entropy of the input",
}


def checked_patterns(patterns: int | ArrayLike) -> np.ndarray:
    """Return the patterns of an input, shape (patterns, channels)."""
    if isinstance(patterns, int | np.integer):
        channels = integer(patterns, "patterns")
        most = f"at most {MOST_CHANNELS} channels of binary patterns"
        require(channels <= MOST_CHANNELS, f"{channels} channels", most, "give a matrix of patterns")
        return states(channels)
    array = real_array(patterns, "patterns")
    array = array[:, None] if array.ndim == 1 else array
    allowed = "a number of binary channels, or patterns of shape (patterns, channels)"
    require(array.ndim == 2 and array.size > 0, f"patterns of shape {array.shape}", allowed)
    return array


def checked_probabilities(probabilities: ArrayLike | None, number: int) -> np.ndarray:
    """Return the probabilities of patterns, equal by default."""
    if probabilities is None:
        return np.full(number, 1 / number)
    p = real_array(probabilities, "probabilities")
    require(p.shape == (number,), f"probabilities of shape {p.shape}", f"one of each of {number} patterns")
    require(bool((p >= 0).all()) and abs(p.sum() - 1) < 1e-9, "probabilities", "nonnegative numbers that sum to 1")
    return p / p.sum()


def checked_input_weights(input_weights: ArrayLike | None, size: int, channels: int) -> np.ndarray:
    """Return the matrix M of an input, by default one channel to each of the first units."""
    if input_weights is None:
        advice = "give input_weights of shape (units, channels)"
        require(channels <= size, f"{channels} channels into {size} units", "at most one channel a unit", advice)
        return np.eye(size, channels)
    matrix = real_array(input_weights, "input_weights")
    require(matrix.shape == (size, channels), f"input_weights of shape {matrix.shape}", f"({size}, {channels})")
    return matrix


@check_arguments
@public_call
def input_information(
    network: NetworkLike,
    patterns: int | ArrayLike = 1,
    strength: float = 1.0,
    *,
    probabilities: ArrayLike | None = None,
    input_weights: ArrayLike | None = None,
    lags: Sequence[int] = (1,),
) -> xr.Dataset:
    """Exact information that later states have about a random input of one step, in bits.

    .. math:: u_n(t) = \\sum_m W_{nm} s_m(t) + b_n + \\eta \\sum_c M_{nc} x_c(t) + \\text{noise}_n(t), \\qquad
       I_k = I\\big(x(t); s(t+k)\\big)

    The pattern x(t) is drawn in each step, independently of all others; the states are stationary under these
    inputs. I_1 is the information about the input in the next state, the information import of Metzner & Krauss
    (2022); its maximum against the strength η, or against the noise, is not at an end for some networks. I_k falls
    with the lag k (data-processing inequality).

    Parameters
    ----------
    network : binary network of at most 8 units
    patterns : number C of binary channels, whose 2^C patterns ±1 are drawn, or patterns of shape (patterns, channels)
        or (patterns,) for one channel
    strength : η
    probabilities : probabilities of the patterns, shape (patterns,); equal by default
    input_weights : M, shape (N, channels); by default channel c acts on unit c alone
    lags : k ≥ 1

    Returns
    -------
    Dataset with ``input_information`` I_k (lag); ``information`` I(s; s'), of successive states;
    ``conditional_input_information`` I(x; s'|s); ``conditional_information`` I(s; s'|x); ``entropy`` H(s);
    ``input_entropy`` H(x), an upper bound of I_k; and ``rms_input_correlation``, the root mean square of the
    correlations of all channels with the next states of all units

    Raises
    ------
    InputError : too many units or patterns, shapes that do not fit, probabilities that do not sum to 1, or no unique
        stationary distribution.

    See Also
    --------
    analysis.information_phases : The same for many random networks against density and balance.
    theory.markov.information_flow : Information flow between units.
    theory.markov.periodic_response : The response to a periodic input.

    Examples
    --------
    >>> import noisette as nz
    >>> relay = nz.Boltzmann([[0.0, 0.0], [9.0, 0.0]])  # unit 1 copies unit 0, which receives the input
    >>> input_information(relay, 1, 9.0, lags=[1, 2, 3]).input_information.values.round(3)
    array([0.998, 0.997, 0.   ])

    References
    ----------
    Metzner & Krauss (2022) [metzner2022].
    """
    binary = as_network(network, BinaryNetwork)
    _transition.fits(binary, INPUT_LIMIT, "simulate")
    x = checked_patterns(patterns)
    p = checked_probabilities(probabilities, len(x))
    m = checked_input_weights(input_weights, binary.size, x.shape[1])
    eta = real_number(strength, "strength")
    listed = [integer(lag, "lags") for lag in np.ravel(np.asarray(lags, object))]
    require(len(listed) > 0, "no lags", "at least one")
    values = _measures(binary, eta * x @ m.T, p, listed)
    correlation = values.pop("correlation")(x)
    data = xr.Dataset(
        {
            name: (("lag",) if name == "input_information" else (), value, {"long_name": LABELS[name], "units": "bit"})
            for name, value in values.items()
        },
        {"lag": ("lag", listed, {"long_name": "lag", "units": "step"})},
    )
    label = {"long_name": "root mean square of the correlations of input and next state", "units": ""}
    data["rms_input_correlation"] = ((), float(np.sqrt(np.mean(correlation**2))), label)
    configuration = {"patterns": x, "strength": eta, "probabilities": p, "input_weights": m, "lags": listed}
    configuration |= network_entries(binary)
    return data.assign_attrs(provenance("exact", "stationary", ("metzner2022",), configuration))


def _measures(network: BinaryNetwork, shifts: np.ndarray, p: np.ndarray, lags: list[int]) -> dict:
    """Return informations and entropies in bits, and the function that returns correlations for given patterns."""
    matrices, index = shifted_matrices(network, shifts, "give fewer patterns")
    weight = np.bincount(index, p, len(matrices))
    mean = np.einsum("k,kab->ab", weight, np.stack(matrices))
    occupied = stationary_of(mean / mean.sum(1, keepdims=True))
    next_states = np.stack([occupied @ matrix for matrix in matrices])[index]  # π P_x for each pattern
    informations, after = {}, next_states
    for lag in range(1, max(lags) + 1):
        informations[lag] = gained(p[:, None] * after, (0,))
        after = after @ mean
    free = -float(occupied @ np.asarray(plogp(mean)).sum(1))  # H(s'|s)
    given = -sum(w * float(occupied @ np.asarray(plogp(q)).sum(1)) for w, q in zip(weight, matrices, strict=True))
    whole, driven = float(entropy(occupied)), float(p @ np.asarray(entropy(next_states, 1)))
    return {
        "input_information": [informations[lag] for lag in lags],
        "information": max(whole - free, 0.0),
        "conditional_input_information": max(free - given, 0.0),
        "conditional_information": max(driven - given, 0.0),
        "entropy": whole,
        "input_entropy": float(entropy(p)),
        "correlation": lambda x: _correlation(x, p, occupied, next_states),
    }


def _correlation(x: np.ndarray, p: np.ndarray, occupied: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return the correlations of units and channels, from the distribution of the next state given each pattern."""
    every = states(int(np.log2(len(occupied))))
    up, down = (occupied @ (every == sign) for sign in (1, -1))
    centred = x - p @ x
    covariance = (after @ every - (up - down)).T @ (p[:, None] * centred)
    return pearson(covariance, 4 * up * down, p @ centred**2)


__all__ = ["INPUT_LIMIT", "input_information"]
