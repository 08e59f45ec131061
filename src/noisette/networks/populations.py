"""Populations of rate units whose weights are drawn from an ensemble: one description for theory and simulation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray
from numpy.typing import ArrayLike

from noisette.activations import Activation, tanh
from noisette.arguments import check_arguments
from noisette.ensembles import Ensemble
from noisette.errors import real_array, require
from noisette.functions import try_function
from noisette.networks._base import as_noise
from noisette.networks.rate import RateNetwork
from noisette.noise import Noise, noises_of_populations


@dataclass(frozen=True)
class ByPopulation:
    """Activation that is a different function for each population of consecutive units.

    Attributes
    ----------
    activations : φ of each population
    sizes : numbers of units
    """

    activations: tuple[Activation, ...]
    sizes: tuple[int, ...]

    def __call__(self, x: Array) -> Array:
        """Return φ(x) for states of shape (…, N)."""
        parts = jnp.split(x, np.cumsum(self.sizes)[:-1], axis=-1)
        return jnp.concatenate([phi(part) for phi, part in zip(self.activations, parts, strict=True)], axis=-1)


@dataclass(frozen=True, eq=False, init=False)
class Populations:
    """Rate units whose weights are drawn from an ensemble, in populations with their own φ, τ and b.

    .. math:: \\tau_p \\dot x_i = -x_i + g \\sum_j W_{ij}\\, \\phi_{q(j)}(x_j) + b_p, \\qquad i \\in p, \\quad
       \\text{plus noise}

    Theory solves the limit N → ∞ of this description, and `network` draws a network of it to simulate.

    Parameters
    ----------
    ensemble : distribution of W, with the sizes of the populations
    activation : φ, one for all populations, or one for each
    tau : τ, time constants, a number or shape (P,)
    bias : b, a number or shape (P,)
    noise : noise of all units, or one for each population; None for none

    Raises
    ------
    InputError : numbers of values that are not those of the populations, time constants that are not positive, or
        noise on synapses that differs between populations.

    See Also
    --------
    theory.population_mean_field : The stationary state for N → ∞.
    analysis.population_activity : Theory with simulations beside it.
    RateNetwork : A network of given weights.

    Examples
    --------
    >>> import noisette as nz
    >>> ensemble = nz.ensembles.Blocks([[1.0, -2.0], [1.0, -1.5]], 1.0, [400, 100])
    >>> populations = nz.networks.Populations(ensemble, tau=[1.0, 0.5], bias=0.2)
    >>> populations.network(1.5, key=0)
    RateNetwork(500 units, gain=1.5, tau=0.5 … 1, activation=tanh, bias=0.2, noise=None)
    >>> nz.networks.Populations(ensemble, noise=[nz.White(0.1), None]).noise
    ByPopulation((White(0.1), None), (400, 100))
    """

    ensemble: Ensemble
    activations: tuple[Activation, ...]
    tau: Float[np.ndarray, " P"]
    bias: Float[np.ndarray, " P"]
    noises: tuple[Noise | None, ...]

    @check_arguments
    def __init__(
        self,
        ensemble: Ensemble,
        activation: Activation | Sequence[Activation] = tanh,
        *,
        tau: ArrayLike = 1.0,
        bias: ArrayLike = 0.0,
        noise: Noise | Sequence[Noise | None] | None = None,
    ):
        p = len(ensemble.sizes)
        each = tuple(activation) if isinstance(activation, Sequence) else (activation,) * p
        require(len(each) == p, f"{len(each)} activations for {p} populations", f"one, or {p}")
        for phi in set(each):
            try_function(phi, "activation", (2,), returns=(2,))
        values: dict[str, Any] = {"tau": _per_population(tau, p, "tau"), "bias": _per_population(bias, p, "bias")}
        lowest = float(values["tau"].min())
        require(lowest > 0, f"tau {lowest:g}", "time constants above zero")
        noises = tuple(noise) if isinstance(noise, Sequence) and not isinstance(noise, str) else (noise,) * p
        require(len(noises) == p, f"{len(noises)} noises for {p} populations", f"one, or {p}")
        values |= {"ensemble": ensemble, "activations": each, "noises": tuple(as_noise(one) for one in noises)}
        noises_of_populations(values["noises"], ensemble.sizes)  # raises
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of units of each population."""
        return self.ensemble.sizes

    @property
    def activation(self) -> Activation:
        """The activation of all units: the only one, or one that differs between populations."""
        first = self.activations[0]
        return first if all(phi is first for phi in self.activations) else ByPopulation(self.activations, self.sizes)

    @property
    def noise(self) -> Noise | None:
        """The noise of all units: the only one, or one that differs between populations."""
        return noises_of_populations(self.noises, self.sizes)

    @check_arguments
    def network(self, gain: ArrayLike = 1.0, *, key: PRNGKeyArray) -> RateNetwork:
        """Draw a network.

        Parameters
        ----------
        gain : g, factor of the weights
        key : random key of the weights

        Returns
        -------
        RateNetwork with N units
        """
        return self.of_weights(self.ensemble.draw(key=jax.random.fold_in(key, 0)), gain)

    def of_weights(self, weights: ArrayLike, gain: ArrayLike = 1.0) -> RateNetwork:
        """Return the network of given weights, shape (N, N), and gain."""
        tau, bias = (np.repeat(values, self.sizes) for values in (self.tau, self.bias))
        tau, bias = (float(values[0]) if np.ptp(values) == 0 else values for values in (tau, bias))
        return RateNetwork(weights, gain, tau=tau, bias=bias, activation=self.activation, noise=self.noise)


def _per_population(values: ArrayLike, p: int, name: str) -> np.ndarray:
    """Return a number or one number per population as an array of shape (P,)."""
    array = real_array(values, name)
    require(
        array.shape in ((), (p,)), f"{name} of shape {array.shape}", f"a number, or {p} numbers, one per population"
    )
    return np.array(np.broadcast_to(array, (p,)), float)


__all__ = ["ByPopulation", "Populations"]
