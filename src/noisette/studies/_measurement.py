"""Evaluation of a measure at the points of a task, sequentially or vectorised as one compiled function."""

import inspect
import math
import time
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from noisette.compilation_cache import clear_excess_programs
from noisette.errors import InputError, UnstorableError, require
from noisette.functions import refusal
from noisette.studies._grid import Grid, coordinate_hash
from noisette.studies._names import check_name, check_result
from noisette.studies._part import Failure, Part, blocks_of, columns
from noisette.studies._versions import versions

REPEAT = "repeat"
SECONDS_BETWEEN_CHECKS = 10.0  # of the number of compiled programs
VALUE = "value"  # name of the variable if a measure returns an unnamed value


class Measurement:
    """A measure with its arguments, which can be evaluated at any points of its grid.

    Parameters
    ----------
    measure : function called with the coordinates of a point, the entries of `fixed`, and ``key`` if it takes one
    grid : grid of the study
    fixed, seed, shared, allow_nan : as in `Study`
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
        self.checked = time.monotonic()  # when compiled programs were last counted

    def _raise(self, error: Exception) -> NoReturn:
        """Raise an exception of the measure, in one line with the remedy if JAX cannot trace the measure."""
        if isinstance(error, jax.errors.JAXTypeError):
            name = getattr(self.measure, "__name__", type(self.measure).__name__)
            raise refusal(error, f"measure {name}") from error
        raise error

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"compiled": {}, "checked": -math.inf}  # clocks of other machines differ

    def part(self, cells: Sequence[int] | np.ndarray, record_failures: bool = True) -> Part:
        """Evaluate the measure at points; errors are recorded if `record_failures`, and raised otherwise."""
        start = time.perf_counter()
        cells = [int(cell) for cell in cells]
        if self.grid.vectorised:
            results, failures = self._vectorised(cells, record_failures)
        else:
            results, failures = self._sequential(cells, record_failures)
        if time.monotonic() - self.checked > SECONDS_BETWEEN_CHECKS:
            self.checked = time.monotonic()
            clear_excess_programs()
        if not self.allow_nan:
            failures += [self._not_finite(cell, names) for cell, data in results.items() if (names := _nonfinite(data))]
        return Part(blocks_of(results), failures, time.perf_counter() - start, versions())

    def _key(self, cell: int) -> jax.Array:
        high, low = coordinate_hash(self.seed, self.grid.labels(cell), self.shared)
        return jax.random.fold_in(jax.random.fold_in(jax.random.key(self.seed), high), low)

    def _arguments(self, cell: int) -> dict[str, Any]:
        values = self.grid.values(cell)
        if not self.takes_repeat:
            values.pop(REPEAT, None)
        return values

    def _sequential(self, cells: list[int], record_failures: bool) -> tuple[dict[int, xr.Dataset], list[Failure]]:
        results, failures = {}, []
        for cell in cells:
            key = {"key": self._key(cell)} if self.takes_key else {}
            try:
                results[cell] = dataset(self.measure(**self._arguments(cell), **self.fixed, **key))
                self._check(results[cell])
            except UnstorableError:  # no other point would be saved either
                raise
            except Exception as error:
                if not record_failures:
                    self._raise(error)
                failures.append(self._exception(cell, error))
        return results, failures

    def _vectorised(self, cells: list[int], record_failures: bool) -> tuple[dict[int, xr.Dataset], list[Failure]]:
        try:
            # Cells are padded to the batch size, so that all tasks use the same compiled program.
            padded = cells + [cells[-1]] * (self.grid.batch - len(cells))
            function, dims, arguments = self.program(padded)
            arrays = jax.tree.map(np.asarray, function(*arguments))
        except UnstorableError:
            raise
        except Exception as error:
            if not record_failures:
                self._raise(error)
            return {}, [self._exception(cell, error) for cell in cells]
        results = {
            cell: dataset({name: (dims[name], values[i]) for name, values in arrays.items()})
            for i, cell in enumerate(cells)
        }
        self._check(results[cells[0]])
        return results, []

    def _check(self, result: xr.Dataset) -> None:
        check_result(result, [axis.name for axis in self.grid.axes])

    def program(self, cells: list[int]) -> tuple[Any, dict[str, tuple[str, ...]], tuple[Any, Any]]:
        """Return the compiled function for points that differ only in the vectorised axes, with its arguments.

        Returns
        -------
        compiled function, dimensions of its results by name (filled during the first trace), arguments
        """
        varying = [name for name in self.grid.vectorised if name != REPEAT or self.takes_repeat]
        values = [self._arguments(cell) for cell in cells]
        constant = {name: value for name, value in values[0].items() if name not in varying}
        place = tuple(self.grid.labels(cells[0])[name] for name in constant)
        if place not in self.compiled:
            dims: dict[str, tuple[str, ...]] = {}

            def point(varied: dict[str, Any], key: Any) -> dict[str, jax.Array]:
                random = {"key": key} if self.takes_key else {}
                return _arrays(self.measure(**varied, **constant, **self.fixed, **random), dims)

            self.compiled[place] = jax.jit(jax.vmap(point)), dims
        function, dims = self.compiled[place]
        varied = {name: jnp.asarray([point[name] for point in values]) for name in varying}
        return function, dims, (varied, jnp.stack([self._key(cell) for cell in cells]))

    def _exception(self, cell: int, error: Exception) -> Failure:
        message = " ".join(f"{type(error).__name__}: {error}".split())
        return Failure(self.grid.labels(cell), "exception", message[:500], traceback.format_exc())

    def _not_finite(self, cell: int, names: list[str]) -> Failure:
        return Failure(self.grid.labels(cell), "not finite", f"NaN or infinite values of {', '.join(names)}")


def has_argument(measure: Callable[..., Any], name: str) -> bool:
    """Return whether a function accepts an argument of this name."""
    try:
        parameters = inspect.signature(measure).parameters
    except (TypeError, ValueError):
        return False
    return name in parameters or any(argument.kind is argument.VAR_KEYWORD for argument in parameters.values())


def dataset(result: Any) -> xr.Dataset:
    """Return the result of a measure as a dataset; complex values are split along a dimension ``part``."""
    if isinstance(result, xr.DataArray):
        result = result.to_dataset(name=result.name or VALUE)
    if not isinstance(result, xr.Dataset):
        if not isinstance(result, Mapping):
            result = {VALUE: result}
        for name in result:
            check_name(name, "result")
        result = xr.Dataset({name: _named(name, value) for name, value in result.items()})
    for name, variable in result.variables.items():
        if variable.dtype.kind == "c":
            parts = np.stack([np.real(variable.values), np.imag(variable.values)], axis=-1)
            result = result.assign({name: ((*variable.dims, "part"), parts, variable.attrs)})
            result = result.assign_coords(part=["real", "imaginary"])
        if variable.dtype.kind == "O":
            text = all(isinstance(value, str) for value in variable.values.ravel())
            require(text, f"{name!r} contains Python objects", "numbers, strings, or arrays of them")
            result = result.assign({name: (variable.dims, variable.values.astype(str), variable.attrs)})
    return result


def _named(name: str, value: Any) -> tuple[tuple[str, ...], np.ndarray]:
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], tuple | str | list):
        dims = (value[0],) if isinstance(value[0], str) else tuple(value[0])
        return dims, np.asarray(value[1])
    array = np.asarray(value)
    return tuple(f"{name}_{i}" for i in range(array.ndim)), array


def _arrays(result: Any, dims: dict[str, tuple[str, ...]]) -> dict[str, jax.Array]:
    """Return the result of a measure as JAX arrays, and store the names of their dimensions in `dims`."""
    require(
        not isinstance(result, xr.Dataset | xr.DataArray),
        "a vectorised measure returns a Dataset",
        "a number, or a dictionary of JAX arrays or of (dimensions, array)",
    )
    arrays = {}
    for name, value in (result if isinstance(result, Mapping) else {VALUE: result}).items():
        pair = isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], tuple | str | list)
        array = jnp.asarray(value[1] if pair else value)
        named = ((value[0],) if isinstance(value[0], str) else tuple(value[0])) if pair else None
        check_name(name, "result")
        dims[str(name)] = named or tuple(f"{name}_{i}" for i in range(array.ndim))
        arrays[str(name)] = array
    return arrays


def _nonfinite(data: xr.Dataset) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [
            str(n)
            for n, array in columns(data, data.data_vars)
            if array.dtype.kind == "f" and not np.isfinite(array.values).all()
        ]


def check_measure(measure: Callable[..., Any], names: Sequence[str], fixed: Mapping[str, Any]) -> None:
    """Raise `InputError` for coordinates and fixed arguments that the measure does not accept."""
    duplicates = [name for name in names if name in fixed]
    require(not duplicates, f"{', '.join(duplicates)} both in the grid and fixed", "one of the two")
    for name in (*names, *fixed):
        if name != REPEAT and not has_argument(measure, name):
            raise InputError(
                f"the measure {measure!r} takes no argument {name!r}; add the argument, or remove it from the study"
            )
