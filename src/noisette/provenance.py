"""Provenance of results, stored as attributes of every dataset."""

import dataclasses
import functools
import hashlib
import json
import math
import types
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol, runtime_checkable

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from noisette.recipes import arguments_of, path_of, recipe_of
from noisette.references import PAPERS as PAPERS


@cache
def program_version() -> str:
    """Return the version of the installed package, or "unknown"."""
    try:
        return version("noisette")
    except PackageNotFoundError:
        return "unknown"


def provenance(
    method: str,
    estimator: str,
    references: tuple[str, ...],
    configuration: dict[str, Any],
    **more: str | int | float,
) -> dict[str, Any]:
    """Return the attributes that document a result, as strings and numbers that netCDF can store.

    Parameters
    ----------
    method : "exact", "mean-field" or "simulated"
    estimator : such as "fixed-start", "start-averaged", "stationary" or "single-run"
    references : keys of `PAPERS`
    configuration : everything needed to repeat the computation: numbers, strings, arrays, networks (see
        `network_entries`), noises, functions and keys. It is stored as one JSON string of their descriptions (see
        `described`)
    more : further attributes, such as units or the seed

    Examples
    --------
    >>> provenance("exact", "stationary", ("grassmann1985",), {"steps": 10})["configuration"]
    '{"steps": 10}'
    """
    return {
        "method": method,
        "estimator": estimator,
        "program": "noisette",
        "version": program_version(),
        "references": ",".join(references),
        "configuration": json.dumps(described(configuration), sort_keys=True),
        **more,
    }


LISTED = 256  # largest size of an array whose values are listed; larger arrays are described by shape and digest
DIGITS = 16  # number of hexadecimal digits of a digest
DEPTH = 6  # largest depth of nested parameters in a description


def digest(values: Any) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 hash of an array in little-endian float64.

    Examples
    --------
    >>> digest([[0.0, 1.0], [1.0, 0.0]]) == digest(np.eye(2)[::-1])
    True
    """
    return hashlib.sha256(np.ascontiguousarray(np.asarray(values), dtype="<f8").tobytes()).hexdigest()[:DIGITS]


def described(value: Any, depth: int = DEPTH) -> Any:
    """Return a description of a parameter that JSON can represent.

    The description identifies the parameter, and suffices to rebuild small ones. Numbers, strings and small arrays are
    described by their values; large arrays by shape and digest, and weights that a function of `weights` drew also by
    this function and its arguments; dataclasses, such as networks, noises and tasks, by
    type and fields; functions by module and name; lambdas and closures, which have no public name, additionally by a
    digest of their code and their enclosed variables; and random keys by their data.

    Parameters
    ----------
    value : the parameter
    depth : number of nested levels that are described; deeper objects are replaced by the name of their type

    Examples
    --------
    >>> described(np.zeros((100, 100)))["shape"]
    [100, 100]
    >>> described(math.tanh)
    'math.tanh'
    >>> described(jax.random.key(7))  # `jax.random.wrap_key_data` restores the key
    [0, 7]
    """
    if value is None or isinstance(value, bool | str | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Tracer):
        return "traced"
    if isinstance(value, jax.Array) and jnp.issubdtype(value.dtype, jax.dtypes.prng_key):
        return jax.random.key_data(value).tolist()
    if isinstance(value, np.ndarray | np.generic | jax.Array):
        return _array(np.asarray(value), depth)
    if depth == 0:
        return type(value).__name__
    if isinstance(value, Mapping):
        return {str(name): described(inner, depth - 1) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset | range):
        return [described(inner, depth - 1) for inner in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: getattr(value, field.name, None) for field in dataclasses.fields(value)}
        for name in ("unit_names", "noise_scale"):  # without these, networks are described as before there were any
            if fields.get(name, ()) is None:
                del fields[name]
        return {"type": type(value).__name__} | {name: described(inner, depth - 1) for name, inner in fields.items()}
    return _function(value, depth) if callable(value) else type(value).__name__


def _array(array: np.ndarray, depth: int) -> Any:
    if array.size > LISTED:
        if array.dtype.kind in "biuf":
            return {"shape": list(array.shape), "sha256": digest(array)} | _origin(array, depth)
        return {"shape": list(array.shape), "type": str(array.dtype)}
    return described(array.tolist(), max(depth, 1) + array.ndim)


def _origin(array: np.ndarray, depth: int) -> dict[str, Any]:
    """Return the function that drew a weight matrix, with its arguments; empty if it is unknown."""
    recipe = recipe_of(array)
    if recipe is None:
        return {}
    arguments = {name: described(value, max(depth, 1)) for name, value in arguments_of(recipe).items()}
    return {"made_by": {"function": path_of(recipe.function), "arguments": arguments}}


def _function(value: Any, depth: int) -> Any:
    if isinstance(value, functools.partial):
        return {
            "type": "partial",
            "function": described(value.func, depth - 1),
            "arguments": described([*value.args], depth - 1),
            "keywords": described(value.keywords, depth - 1),
        }
    if isinstance(value, types.MethodType):
        return {"method": value.__name__, "of": described(value.__self__, depth - 1)}
    if not hasattr(value, "__qualname__"):
        inner = getattr(value, "__wrapped__", None)
        return type(value).__name__ if inner is None else described(inner, depth - 1)
    name = f"{value.__module__}.{value.__qualname__}"
    code = getattr(value, "__code__", None)
    if code is None or "<" not in name:
        return name
    code_digest = hashlib.sha256(_code_bytes(code)).hexdigest()[:DIGITS]
    enclosed = {
        variable: described(cell.cell_contents, depth - 1)
        for variable, cell in zip(code.co_freevars, value.__closure__ or (), strict=True)
        if cell != types.CellType()
    }
    return {"function": name, "sha256": code_digest} | ({"encloses": enclosed} if enclosed else {})


def _code_bytes(code: types.CodeType) -> bytes:
    """Return the instructions and constants of a function, without the memory addresses in the repr of code objects."""
    constants = b"|".join(
        _code_bytes(value) if isinstance(value, types.CodeType) else repr(value).encode() for value in code.co_consts
    )
    return code.co_code + repr(code.co_names).encode() + constants


@runtime_checkable
class HasSize(Protocol):
    """Protocol of objects with a number of units, such as networks."""

    @property
    def size(self) -> int:
        """Number of units N."""
        ...


def network_entries(network: HasSize | Sequence[HasSize]) -> dict[str, Any]:
    """Return the entries of a configuration that describe a network, or several networks and their number.

    A network is described by its type, size and fields, such as weights, gain, time constants, bias, activation and
    noise. For several networks, a parameter in which they differ is a mapping from ``each`` to the list of values.

    Parameters
    ----------
    network : a network, or a sequence of networks

    Examples
    --------
    >>> import noisette as nz
    >>> entry = network_entries(nz.RateNetwork([[0.0, 1.0], [1.0, 0.0]], gain=2.0, noise=nz.White(0.1)))["network"]
    >>> entry["type"], entry["size"], entry["gain"], entry["noise"], entry["activation"]
    ('RateNetwork', 2, 2.0, {'type': 'White', 'strength': 0.1}, 'noisette.activations.tanh')
    """
    networks = network if isinstance(network, Sequence) else [network]
    descriptions = [{"size": int(each.size)} | described(each) for each in networks]
    if not isinstance(network, Sequence):
        return {"network": descriptions[0]}
    return {"network": _common(descriptions), "networks": len(descriptions)}


def _common(descriptions: list[Any]) -> Any:
    """Return the merged description of several objects, with lists of values where they differ."""
    first = descriptions[0]
    if all(other == first for other in descriptions):
        return first
    if all(isinstance(other, dict) and other.keys() == first.keys() for other in descriptions):
        return {name: _common([other[name] for other in descriptions]) for name in first}
    return {"each": descriptions}
