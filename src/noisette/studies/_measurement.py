"""One task of a study, done: its points one after another, or side by side as one compiled function."""

import inspect
import time
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from noisette.errors import InputError, require
from noisette.studies._grid import Grid, coordinate_hash
from noisette.studies._part import Failure, Part, blocks_of
from noisette.studies._versions import versions

REPEAT = "repeat"
VALUE = "value"  # name of what a measure returns without a name


class Measurement:
    """A measure with everything that it is called with, ready for any points of its grid.

    Parameters
    ----------
    measure : called with the coordinates of a point, `fixed`, and ``key`` if it takes one
    grid, fixed, seed, shared, allow_nan : of the study
    """

    def __init__(
        self,
        measure: Callable[..., Any],
        grid: Grid,
        fixed: Mapping[str, Any],
        seed: int,
        shared: Sequence[str],
        allow_nan: bool,
    ):
        self.measure, self.grid, self.fixed, self.seed = measure, grid, dict(fixed), seed
        self.shared, self.allow_nan = tuple(shared), allow_nan
        self.takes_key, self.takes_repeat = has_argument(measure, "key"), has_argument(measure, REPEAT)
        self.compiled: dict[tuple[Any, ...], Any] = {}

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"compiled": {}}

    def part(self, cells: Sequence[int] | np.ndarray, forgiving: bool = True) -> Part:
        """Measure points; errors are kept as failures, or raised unless `forgiving`."""
        began = time.perf_counter()
        cells = [int(cell) for cell in cells]
        if self.grid.vectorised:
            results, failures = self._side_by_side(cells, forgiving)
        else:
            results, failures = self._one_by_one(cells, forgiving)
        if not self.allow_nan:
            failures += [self._not_finite(cell, names) for cell, data in results.items() if (names := _nonfinite(data))]
        return Part(blocks_of(results), failures, time.perf_counter() - began, versions())

    def _key(self, cell: int) -> jax.Array:
        high, low = coordinate_hash(self.seed, self.grid.labels(cell), self.shared)
        return jax.random.fold_in(jax.random.fold_in(jax.random.key(self.seed), high), low)

    def _arguments(self, cell: int) -> dict[str, Any]:
        values = self.grid.values(cell)
        if not self.takes_repeat:
            values.pop(REPEAT, None)
        return values

    def _one_by_one(self, cells: list[int], forgiving: bool) -> tuple[dict[int, xr.Dataset], list[Failure]]:
        results, failures = {}, []
        for cell in cells:
            key = {"key": self._key(cell)} if self.takes_key else {}
            try:
                results[cell] = dataset(self.measure(**self._arguments(cell), **self.fixed, **key))
            except Exception as error:
                if not forgiving:
                    raise
                failures.append(self._exception(cell, error))
        return results, failures

    def _side_by_side(self, cells: list[int], forgiving: bool) -> tuple[dict[int, xr.Dataset], list[Failure]]:
        try:
            padded = cells + [cells[-1]] * (self.grid.batch - len(cells))  # so that all tasks run the same program
            function, dims, arguments = self.program(padded)
            found = jax.tree.map(np.asarray, function(*arguments))
        except Exception as error:
            if not forgiving:
                raise
            return {}, [self._exception(cell, error) for cell in cells]
        return {
            cell: dataset({name: (dims[name], values[i]) for name, values in found.items()})
            for i, cell in enumerate(cells)
        }, []

    def program(self, cells: list[int]) -> tuple[Any, dict[str, tuple[str, ...]], tuple[Any, Any]]:
        """Return the compiled function of points that share all but the vectorised axes, and its arguments."""
        moving = [name for name in self.grid.vectorised if name != REPEAT or self.takes_repeat]
        values = [self._arguments(cell) for cell in cells]
        still = {name: value for name, value in values[0].items() if name not in moving}
        place = tuple(self.grid.labels(cells[0])[name] for name in still)
        if place not in self.compiled:
            dims: dict[str, tuple[str, ...]] = {}

            def one(varied: dict[str, Any], key: Any) -> dict[str, jax.Array]:
                more = {"key": key} if self.takes_key else {}
                return _arrays(self.measure(**varied, **still, **self.fixed, **more), dims)

            self.compiled[place] = jax.jit(jax.vmap(one)), dims
        function, dims = self.compiled[place]
        varied = {name: jnp.asarray([one[name] for one in values]) for name in moving}
        return function, dims, (varied, jnp.stack([self._key(cell) for cell in cells]))

    def _exception(self, cell: int, error: Exception) -> Failure:
        message = " ".join(f"{type(error).__name__}: {error}".split())
        return Failure(self.grid.labels(cell), "exception", message[:500], traceback.format_exc())

    def _not_finite(self, cell: int, names: list[str]) -> Failure:
        return Failure(self.grid.labels(cell), "not finite", f"NaN or infinite values of {', '.join(names)}")


def has_argument(measure: Callable[..., Any], name: str) -> bool:
    """Return whether a function has an argument of this name."""
    try:
        found = inspect.signature(measure).parameters
    except (TypeError, ValueError):
        return False
    return name in found or any(one.kind is one.VAR_KEYWORD for one in found.values())


def dataset(result: Any) -> xr.Dataset:
    """Return what a measure returned as a dataset; complex values get a dimension `part`."""
    if isinstance(result, xr.DataArray):
        result = result.to_dataset(name=result.name or VALUE)
    if not isinstance(result, xr.Dataset):
        if not isinstance(result, Mapping):
            result = {VALUE: result}
        result = xr.Dataset({str(name): _named(str(name), value) for name, value in result.items()})
    for name, one in result.variables.items():
        if one.dtype.kind == "c":
            both = np.stack([np.real(one.values), np.imag(one.values)], axis=-1)
            result = result.assign({name: ((*one.dims, "part"), both, one.attrs)})
            result = result.assign_coords(part=["real", "imaginary"])
        if one.dtype.kind == "O":
            text = all(isinstance(value, str) for value in one.values.ravel())
            require(text, f"{name!r} holds Python objects", "numbers, strings, or arrays of them")
            result = result.assign({name: (one.dims, one.values.astype(str), one.attrs)})
    return result


def _named(name: str, value: Any) -> tuple[tuple[str, ...], np.ndarray]:
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], tuple | str | list):
        dims = (value[0],) if isinstance(value[0], str) else tuple(value[0])
        return dims, np.asarray(value[1])
    found = np.asarray(value)
    return tuple(f"{name}_{i}" for i in range(found.ndim)), found


def _arrays(result: Any, dims: dict[str, tuple[str, ...]]) -> dict[str, jax.Array]:
    """Return a result as JAX arrays only; note the names of their dimensions in `dims`."""
    require(
        not isinstance(result, xr.Dataset | xr.DataArray),
        "a vectorised measure returns a Dataset",
        "a number, or a dictionary of JAX arrays or of (dimensions, array)",
    )
    found = {}
    for name, value in (result if isinstance(result, Mapping) else {VALUE: result}).items():
        pair = isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], tuple | str | list)
        array = jnp.asarray(value[1] if pair else value)
        own = ((value[0],) if isinstance(value[0], str) else tuple(value[0])) if pair else None
        dims[str(name)] = own or tuple(f"{name}_{i}" for i in range(array.ndim))
        found[str(name)] = array
    return found


def _nonfinite(data: xr.Dataset) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [
            str(n) for n, one in data.data_vars.items() if one.dtype.kind == "f" and not np.isfinite(one.values).all()
        ]


def check_arguments(measure: Callable[..., Any], names: Sequence[str], fixed: Mapping[str, Any]) -> None:
    """Refuse coordinates and arguments that the measure does not take."""
    both = [name for name in names if name in fixed]
    require(not both, f"{', '.join(both)} both in the grid and fixed", "one of the two")
    for name in (*names, *fixed):
        if name != REPEAT and not has_argument(measure, name):
            raise InputError(
                f"the measure {measure!r} takes no argument {name!r}; add it, or leave it out of the study"
            )
