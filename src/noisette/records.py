"""Records of arguments as JSON, from which the same arguments can be rebuilt bit for bit.

Numbers, strings, lists, small arrays, random keys and the objects of this package (networks, noises, probes, tasks) are
recorded by value. Weight matrices drawn by a function of `weights` are recorded by the name and arguments of that
function, and other large arrays and functions by a digest; a digest only verifies that an object is the same.

A record is data: to read one, no code is imported but that of Noisette and JAX.
"""

import dataclasses
import hashlib
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jax.core import Tracer

from noisette.errors import InputError
from noisette.provenance import described
from noisette.recipes import MAKERS, Recipe, arguments_of, path_of, recipe_of

LISTED = 1024  # largest size of an array that is recorded by value
MOST_LISTED = 4096  # largest number of array elements in a record
MOST_DEPTH = 20  # largest depth of nested objects
SHORT = 16  # longest list of numbers that is recorded element by element
PACKAGES = ("activations", "networks", "noise", "probes", "simulation", "tasks", "training", "weights")
KINDS = "biufU"  # kinds of arrays that are recorded: booleans, numbers and text


def encoded(value: Any) -> Any:
    """Return the record of a value, which JSON can represent.

    Parameters
    ----------
    value : an argument of a call

    Examples
    --------
    >>> encoded([1, 2.5, None])
    [1, 2.5, None]
    >>> encoded((1, "a"))
    {'tuple': [1, 'a']}
    """
    return _Encoder().of(value)


class _Encoder:
    """Encoder of one record, which contains a limited number of array elements."""

    def __init__(self):
        self.left = MOST_LISTED

    def of(self, value: Any, depth: int = 0) -> Any:
        """Return the record of a value."""
        if value is None or isinstance(value, bool | int | float | str):
            return value if type(value) in (type(None), bool, int, float, str) else self._opaque(value)
        if isinstance(value, Tracer) or depth > MOST_DEPTH:
            return self._opaque(value)
        if isinstance(value, jax.Array) and jnp.issubdtype(value.dtype, jax.dtypes.prng_key):
            return {"key": jax.random.key_data(value).tolist(), "impl": str(jax.random.key_impl(value))}
        if isinstance(value, np.ndarray | np.generic | jax.Array):
            return self._array(value)
        if isinstance(value, range):
            return {"range": [value.start, value.stop, value.step]}
        if isinstance(value, dict):
            if all(isinstance(name, str) for name in value):
                return {"dict": {k: self.of(v, depth + 1) for k, v in value.items()}}
            return {"pairs": [[self.of(k, depth + 1), self.of(v, depth + 1)] for k, v in value.items()]}
        if isinstance(value, xr.DataArray | xr.Dataset):
            return self._labelled(value, depth)
        if type(value) in (list, tuple):
            return self._sequence(value, depth)
        if hasattr(value, "__recipe__"):
            return {"made_by": self._recipe(value.__recipe__)}
        return self._object(value, depth)

    def _array(self, value: Any) -> Any:
        array = np.asarray(value)
        if array.dtype.kind not in KINDS or isinstance(value, np.ma.MaskedArray):
            return self._opaque(value)
        name = array.dtype.str if array.dtype.kind == "U" else array.dtype.name
        record: dict[str, Any] = {"dtype": name, "shape": list(array.shape), "sha256": _digest(array)}
        if isinstance(value, jax.Array):
            record["jax"] = True
        if array.size <= min(LISTED, self.left):
            self.left -= array.size
            record["values"] = array.ravel().tolist()
        elif recipe := recipe_of(array):
            record["made_by"] = self._recipe(recipe)
        return {"array": record}

    def _labelled(self, value: xr.DataArray | xr.Dataset, depth: int) -> Any:
        """Return the record of labelled arrays; the attributes of a dataset as a whole are left out."""
        variables = value.variables if isinstance(value, xr.Dataset) else value.coords
        parts = {str(name): self._variable(variables[name], depth) for name in variables}
        if isinstance(value, xr.Dataset):
            return {"dataset": {"variables": parts, "coords": [str(name) for name in value.coords]}}
        name = None if value.name is None else str(value.name)
        return {"labelled": {"name": name, "coords": parts, **self._variable(value, depth)}}

    def _variable(self, value: Any, depth: int) -> dict[str, Any]:
        attrs = {str(name): self.of(attribute, depth + 1) for name, attribute in value.attrs.items()}
        return {"dims": list(map(str, value.dims)), "values": self._array(value.values), "attrs": attrs}

    def _sequence(self, value: Any, depth: int) -> Any:
        kinds = {type(inner) for inner in value}
        if len(value) > SHORT and len(kinds) == 1 and kinds <= {int, float}:
            record = self._array(np.asarray(value))
            if "array" in record:
                return {"array": record["array"] | {"as": type(value).__name__}}
        inner = [self.of(each, depth + 1) for each in value]
        return inner if isinstance(value, list) else {"tuple": inner}

    def _recipe(self, recipe: Recipe) -> Any:
        arguments = {name: self.of(value) for name, value in arguments_of(recipe).items()}
        return {"function": path_of(recipe.function), "arguments": arguments}

    def _object(self, value: Any, depth: int) -> Any:
        network = None if isinstance(value, eqx.Module | type) else getattr(value, "network", None)
        if isinstance(network, eqx.Module):  # such as what `training.load` returns
            return self.of(network, depth + 1)
        if _is_record(type(value)) and "<" not in type(value).__qualname__:
            fields = {name: self.of(getattr(value, name), depth + 1) for name in _fields(value)}
            return {"object": f"{type(value).__module__}:{type(value).__qualname__}", "fields": fields}
        if callable(value):
            name = described(value)
            module, _, attribute = name.rpartition(".") if isinstance(name, str) else ("", "", "")
            if _function(f"{module}:{attribute}") is value:
                return {"function": f"{module}:{attribute}"}
        elif hasattr(value, "__array__"):  # such as pandas.Series
            return self._array(np.asarray(value))
        return self._opaque(value)

    def _opaque(self, value: Any) -> Any:
        return {"opaque": described(value)}


def _digest(array: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:32]


def _is_record(kind: type) -> bool:
    """Return whether the instances of a class are determined by their fields."""
    return issubclass(kind, eqx.Module) or dataclasses.is_dataclass(kind) or _is_namedtuple(kind)


def _is_namedtuple(kind: type) -> bool:
    return issubclass(kind, tuple) and hasattr(kind, "_fields")


def _fields(value: Any) -> list[str]:
    names = value._fields if _is_namedtuple(type(value)) else [field.name for field in dataclasses.fields(value)]
    return [name for name in names if hasattr(value, name)]


def _function(path: str) -> Any:
    """Return a function of this package or of JAX; None for any other path."""
    module, _, name = path.partition(":")
    own = any(module == f"noisette.{package}" or module.startswith(f"noisette.{package}.") for package in PACKAGES)
    if not own and module.split(".")[0] != "jax":
        return None
    try:
        return getattr(import_module(module), name, None)
    except ImportError:
        return None


def _class(path: str) -> type | None:
    """Return a class of this package, or one that the user's program has imported; None if there is none."""
    module, _, name = path.partition(":")
    own = any(module == f"noisette.{package}" or module.startswith(f"noisette.{package}.") for package in PACKAGES)
    try:
        kind: Any = import_module(module) if own else sys.modules.get(module)
    except ImportError:
        return None
    for part in name.split("."):
        kind = getattr(kind, part, None)
    return kind if isinstance(kind, type) and _is_record(kind) else None


def is_same(record: Any, other: Any) -> bool:
    """Return whether two records are those of the same value, by the digests of arrays.

    Examples
    --------
    >>> is_same(encoded(np.zeros(3)), encoded(jnp.zeros(3))), is_same(encoded(np.zeros(3)), encoded(np.ones(3)))
    (True, False)
    """
    return _identity(record) == _identity(other)


def _identity(record: Any) -> Any:
    if isinstance(record, Mapping):
        if set(record) == {"array"}:
            return {name: record["array"].get(name) for name in ("dtype", "shape", "sha256")}
        return {name: _identity(inner) for name, inner in record.items()}
    if isinstance(record, list):
        return [_identity(inner) for inner in record]
    return repr(record)  # distinguishes 0.0 from -0.0 and 1 from 1.0, and NaN equals NaN


class Decoder:
    """Reader of records, with the objects of the user that stand in for what is not recorded by value.

    Parameters
    ----------
    given : objects of the user, by the names of arguments or of parameters of networks
    function : name of the function whose arguments are decoded, for error messages
    arguments : names of the arguments of this function
    """

    def __init__(self, given: Mapping[str, Any], function: str, arguments: set[str]):
        self.given, self.function, self.arguments = given, function, arguments
        self.used: set[str] = set()

    def of(self, record: Any, name: str, top: bool = True) -> Any:
        """Return the value of a record.

        Parameters
        ----------
        record : result of `encoded`
        name : name of the argument, or of the field of an object
        top : whether it is an argument rather than a field

        Raises
        ------
        InputError : If the value is not recorded, or the object of the user is not the recorded one.
        """
        if name in self.given and (top or name not in self.arguments):
            return self._checked(record, name)
        if isinstance(record, list):
            return [self.of(inner, name, False) for inner in record]
        if not isinstance(record, Mapping):
            return record
        kind = next(iter(record), "")
        reader = getattr(self, f"_{kind}", None) if kind in READERS else None
        if reader is None:
            raise InputError(f"{name} has an unknown record {str(record)[:60]!r}; a result written by this version")
        return reader(record, name)

    def _checked(self, record: Any, name: str) -> Any:
        """Return the object of the user, after checking that it is the recorded one."""
        value = self.given[name]
        self.used.add(name)
        about = record.get("array") if isinstance(record, Mapping) else None
        if about is not None and not isinstance(value, np.ndarray | jax.Array):
            value = np.asarray(value)
        if about is not None and isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
            value = value.astype(about["dtype"])
        if not is_same(record, encoded(value)):
            raise InputError(
                f"{name} differs from that of the result ({_shown(encoded(value))} instead of {_shown(record)}); "
                f"rerun repeats a call with the same arguments; call {self.function} for other ones"
            )
        return jnp.asarray(value) if about is not None and about.get("jax") else value

    def _missing(self, record: Any, name: str) -> InputError:
        return InputError(
            f"the result records {name} by a digest only ({_shown(record)}), from which it cannot be rebuilt; "
            f"give the same object: nz.rerun(result, {name}=…)"
        )

    def _tuple(self, record: Any, name: str) -> Any:
        return tuple(self.of(inner, name, False) for inner in record["tuple"])

    def _dict(self, record: Any, name: str) -> Any:
        return {key: self.of(inner, key, False) for key, inner in record["dict"].items()}

    def _pairs(self, record: Any, name: str) -> Any:
        return {self.of(key, name, False): self.of(inner, name, False) for key, inner in record["pairs"]}

    def _labelled(self, record: Any, name: str) -> Any:
        about = record["labelled"]
        dims, values, attrs = self._variable(about, name)
        coords = {key: self._variable(coordinate, name) for key, coordinate in about["coords"].items()}
        return xr.DataArray(values, coords, dims, about["name"], attrs)

    def _dataset(self, record: Any, name: str) -> Any:
        about = record["dataset"]
        variables = {key: self._variable(variable, name) for key, variable in about["variables"].items()}
        return xr.Dataset(variables).set_coords(about["coords"])

    def _variable(self, record: Any, name: str) -> tuple[list[str], Any, dict[str, Any]]:
        attrs = {key: self.of(attribute, name, False) for key, attribute in record["attrs"].items()}
        return record["dims"], self.of(record["values"], name, False), attrs

    def _range(self, record: Any, name: str) -> Any:
        return range(*record["range"])

    def _key(self, record: Any, name: str) -> Any:
        return jax.random.wrap_key_data(jnp.asarray(record["key"], jnp.uint32), impl=record["impl"])

    def _array(self, record: Any, name: str) -> Any:
        about = record["array"]
        if "values" in about:
            array = np.asarray(about["values"], about["dtype"]).reshape(about["shape"])
        elif "made_by" in about:
            array = np.asarray(self._made_by(about, name), about["dtype"])
            if _digest(array) != about["sha256"]:  # another version, or a matrix that was changed after it was drawn
                raise self._missing(record, name)
        else:
            raise self._missing(record, name)
        if "as" in about:
            return array.tolist() if about["as"] == "list" else tuple(array.tolist())
        if about.get("jax"):
            return jnp.asarray(array)
        return array if array.ndim else array[()]

    def _made_by(self, record: Any, name: str) -> Any:
        recipe = record["made_by"]
        import_module("noisette.weights")
        maker = MAKERS.get(recipe["function"])
        if maker is None:
            raise self._missing(record, name)
        inner = Decoder({}, recipe["function"], set())
        return maker(**{key: inner.of(value, key) for key, value in recipe["arguments"].items()})

    def _object(self, record: Any, name: str) -> Any:
        kind = _class(record["object"])
        if kind is None:
            place = record["object"].partition(":")[0]
            raise InputError(
                f"{name} of the result is a {record['object']}, which is not imported; "
                f"import {place} before, or give the same object: nz.rerun(result, {name}=…)"
            )
        fields = {key: self.of(inner, key, False) for key, inner in record["fields"].items()}
        if _is_namedtuple(kind):
            return kind(**fields)
        product = object.__new__(kind)  # constructors check and convert their arguments; these are already converted
        for key, inner in fields.items():
            object.__setattr__(product, key, inner)
        return product

    def _function(self, record: Any, name: str) -> Any:
        function = _function(record["function"])
        if function is None:
            raise self._missing(record, name)
        return function

    def _opaque(self, record: Any, name: str) -> Any:
        raise self._missing(record, name)


READERS = (
    *("tuple", "dict", "pairs", "labelled", "dataset", "range", "key"),
    *("array", "made_by", "object", "function", "opaque"),
)


def _shown(record: Any) -> str:
    """Return a short description of a record for an error message."""
    if isinstance(record, Mapping) and "array" in record:
        about = record["array"]
        return f"{'×'.join(map(str, about['shape'])) or 'one number'} {about['dtype']}, sha256 {about['sha256'][:12]}"
    if isinstance(record, Mapping) and "opaque" in record:
        return str(record["opaque"])[:80]
    if isinstance(record, Mapping) and "object" in record:
        inner = [f"{name}: {_shown(value)}" for name, value in record["fields"].items()]
        return f"{record['object'].partition(':')[2]} with {', '.join(inner)}"[:120]
    return str(record)[:60]


__all__ = ["Decoder", "encoded", "is_same"]
