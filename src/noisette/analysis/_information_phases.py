"""Phase diagrams of information: random networks against density and balance of their weights, noise and input."""

import itertools
from functools import partial
from typing import Literal, NamedTuple, TypedDict, Unpack

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from noisette.analysis._options import Progress, seed_entry
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.codes import states
from noisette.errors import integer, real_array, real_number, require
from noisette.keys import KeyLike, as_key
from noisette.limits import unit_count
from noisette.networks import Boltzmann, rounded_reach
from noisette.provenance import provenance
from noisette.theory import markov
from noisette.weights import balanced

LIMIT = 7  # largest number of units
BATCH = 8  # networks evaluated at once
LABELS = {
    "information": ("information of successive states, free-running", "bit"),
    "rms_correlation": ("root mean square of the correlations of successive states", ""),
    "input_information": ("information about the input in the next state", "bit"),
    "rms_input_correlation": ("root mean square of the correlations of input and next state", ""),
}
AXES = {
    "density": ("density d of the weights", ""),
    "balance": ("balance b of the weights", ""),
    "noise": ("noise strength r", "std per step"),
    "strength": ("strength η of the input", ""),
}


class PhaseOptions(TypedDict, total=False):
    """Options of `information_phases`.

    Attributes
    ----------
    width : width of the weights
    magnitudes : "normal" or "equal", as for `weights.balanced`
    self_coupling : whether units have weights to themselves
    channels : number C of binary input channels; channel c acts on unit c
    progress : True to show a bar, or a function called with (cells done, cells)
    """

    width: float
    magnitudes: Literal["normal", "equal"]
    self_coupling: bool
    channels: int | None
    progress: Progress | None


class _Grid(NamedTuple):
    """Values of all axes."""

    density: np.ndarray
    balance: np.ndarray
    noise: np.ndarray
    strength: np.ndarray


def _axis(values: ArrayLike, name: str, least: float, most: float) -> np.ndarray:
    """Return the values of an axis, after checking their range."""
    array = real_array(values, name)
    allowed = f"a number, or a list of numbers, from {least:g} to {most:g}" if np.isfinite(most) else f"≥ {least:g}"
    require(array.ndim <= 1 and array.size > 0, f"{name} of shape {array.shape}", allowed)
    outside = np.ravel(array)[~((np.ravel(array) >= least) & (np.ravel(array) <= most))]
    require(outside.size == 0, f"{name} {outside.flat[0] if outside.size else 0:g}", allowed)
    return array


@partial(jax.jit, static_argnames="reach")
def _measured(
    network: Boltzmann, weights: Array, std: Array | None, patterns: Array, input_weights: Array, reach: float
) -> markov.PhaseMeasures:
    """Return the measures of several networks, which differ in their weights."""
    return jax.lax.map(
        lambda w: markov.phase_measures(
            eqx.tree_at(lambda n: n.weights, network, w), std, patterns, input_weights, reach
        ),
        weights,
        batch_size=BATCH,
    )


@check_arguments
@public_call
def information_phases(
    size: int,
    density: ArrayLike,
    balance: ArrayLike,
    noise: ArrayLike = 0.0,
    strength: ArrayLike = 1.0,
    *,
    networks: int = 20,
    key: KeyLike = 0,
    **options: Unpack[PhaseOptions],
) -> xr.Dataset:
    """Exact information measures of random Boltzmann networks against density and balance, noise and input strength.

    Each network has weights drawn by `weights.balanced`; a network of a given index has the same draw at all noises
    and strengths. Its free-running stationary chain has the information I(s; s') and the correlation C_RMS (see
    `theory.markov.rms_correlation`); driven by independent binary inputs ±η it has the information about the input
    I(x; s') (see `theory.markov.input_information`).

    Parameters
    ----------
    size : number of units N ≤ 7
    density : d, from 0 to 1
    balance : b, from −1 to 1
    noise : r ≥ 0, standard deviation of white noise
    strength : η ≥ 0
    networks : number of networks for each density and balance, at least 2
    key : an integer or a JAX key
    **options : ``width`` (1) of the weights, their ``magnitudes`` ("normal"), ``self_coupling`` (True); ``channels``
        (N) of the input; ``progress``

    Returns
    -------
    Dataset with ``information``, ``rms_correlation``, ``input_information`` and ``rms_input_correlation`` over those
    of ``density``, ``balance``, ``noise`` and ``strength`` that are lists, and over ``network``; with means over
    networks ``mean_…`` and their standard errors ``…_se``. The first two do not depend on ``strength``

    Raises
    ------
    InputError : more than 7 units, densities, balances, noises or strengths out of range, fewer than two networks.

    See Also
    --------
    theory.markov.input_information : The same of one given network, for any input.
    resonance : The information of successive states of one network against the noise.
    weights.balanced : The weights.

    Examples
    --------
    >>> import noisette as nz
    >>> data = information_phases(3, [0.3, 1.0], 0.0, width=4.0, networks=4)
    >>> data.mean_information.dims, bool((data.information <= 3).all())
    (('density',), True)

    References
    ----------
    Metzner & Krauss (2022) [metzner2022]; Metzner, Yamakou, Voelkl, Schilling & Krauss (2024) [metzner2024b].
    """
    units, count = unit_count(size), integer(networks, "networks")
    require(units <= LIMIT, f"{units} units", f"at most {LIMIT}", "see theory.markov for single larger networks")
    require(count >= 2, f"{count} networks", "at least 2, for a standard error")
    channels = units if options.get("channels") is None else integer(options.get("channels"), "channels")
    require(channels <= units, f"{channels} channels into {units} units", "at most one channel a unit")
    grid = _Grid(
        _axis(density, "density", 0, 1),
        _axis(balance, "balance", -1, 1),
        _axis(noise, "noise", 0, np.inf),
        _axis(strength, "strength", 0, np.inf),
    )
    drawn = _drawn(units, grid, count, key, options)
    values = _over_grid(drawn, grid, channels, options.get("progress"))
    data = _summary(values, grid)
    own = {name: value for name, value in options.items() if name != "progress"}
    configuration = {"size": units, **grid._asdict(), "networks": count, "key": key, **own}
    attributes = provenance("exact", "stationary", ("metzner2022", "metzner2024b"), configuration, **seed_entry(key))
    return data.assign_attrs(attributes)


def _drawn(size: int, grid: _Grid, count: int, key: KeyLike, options: PhaseOptions) -> np.ndarray:
    """Return the weights, shape (densities, balances, networks, N, N)."""
    root = as_key(key)
    keys = [jax.random.fold_in(root, number) for number in range(count)]
    width = real_number(options.get("width", 1.0), "width")
    magnitudes, diagonal = options.get("magnitudes", "normal"), options.get("self_coupling", True)
    rows = [
        balanced(size, d, b, width, magnitudes=magnitudes, self_coupling=diagonal, key=k)
        for d, b, k in itertools.product(np.ravel(grid.density), np.ravel(grid.balance), keys)
    ]
    return np.reshape(rows, (grid.density.size, grid.balance.size, count, size, size))


def _over_grid(
    drawn: np.ndarray, grid: _Grid, channels: int, progress: Progress | None
) -> dict[str, Float[np.ndarray, "d b r strength network"]]:
    """Return the measures of all networks at all noises and strengths."""
    size = drawn.shape[-1]
    noises, strengths = np.ravel(grid.noise), np.ravel(grid.strength)
    shape = (*drawn.shape[:2], len(noises), len(strengths), drawn.shape[2])
    values = {name: np.empty(shape) for name in LABELS}
    network, patterns = Boltzmann(np.zeros((size, size))), jnp.asarray(states(channels))
    reach = rounded_reach(float(np.abs(drawn).sum(-1).max()) + float(strengths.max()))
    cells = list(itertools.product(*map(range, shape[:4])))
    for done, (i, j, k, m) in enumerate(cells):
        std = jnp.full(size, noises[k]) if noises[k] > 0 else None
        inputs = jnp.asarray(strengths[m] * np.eye(size, channels))
        result = _measured(network, jnp.asarray(drawn[i, j]), std, patterns, inputs, reach)
        for name in LABELS:
            values[name][i, j, k, m] = getattr(result, name)
        if callable(progress):
            progress(done + 1, len(cells))
    return values


def _summary(values: dict[str, np.ndarray], grid: _Grid) -> xr.Dataset:
    """Return the Dataset with means and standard errors, without the axes of single numbers."""
    axes = list(grid._fields)
    coordinates = {
        name: (name, np.ravel(array), {"long_name": AXES[name][0], "units": AXES[name][1]})
        for name, array in grid._asdict().items()
    }
    data = xr.Dataset(coords=coordinates)
    for name, array in values.items():
        free = not name.count("input")  # of the input strength
        dims, kept = [axis for axis in axes if axis != "strength" or not free], array[:, :, :, 0] if free else array
        label, unit = LABELS[name]
        data[name] = ((*dims, "network"), kept, {"long_name": label, "units": unit})
        mean, error = kept.mean(-1), kept.std(-1, ddof=1) / np.sqrt(kept.shape[-1])
        data[f"mean_{name}"] = (dims, mean, {"long_name": f"{label}, mean", "units": unit})
        data[f"{name}_se"] = (dims, error, {"long_name": "standard error over networks", "units": unit})
    single = {name: 0 for name, array in grid._asdict().items() if array.ndim == 0}
    return data.isel(single)


__all__ = ["PhaseOptions", "information_phases"]
