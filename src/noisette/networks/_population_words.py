"""Populations as they are written at the terminal and in study files."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from jaxtyping import PRNGKeyArray

from noisette.activations import Activation
from noisette.activations import from_string as activation_from_string
from noisette.ensembles import Blocks, Ensemble
from noisette.errors import InputError, real_array, require
from noisette.networks.populations import Populations
from noisette.networks.rate import RateNetwork
from noisette.noise import Noise
from noisette.noise import from_string as noise_from_string
from noisette.weights import distribution, written_numbers

NoiseLike = str | Noise | Sequence[str | Noise | None] | None
BLOCKS = ("mean", "variance", "density", "reciprocity")  # numbers of the blocks, which require sizes
WRITTEN = ("sizes", *BLOCKS, "tau", "bias")  # numbers that may be written as text


def populations_of(
    weights: str | Ensemble | None = None,
    sizes: Any = None,
    mean: Any = None,
    variance: Any = None,
    density: Any = None,
    reciprocity: Any = None,
    activation: str | Activation | Sequence[str | Activation] = "tanh",
    tau: Any = 1.0,
    bias: Any = 0.0,
    noise: NoiseLike = None,
) -> Populations:
    """Return populations whose numbers and functions may be written as text.

    Parameters
    ----------
    weights : word of an ensemble, as for `weights.distribution`, or the ensemble
    sizes, mean, variance, density, reciprocity : as for `ensembles.Blocks`, numbers, lists or texts such as
        ``1,-2;1,-1.5``; the blocks are added to `weights` if both are given
    activation : word of one activation, or words of one for each population, in a list or separated by semicolons
    tau, bias : a number, or one for each population, as numbers or text
    noise : noise of all units or its word, or those of each population, in a list or separated by semicolons

    Raises
    ------
    InputError : If there are neither weights nor sizes, numbers of blocks without sizes, or values that do not fit.

    Examples
    --------
    >>> populations_of(sizes="400,100", mean="1,-2;1,-1.5", tau="1,0.5", activation="tanh;relu").tau.tolist()
    [1.0, 0.5]
    """
    given = {"mean": mean, "variance": variance, "density": density, "reciprocity": reciprocity}
    squares = {name: numbers_of(value, name) for name, value in given.items() if value is not None}
    named = distribution(weights) if isinstance(weights, str) else weights
    if sizes is not None:
        blocks = Blocks(**{"mean": 0.0, "variance": 1.0, **squares}, sizes=numbers_of(sizes, "sizes"))
        named = blocks if named is None else blocks + named
    else:
        given_name = next(iter(squares), "")
        require(not squares, f"{given_name} without sizes", "sizes, the numbers of units of the populations")
    if named is None:
        raise InputError("populations without sizes and weights; sizes, weights, or both")
    phi = activations_of(activation)
    each = {"tau": numbers_of(tau, "tau"), "bias": numbers_of(bias, "bias")}
    return Populations(named, phi[0] if len(phi) == 1 else phi, **each, noise=noises_of(noise))


def populations(
    weights: str | Ensemble | None = None,
    gain: float = 1.0,
    sizes: Any = None,
    mean: Any = None,
    variance: Any = None,
    density: Any = None,
    reciprocity: Any = None,
    activation: str | Activation | Sequence[str | Activation] = "tanh",
    tau: Any = 1.0,
    bias: Any = 0.0,
    noise: NoiseLike = None,
    *,
    key: PRNGKeyArray,
) -> RateNetwork:
    """Draw a network of populations; without sizes, its weights are those that `weights.ensemble` draws with the key.

    Parameters
    ----------
    weights, sizes, mean, variance, density, reciprocity, activation, tau, bias, noise : as for `populations_of`
    gain : g, factor of the weights
    key : random key of the weights

    Examples
    --------
    >>> import jax
    >>> populations(sizes=[4, 1], bias=[0.0, 0.5], key=jax.random.key(0)).size
    5
    """
    blocks = (sizes, mean, variance, density, reciprocity)
    description = populations_of(weights, *blocks, activation=activation, tau=tau, bias=bias, noise=noise)
    return description.of_weights(description.ensemble.draw(key=key), gain)


def numbers_of(value: Any, name: str) -> np.ndarray:
    """Return numbers, or a text of them, as an array; raise `InputError` for anything else."""
    return real_array(written_numbers(value, name), name)


def activations_of(value: str | Activation | Sequence[str | Activation]) -> list[Activation]:
    """Return activations from their words, in a list or separated by semicolons.

    Examples
    --------
    >>> len(activations_of("tanh;threshold:0.5"))
    2
    """
    words: Sequence[Any] = value if isinstance(value, list | tuple) else [value]
    words = value.split(";") if isinstance(value, str) else words
    require(len(words) > 0, "no activation", "a word such as tanh, or one for each population")
    return [cast("Activation", word) if callable(word) else activation_from_string(word) for word in words]


def noises_of(value: NoiseLike) -> Noise | list[Noise | None] | None:
    """Return one noise, or those of each population, from their words, in a list or separated by semicolons.

    Examples
    --------
    >>> noises_of("white:0.1;none"), noises_of("white:0.1")
    ([White(0.1), None], White(0.1))
    """
    words: Sequence[Any] = value.split(";") if isinstance(value, str) else value if isinstance(value, list) else [value]
    each = [noise_from_string(word) if isinstance(word, str) else word for word in words]
    return each[0] if len(each) == 1 else each


__all__ = ["WRITTEN", "NoiseLike", "activations_of", "noises_of", "numbers_of", "populations", "populations_of"]
