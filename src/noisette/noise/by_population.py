"""Noise that differs between populations of consecutive units."""

from collections.abc import Sequence

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from noisette.arguments import check_arguments
from noisette.errors import InputError, integer, require, shown
from noisette.noise._base import Noise, Sum
from noisette.noise._spectrum import NO_NOISE
from noisette.noise.placed import PLACES, Placed, by_place
from noisette.random_numbers import fold_in


class Silent(Noise):
    """No noise, for a population without noise."""

    def __repr__(self) -> str:
        return "None"

    def sample(self, state, time, size, *, key, dt=1.0):
        """Return zeros, shape (N,)."""
        return jnp.zeros(size), state

    def value(self, state, time, size, *, dt=1.0):
        """Return zeros, shape (N,)."""
        return jnp.zeros(size)

    def step_law(self, size, time):
        """Return standard deviations of zero, and no factors."""
        return jnp.zeros(size), jnp.zeros((0, size))

    def spectrum(self):
        """Return a spectrum of zero."""
        return NO_NOISE

    def scaled(self, factor):
        """Return the same."""
        return self


class ByPopulation(Noise):
    """Independent noises of populations of consecutive units.

    .. math:: \\text{noise}_i(t) = \\text{noise}^{(p)}_{i - n_p}(t), \\qquad n_p \\le i < n_{p+1}, \\quad
       n_p = \\sum_{q<p} N_q

    Parameters
    ----------
    noises : noise of each population at one place; None for a population without noise
    sizes : numbers N_p of units

    Raises
    ------
    InputError : Numbers of noises and sizes that differ, noises that are placed (place the whole instead), or, in a
        network, sizes that do not add up to its number of units.

    See Also
    --------
    networks.Populations : Populations with noises of their own, in theory and simulation.
    Channels : Few signals through a matrix.

    Examples
    --------
    >>> import noisette as nz
    >>> noise = ByPopulation([nz.White(0.5), None, nz.Common(1.0)], [1, 1, 2])
    >>> independent, factors = noise.step_law(4, 0)
    >>> independent.tolist(), factors.tolist()
    ([0.5, 0.0, 0.0, 0.0], [[0.0, 0.0, 1.0, 1.0]])
    """

    noises: tuple[Noise, ...]
    sizes: tuple[int, ...] = eqx.field(static=True)

    @check_arguments
    def __init__(self, noises: Sequence[Noise | None], sizes: Sequence[int]):
        require(len(noises) > 0, "no noises", "a noise, or None, for each population")
        require(len(noises) == len(sizes), f"{len(noises)} noises for {len(sizes)} populations", "one for each")
        for noise in noises:
            require(noise is None or isinstance(noise, Noise), f"{shown(noise)} as noise", "a noise, or None")
            placed = any(place != "current" for place in by_place(noise))
            require(not placed, f"{noise!r} of a population", "noises at one place", "Placed(ByPopulation(…), place)")
        self.noises = tuple(Silent() if noise is None else noise for noise in noises)
        self.sizes = tuple(integer(size, "size", 1) for size in sizes)

    def _parts(self, size: int) -> list[tuple[Noise, int]]:
        """Return the noises and their numbers of units, after comparing their sum with the size of a network."""
        total = sum(self.sizes)
        require(total == size, f"noise of {total} units in populations of {list(self.sizes)}", f"{size} units")
        return list(zip(self.noises, self.sizes, strict=True))

    def init(self, size, *, key):
        """Return the initial states of the populations."""
        return tuple(noise.init(n, key=fold_in(key, p)) for p, (noise, n) in enumerate(self._parts(size)))

    def sample(self, state, time, size, *, key, dt=1.0):
        """Return the samples of all populations, shape (N,), and their next states."""
        pairs = [
            noise.sample(inner, time, n, key=fold_in(key, p), dt=dt)
            for p, ((noise, n), inner) in enumerate(zip(self._parts(size), state, strict=True))
        ]
        return jnp.concatenate([value for value, _ in pairs]), tuple(inner for _, inner in pairs)

    def value(self, state, time, size, *, dt=1.0):
        """Return the values of all populations, shape (N,)."""
        parts = zip(self._parts(size), state, strict=True)
        return jnp.concatenate([noise.value(inner, time, n, dt=dt) for (noise, n), inner in parts])

    def step_law(self, size, time):
        """Return the standard deviations of all populations, and their factors, each on its own units."""
        return _joined([noise.step_law(n, time) for noise, n in self._parts(size)], size)

    def white_part(self, size):
        """Return the white parts of all populations, as in `step_law`."""
        return _joined([noise.white_part(n) for noise, n in self._parts(size)], size)

    def spectrum(self):
        """Raise, since units differ."""
        raise InputError(
            "noise that differs between populations in the theory of one population; networks.Populations with a noise "
            "for each, and theory.population_mean_field"
        )

    @property
    def has_values(self):
        """Whether the noises of all populations have values; absent noise has the value zero."""
        return all(noise.has_values for noise in self.noises)

    @property
    def correlation_time(self):
        """Shortest correlation time of the populations."""
        return min(noise.correlation_time for noise in self.noises)

    @property
    def has_variance(self):
        """Whether all variances are finite."""
        return all(noise.has_variance for noise in self.noises)

    def scaled(self, factor):
        """Return the noise of each population multiplied by its part of `factor`, a scalar or shape (N,)."""
        total = sum(self.sizes)
        require(
            jnp.shape(factor) in ((), (1,), (total,)),
            f"a factor of shape {jnp.shape(factor)}",
            f"a number, or {total} numbers, one for each unit",
        )
        ends = np.cumsum(self.sizes)
        parts = jnp.split(factor, ends[:-1]) if jnp.shape(factor) == (total,) else [factor] * len(ends)
        scaled = [noise.scaled(part) for noise, part in zip(self.noises, parts, strict=True)]
        return eqx.tree_at(lambda whole: whole.noises, self, tuple(scaled))


def _joined(laws: list[tuple[Array, Array]], size: int) -> tuple[Array, Array]:
    """Return the law of independent populations: standard deviations one after another, and block-diagonal factors."""
    before, rows = 0, []
    for independent, factors in laws:
        after = size - before - len(independent)
        rows.append(jnp.pad(factors, ((0, 0), (before, after))))
        before += len(independent)
    return jnp.concatenate([independent for independent, _ in laws]), jnp.concatenate(rows)


def noises_of_populations(noises: Sequence[Noise | None], sizes: Sequence[int]) -> Noise | None:
    """Return the noise of all units for noises of populations at any places; None if no population has noise.

    Raises
    ------
    InputError : Noise on synapses that differs between populations.

    Examples
    --------
    >>> import noisette as nz
    >>> noises_of_populations([nz.White(0.1), nz.noise.Placed(nz.White(0.2), "rate")], [1, 2])
    ByPopulation((White(0.1), None), (1, 2)) + Placed(ByPopulation((None, White(0.2)), (1, 2)), 'rate')
    """
    each = [by_place(noise) for noise in noises]
    if all(noise is noises[0] for noise in noises):
        return noises[0]
    terms: list[Noise] = []
    for place in PLACES:
        if not any(place in places for places in each):
            continue
        require(
            place not in ("synapses", "inputs", "readout"),
            f"noise on {place} that differs between populations",
            "noise on the current, inside the activation or on the rate",
            "one noise for all populations",
        )
        whole = ByPopulation([places.get(place) for places in each], sizes)
        terms.append(whole if place == "current" else Placed(whole, place))
    return None if not terms else terms[0] if len(terms) == 1 else Sum(tuple(terms))


__all__ = ["ByPopulation", "noises_of_populations"]
