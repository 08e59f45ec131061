"""Recordings as arrays of trials × time × units, and their division into blocks."""

from collections.abc import Hashable
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from jaxtyping import Float, Int
from numpy.typing import ArrayLike

from noisette.errors import real_array, require

TRIALS = ("trial", "trials", "run", "runs")
TIMES = ("time", "times", "step", "steps")
UNITS = ("unit", "units", "neuron", "neurons")
SHAPE = "shape (trials, time, units), or (time, units) for one trial"
MOST_NAMED = 5  # units that a message names


class Trials(NamedTuple):
    """A recording: values of shape (trials, time, units), and the names of the units, if they have any."""

    values: Float[np.ndarray, "trials time units"]
    names: tuple[str, ...] | None

    def coords(self, *dims: str) -> dict[str, Any]:
        """Return the coordinates of dimensions of units: their names; empty if they have none."""
        return {} if self.names is None else {dim: (dim, list(self.names)) for dim in dims}


def as_trials(data: ArrayLike | xr.DataArray, name: str = "data") -> Trials:
    """Return a recording as trials × time × units, after checking that it is one.

    Parameters
    ----------
    data : array of shape (trials, time, units) or (time, units), or a DataArray whose dimensions are used by their
        names, such as ``trace`` of a simulation (run, time, unit)
    name : description of the data for error messages

    Raises
    ------
    InputError : If the shape is another one, a value is not finite, or a unit is constant.
    """
    names = None
    if isinstance(data, xr.DataArray):
        data, names = _by_dimension(data, name)
    values = real_array(data, name)
    require(values.ndim in (2, 3) and values.size > 0, f"{name} of shape {values.shape}", SHAPE)
    values = np.ascontiguousarray(values if values.ndim == 3 else values[None])  # sums do not depend on the layout
    constant = np.ptp(values, axis=(0, 1)) == 0
    require(
        not constant.any(),
        f"{name} with {named(np.flatnonzero(constant), names)} constant",
        "units that vary",
        "remove the others",
    )
    return Trials(values, names)


def named(units: Int[np.ndarray, " k"], names: tuple[str, ...] | None) -> str:
    """Return a list of units for a message, by their names or numbers.

    Examples
    --------
    >>> named(np.arange(7), None)
    'units 0, 1, 2, 3, 4, … (7)'
    """
    first = ", ".join(str(unit) if names is None else names[unit] for unit in units[:MOST_NAMED])
    more = f", … ({len(units)})" if len(units) > MOST_NAMED else ""
    return f"{'unit' if len(units) == 1 else 'units'} {first}{more}"


def _by_dimension(data: xr.DataArray, name: str) -> tuple[xr.DataArray, tuple[str, ...] | None]:
    """Return the data with dimensions in the order of trials, time and units, and the names of the units."""
    known = TRIALS + TIMES + UNITS
    data = data.squeeze([dim for dim in data.dims if dim not in known and data.sizes[dim] == 1])
    dims = [_one_of(data, kind) for kind in (TRIALS, TIMES, UNITS)]
    other = [str(dim) for dim in data.dims if dim not in known]
    given = f"{name} with the dimensions {', '.join(map(str, data.dims))}"
    complete = None not in dims[1:] and data.ndim == sum(dim is not None for dim in dims)
    remedy = f"select one with isel({other[0]}=0), or rename it" if other else "rename them"
    require(complete, given, "trial or run, time, and unit", remedy)
    units = dims[2]
    names = None
    if units in data.coords and data[units].dtype.kind in "UO":
        names = tuple(map(str, data[units].values))
    return data.transpose(*[dim for dim in dims if dim is not None]), names


def _one_of(data: xr.DataArray, names: tuple[str, ...]) -> Hashable | None:
    return next((dim for dim in data.dims if dim in names), None)


def block_labels(trials: int, times: int, most: int) -> Int[np.ndarray, "trials time"]:
    """Return a block for each sample: whole trials if there are enough, and otherwise parts of trials.

    Blocks are contiguous and of equal length, except for the last one of a trial.

    Parameters
    ----------
    trials, times : number of trials, and of samples in each
    most : largest number of blocks, unless there are more trials, which are then merged

    Examples
    --------
    >>> block_labels(2, 4, 4)
    array([[0, 0, 1, 1],
           [2, 2, 3, 3]])
    >>> block_labels(4, 1, 2).ravel()
    array([0, 0, 1, 1])
    """
    if trials >= most:
        return np.broadcast_to((np.arange(trials) * most // trials)[:, None], (trials, times))
    parts = min(max(1, most // trials), times)
    return np.arange(trials)[:, None] * parts + np.arange(times) * parts // times


__all__ = ["Trials", "as_trials", "block_labels", "named"]
